//! Results for those who work with numbers and not with people.

use serde_json::Value;

/// Takes out what names a person: names, numbers, days; an age above 89 becomes 90 (45 CFR 164.514(b)(2)).
///
/// The UIDs stay, because a result without them cannot be told from another.
pub(super) fn remove(study: &mut Value) {
    for (part, keys) in [
        ("study", &["accession_number", "description"][..]),
        ("patient", &["id", "name", "name_raw", "birth_date"][..]),
    ] {
        for key in keys {
            if let Some(value) = study.get_mut(part).and_then(|part| part.get_mut(key)) {
                *value = Value::Null;
            }
        }
    }
    if let Some(date) = study.pointer_mut("/study/date") {
        *date = date.as_str().and_then(|date| date.get(..4)).map_or(Value::Null, Value::from);
    }
    if let Some(age) = study.pointer_mut("/patient/age_years") {
        match age.as_f64() {
            Some(years) if years > HIGHEST_AGE => *age = 90.into(),
            // The fraction of a year, with the day of the study, gives the day of birth.
            Some(years) => *age = years.floor().into(),
            None => {}
        }
    }
    if let Some(report) = study.get_mut("report") {
        *report = Value::Null;
    }
    if let Some(comparisons) = study.get_mut("comparisons") {
        // They hold the days of earlier studies.
        *comparisons = Value::Array(Vec::new());
    }
}

const HIGHEST_AGE: f64 = 89.0;
