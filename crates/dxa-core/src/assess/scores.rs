//! Rules about scores: on which basis, at which sites, without which vertebrae.

use std::collections::BTreeSet;

use super::ADULT_AGE;
use super::answer::Answer;
use super::category::ScoreBasis;
use super::facts::Facts;
use super::input::{Input, Value};
use crate::findings::{Finding, Severity};
use crate::patient::Sex;
use crate::score::ScoreKind;

/// Rule `score-t`: a region has a T against a table.
pub(super) fn t(facts: &Facts<'_>) -> Answer {
    scored(facts, ScoreKind::T)
}

pub(super) fn t_result(facts: &Facts<'_>) -> Vec<(&'static str, Value)> {
    tables(facts, ScoreKind::T)
}

/// Rule `score-z`: a region has a Z against a table.
pub(super) fn z(facts: &Facts<'_>) -> Answer {
    scored(facts, ScoreKind::Z)
}

pub(super) fn z_result(facts: &Facts<'_>) -> Vec<(&'static str, Value)> {
    tables(facts, ScoreKind::Z)
}

/// No when there are densities of a known person and no table applies to them.
fn scored(facts: &Facts<'_>, kind: ScoreKind) -> Answer {
    if facts.regions.iter().any(|(_, scores)| scores.of(kind).is_some()) {
        return Answer::known(true);
    }
    let measured = facts.regions.iter().any(|(region, _)| region.bmd_g_cm2.is_some());
    let densities = if measured { Answer::known(true) } else { Answer::needs(Input::Densities) };
    match facts.person().and(densities) {
        complete if complete.is_yes() => Answer::known(false),
        incomplete => incomplete,
    }
}

/// The tables of the scores, each once.
fn tables(facts: &Facts<'_>, kind: ScoreKind) -> Vec<(&'static str, Value)> {
    let scores = facts.regions.iter().filter_map(|(_, scores)| scores.of(kind));
    let ids: BTreeSet<&str> = scores.map(|score| score.reference.id.as_str()).collect();
    let listed = ids.into_iter().collect::<Vec<_>>().join(", ");
    if listed.is_empty() { Vec::new() } else { vec![("references", Value::Text(listed))] }
}

/// Rule `score-basis`: judged on T.
pub(super) fn basis(facts: &Facts<'_>) -> Answer {
    facts.judged_on_t().and(facts.person())
}

pub(super) fn basis_result(facts: &Facts<'_>) -> Vec<(&'static str, Value)> {
    let Some(basis) = facts.basis else { return Vec::new() };
    let assumed = menopause_assumed(facts);
    vec![("basis", Value::text(basis.code())), ("menopause_assumed", Value::Flag(assumed))]
}

/// Whether menopause decides the basis and is not known.
fn menopause_assumed(facts: &Facts<'_>) -> bool {
    facts.sex == Some(Sex::Female)
        && facts.age.is_some_and(|age| age >= ADULT_AGE)
        && facts.context.menopause.is_none()
}

/// That menopause was assumed, where a score depends on it.
pub(super) fn basis_findings(facts: &Facts<'_>) -> Option<Finding> {
    if !menopause_assumed(facts) || facts.counting.is_empty() {
        return None;
    }
    let status = if facts.basis == Some(ScoreBasis::T) { "postmenopausal" } else { "premenopausal" };
    let message = format!("Menopause is not known; {status} was assumed from the age.");
    Some(Finding::new("menopause_assumed", Severity::Note, message))
}

/// Rule `sites`: a site that counts has a T.
pub(super) fn sites(facts: &Facts<'_>) -> Answer {
    let spine = Answer::about(Input::SpineT, facts.t.spine, |_| true);
    let hip = Answer::about(Input::TotalHipT, facts.t.total_hip, |_| true);
    let neck = Answer::about(Input::FemoralNeckT, facts.t.femoral_neck, |_| true);
    let radius = Answer::known(facts.t.radius_33.is_some());
    spine.or(hip).or(neck).or(radius)
}

pub(super) fn sites_result(facts: &Facts<'_>) -> Vec<(&'static str, Value)> {
    let Some((region, _)) = facts.lowest() else { return Vec::new() };
    let mut result = vec![("lowest", Value::Text(region.site.to_string()))];
    result.extend(region.side.map(|side| ("laterality", Value::text(side.code()))));
    result
}

/// Rule `iscd-2023/vertebra-exclude`: a vertebra was left out.
pub(super) fn vertebra_exclude(facts: &Facts<'_>) -> Answer {
    let left_out = facts.spines.iter().any(|spine| !spine.excluded.is_empty());
    let vertebrae = facts.spines.iter().flat_map(|spine| &spine.t);
    let missing = vertebrae.map(|(vertebra, t)| Answer::about(Input::VertebraT(*vertebra), *t, |_| false));
    let nobody = if facts.spines.is_empty() { Answer::needs(Input::SpineT) } else { Answer::any(missing) };
    Answer::known(left_out).or(nobody)
}

pub(super) fn vertebra_exclude_result(facts: &Facts<'_>) -> Vec<(&'static str, Value)> {
    // Two scans of a spine in one study are rare; the first that left something out is told here.
    let Some(spine) = facts.spines.iter().find(|spine| !spine.excluded.is_empty()) else { return Vec::new() };
    let names: Vec<String> = spine.excluded.iter().map(|(out, _)| format!("{out:?}")).collect();
    let used = spine.used.map_or_else(|| "none".to_owned(), |used| used.to_string());
    let mut result = vec![("excluded", Value::Text(names.join(","))), ("used", Value::Text(used))];
    let t = |set| facts.lumbar_t(spine.scan, set).map(Value::Number);
    result.extend(t(spine.measured).map(|t| ("t_with", t)));
    result.extend(spine.used.and_then(t).map(|t| ("t_without", t)));
    result
}
