//! Fracture risk: strata, screening tools and the thresholds of received FRAX results.

use super::answer::Answer;
use super::basis::T_BASIS_AGE;
use super::diagnosis;
use super::facts::Facts;
use super::fractures;
use super::input::{Input, Value};
use crate::context::{GlucocorticoidUse, IofItem};
use crate::patient::{Menopause, Sex};

/// Rule `cn-2022/frax-threshold`: hip ≥ 3 % or major ≥ 20 %.
pub(super) fn frax_threshold(facts: &Facts<'_>) -> Answer {
    frax(facts, |hip| hip >= 3.0, |major| major >= 20.0)
}

fn frax(facts: &Facts<'_>, hip: fn(f64) -> bool, major: fn(f64) -> bool) -> Answer {
    let results = facts.context.frax;
    let hip = Answer::about(Input::FraxHip, results.hip_percent, hip);
    hip.or(Answer::about(Input::FraxMajor, results.major_percent, major))
}

/// Rule `cn-2022/very-high-risk`.
pub(super) fn very_high(facts: &Facts<'_>) -> Answer {
    let context = facts.context;
    let any = Answer::any([
        fractures::recent(facts, 24),
        fractures::on_treatment(facts),
        fractures::multiple(facts),
        bone_damaging_drugs(facts),
        facts.any_t(|t| t < -3.0),
        Answer::given(Input::HighFallRisk, context.high_fall_risk),
        frax(facts, |hip| hip > 4.5, |major| major > 30.0),
    ]);
    diagnosis::by_guideline_2022(facts).and(any)
}

/// Drugs that damage bone, or 7.5 mg prednisolone a day or more now and for more than three months.
fn bone_damaging_drugs(facts: &Facts<'_>) -> Answer {
    let others = Answer::given(Input::BoneDamagingDrugs, facts.context.bone_damaging_drugs);
    let now = taken(facts, |taken| taken == GlucocorticoidUse::Current);
    others.or(now.and(dose(facts, 7.5)).and(months(facts, |months| months > 3.0)))
}

fn taken(facts: &Facts<'_>, test: fn(GlucocorticoidUse) -> bool) -> Answer {
    Answer::about(Input::GlucocorticoidUse, facts.context.glucocorticoid.taken, test)
}

fn dose(facts: &Facts<'_>, least: f64) -> Answer {
    Answer::about(Input::GlucocorticoidDose, facts.context.glucocorticoid.mg_per_day, |mg| mg >= least)
}

fn months(facts: &Facts<'_>, test: fn(f64) -> bool) -> Answer {
    Answer::about(Input::GlucocorticoidMonths, facts.context.glucocorticoid.months, test)
}

/// Rule `cn-2022/vfa-70`.
pub(super) fn vfa_70(facts: &Facts<'_>) -> Answer {
    aged_by_sex(facts, (70.0, f64::INFINITY), (80.0, f64::INFINITY)).and(facts.any_t(|t| t <= -1.0))
}

/// Rule `cn-2022/vfa-65`.
pub(super) fn vfa_65(facts: &Facts<'_>) -> Answer {
    aged_by_sex(facts, (65.0, 70.0), (70.0, 80.0)).and(facts.any_t(|t| t <= -1.5))
}

/// Rule `cn-2022/vfa-risk`.
pub(super) fn vfa_risk(facts: &Facts<'_>) -> Answer {
    let glucocorticoid =
        taken(facts, |taken| matches!(taken, GlucocorticoidUse::Recent | GlucocorticoidUse::Current));
    let lost = facts.context.height_lost_in_a_year_cm;
    let any = Answer::any([
        fractures::from_age(facts, 50.0),
        height_lost(facts, |cm| cm >= 4.0 - CM_MARGIN),
        Answer::about(Input::HeightLostInAYear, lost, |cm| cm >= 2.0),
        glucocorticoid.and(months(facts, |months| months > 3.0)),
    ]);
    postmenopausal_or_man_from_50(facts).and(any)
}

/// Rule `iscd-2019/vfa`.
pub(super) fn iscd_vfa(facts: &Facts<'_>) -> Answer {
    let glucocorticoid = taken(facts, |taken| taken != GlucocorticoidUse::Never);
    let any = Answer::any([
        aged_by_sex(facts, (70.0, f64::INFINITY), (80.0, f64::INFINITY)),
        height_lost(facts, |cm| cm > 4.0 + CM_MARGIN),
        fractures::undocumented_vertebral(facts),
        glucocorticoid.and(dose(facts, 5.0)).and(months(facts, |months| months >= 3.0)),
    ]);
    facts.any_t(|t| t < -1.0).and(any)
}

