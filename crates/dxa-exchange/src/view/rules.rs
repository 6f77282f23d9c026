//! The assessment: sentences, and each rule with what it saw.

use crate::codes;
use crate::record::Study;
use crate::text::{self, Language, said};
use dxa_core::assess::{Diagnosis, FractureRisk};
use serde_json::Value;

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
        .map(|(code, seen)| Fact { name: said::input(code, say.language), value: said_value(seen, say) });
    let came_to = rule
        .result
        .iter()
        .map(|(name, result)| Fact { name: result_name(name, say.language), value: said_value(result, say) });
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

/// What rules come to, in Chinese; English takes the names themselves.
const RESULTS: [(&str, &str); 15] = [
    ("basis", "依据"),
    ("category", "分类"),
    ("device_category", "设备给出的分类"),
    ("excluded", "已排除"),
    ("fragility_fracture", "脆性骨折"),
    ("index", "指数"),
    ("laterality", "侧别"),
    ("lowest", "最低部位"),
    ("menopause_assumed", "假定已绝经"),
    ("references", "参考表"),
    ("repeat_after_months", "复查间隔（月）"),
    ("stratum", "风险分层"),
    ("t_with", "排除前T值"),
    ("t_without", "排除后T值"),
    ("used", "采用"),
];

/// Values that are words of one letter, or of the rules alone.
const VALUES: [(&str, &str); 12] = [
    ("F", "女"),
    ("M", "男"),
    ("L", "左"),
    ("R", "右"),
    ("B", "双侧平均"),
    ("low", "低"),
    ("moderate", "中"),
    ("medium", "中"),
    ("pre", "绝经前"),
    ("peri", "围绝经期"),
    ("post", "绝经后"),
    ("refused", "拒绝"),
];

fn in_chinese(table: &[(&str, &'static str)], word: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == word).map(|(_, chinese)| *chinese)
}

fn result_name(name: &str, language: Language) -> String {
    match language {
        Language::English => said::word(name, language),
        Language::Chinese => {
            in_chinese(&RESULTS, name).map_or_else(|| said::word(name, language), str::to_owned)
        }
    }
}

/// A value as it is read; sites, tables and dates stay as they are.
fn said_value(seen: &Value, say: Say) -> String {
    match (say.language, seen) {
        (Language::Chinese, Value::Bool(is_so)) => (if *is_so { say.w.yes } else { say.w.no }).to_owned(),
        (Language::Chinese, Value::String(text)) => {
            in_chinese(&VALUES, text).or_else(|| codes::chinese(text)).unwrap_or(text).to_owned()
        }
        _ => value(seen),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_rule_saw_and_came_to_is_said_in_chinese() {
        let study: Study = serde_json::from_value(serde_json::json!({
            "study": {}, "patient": {}, "scans": [], "provenance": { "software": "dxa", "protocol_sha256": "" },
            "assessment": { "profile": "x", "rules": [{
                "id": "risk/ost", "outcome": "fired", "source": "OST",
                "inputs": { "sex": "F", "weight_kg": 64.0 },
                "result": { "index": 0.14, "stratum": "moderate", "menopause_assumed": true, "lowest": "L1-L4",
                    "category": "low_bone_mass" },
            }] },
        }))
        .unwrap();
        let said = |language| {
            let rule = all(&study, Say::of(language)).remove(0);
            rule.inputs
                .iter()
                .map(|fact| format!("{}: {}", fact.name, fact.value))
                .collect::<Vec<_>>()
                .join("; ")
        };
        assert_eq!(
            said(Language::Chinese),
            "性别: 女; 体重: 64.0; 指数: 0.14; 风险分层: 中; 假定已绝经: 是; 最低部位: L1-L4; 分类: 骨量减少"
        );
        assert!(said(Language::English).contains("stratum: moderate; menopause assumed: true"));
    }
}
