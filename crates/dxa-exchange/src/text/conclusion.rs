//! The conclusion, a draft in one sentence; a physician decides.

use crate::codes;
use crate::record::Study;

use super::Language;

/// Category and deciding score, or that there is none; what was refused is counted.
pub(crate) fn conclusion(study: &Study, language: Language) -> String {
    let assessment = &study.assessment;
    let word = |word: &str| match language {
        Language::English => codes::english(word),
        Language::Chinese => codes::chinese(word).map_or_else(|| codes::english(word), str::to_owned),
    };
    let who = assessment.who_category.as_deref().filter(|category| *category != "not_applicable");
    let category = who.or(assessment.age_category.as_deref()).map(word);
    let none = language.of("No category could be given", "无法给出分类");
    let mut sentence = category.unwrap_or_else(|| none.to_owned());
    if let Some(lowest) = &assessment.lowest {
        let site = lowest
            .site
            .parse()
            .map_or_else(|_| lowest.site.clone(), |site| crate::text::site(site, language));
        let side = match lowest.laterality.as_deref() {
            Some("L") => language.of(" left", "左侧"),
            Some("R") => language.of(" right", "右侧"),
            Some("B") => language.of(" mean of both", "双侧平均"),
            _ => "",
        };
        sentence += &match language {
            Language::English => {
                format!("; lowest T-score {:.1}, {site}{side} ({})", lowest.t, lowest.reference)
            }
            Language::Chinese => format!("；最低T值 {:.1}，{side}{site}（{}）", lowest.t, lowest.reference),
        };
    }
    if !study.refusals.is_empty() {
        let count = study.refusals.len();
        sentence += &match language {
            Language::English => format!("; refused: {count}"),
            Language::Chinese => format!("；拒绝 {count} 项"),
        };
    }
    sentence += language.of(". Draft; a physician decides.", "。草稿，须经医师审核。");
    sentence
}
