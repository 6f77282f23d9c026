//! `regions.csv`: one row a region of a study, for a spreadsheet.

use std::borrow::Cow;
use std::io::Write;

use crate::record::{Region, Score, Study};

/// The columns, in their order.
const COLUMNS: [&str; 32] = [
    "study_uid",
    "patient_id",
    "study_date",
    "sex",
    "age_years",
    "scan",
    "scan_kind",
    "manufacturer",
    "model",
    "site",
    "laterality",
    "provenance",
    "area_cm2",
    "bmc_g",
    "bmd_g_cm2",
    "uncertainty_g_cm2",
    "device_t",
    "device_z",
    "device_reference",
    "t",
    "t_exact",
    "t_percent",
    "t_reference",
    "t_reference_version",
    "z",
    "z_exact",
    "z_reference",
    "z_reference_version",
    "excluded",
    "excluded_by",
    "method",
    "included_by",
];

/// Writes the regions of a study; scores are those of the profile, or empty.
///
/// A text that a spreadsheet would take for a formula gets an apostrophe in front.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(out: impl Write, study: &Study) -> std::io::Result<()> {
    let mut rows = csv::Writer::from_writer(out);
    rows.write_record(COLUMNS)?;
    for region in &study.regions {
        rows.write_record(row(study, region).iter().map(|cell| cell.as_bytes()))?;
    }
    rows.flush()
}

fn row(study: &Study, region: &Region) -> Vec<String> {
    let text = |text: Option<&str>| text.map(|text| harmless(text).into_owned()).unwrap_or_default();
    let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
    let scan = study.scans.get(region.scan);
    let score = |kind: &str| region.scores.iter().find(|score| score.kind == kind && !score.named);
    let (t, z) = (score("T"), score("Z"));
    let value = |score: Option<&Score>| number(score.map(|score| score.value));
    let exact = |score: Option<&Score>| number(score.and_then(|score| score.exact));
    let table = |score: Option<&Score>| text(score.map(|score| score.reference.id.as_str()));
    let version = |score: Option<&Score>| text(score.map(|score| score.reference.version.as_str()));
    let excluded = region.excluded.as_ref();
    vec![
        text(study.study.instance_uid.as_deref()),
        text(study.patient.id.as_deref()),
        text(study.study.date.as_deref()),
        text(study.patient.sex.as_deref()),
        number(study.patient.age_years),
        region.scan.to_string(),
        text(scan.map(|scan| scan.kind.as_str())),
        text(scan.and_then(|scan| scan.manufacturer.as_deref())),
        text(scan.and_then(|scan| scan.model.as_deref())),
        text(Some(&region.site)),
        text(region.laterality.as_deref()),
        text(Some(&region.provenance)),
        number(region.area_cm2),
        number(region.bmc_g),
        number(region.bmd_g_cm2),
        number(region.uncertainty_g_cm2),
        number(region.device.t),
        number(region.device.z),
        text(region.device.reference.as_deref()),
        value(t),
        exact(t),
        number(t.and_then(|score| score.percent)),
        table(t),
        version(t),
        value(z),
        exact(z),
        table(z),
        version(z),
        text(excluded.map(|excluded| excluded.reason.as_str())),
        text(excluded.map(|excluded| excluded.by.as_str())),
        text(region.method.as_deref()),
        text(region.included.as_ref().map(|included| included.by.as_str())),
    ]
}

/// A text that no spreadsheet runs: what begins like a formula gets an apostrophe in front.
///
/// # References
/// OWASP, CSV Injection.
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    let begins = text.trim_start_matches([' ', '\u{a0}', '\u{3000}']).chars().next();
    let is_formula = begins.is_some_and(|letter| {
        matches!(letter, '=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠')
    });
    if is_formula { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text_and_words_stay() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"] {
            assert_eq!(harmless(formula), format!("'{formula}"));
        }
        for plain in ["L1-L4", "", "GE Healthcare", "王", "a=b"] {
            assert_eq!(harmless(plain), plain);
        }
    }
}
