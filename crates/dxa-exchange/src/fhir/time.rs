//! Dates and times of FHIR: as precise as somebody wrote them.

use jiff::civil::{Date, Time as Clock};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Span, Timestamp, ToSpan as _};

/// A date, a dateTime or an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// A day, a month or a year: the first day, and the first day after.
    Days(Date, Date),
    /// A time of a day: its first moment, and the first after it.
    Moment(Date, Timestamp, Timestamp),
}

impl Time {
    /// Reads `2024`, `2024-05`, `2024-05-17` and `2024-05-17T10:00:00.5+08:00`; seconds may be left out, as in searches,
    /// and a time without an offset is UTC.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let Some((day, time)) = text.split_once('T') else {
            let (from, to) = days(text)?;
            return Some(Self::Days(from, to));
        };
        let (day, _) = days(day).filter(|_| day.len() == 10)?;
        let (time, offset) = time.split_at(time.find(['+', '-', 'Z']).unwrap_or(time.len()));
        let zone = TimeZone::fixed(fixed(offset)?);
        let (whole, fraction) = time.split_once('.').unwrap_or((time, ""));
        let (hour, minute, second) = clock(whole)?;
        let length = match (second, fraction) {
            (None, "") => SignedDuration::from_mins(1),
            (Some(_), "") => SignedDuration::from_secs(1),
            (Some(_), digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                SignedDuration::from_millis(1)
            }
            _ => return None,
        };
        // The leap second that FHIR allows is the last of its minute.
        let second = second.unwrap_or(0);
        let second = if second == 60 { 59 } else { second };
        let millis = format!("{fraction:0<3}").get(..3)?.parse::<i32>().ok()?;
        let time = Clock::new(hour, minute, second, millis * 1_000_000).ok()?;
        let from = day.to_datetime(time).to_zoned(zone).ok()?.timestamp();
        Some(Self::Moment(day, from, from.checked_add(length).ok()?))
    }

    /// Its first moment and the first after it; days begin at midnight UTC.
    #[must_use]
    pub fn moments(self) -> Option<(Timestamp, Timestamp)> {
        let midnight = |day: Date| Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp());
        match self {
            Self::Days(from, to) => Some((midnight(from)?, midnight(to)?)),
            Self::Moment(_, from, to) => Some((from, to)),
        }
    }
}

/// The first day and the first day after.
fn days(text: &str) -> Option<(Date, Date)> {
    let parts: Vec<&str> = text.split('-').collect();
    let small = |at: usize| two(parts.get(at)?);
    let (month, day, length): (i8, i8, Span) = match parts.len() {
        1 => (1, 1, 1.year()),
        2 => (small(1)?, 1, 1.month()),
        3 => (small(1)?, small(2)?, 1.day()),
        _ => return None,
    };
    let year = parts[0];
    let year =
        year.parse().ok().filter(|_| year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()))?;
    let from = Date::new(year, month, day).ok()?;
    Some((from, from.checked_add(length).ok()?))
}

/// `10:00:00` or `10:00`: hour, minute and, where it is said, second.
fn clock(text: &str) -> Option<(i8, i8, Option<i8>)> {
    let mut parts = text.split(':');
    let (hour, minute) = (two(parts.next()?)?, two(parts.next()?)?);
    let second = match parts.next() {
        Some(second) => Some(two(second)?),
        None => None,
    };
    parts.next().is_none().then_some((hour, minute, second))
}

fn two(text: &str) -> Option<i8> {
    text.parse().ok().filter(|_| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `+08:00`, `Z`, or nothing.
fn fixed(text: &str) -> Option<Offset> {
    if matches!(text, "" | "Z") {
        return Some(Offset::UTC);
    }
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours, minutes) = (two(hours)?, two(minutes).filter(|minutes| *minutes < 60)?);
    let seconds = (i32::from(hours) * 60 + i32::from(minutes)) * 60;
    Offset::from_seconds(if text.starts_with('-') { -seconds } else { seconds }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<(i64, i64)> {
        let (from, to) = Time::read(text)?.moments()?;
        Some((from.as_millisecond(), to.as_millisecond() - from.as_millisecond()))
    }

    #[test]
    fn a_time_is_as_precise_as_it_is_written() {
        const DAY: i64 = 86_400_000;
        // 2024-05-17T02:00:00Z.
        const MOMENT: i64 = 1_715_911_200_000;
        for (text, wanted) in [
            ("1970", (0, 365 * DAY)),
            ("1970-02", (31 * DAY, 28 * DAY)),
            ("1970-01-02", (DAY, DAY)),
            ("2024-05-17T10:00:00+08:00", (MOMENT, 1000)),
            ("2024-05-17T02:00:00Z", (MOMENT, 1000)),
            ("2024-05-17T02:00:00", (MOMENT, 1000)),
            ("2024-05-16T21:00-05:00", (MOMENT, 60_000)),
            ("2024-05-17T02:00:00.5Z", (MOMENT + 500, 1)),
            ("2024-05-17T02:00:00.123456Z", (MOMENT + 123, 1)),
            ("1970-01-01T23:59:60Z", (DAY - 1000, 1000)),
        ] {
            assert_eq!(of(text), Some(wanted), "{text}");
        }
        for text in [
            "",
            "2024-5",
            "24-01-01",
            "2024-13",
            "2024-02-30",
            "2024-05-17T",
            "2024-05-17T10",
            "2024-05-17Tnoon",
            "2024-05T10:00:00Z",
            "2024-05-17T25:00:00Z",
            "2024-05-17T10:00:00+8",
            "2024-05-17T10:00:00+08:61",
            "2024-05-17T10:00:00.xZ",
            "2024-05-17T10:00.5Z",
            "20240517",
            "+024",
            "2024-05-17T10:00:00Z0",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
