//! What changed since the study before, when both are in the document.

use dxa_core::assess::{Change, Comparison, LscSource, SitePrecision};
use dxa_core::report::{Analysis, Compared, History};
use serde::Serialize;
use serde_json::{Map, Value};

use super::assessment::value;
use super::rounded;
use crate::text::{self, Language};

#[derive(Serialize)]
pub(super) struct Entry {
    scan: usize,
    site: String,
    laterality: Option<&'static str>,
    prior: Prior,
    change_g_cm2: Option<f64>,
    change_percent: Option<f64>,
    lsc_g_cm2: Option<f64>,
    lsc_percent: Option<f64>,
    lsc_source: Option<&'static str>,
    significant: Option<bool>,
    refused: Option<Refused>,
    rules: Vec<Rule>,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct Prior {
    study_instance_uid: Option<String>,
    date: Option<String>,
}

#[derive(Serialize)]
struct Refused {
    code: &'static str,
    message: &'static str,
}

#[derive(Serialize)]
struct Rule {
    id: &'static str,
    outcome: &'static str,
    inputs: Map<String, Value>,
    missing: Vec<&'static str>,
    source: &'static str,
}

/// A doubt about the comparison; its scan, site and side are those of the entry.
#[derive(Serialize)]
struct Finding {
    code: &'static str,
    severity: &'static str,
    message: String,
}

/// The comparisons with earlier studies, one a region.
pub(super) fn of(history: &History<'_>, analysis: &Analysis, precision: &[SitePrecision]) -> Vec<Entry> {
    history.compared(analysis, precision).iter().map(entry).collect()
}

fn entry(Compared { prior, comparison }: &Compared<'_>) -> Entry {
    let change = comparison.change.ok();
    let lsc = change.and_then(|change| change.lsc);
    let refused = comparison.change.err();
    let findings = comparison.findings.iter().map(|finding| Finding {
        code: finding.code,
        severity: finding.severity.code(),
        message: finding.message.clone(),
    });
    Entry {
        scan: comparison.scan,
        site: comparison.site.to_string(),
        laterality: comparison.side.map(dxa_core::site::Side::code),
        prior: Prior {
            study_instance_uid: prior.study_instance_uid.clone(),
            date: comparison.prior_date.map(|date| date.to_string()),
        },
        change_g_cm2: rounded(change.map(|change| change.g_cm2), 3),
        change_percent: rounded(change.map(|change| change.percent), 1),
        lsc_g_cm2: rounded(lsc.map(|lsc| lsc.g_cm2), 3),
        lsc_percent: rounded(lsc.map(|lsc| lsc.percent), 1),
        lsc_source: lsc.map(|lsc| LscSource::code(lsc.source)),
        significant: change.and_then(|change: Change| change.significant),
        refused: refused
            .map(|why| Refused { code: why.code(), message: text::incomparable(why, Language::English) }),
        rules: rules(comparison),
        findings: findings.collect(),
    }
}

fn rules(comparison: &Comparison) -> Vec<Rule> {
    let rule = |rule: &dxa_core::assess::ComparisonRuleResult| Rule {
        id: rule.id.code(),
        outcome: rule.answer.outcome().code(),
        inputs: rule.inputs.iter().map(|(input, known)| (input.code().to_owned(), value(known))).collect(),
        missing: rule.answer.missing().iter().map(|input| input.code()).collect(),
        source: rule.id.source(),
    };
    comparison.rules.iter().map(rule).collect()
}
