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
    /// Index of the scan.
    pub scan: Option<usize>,
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
    /// Regions or scans, each once.
    pub places: Vec<Place>,
    /// The same in a line.
    pub place: String,
    /// The sentence.
    pub text: String,
}

/// Where something was found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Place {
    /// Region or scan.
    pub name: String,
    /// Index of the scan.
    pub scan: Option<usize>,
    /// Code of the site.
    pub site: Option<String>,
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
        scan: refusal.scan.filter(|scan| *scan < study.scans.len()),
        text: said::refusal(&refusal.code, &refusal.message, say.language).to_owned(),
    };
    study.refusals.iter().map(row).collect()
}

/// What should be noted, the gravest first; what is said alike of several places is said once and names them all.
#[must_use]
pub fn findings(study: &Study, say: Say) -> Vec<Finding> {
    let weight = |severity: &str| match severity {
        "withhold" => 0,
        "review" => 1,
        _ => 2,
    };
    let mut sorted: Vec<&crate::record::Finding> = study.findings.iter().collect();
    sorted.sort_by_key(|finding| weight(&finding.severity));
    let mut rows: Vec<Finding> = Vec::new();
    for finding in sorted {
        let class = match weight(&finding.severity) {
            0 => "withhold",
            1 => "review",
            _ => "note",
        };
        let text = said::finding(&finding.code, &finding.message, say.language);
        let known = rows.iter().position(|row| row.text == text && row.class == class);
        let at = known.unwrap_or_else(|| {
            let severity = said::word(&finding.severity, say.language);
            rows.push(Finding { class, severity, places: Vec::new(), place: String::new(), text });
            rows.len() - 1
        });
        let place = place(study, finding, say);
        if !place.name.is_empty() && !rows[at].places.contains(&place) {
            rows[at].places.push(place);
        }
    }
    for row in &mut rows {
        let names: Vec<&str> = row.places.iter().map(|place| place.name.as_str()).collect();
        row.place = names.join(say.language.of("; ", "；"));
    }
    rows
}

fn place(study: &Study, finding: &crate::record::Finding, say: Say) -> Place {
    let site = finding.site.as_deref();
    let name = site.map(|site| said::place(site, finding.laterality.as_deref(), say.language));
    Place {
        name: name.unwrap_or_else(|| scan_name(study, finding.scan, say)),
        scan: finding.scan.filter(|scan| *scan < study.scans.len()),
        site: finding.site.clone(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;

    /// Whose vertebra is meant must never be lost.
    #[test]
    fn what_is_said_of_two_vertebrae_names_both() {
        let finding = |site: &str| {
            serde_json::json!({"code": "vertebra_t_differs", "severity": "review", "scan": 0, "site": site,
                "message": "The T-score is far from that of one neighbor."})
        };
        let study = serde_json::json!({"study": {}, "patient": {}, "scans": [], "assessment": {"profile": "x", "diagnosis": {}, "rules": []},
            "provenance": {"software": "dxa", "protocol_sha256": ""},
            "findings": [finding("L2"), finding("L3"), finding("L3")]});
        let study: Study = serde_json::from_value(study).unwrap();
        for language in [Language::English, Language::Chinese] {
            let rows = findings(&study, Say::of(language));
            let names: Vec<&str> = rows[0].places.iter().map(|place| place.name.as_str()).collect();
            assert_eq!((rows.len(), names), (1, vec!["L2", "L3"]));
            assert_eq!(rows[0].place, language.of("L2; L3", "L2；L3"));
        }
    }
}