/// Heights are given to a millimeter at best; the margin is for the binary form of their difference.
const CM_MARGIN: f64 = 1e-9;

/// Height below the tallest, cm.
fn height_lost(facts: &Facts<'_>, test: impl Fn(f64) -> bool) -> Answer {
    let now = (Input::Height, facts.height_cm);
    let tallest = (Input::TallestHeight, facts.context.tallest_height_cm);
    Answer::about_both(now, tallest, |now, tallest| test(tallest - now))
}

fn aged_by_sex(facts: &Facts<'_>, women: (f64, f64), men: (f64, f64)) -> Answer {
    let of = |sex, (from, to)| facts.is(sex).and(facts.aged(from, to));
    of(Sex::Female, women).or(of(Sex::Male, men))
}

/// Women of whom menopause is not known count as postmenopausal from 50, as in rule `score-basis`.
fn postmenopausal_or_man_from_50(facts: &Facts<'_>) -> Answer {
    let from_50 = facts.aged(T_BASIS_AGE, f64::INFINITY);
    let woman = match facts.context.menopause {
        Some(menopause) => Answer::known(menopause == Menopause::Post),
        None => from_50.clone(),
    };
    facts.is(Sex::Female).and(woman).or(facts.is(Sex::Male).and(from_50))
}

/// OSTA = (weight − age) × 0.2, truncated toward zero.
///
/// # Units
/// kg and years.
fn osta(kg: f64, years: f64) -> f64 {
    // Adding zero makes −0.0 a zero.
    ((kg - years) / 5.0).trunc() + 0.0
}

/// OST = (weight − age) / 5.
///
/// # Units
/// kg and years.
fn ost(kg: f64, years: f64) -> f64 {
    (kg - years) / 5.0
}

fn stratum_osta(index: f64) -> &'static str {
    match index {
        index if index > -1.0 => "low",
        index if index >= -4.0 => "medium",
        _ => "high",
    }
}

fn stratum_ost(index: f64) -> &'static str {
    match index {
        index if index > 1.0 => "low",
        index if index >= -3.0 => "moderate",
        _ => "high",
    }
}

/// Rule `risk/osta`: any stratum but low.
pub(super) fn osta_raised(facts: &Facts<'_>) -> Answer {
    of_weight_and_age(facts, |kg, years| stratum_osta(osta(kg, years)) != "low")
}

/// Rule `risk/ost`: any stratum but low.
pub(super) fn ost_raised(facts: &Facts<'_>) -> Answer {
    of_weight_and_age(facts, |kg, years| stratum_ost(ost(kg, years)) != "low")
}

fn of_weight_and_age(facts: &Facts<'_>, judge: impl FnOnce(f64, f64) -> bool) -> Answer {
    Answer::about_both((Input::Weight, facts.weight_kg), (Input::AgeYears, facts.age), judge)
}

pub(super) fn osta_result(facts: &Facts<'_>) -> Vec<(&'static str, Value)> {
    facts.weight_kg.zip(facts.age).map_or_else(Vec::new, |(kg, years)| {
        let index = osta(kg, years);
        vec![("index", Value::Number(index)), ("stratum", Value::text(stratum_osta(index)))]
    })
}

pub(super) fn ost_result(facts: &Facts<'_>) -> Vec<(&'static str, Value)> {
    facts.weight_kg.zip(facts.age).map_or_else(Vec::new, |(kg, years)| {
        let index = ost(kg, years);
        let shown = crate::units::round_half_away(index, 2);
        vec![("index", Value::Number(shown)), ("stratum", Value::text(stratum_ost(index)))]
    })
}

/// Rule `risk/iof-one-minute`: one yes is enough; no needs every question that the person is asked.
pub(super) fn iof_one_minute(facts: &Facts<'_>) -> Answer {
    Answer::any(IofItem::ALL.into_iter().map(|item| {
        let given = facts.context.iof_one_minute.get(&item).copied();
        match item.asked_of() {
            Some(sex) => facts.is(sex).and(Answer::given(Input::IofOneMinute, given)),
            None => Answer::given(Input::IofOneMinute, given),
        }
    }))
}

/// Rule `interval`: under treatment the next densitometry is due after a year.
pub(super) fn interval(facts: &Facts<'_>) -> Answer {
    Answer::given(Input::OsteoporosisTreatment, facts.context.osteoporosis_treatment)
}

pub(super) fn interval_result(facts: &Facts<'_>) -> Vec<(&'static str, Value)> {
    let due = facts.context.osteoporosis_treatment == Some(true);
    if due { vec![("repeat_after_months", Value::Number(12.0))] } else { Vec::new() }
}
