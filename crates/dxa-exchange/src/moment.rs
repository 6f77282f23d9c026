//! Time stamps of HL7 v2: as precise as somebody wrote them, with or without a time zone.

use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, ToSpan as _};

/// The last moment that a time stamp of HL7 can mean, Unix milliseconds: a day alone is all of the day. One without an
/// offset has the `usual` one.
pub(crate) fn of_hl7(text: &str, usual: Offset) -> Option<i64> {
    let (stamp, offset) = text.split_at(text.find(['+', '-']).unwrap_or(text.len()));
    let whole = stamp.split('.').next().unwrap_or_default();
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let length: Span = match whole.len() {
        4 => 1.year(),
        6 => 1.month(),
        8 => 1.day(),
        10 => 1.hour(),
        12 => 1.minute(),
        14 => 1.second(),
        _ => return None,
    };
    let part = |at: usize, first: i8| whole.get(at..at + 2).map_or(Some(first), |digits| digits.parse().ok());
    let date = Date::new(whole.get(..4)?.parse().ok()?, part(4, 1)?, part(6, 1)?).ok()?;
    let time = Time::new(part(8, 0)?, part(10, 0)?, part(12, 0)?, 0).ok()?;
    let zone = TimeZone::fixed(if offset.is_empty() { usual } else { fixed(offset)? });
    let end = date.to_datetime(time).checked_add(length).ok()?.to_zoned(zone).ok()?;
    Some(end.timestamp().as_millisecond() - 1)
}

/// `+0800`
fn fixed(text: &str) -> Option<Offset> {
    let digits = text.get(1..).filter(|digits| digits.len() == 4)?;
    let (hours, minutes): (i32, i32) = (digits.get(..2)?.parse().ok()?, digits.get(2..)?.parse().ok()?);
    let seconds = (hours * 60 + minutes) * 60;
    Offset::from_seconds(if text.starts_with('-') { -seconds } else { seconds }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_hl7(text: &str) -> Option<i64> {
        super::of_hl7(text, Offset::UTC)
    }

    #[test]
    fn a_time_stamp_is_as_precise_as_it_is_written() {
        // 2024-05-17T02:00:01Z.
        assert_eq!(of_hl7("20240517100000+0800"), Some(1_715_911_201_000 - 1));
        assert_eq!(of_hl7("20240517100000.1234+0800"), of_hl7("20240517100000+0800"));
        assert_eq!(of_hl7("2024051710+0800"), Some(1_715_914_800_000 - 1));
        assert_eq!(of_hl7("20240517"), of_hl7("20240517235959"));
        assert_eq!(of_hl7("2024"), of_hl7("20241231"));
        let eight = Offset::from_seconds(8 * 3600).unwrap();
        assert_eq!(super::of_hl7("20240517100000", eight), of_hl7("20240517100000+0800"));
        assert_eq!(super::of_hl7("20240517100000-0500", eight), of_hl7("20240517100000-0500"));
        for text in ["", "20241341", "2024051725", "yesterday", "20240517+08", "20240230"] {
            assert_eq!(of_hl7(text), None, "{text}");
        }
    }
}
