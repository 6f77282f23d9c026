//! Whose study it is, how it was taken, and what computed its numbers.

use crate::record::Study;
use crate::text::said;

use super::number::decimals;
use super::{Fact, Say, fill};

/// The patient and the study.
#[must_use]
pub fn facts(all: &Study, say: Say) -> Vec<Fact> {
    let (patient, study, w) = (&all.patient, &all.study, say.w);
    let sex = match patient.sex.as_deref() {
        Some("F") => Some(w.sex_female),
        Some("M") => Some(w.sex_male),
        _ => None,
    };
    let with = |value: Option<f64>, count, unit: &str| {
        value.map(|value| format!("{} {unit}", decimals(Some(value), count)))
    };
    let device = all.scans.first().and_then(|scan| {
        let parts = [scan.manufacturer.as_deref(), scan.model.as_deref()];
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(text)
    });
    let every = [
        (w.patient_id, patient.id.clone()),
        (w.sex, sex.map(str::to_owned)),
        (w.age, with(patient.age_years, 1, w.years)),
        (w.born, patient.birth_date.clone()),
        (w.study_date, study.date.clone()),
        (w.accession, study.accession_number.clone()),
        (w.description, study.description.clone()),
        (w.height, with(patient.height_cm, 0, "cm")),
        (w.weight, with(patient.weight_kg, 1, "kg")),
        (w.ethnicity, patient.ethnicity.as_deref().map(|code| said::word(code, say.language))),
        (w.device, device),
    ];
    let facts = every.into_iter().filter_map(|(name, value)| {
        Some(Fact { name: name.to_owned(), value: value.filter(|v| !v.is_empty())? })
    });
    facts.collect()
}

/// What computed the numbers.
#[must_use]
pub fn provenance(study: &Study, say: Say) -> Vec<Fact> {
    let short = |digest: &str| digest.get(..12).unwrap_or(digest).to_owned();
    let fact = |name: &str, value: String| Fact { name: name.to_owned(), value };
    let source = study.assessment.profile_source.as_deref().unwrap_or_default();
    let mut facts = vec![
        fact(say.w.software, study.provenance.software.clone()),
        fact(say.w.protocol, short(&study.provenance.protocol_sha256)),
        fact(say.w.profile, format!("{} ({source})", study.assessment.profile)),
    ];
    facts.extend(study.assessment.score_basis.clone().map(|basis| fact(say.w.score_basis, basis)));
    let tables = study.provenance.tables.iter();
    let tables = tables.map(|(id, digest)| format!("{id} ({})", short(digest.as_str().unwrap_or_default())));
    let tables = tables.collect::<Vec<_>>().join(", ");
    if !tables.is_empty() {
        facts.push(fact(say.w.tables, tables));
    }
    let devices = study.scans.iter().enumerate().map(|(index, scan)| {
        let parts = [&scan.manufacturer, &scan.model, &scan.software];
        let text = parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
        let tier = said::tier(&scan.tier, say.language);
        fact(&fill(say.w.scan, &[&(index + 1).to_string()]), format!("{text} · {tier}"))
    });
    facts.extend(devices);
    facts
}
