//! What the context of a patient says, in words: the keys of a context file and their values.

use dxa_core::context::IofItem;
use serde_json::Value;

use super::{Language, question, said};
use crate::view::Words;

/// The name of a key; inside of another one it stands behind a dot, as in `fractures.site`.
#[must_use]
pub fn fact(key: &str, language: Language) -> Option<&'static str> {
    let w = Words::of(language);
    if let Some(item) = key.strip_prefix("iof_one_minute.") {
        let known = IofItem::ALL.into_iter().find(|known| known.code() == item);
        return known.map(|item| question(item, language));
    }
    Some(match key {
        "menopause" => w.menopause,
        "ethnicity" => w.ethnicity,
        "height_cm" => w.height,
        "weight_kg" => w.weight,
        "tallest_height_cm" => w.tallest_height,
        "height_lost_in_a_year_cm" => w.height_lost,
        "over_table_weight" => w.over_table_weight,
        "glucocorticoid" | "glucocorticoid.taken" => w.glucocorticoid,
        "glucocorticoid.prednisolone_mg_per_day" => w.glucocorticoid_dose,
        "glucocorticoid.duration_months" => w.glucocorticoid_months,
        "bone_damaging_drugs" => w.bone_damaging_drugs,
        "osteoporosis_treatment" => w.treatment,
        "high_fall_risk" => w.falls,
        "hyperparathyroidism" => w.hyperparathyroidism,
        "androgen_deprivation" => w.androgen_deprivation,
        "frax_major_percent" => w.frax_major,
        "frax_hip_percent" => w.frax_hip,
        "qct_spine_mg_cm3" => w.qct,
        "ultrasound_t" => w.ultrasound,
        "iof_one_minute" => w.context_iof,
        "tbs" => w.tbs,
        "tbs.value" => w.value,
        "tbs.device_category" => w.device_category,
        "not_assessable_vertebrae" => w.not_assessable,
        "fractures" => w.fractures,
        "fractures.site" => w.site,
        "fractures.date" => w.date,
        "fractures.fragility" => w.fragility,
        "fractures.confirmed" => w.confirmed,
        "fractures.on_treatment" => w.on_treatment,
        "treatments" => w.treatments,
        "treatments.kind" => w.kind,
        "treatments.name" => w.name,
        "treatments.level" => w.level_of,
        "treatments.start" => w.start,
        "treatments.end" => w.end,
        _ => return None,
    })
}

/// What a code of a key means; `None` where the key has no such code.
#[must_use]
pub fn fact_code(key: &str, code: &str, language: Language) -> Option<&'static str> {
    let w = Words::of(language);
    Some(match (key, code) {
        ("menopause", "pre") => w.menopause_pre,
        ("menopause", "peri") => w.menopause_peri,
        ("menopause", "post") => w.menopause_post,
        ("glucocorticoid.taken", "never") => w.never,
        ("glucocorticoid.taken", "past") => w.past,
        ("glucocorticoid.taken", "recent") => w.recent,
        ("glucocorticoid.taken", "current") => w.current,
        ("fractures.site", "hip") => w.site_hip,
        ("fractures.site", "vertebra") => w.site_vertebra,
        ("fractures.site", "proximal_humerus") => w.site_humerus,
        ("fractures.site", "pelvis") => w.site_pelvis,
        ("fractures.site", "distal_forearm") => w.site_forearm,
        ("fractures.site", "other") => w.site_other,
        ("treatments.kind", "drug") => w.treatment_drug,
        ("treatments.kind", "augmentation") => w.treatment_augmentation,
        _ => return None,
    })
}

/// A value of a key, who said it, and when.
pub(crate) fn told(key: &str, value: &Value, source: &str, at: &str, language: Language) -> String {
    let value = self::value(key, value, language);
    match language {
        Language::English => format!("{value} ({source}, {at})"),
        Language::Chinese => format!("{value}（{source}，{at}）"),
    }
}

/// A value in words; English has those of the context file, so that a sentence is read back.
fn value(key: &str, of: &Value, language: Language) -> String {
    let w = Words::of(language);
    match (language, of) {
        (_, Value::Number(number)) => number.to_string(),
        (Language::English, Value::String(text)) => text.clone(),
        (Language::English, _) => of.to_string(),
        (_, Value::Bool(yes)) => (if *yes { w.yes } else { w.no }).to_owned(),
        (_, Value::Null) => w.unknown.to_owned(),
        (_, Value::String(text)) => match key {
            "ethnicity" => said::word(text, language),
            "not_assessable_vertebrae" => match text.as_str() {
                "fracture" => w.reason_fracture,
                "artefact" => w.reason_artefact,
                _ => w.reason_manual,
            }
            .to_owned(),
            _ => fact_code(key, text, language).map_or_else(|| text.clone(), str::to_owned),
        },
        (_, Value::Array(all)) if all.is_empty() => w.none.to_owned(),
        (_, Value::Array(all)) => {
            let all: Vec<String> = all.iter().map(|one| value(key, one, language)).collect();
            all.join("；")
        }
        (_, Value::Object(parts)) => {
            let part = |(name, of): (&String, &Value)| {
                let whole = format!("{key}.{name}");
                match fact(&whole, language) {
                    Some(named) => format!("{named} {}", value(&whole, of, language)),
                    // A vertebra is its own name.
                    None => format!("{name} {}", value(key, of, language)),
                }
            };
            parts.iter().map(part).collect::<Vec<_>>().join("，")
        }
    }
}

/// A value and who said it; names have parentheses of their own, and so have texts inside of JSON.
fn value_and_source(said: &str) -> Option<(Value, &str)> {
    let mut json = serde_json::Deserializer::from_str(said).into_iter();
    if let Some(Ok(value)) = json.next()
        && let Some(source) = said.get(json.byte_offset()..).and_then(|rest| rest.strip_prefix(" ("))
    {
        return Some((value, source));
    }
    let (word, source) = said.split_once(" (")?;
    Some((Value::String(word.to_owned()), source))
}

/// The keys of a sentence about sources that differ, with all that each of them says; `None` where it is made otherwise.
pub(super) fn conflicts_in_chinese(all: &str) -> Option<String> {
    const UTC: &str = " UTC)";
    const MINUTE: usize = "2026-01-05 10:00".len();
    let mut conflicts: Vec<(&str, Vec<String>)> = Vec::new();
    let mut rest = all;
    while !rest.is_empty() {
        let (said, after) = rest.split_once(UTC)?;
        rest = after;
        let said = match (conflicts.last(), said.strip_prefix(", ")) {
            (Some(_), Some(said)) => said,
            (last, _) => {
                let said = if last.is_some() { said.strip_prefix("; ")? } else { said };
                let (key, said) = said.split_once(": ")?;
                conflicts.push((key, Vec::new()));
                said
            }
        };
        let (key, values) = conflicts.last_mut()?;
        let (said, at) = said.split_at_checked(said.len().checked_sub(MINUTE)?)?;
        let (value, source) = value_and_source(said.strip_suffix(", ")?)?;
        values.push(told(key, &value, source, &format!("{at} UTC"), Language::Chinese));
    }
    let conflict = |(key, values): (&str, Vec<String>)| {
        format!("{}：{}", fact(key, Language::Chinese).unwrap_or(key), values.join("、"))
    };
    Some(conflicts.into_iter().map(conflict).collect::<Vec<_>>().join("；"))
}
