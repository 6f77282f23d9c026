//! Dates of searches: a prefix, and a day, month, year or moment.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan as _};

use crate::store::Between;

/// What a date parameter asks for, as days.
///
/// A time of day is no day: a study has a day, and a moment within it cannot be compared with it.
pub(super) fn days(text: &str) -> Option<Vec<Between<String>>> {
    let (prefix, text) = prefixed(text);
    let (from, to) = range(text)?;
    Some(compared(prefix, from.to_string(), to.to_string()))
}

/// What a date parameter asks for, as Unix milliseconds; days begin at midnight UTC.
pub(super) fn moments(text: &str) -> Option<Vec<Between<i64>>> {
    let (prefix, text) = prefixed(text);
    if let Some((from, to)) = range(text) {
        let at = |day: Date| Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond());
        return Some(compared(prefix, at(from)?, at(to)?));
    }
    let moment: Timestamp = text.parse().ok()?;
    let from = moment.as_millisecond();
    // A moment to the second means the whole of it.
    let length = if text.contains('.') { 1 } else { 1000 };
    Some(compared(prefix, from, from + length))
}

fn prefixed(text: &str) -> (&str, &str) {
    match text.get(..2) {
        Some(prefix) if prefix.bytes().all(|byte| byte.is_ascii_lowercase()) => (prefix, &text[2..]),
        _ => ("eq", text),
    }
}

/// The first day and the first day after.
fn range(text: &str) -> Option<(Date, Date)> {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |at: usize, digits: usize| {
        let part = parts.get(at).filter(|part| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))?;
        part.parse::<i16>().ok()
    };
    let small = |at: usize| number(at, 2).and_then(|number| i8::try_from(number).ok());
    let (month, day, length): (i8, i8, Span) = match parts.len() {
        1 => (1, 1, 1.year()),
        2 => (small(1)?, 1, 1.month()),
        3 => (small(1)?, small(2)?, 1.day()),
        _ => return None,
    };
    let from = Date::new(number(0, 4)?, month, day).ok()?;
    Some((from, from.checked_add(length).ok()?))
}

fn compared<T: Clone>(prefix: &str, from: T, to: T) -> Vec<Between<T>> {
    let between = |from: Option<T>, to: Option<T>| vec![Between { from, to }];
    match prefix {
        "eq" => between(Some(from), Some(to)),
        "gt" | "sa" => between(Some(to), None),
        "ge" => between(Some(from), None),
        "lt" | "eb" => between(None, Some(from)),
        "le" => between(None, Some(to)),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_means_all_of_its_days() {
        let of = |text: &str| {
            days(text).and_then(|all| Some((all.first()?.from.clone(), all.first()?.to.clone())))
        };
        let day = |text: &str| Some(text.to_owned());
        assert_eq!(of("2024-05"), Some((day("2024-05-01"), day("2024-06-01"))));
        assert_eq!(of("ge2024-02-28"), Some((day("2024-02-28"), None)));
        assert_eq!(of("gt2024-02-28"), Some((day("2024-02-29"), None)));
        assert_eq!(of("lt2024"), Some((None, day("2024-01-01"))));
        assert_eq!(of("le2024"), Some((None, day("2025-01-01"))));
        for text in ["", "2024-13", "24-01-01", "2024-02-30", "2024-05-17T10:00:00Z", "xx2024"] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_is_a_second_or_a_day() {
        let all = moments("ge2024-05-17T10:00:00+08:00").unwrap();
        assert_eq!(all[0], Between { from: Some(1_715_911_200_000), to: None });
        assert_eq!(moments("1970-01-02").unwrap()[0].from, Some(86_400_000));
    }
}
