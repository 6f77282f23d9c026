//! What a result says by code, in words: for documents that are made from the result and not from the computation.

use dxa_core::assess::{ComparisonRule, Incomparable, Input, RuleId};
use dxa_core::findings::RefusalCode;
use dxa_core::grade::Change;
use dxa_core::site::Site;
use dxa_core::study::{ScanKind, Tier};

use crate::codes;

use super::{Language, labels, populations};

/// A word of the contract, such as `low_bone_mass`; where the table has no Chinese for it, English.
#[must_use]
pub fn word(code: &str, language: Language) -> String {
    match language {
        Language::English => codes::english(code),
        Language::Chinese => codes::chinese(code).map_or_else(|| codes::english(code), str::to_owned),
    }
}

/// A site with its side, by their codes.
#[must_use]
pub fn place(site: &str, side: Option<&str>, language: Language) -> String {
    let name = site.parse::<Site>().map_or_else(|_| site.to_owned(), |site| super::site(site, language));
    let (english, chinese) = match side {
        Some("L") => ("left", "左侧"),
        Some("R") => ("right", "右侧"),
        Some("B") => ("mean of both", "双侧平均"),
        _ => return name,
    };
    match language {
        Language::English => format!("{name}, {english}"),
        Language::Chinese => format!("{chinese}{name}"),
    }
}

/// The population of a reference table, by its published name.
#[must_use]
pub fn population(name: &str, language: Language) -> String {
    populations::said(name, language)
}

/// What was scanned, by its code.
#[must_use]
pub fn scan_kind(code: &str, language: Language) -> &'static str {
    let kind = ScanKind::ALL.into_iter().find(|kind| kind.code() == code);
    labels::kind(kind.unwrap_or(ScanKind::Unsupported), language)
}

/// What can be had of a scan, by its code.
#[must_use]
pub fn tier(code: &str, language: Language) -> &'static str {
    let all = [Tier::None, Tier::Display, Tier::Reported, Tier::Quantitative];
    labels::tier(all.into_iter().find(|tier| tier.code() == code).unwrap_or(Tier::None), language)
}

/// A finding by its code; the English sentence is the result's own.
#[must_use]
pub fn finding(code: &str, message: &str, language: Language) -> String {
    super::findings::by_code(code, message, language)
}

/// A refusal by its code; the English sentence is the result's own.
#[must_use]
pub fn refusal<'a>(code: &str, message: &'a str, language: Language) -> &'a str {
    match (language, RefusalCode::ALL.into_iter().find(|known| known.code() == code)) {
        (Language::Chinese, Some(known)) => super::codes::refusal_in_chinese(known),
        _ => message,
    }
}

/// What a rule asks, by its id.
#[must_use]
pub fn rule(id: &str, language: Language) -> String {
    let of_study = RuleId::ALL.into_iter().find(|rule| rule.code() == id);
    let of_visits = ComparisonRule::ALL.into_iter().find(|rule| rule.code() == id);
    match (of_study, of_visits) {
        (Some(rule), _) => super::rule_title(rule, language).to_owned(),
        (None, Some(rule)) => super::comparison_rule_title(rule, language).to_owned(),
        (None, None) => id.to_owned(),
    }
}

/// An input of a rule, by its code.
#[must_use]
pub fn input(code: &str, language: Language) -> String {
    let known = Input::ALL.into_iter().find(|input| input.code() == code);
    known.map_or_else(|| codes::english(code), |input| super::input(input, language).to_owned())
}

/// Why a vertebra is not measured, by its code.
#[must_use]
pub fn not_evaluable(code: &str, language: Language) -> &'static str {
    labels::not_evaluable(code, language)
}

/// What happened to a vertebra between two images, by its code.
#[must_use]
pub fn level_change(code: &str, language: Language) -> &'static str {
    let all = [Change::NewFracture, Change::Worse, Change::Same, Change::Better, Change::NotComparable];
    labels::level_change(
        all.into_iter().find(|change| change.code() == code).unwrap_or(Change::NotComparable),
        language,
    )
}

/// Why two visits are not compared, by its code; the English sentence is the result's own.
#[must_use]
pub fn incomparable<'a>(code: &str, message: &'a str, language: Language) -> &'a str {
    let known = Incomparable::ALL.into_iter().find(|why| why.code() == code);
    known.map_or(message, |why| super::incomparable(why, language))
}

/// The sentence that sums a result up.
#[must_use]
pub fn conclusion(study: &crate::record::Study, language: Language) -> String {
    super::conclusion::conclusion(study, language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_code_has_words_in_both_languages() {
        for kind in ScanKind::ALL {
            assert_ne!(scan_kind(kind.code(), Language::English), scan_kind(kind.code(), Language::Chinese));
        }
        for code in RefusalCode::ALL {
            assert!(!refusal(code.code(), "sentence", Language::Chinese).is_ascii(), "{code:?}");
            assert_eq!(refusal(code.code(), "sentence", Language::English), "sentence");
        }
        let mut codes: Vec<&str> = Input::ALL.map(Input::code).to_vec();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Input::ALL.len());
        assert_eq!(input("weight_kg", Language::Chinese), "体重");
        assert_eq!(rule("cn-2022/dx-fracture", Language::Chinese), "髋部或椎体脆性骨折");
        assert_eq!(place("total_hip", Some("L"), Language::English), "total hip, left");
        assert_eq!(place("L1-L4", None, Language::Chinese), "L1-L4");
    }
}
