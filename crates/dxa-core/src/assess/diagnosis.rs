//! Criteria of osteoporosis: the classes, and what guidelines add to them.

use super::answer::Answer;
use super::category::{NORMAL_T, OSTEOPOROSIS_T, WhoCategory};
use super::facts::{self, Facts};
use super::fractures::{fragility_fracture, fragility_fracture_of};
use super::input::{Input, Value};
use crate::context::FractureSite::{DistalForearm, Hip, Pelvis, ProximalHumerus, Vertebra};

/// Rule `who`: T ≤ −2.5 at a site that counts.
pub(super) fn who(facts: &Facts<'_>) -> Answer {
    facts.any_t(|t| t <= OSTEOPOROSIS_T)
}

/// The class that the lowest T and the fractures amount to; `None` without a T.
pub(super) fn who_class(facts: &Facts<'_>) -> Option<WhoCategory> {
    let class = WhoCategory::of(facts.lowest_t()?);
    let severe = class == WhoCategory::Osteoporosis && fragility_fracture(facts).is_yes();
    Some(if severe { WhoCategory::SevereOsteoporosis } else { class })
}

pub(super) fn who_result(facts: &Facts<'_>) -> Vec<(&'static str, Value)> {
    if !facts.judged_on_t().is_yes() {
        return Vec::new();
    }
    let Some(class) = who_class(facts) else { return Vec::new() };
    let mut result = vec![("category", Value::text(class.code()))];
    if class >= WhoCategory::Osteoporosis {
        result.push(("fragility_fracture", Value::text(fragility_fracture(facts).outcome().code())));
    }
    result
}

/// Rule `cn-2022/dx-fracture`: a fragility fracture of hip or vertebra.
pub(super) fn hip_or_vertebral_fracture(facts: &Facts<'_>) -> Answer {
    adult(facts).and(fragility_fracture_of(facts, &[Hip, Vertebra]))
}

/// Rule `cn-2022/dx-bmd`: T ≤ −2.5 at an axial site or the 33 % radius, whenever that was measured.
pub(super) fn low_density(facts: &Facts<'_>) -> Answer {
    t_or_radius_at_most(facts, OSTEOPOROSIS_T)
}

fn t_or_radius_at_most(facts: &Facts<'_>, limit: f64) -> Answer {
    let radius = Answer::known(facts.any_radius_t.is_some_and(|t| t <= limit));
    facts.any_t(|t| t <= limit).or(facts.judged_on_t().and(radius))
}

/// Rule `cn-2022/dx-low-plus-fracture`.
pub(super) fn low_plus_fracture(facts: &Facts<'_>) -> Answer {
    low_bone_mass(facts).and(fragility_fracture_of(facts, &[ProximalHumerus, Pelvis, DistalForearm]))
}

/// The lowest T that was measured is between the classes; a site that was not measured is missing only
/// where the others are normal.
fn low_bone_mass(facts: &Facts<'_>) -> Answer {
    match facts.lowest_t() {
        Some(t) if t <= OSTEOPOROSIS_T => facts.judged_on_t().and(Answer::known(false)),
        _ => facts.any_t(|t| t < NORMAL_T),
    }
}

/// Rule `cn-2022/treat`.
pub(super) fn treat(facts: &Facts<'_>) -> Answer {
    let fracture = fragility_fracture_of(facts, &[ProximalHumerus, DistalForearm, Pelvis]);
    let with_low_mass = low_bone_mass(facts).and(fracture.or(super::risk::frax_threshold(facts)));
    hip_or_vertebral_fracture(facts).or(low_density(facts)).or(with_low_mass)
}

/// Osteoporosis by any criterion of the guideline of 2022.
pub(super) fn by_guideline_2022(facts: &Facts<'_>) -> Answer {
    hip_or_vertebral_fracture(facts).or(low_density(facts)).or(low_plus_fracture(facts))
}

/// Rule `ya-percent`: 70 % of the young mean or less, or less than 80 % with a fragility fracture.
pub(super) fn young_percent(facts: &Facts<'_>) -> Answer {
    let percent = |test: fn(f64) -> bool| {
        facts.judged_on_t().and(Answer::about(Input::YoungPercent, facts.young_percent(), test))
    };
    let low = percent(|percent| percent <= YOUNG_PERCENT);
    let with_fracture = percent(|percent| percent < YOUNG_PERCENT_WITH_FRACTURE);
    let nowhere_else = facts.no_lower_place().or(percent_missing(facts));
    low.or(with_fracture.and(fragility_fracture(facts))).or(facts.judged_on_t().and(nowhere_else))
}

/// Rule `ya-percent`, Japan 2012.
const YOUNG_PERCENT: f64 = 70.0;
const YOUNG_PERCENT_WITH_FRACTURE: f64 = 80.0;

/// No, unless a region that counts has no percent, which could be lower than the others'.
fn percent_missing(facts: &Facts<'_>) -> Answer {
    let lacks = facts.counting.iter().any(|scored| facts::percent(scored).is_none());
    if lacks { Answer::needs(Input::YoungPercent) } else { Answer::known(false) }
}

/// Rule `japan-2012/dx-sd`: 2.5 SD or more below the young mean.
pub(super) fn low_sd(facts: &Facts<'_>) -> Answer {
    facts.any_t(|t| t <= OSTEOPOROSIS_T)
}

/// The rules on fractures are for adults.
fn adult(facts: &Facts<'_>) -> Answer {
    facts.aged(super::ADULT_AGE, f64::INFINITY)
}
