//! Dates of searches: a prefix, and a day, month, year or moment.

use dxa_exchange::fhir::Time;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use crate::store::Between;

/// What a date parameter asks for, as days, of which one has to hold.
///
/// A study has a day and not a moment: a time of day asks for what its day may be, and no day lies within a moment.
pub(super) fn days(text: &str, today: Date) -> Option<Vec<Between<String>>> {
    any_of(text, |prefix, text| {
        let (from, to, is_moment) = match Time::read(text)? {
            Time::Days(from, to) => (from, to, false),
            Time::Moment(day, ..) => (day, day.tomorrow().ok()?, true),
        };
        let prefix = match (prefix, is_moment) {
            // Some of the day may lie on either side of the moment.
            ("gt", true) => "ge",
            ("lt", true) => "le",
            ("eq", true) => {
                return Some(vec![Between { from: Some(from.to_string()), to: Some(from.to_string()) }]);
            }
            ("ne", true) => return Some(vec![Between { from: None, to: None }]),
            ("sa", true) => "gt",
            (prefix, _) => prefix,
        };
        if prefix == "ap" {
            // FHIR suggests a tenth of the time that has passed since.
            let tenth = (today - from).get_days().unsigned_abs() / 10;
            let (from, to) = (
                from.checked_sub(i64::from(tenth).days()).ok()?,
                to.checked_add(i64::from(tenth).days()).ok()?,
            );
            return Some(compared("eq", from.to_string(), to.to_string()));
        }
        Some(compared(prefix, from.to_string(), to.to_string()))
    })
}

/// What a date parameter asks for, as Unix milliseconds, of which one has to hold; days begin at midnight UTC.
pub(super) fn moments(text: &str, now: Timestamp) -> Option<Vec<Between<i64>>> {
    any_of(text, |prefix, text| {
        let (from, to) = Time::read(text)?.moments()?;
        let (from, to) = (from.as_millisecond(), to.as_millisecond());
        if prefix == "ap" {
            let tenth = (now.as_millisecond() - from).abs() / 10;
            return Some(compared("eq", from - tenth, to + tenth));
        }
        Some(compared(prefix, from, to))
    })
}

/// The ranges of values parted by commas; `None` where one of them is not understood.
fn any_of<T>(text: &str, of: impl Fn(&str, &str) -> Option<Vec<Between<T>>>) -> Option<Vec<Between<T>>> {
    let mut all = Vec::new();
    for value in text.split(',') {
        let (prefix, text) = prefixed(value);
        all.extend(of(prefix, text).filter(|ranges| !ranges.is_empty())?);
    }
    Some(all)
}

fn prefixed(text: &str) -> (&str, &str) {
    match text.get(..2) {
        Some(prefix) if prefix.bytes().all(|byte| byte.is_ascii_lowercase()) => (prefix, &text[2..]),
        _ => ("eq", text),
    }
}

fn compared<T: Clone>(prefix: &str, from: T, to: T) -> Vec<Between<T>> {
    let between = |from: Option<T>, to: Option<T>| vec![Between { from, to }];
    match prefix {
        "eq" => between(Some(from), Some(to)),
        "gt" | "sa" => between(Some(to), None),
        "ge" => between(Some(from), None),
        "lt" | "eb" => between(None, Some(from)),
        "le" => between(None, Some(to)),
        "ne" => vec![Between { from: None, to: Some(from) }, Between { from: Some(to), to: None }],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = jiff::civil::date(2024, 6, 6);

    fn of(text: &str) -> Vec<String> {
        let shown = |one: Between<String>| {
            format!("{}..{}", one.from.unwrap_or_default(), one.to.unwrap_or_default())
        };
        days(text, TODAY).unwrap_or_default().into_iter().map(shown).collect()
    }

    #[test]
    fn a_date_means_all_of_its_days() {
        for (text, wanted) in [
            ("2024-05", "2024-05-01..2024-06-01"),
            ("ge2024-02-28", "2024-02-28.."),
            ("gt2024-02-28", "2024-02-29.."),
            ("lt2024", "..2024-01-01"),
            ("le2024", "..2025-01-01"),
            ("ne2024-05", "..2024-05-01 2024-06-01.."),
            ("2024-05-17,2024-05-19", "2024-05-17..2024-05-18 2024-05-19..2024-05-20"),
            ("ap2024-05-17", "2024-05-15..2024-05-20"),
        ] {
            assert_eq!(of(text).join(" "), wanted, "{text}");
        }
        for text in ["", "2024-13", "24-01-01", "2024-02-30", "xx2024", "2024-05-17,", "2024-05-17Tnoon"] {
            assert_eq!(of(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_time_of_day_asks_for_what_its_day_may_be() {
        for (prefix, wanted) in [
            ("ge", "2024-05-17.."),
            ("gt", "2024-05-17.."),
            ("le", "..2024-05-18"),
            ("lt", "..2024-05-18"),
            ("sa", "2024-05-18.."),
            ("eb", "..2024-05-17"),
            ("eq", "2024-05-17..2024-05-17"),
            ("ne", ".."),
        ] {
            assert_eq!(of(&format!("{prefix}2024-05-17T10:00:00+08:00")), [wanted], "{prefix}");
        }
    }

    #[test]
    fn a_moment_is_a_second_or_a_day() {
        let now: Timestamp = "1970-01-03T00:00:00Z".parse().unwrap();
        let all = moments("ge2024-05-17T10:00:00+08:00", now).unwrap();
        assert_eq!(all[0], Between { from: Some(1_715_911_200_000), to: None });
        assert_eq!(moments("1970-01-02", now).unwrap()[0].from, Some(86_400_000));
        assert_eq!(moments("ap1970-01-02", now).unwrap()[0].from, Some(86_400_000 - 8_640_000));
        assert_eq!(moments("ne1970-01-02", now).unwrap().len(), 2);
    }
}
