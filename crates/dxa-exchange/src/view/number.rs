//! Numbers as they are read: rounded half away from zero, a real minus sign, a dash for nothing.

use crate::csv::fixed;
use dxa_core::decode::person;
use dxa_core::units::{Years, round_half_away};
use jiff::tz::TimeZone;
use serde_json::Value;

/// For what there is not.
pub const NOTHING: &str = "–";

/// A number with so many decimals.
#[must_use]
pub fn decimals(value: Option<f64>, decimals: u8) -> String {
    let Some(value) = value.filter(|value| value.is_finite()) else { return NOTHING.to_owned() };
    minus(&fixed(value, decimals))
}

/// The same with a plus sign where it is above zero.
#[must_use]
pub fn signed(value: Option<f64>, count: u8) -> String {
    let text = decimals(value, count);
    if value.is_some_and(|value| round_half_away(value, i32::from(count)) > 0.0) {
        format!("+{text}")
    } else {
        text
    }
}

/// A hyphen is easily overlooked before a digit.
#[must_use]
pub fn minus(text: &str) -> String {
    match text.strip_prefix('-') {
        Some(rest) => format!("−{rest}"),
        None => text.to_owned(),
    }
}

/// A text, or the dash.
#[must_use]
pub fn or_nothing(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty()).unwrap_or(NOTHING).to_owned()
}

/// A name as people write it: DICOM puts carets between its parts.
#[must_use]
pub fn shown_name(name: Option<&str>) -> String {
    let parts = name.unwrap_or_default().split('^').map(str::trim).filter(|part| !part.is_empty());
    or_nothing(Some(&parts.collect::<Vec<_>>().join(" ")))
}

/// A value of a rule.
#[must_use]
pub fn value(value: &Value) -> String {
    match value {
        Value::Null => NOTHING.to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => minus(&number.to_string()),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// A coordinate of an image, in tenths.
///
/// A page has thousands: whole numbers are written many times faster than exact decimals of a float.
#[must_use]
pub fn coordinate(value: f64) -> String {
    let tenths = (value * 10.0).round_ties_even() as i64;
    let sign = if tenths < 0 { "-" } else { "" };
    match (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10) {
        (whole, 0) => format!("{sign}{whole}"),
        (whole, part) => format!("{sign}{whole}.{part}"),
    }
}

/// A time as it is read and as machines read it; days of the database are Unix milliseconds, UTC.
#[must_use]
pub fn time(milliseconds: i64) -> (String, String) {
    let at = jiff::Timestamp::from_millisecond(milliseconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let zoned = at.to_zoned(TimeZone::UTC);
    (zoned.strftime("%Y-%m-%d %H:%M UTC").to_string(), at.to_string())
}

/// Years from a day to a later one.
#[must_use]
pub fn years_between(from: &str, to: &str) -> Option<f64> {
    let day = |text: &str| text.parse::<jiff::civil::Date>().ok();
    person::years_between(day(from)?, day(to)?).map(Years::get)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_they_are_read() {
        assert_eq!(decimals(Some(-1.85), 1), "−1.9");
        assert_eq!(decimals(Some(-0.04), 1), "0.0");
        assert_eq!(decimals(Some(f64::NAN), 1), "–");
        assert_eq!(signed(Some(0.04), 1), "0.0");
        assert_eq!(signed(Some(1.0), 1), "+1.0");
        assert_eq!(coordinate(3.04), "3");
        assert_eq!(coordinate(-0.26), "-0.3");
        assert_eq!(coordinate(-0.04), "0");
        assert_eq!(coordinate(419.96), "420");
        assert_eq!(years_between("2020-01-01", "2022-01-01").map(|years| years.round()), Some(2.0));
        assert_eq!(years_between("2020", "2022-01-01"), None);
    }
}
