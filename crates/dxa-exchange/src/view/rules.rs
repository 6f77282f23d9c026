//! The assessment: sentences, and each rule with what it saw.

use crate::record::Study;
use crate::text::{self, said};
use dxa_core::assess::{Diagnosis, FractureRisk};

use super::number::value;
use super::{Fact, Say};

/// A rule with its answer.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Rule {
    /// Style.
    pub class: &'static str,
    /// Its answer.
    pub answer: &'static str,
    /// What it asks.
    pub title: String,
    /// Its id.
    pub id: String,
    /// What it saw and came to.
    pub inputs: Vec<Fact>,
    /// What it lacks.
    pub missing: Option<String>,
    /// Where it is from.
    pub source: String,
}

/// Diagnosis, risk and images of the spine in words.
#[must_use]
pub fn sentences(study: &Study, say: Say) -> Vec<String> {
    let assessment = &study.assessment;
    let diagnosis = Diagnosis { osteoporosis: assessment.diagnosis.osteoporosis, criteria: Vec::new() };
    let risks = [FractureRisk::VeryHigh, FractureRisk::High, FractureRisk::NotHigh, FractureRisk::Unknown];
    let risk = risks.into_iter().find(|risk| Some(risk.code()) == assessment.fracture_risk.as_deref());
    vec![
        text::diagnosis(&diagnosis, say.language).to_owned(),
        text::fracture_risk(risk.unwrap_or(FractureRisk::Unknown), say.language).to_owned(),
        text::vfa(assessment.vfa_indicated, say.language).to_owned(),
    ]
}

/// Every rule: those that are met first, then those that cannot tell.
#[must_use]
pub fn all(study: &Study, say: Say) -> Vec<Rule> {
    let mut sorted: Vec<&crate::record::Rule> = study.assessment.rules.iter().collect();
    sorted.sort_by_key(|rule| match rule.outcome.as_str() {
        "fired" => 0,
        "cannot_tell" => 1,
        _ => 2,
    });
    sorted.into_iter().map(|rule| one(rule, say)).collect()
}

fn one(rule: &crate::record::Rule, say: Say) -> Rule {
    let (class, answer) = match rule.outcome.as_str() {
        "fired" => ("fired", say.w.fired),
        "cannot_tell" => ("cannot-tell", say.w.rule_cannot_tell),
        _ => ("not-fired", say.w.not_fired),
    };
    let seen = rule
        .inputs
        .iter()
        .map(|(code, seen)| Fact { name: said::input(code, say.language), value: value(seen) });
    let came_to = rule
        .result
        .iter()
        .map(|(name, result)| Fact { name: said::word(name, say.language), value: value(result) });
    let missing: Vec<String> = rule.missing.iter().map(|code| said::input(code, say.language)).collect();
    Rule {
        class,
        answer,
        title: said::rule(&rule.id, say.language),
        id: rule.id.clone(),
        inputs: seen.chain(came_to).collect(),
        missing: (!missing.is_empty()).then(|| missing.join(say.language.of(", ", "、"))),
        source: rule.source.clone(),
    }
}
