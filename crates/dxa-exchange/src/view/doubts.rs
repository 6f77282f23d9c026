//! What was refused, what should be noted, and how well the scans were taken.

use crate::record::Study;
use crate::text::{self, said};

use super::number::{NOTHING, decimals};
use super::{Say, fill};

/// What was not given.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Refusal {
    /// Of which scan.
    pub place: String,
    /// The sentence.
    pub text: String,
}

/// What should be noted.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Finding {
    /// Style.
    pub class: &'static str,
    /// How grave.
    pub severity: String,
    /// Region or scan.
    pub place: String,
    /// The sentence.
    pub text: String,
    /// How many say the same.
    count: usize,
}

/// A check of a scan.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Check {
    /// Style.
    pub class: &'static str,
    /// Its id.
    pub id: String,
    /// What is looked at.
    pub name: String,
    /// Of which scan.
    pub place: String,
    /// Its answer.
    pub status: String,
    /// What was measured.
    pub measured: String,
    /// What it may be.
    pub limit: String,
    /// Index of the scan.
    pub scan: usize,
    /// It can be shown on the image of its scan.
    pub has_evidence: bool,
}

/// What was refused.
#[must_use]
pub fn refusals(study: &Study, say: Say) -> Vec<Refusal> {
    let row = |refusal: &crate::record::Refusal| Refusal {
        place: scan_name(study, refusal.scan, say),
        text: said::refusal(&refusal.code, &refusal.message, say.language).to_owned(),
    };
    study.refusals.iter().map(row).collect()
}

/// What should be noted, the gravest first; what is said alike of several places is said once.
#[must_use]
pub fn findings(study: &Study, say: Say) -> Vec<Finding> {
    let weight = |severity: &str| match severity {
        "withhold" => 0,
        "review" => 1,
        _ => 2,
    };
    let mut sorted: Vec<&crate::record::Finding> = study.findings.iter().collect();
    sorted.sort_by_key(|finding| weight(&finding.severity));
    let row = |finding: &crate::record::Finding| {
        let site = finding.site.as_deref();
        let site = site.map(|site| said::place(site, finding.laterality.as_deref(), say.language));
        Finding {
            class: match weight(&finding.severity) {
                0 => "withhold",
                1 => "review",
                _ => "note",
            },
            severity: said::word(&finding.severity, say.language),
            place: site.unwrap_or_else(|| scan_name(study, finding.scan, say)),
            text: said::finding(&finding.code, &finding.message, say.language).to_owned(),
            count: 1,
        }
    };
    let mut rows: Vec<Finding> = Vec::new();
    for found in sorted.into_iter().map(row) {
        match rows.iter_mut().find(|known| known.text == found.text && known.class == found.class) {
            Some(known) => known.count += 1,
            None => rows.push(found),
        }
    }
    for row in rows.iter_mut().filter(|row| row.count > 1) {
        row.place += &format!(" × {}", row.count);
    }
    rows
}

/// The checks, those that failed first.
#[must_use]
pub fn checks(study: &Study, say: Say) -> Vec<Check> {
    let mut sorted: Vec<&crate::record::Quality> = study.quality.iter().collect();
    sorted.sort_by_key(|check| match check.status.as_str() {
        "fail" => 0,
        "not_evaluable" => 1,
        _ => 2,
    });
    let row = |check: &crate::record::Quality| {
        let unit = check.unit.as_deref().map(unit).unwrap_or_default();
        let number = |value: Option<f64>| {
            value.map_or_else(|| NOTHING.to_owned(), |value| format!("{} {unit}", decimals(Some(value), 1)))
        };
        Check {
            class: match check.status.as_str() {
                "fail" => "fail",
                "pass" => "pass",
                _ => "unknown",
            },
            id: check.id.clone(),
            name: text::check(&check.id, say.language).to_owned(),
            place: scan_name(study, Some(check.scan), say),
            status: said::word(&check.status, say.language),
            measured: number(check.measured),
            limit: number(check.limit),
            scan: check.scan,
            has_evidence: !check.evidence.landmarks.is_empty(),
        }
    };
    sorted.into_iter().map(row).collect()
}

/// How many of the checks passed.
#[must_use]
pub fn quality_summary(study: &Study, say: Say) -> String {
    let passed = study.quality.iter().filter(|check| check.status == "pass").count();
    fill(say.w.quality_of, &[&passed.to_string(), &study.quality.len().to_string()])
}

/// Units of UCUM as people write them.
fn unit(ucum: &str) -> &str {
    match ucum {
        "deg" => "°",
        "mm2" => "mm²",
        "1" => "",
        other => other,
    }
}

fn scan_name(study: &Study, scan: Option<usize>, say: Say) -> String {
    let Some((index, scan)) = scan.and_then(|index| Some((index, study.scans.get(index)?))) else {
        return String::new();
    };
    let kind = said::scan_kind(&scan.kind, say.language);
    let kind = said::place(kind, scan.laterality.as_deref(), say.language);
    if study.scans.len() == 1 {
        kind
    } else {
        format!("{} · {kind}", fill(say.w.scan, &[&(index + 1).to_string()]))
    }
}
