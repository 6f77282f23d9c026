//! One patient out of the objects of a study; attributes on which objects disagree are left open.

mod ethnic_words;

use jiff::civil::Date;

use crate::findings::{Finding, Severity};
use crate::patient::{AgeSource, Patient, Sex};
use crate::units::Years;

use super::header::Header;

/// Merges what the objects of one study say about the patient.
///
/// An attribute that two objects state differently is not used, so that no score rests on the wrong one.
#[must_use]
pub fn patient(headers: &[&Header]) -> (Patient, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut merge = Merge { headers, findings: &mut findings };
    let sex = merge.agreed("sex", |header| header.person.sex.as_deref().and_then(sex));
    let birth_date = merge.agreed("birth date", |header| header.person.birth_date);
    let ethnic_group = merge.first(|header| header.person.ethnic_group.clone());
    let ethnicity = merge.agreed("ethnic group", |header| {
        header.person.ethnic_group.as_deref().and_then(ethnic_words::ethnicity)
    });
    // Empty component groups at the end say nothing (PS3.5 6.2).
    let name_raw =
        merge.first(|header| Some(header.person.name.as_deref()?.trim_end_matches('=').to_owned()));
    let stated_age = merge.first(|header| header.person.age.as_deref().and_then(stated_age));
    let scan_date = merge.first(|header| header.identity.study_date.or(header.identity.scan_date));
    let height_cm =
        merge.plausible("height", 30.0..=250.0, |header| header.person.size_m.map(|m| tidy(m * 100.0)));
    let weight_kg = merge.plausible("weight", 1.0..=400.0, |header| header.person.weight_kg);
    let age = age(birth_date, scan_date, stated_age, &mut findings);
    let patient = Patient {
        id: headers.iter().find_map(|header| header.person.id.clone()),
        name: name_raw.as_deref().map(shown_name),
        name_raw,
        sex,
        birth_date,
        age,
        height_cm,
        weight_kg,
        ethnicity,
        ethnic_group,
    };
    (patient, findings)
}

/// Age in decimal years between two dates: days / 365.25.
///
/// ```
/// use dxa_core::decode::person::years_between;
/// use jiff::civil::date;
/// let age = years_between(date(1961, 2, 3), date(2024, 5, 17)).unwrap();
/// assert_eq!((age.get() * 100.0).round() / 100.0, 63.28);
/// ```
#[must_use]
pub fn years_between(birth: Date, scan: Date) -> Option<Years> {
    let days = birth.until(scan).ok()?.get_days();
    (days >= 0).then(|| Years::new(f64::from(days) / 365.25)).flatten()
}

struct Merge<'a> {
    headers: &'a [&'a Header],
    findings: &'a mut Vec<Finding>,
}

impl Merge<'_> {
    fn first<T>(&self, read: impl Fn(&Header) -> Option<T>) -> Option<T> {
        self.headers.iter().find_map(|header| read(header))
    }

    /// The value all objects agree on; `None` with a finding when they do not.
    fn agreed<T: PartialEq>(&mut self, what: &str, read: impl Fn(&Header) -> Option<T>) -> Option<T> {
        let mut values = self.headers.iter().filter_map(|header| read(header));
        let first = values.next()?;
        if values.all(|value| value == first) {
            return Some(first);
        }
        let message = format!(
            "The objects of this study disagree on the patient's {what}, which is therefore not used."
        );
        self.findings.push(Finding::new("patient_attribute_conflict", Severity::Withhold, message));
        None
    }

    fn plausible(
        &mut self,
        what: &str,
        range: std::ops::RangeInclusive<f64>,
        read: impl Fn(&Header) -> Option<f64>,
    ) -> Option<f64> {
        // Zero is what devices write when nobody entered a value.
        let value = self.first(|header| read(header).filter(|value| *value != 0.0))?;
        if range.contains(&value) {
            return Some(value);
        }
        let message = format!("The patient's {what} as recorded is not possible and is not used.");
        self.findings.push(Finding::new("patient_attribute_implausible", Severity::Review, message));
        None
    }
}

/// Meters times 100 without the binary noise of the product.
fn tidy(centimeters: f64) -> f64 {
    (centimeters * 1e6).round() / 1e6
}

fn sex(code: &str) -> Option<Sex> {
    match code {
        "F" | "f" => Some(Sex::Female),
        "M" | "m" => Some(Sex::Male),
        _ => None,
    }
}

/// An older person is a birth date made up, as `19000101` where none was known.
const OLDEST_YEARS: f64 = 120.0;

/// Beyond this difference in years birth date and stated age cannot both be right.
const AGE_CONFLICT_YEARS: f64 = 1.5;

fn age(
    birth: Option<Date>,
    scan: Option<Date>,
    stated: Option<Years>,
    findings: &mut Vec<Finding>,
) -> Option<(Years, AgeSource)> {
    let computed = birth
        .zip(scan)
        .and_then(|(birth, scan)| years_between(birth, scan))
        .filter(|years| years.get() <= OLDEST_YEARS);
    if computed.is_none() && birth.is_some() && scan.is_some() {
        let message = "The birth date lies after the scan or more than 120 years before it and is not used.";
        findings.push(Finding::new("patient_attribute_implausible", Severity::Review, message.to_owned()));
    }
    match (computed, stated) {
        (Some(computed), Some(stated)) if (computed.get() - stated.get()).abs() > AGE_CONFLICT_YEARS => {
            let message = "Birth date and stated age differ by more than a year; the birth date is used.";
            findings.push(Finding::new("age_conflict", Severity::Review, message.to_owned()));
            Some((computed, AgeSource::BirthDate))
        }
        (Some(computed), _) => Some((computed, AgeSource::BirthDate)),
        (None, Some(stated)) => Some((stated, AgeSource::PatientAge)),
        (None, None) => None,
    }
}

/// `059Y`, `018M`, `003W`, `010D`; a bare number is years.
fn stated_age(text: &str) -> Option<Years> {
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(at) => text.split_at(at),
        None => (text, "Y"),
    };
    let number: f64 = number.parse().ok()?;
    let years = match unit {
        "Y" | "y" => number,
        "M" | "m" => number / 12.0,
        "W" | "w" => number * 7.0 / 365.25,
        "D" | "d" => number / 365.25,
        _ => return None,
    };
    // Zero is what devices write when the age is not known.
    Years::new(years).filter(|years| years.get() > 0.0)
}

/// The ideographic component group where there is one, else the first that is filled.
fn shown_name(raw: &str) -> String {
    let groups: Vec<&str> = raw.split('=').map(|group| group.trim().trim_end_matches('^')).collect();
    [1, 0, 2]
        .into_iter()
        .filter_map(|group| groups.get(group))
        .find(|group| !group.is_empty())
        .map_or_else(|| raw.to_owned(), |group| (*group).to_owned())
}
