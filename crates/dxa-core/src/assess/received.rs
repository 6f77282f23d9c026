//! Values of other methods, received and classified as their rules say, never computed.

use super::answer::Answer;
use super::facts::Facts;
use super::input::{Input, Value};

/// Rule `received/qct`: a spine under 80 mg/cm³.
pub(super) fn qct(facts: &Facts<'_>) -> Answer {
    Answer::about(Input::QctSpine, facts.context.qct_spine_mg_cm3, |density| density < QCT_OSTEOPOROSIS)
}

/// Rule `received/qct`, mg/cm³.
const QCT_OSTEOPOROSIS: f64 = 80.0;
const QCT_NORMAL: f64 = 120.0;

pub(super) fn qct_result(facts: &Facts<'_>) -> Vec<(&'static str, Value)> {
    let Some(density) = facts.context.qct_spine_mg_cm3 else { return Vec::new() };
    let category = match density {
        density if density < QCT_OSTEOPOROSIS => "osteoporosis",
        density if density <= QCT_NORMAL => "low_bone_mass",
        _ => "normal",
    };
    vec![("category", Value::text(category))]
}

/// Rule `received/tbs`: a value was received and is passed on with the category that came with it.
pub(super) fn tbs(facts: &Facts<'_>) -> Answer {
    Answer::about(Input::Tbs, facts.context.tbs.value, |_| true)
}

pub(super) fn tbs_result(facts: &Facts<'_>) -> Vec<(&'static str, Value)> {
    let tbs = &facts.context.tbs;
    let category = tbs.value.and(tbs.category.as_deref());
    category.map_or_else(Vec::new, |category| vec![("device_category", Value::text(category))])
}

/// Rule `received/qus`: an ultrasound T was received, and no class is given for it.
pub(super) fn ultrasound(facts: &Facts<'_>) -> Answer {
    Answer::about(Input::UltrasoundT, facts.context.ultrasound_t, |_| true)
}

pub(super) fn ultrasound_result(facts: &Facts<'_>) -> Vec<(&'static str, Value)> {
    let refused = facts.context.ultrasound_t.is_some();
    if refused { vec![("category", Value::text("refused"))] } else { Vec::new() }
}
