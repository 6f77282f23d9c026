//! The assessment of the document.

use dxa_core::assess::{AgeCategory, RuleId, RuleResult, ScoreBasis, Value as Known, WhoCategory};
use dxa_core::report::Analysis;
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
pub(super) struct Assessment<'a> {
    profile: &'a str,
    profile_source: &'a str,
    score_basis: Option<&'static str>,
    lowest: Option<Lowest<'a>>,
    who_category: Option<&'static str>,
    age_category: Option<&'static str>,
    diagnosis: Diagnosis,
    fracture_risk: &'static str,
    vfa_indicated: Option<bool>,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
struct Lowest<'a> {
    site: String,
    laterality: Option<&'static str>,
    t: f64,
    reference: &'a str,
}

#[derive(Serialize)]
struct Diagnosis {
    osteoporosis: Option<bool>,
    criteria: Vec<&'static str>,
}

/// A rule with its answer; `result` holds what it came to beside yes and no.
#[derive(Serialize)]
struct Rule {
    id: &'static str,
    outcome: &'static str,
    inputs: Map<String, Value>,
    missing: Vec<&'static str>,
    result: Map<String, Value>,
    source: &'static str,
}

impl<'a> Assessment<'a> {
    pub(super) fn of(analysis: &'a Analysis, profile_source: &'a str) -> Self {
        let assessment = &analysis.assessment;
        Self {
            profile: &analysis.provenance.profile,
            profile_source,
            score_basis: assessment.basis.map(ScoreBasis::code),
            lowest: assessment.lowest.as_ref().map(|lowest| Lowest {
                site: lowest.site.to_string(),
                laterality: lowest.side.map(dxa_core::site::Side::code),
                t: lowest.t,
                reference: &lowest.reference,
            }),
            who_category: assessment.who.map(WhoCategory::code),
            age_category: assessment.age.map(AgeCategory::code),
            diagnosis: Diagnosis {
                osteoporosis: assessment.diagnosis.osteoporosis,
                criteria: assessment.diagnosis.criteria.iter().map(|id| RuleId::code(*id)).collect(),
            },
            fracture_risk: assessment.fracture_risk.code(),
            vfa_indicated: assessment.vfa_indicated,
            rules: assessment.rules.iter().map(Rule::of).collect(),
        }
    }
}

impl Rule {
    fn of(rule: &RuleResult) -> Self {
        Self {
            id: rule.id.code(),
            outcome: rule.answer.outcome().code(),
            inputs: rule
                .inputs
                .iter()
                .map(|(input, known)| (input.code().to_owned(), value(known)))
                .collect(),
            missing: rule.answer.missing().iter().map(|input| input.code()).collect(),
            result: rule.result.iter().map(|(name, known)| ((*name).to_owned(), value(known))).collect(),
            source: rule.source,
        }
    }
}

pub(super) fn value(known: &Known) -> Value {
    match known {
        Known::Number(number) => Value::from(*number),
        Known::Flag(flag) => Value::from(*flag),
        Known::Text(text) => Value::from(text.as_str()),
    }
}
