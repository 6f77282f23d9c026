//! What scores amount to: basis, deciding site, class, diagnosis, risk and advice, by named rules.

mod answer;
mod basis;
mod category;
mod compare;
mod diagnosis;
mod facts;
mod fractures;
mod input;
mod plausibility;
mod profiles;
mod received;
mod references;
mod risk;
mod rules;
mod scores;
mod sites;
mod vertebrae;

pub use answer::{Answer, Outcome};
pub use basis::{ADULT_AGE, Basis, Category, score_basis};
pub use category::{AgeCategory, NORMAL_T, OSTEOPOROSIS_T, ScoreBasis, WhoCategory};
pub use compare::{
    Change, Comparison, ComparisonRule, ComparisonRuleResult, Incomparable, Lsc, LscSource, SitePrecision,
    Visit, compare, default_lsc_percent,
};
pub use fractures::is_suspected_fracture;
pub use input::{Input, Value};
pub use profiles::rules_of;
pub use references::{category_depends_on_reference, dependent_categories};
pub use rules::{Role, RuleId, RuleResult};
pub use vertebrae::{ExclusionReason, SpineUse, spines};

use jiff::civil::Date;

use crate::context::Context;
use crate::findings::{Finding, Severity};
use crate::measurement::Measurement;
use crate::patient::Patient;
use crate::score::{DecidingT, RegionScores, ScoreKind};
use crate::site::{Side, Site};
use crate::units::round_half_away;
use crate::vertebra::Level;

use facts::Facts;

/// A measurement with its scores.
pub type Scored = (Measurement, RegionScores);

/// What is judged: one study of one person.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// Who.
    pub patient: &'a Patient,
    /// What DICOM does not know.
    pub context: &'a Context,
    /// When the scan was made.
    pub date: Option<Date>,
    /// The scored regions, with the sets of vertebrae that [`spines`] asks for.
    pub regions: &'a [Scored],
    /// Vertebral fractures on its images.
    pub seen: SeenFractures<'a>,
}

/// Vertebral fractures as images and their readers have it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeenFractures<'a> {
    /// A vertebra is suspected to be fractured, and no reader has said whether it is; see [`is_suspected_fracture`].
    pub suspected: bool,
    /// Levels that a reader confirmed to have a fragility fracture; when it happened is not seen.
    pub confirmed: &'a [Level],
}

/// The score that decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Lowest {
    /// Site.
    pub site: Site,
    /// Side.
    pub side: Option<Side>,
    /// T-score, rounded.
    pub t: f64,
    /// Id of the table, or `device: ` and the printed name.
    pub reference: String,
}

/// Whether the criteria of osteoporosis are met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// `None` when it cannot be told.
    pub osteoporosis: Option<bool>,
    /// The criteria that are met.
    pub criteria: Vec<RuleId>,
}

/// Stratum of fracture risk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FractureRisk {
    /// Very high.
    VeryHigh,
    /// High.
    High,
    /// Neither, and every input is known.
    NotHigh,
    /// An input is missing, or the profile has no rule for it.
    #[default]
    Unknown,
}

impl FractureRisk {
    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::VeryHigh => "very_high",
            Self::High => "high",
            Self::NotHigh => "not_high",
            Self::Unknown => "unknown",
        }
    }
}

/// What the scores of a study amount to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assessment {
    /// T or Z; `None` when sex or age is unknown.
    pub basis: Option<ScoreBasis>,
    /// The lowest T that counts, on T basis.
    pub lowest: Option<Lowest>,
    /// WHO class; `None` without a T.
    pub who: Option<WhoCategory>,
    /// Class of the lowest Z, on Z basis.
    pub age: Option<AgeCategory>,
    /// Criteria of osteoporosis.
    pub diagnosis: Diagnosis,
    /// Risk of fracture.
    pub fracture_risk: FractureRisk,
    /// Whether the spine should be imaged; `None` when it cannot be told, or no rule of the profile asks.
    pub vfa_indicated: Option<bool>,
    /// Every rule of the profile with its answer.
    pub rules: Vec<RuleResult>,
    /// How the vertebrae of each scan of the spine are used.
    pub spines: Vec<SpineUse>,
    /// Indices of the regions that count for diagnosis.
    pub counting: Vec<usize>,
}

impl Assessment {
    /// Why the vertebra of this site was left out, if it was.
    #[must_use]
    pub fn excluded(&self, scan: usize, site: Site) -> Option<ExclusionReason> {
        let Site::Lumbar(set) = site else { return None };
        let single = set.iter().next().filter(|_| set.len() == 1)?;
        let spine = self.spines.iter().find(|spine| spine.scan == scan)?;
        spine.excluded.iter().find(|(vertebra, _)| *vertebra == single).map(|(_, reason)| *reason)
    }
}

/// Judges the scored regions of one study by the rules of a profile.
#[must_use]
pub fn assess(case: &Case<'_>, profile: &str) -> (Assessment, Vec<Finding>) {
    let facts = Facts::of(case);
    let rules: Vec<RuleResult> = rules_of(profile).into_iter().map(|id| rules::judge(id, &facts)).collect();
    let mut findings: Vec<Finding> = scores::basis_findings(&facts).into_iter().collect();
    let mut assessment = Assessment { basis: facts.basis, ..Assessment::default() };
    match facts.basis {
        None => {}
        Some(ScoreBasis::T) => {
            assessment.who = diagnosis::who_class(&facts);
            if let Some((region, deciding)) = facts.lowest().and_then(deciding) {
                assessment.lowest = Some(Lowest {
                    site: region.site,
                    side: region.side,
                    t: deciding.value,
                    reference: deciding.reference.clone(),
                });
                findings.extend(near_cut(region, deciding));
            }
        }
        Some(ScoreBasis::Z) => {
            assessment.who = Some(WhoCategory::NotApplicable);
            assessment.age = lowest_z(&facts).map(AgeCategory::of);
        }
    }
    findings.extend(facts.spines.iter().flat_map(vertebrae::findings));
    findings.extend(plausibility::findings(&facts));
    assessment.diagnosis = diagnose(&facts, &rules);
    assessment.fracture_risk = fracture_risk(&assessment.diagnosis, &rules);
    assessment.vfa_indicated = vfa_indicated(&rules);
    assessment.rules = rules;
    assessment.counting = facts.counting_indices();
    assessment.spines = facts.spines;
    (assessment, findings)
}

fn deciding((region, scores): &Scored) -> Option<(&Measurement, &DecidingT)> {
    Some((region, scores.deciding.as_ref()?))
}

/// True when a criterion is met. False needs every criterion answered, an adult judged on T, and no
/// fragility fracture where the profile itself does not ask about fractures.
fn diagnose(facts: &Facts<'_>, rules: &[RuleResult]) -> Diagnosis {
    let mut criteria: Vec<&RuleResult> =
        rules.iter().filter(|rule| rule.id.role() == Role::Diagnosis).collect();
    // The WHO class is the criterion of profiles that have no other.
    if criteria.iter().any(|rule| rule.id != RuleId::Who) {
        criteria.retain(|rule| rule.id != RuleId::Who);
    }
    let met: Vec<RuleId> = criteria.iter().filter(|rule| rule.answer.is_yes()).map(|rule| rule.id).collect();
    let asks_fractures =
        criteria.iter().any(|rule| matches!(rule.id, RuleId::DxFracture2022 | RuleId::DxFractureJapan));
    let settled = |outcome: Outcome| outcome == Outcome::NotFired;
    let denied = !criteria.is_empty()
        && criteria.iter().all(|rule| settled(rule.answer.outcome()))
        && facts.basis == Some(ScoreBasis::T)
        && (asks_fractures || settled(fractures::fragility_fracture(facts).outcome()));
    let osteoporosis = if met.is_empty() { denied.then_some(false) } else { Some(true) };
    Diagnosis { osteoporosis, criteria: met }
}

/// Very high by its rule; else high when diagnosed or over the FRAX thresholds; not high when every rule
/// of risk and diagnosis was answered with no.
fn fracture_risk(diagnosis: &Diagnosis, rules: &[RuleResult]) -> FractureRisk {
    let outcome = |id| rules.iter().find(|rule| rule.id == id).map(|rule| rule.answer.outcome());
    let (Some(very_high), Some(frax)) =
        (outcome(RuleId::VeryHighRisk2022), outcome(RuleId::FraxThreshold2022))
    else {
        return FractureRisk::Unknown;
    };
    match (very_high, diagnosis.osteoporosis, frax) {
        (Outcome::Fired, ..) => FractureRisk::VeryHigh,
        (_, Some(true), _) | (.., Outcome::Fired) => FractureRisk::High,
        (Outcome::NotFired, Some(false), Outcome::NotFired) => FractureRisk::NotHigh,
        _ => FractureRisk::Unknown,
    }
}

/// Whether any rule of the profile asks for images of the spine.
fn vfa_indicated(rules: &[RuleResult]) -> Option<bool> {
    let asking: Vec<Answer> = rules
        .iter()
        .filter(|rule| rule.id.role() == Role::SpineImaging)
        .map(|rule| rule.answer.clone())
        .collect();
    if asking.is_empty() { None } else { Answer::any(asking).outcome().as_bool() }
}

/// The printed T decides the class; when the unrounded value lies on the other side of a cut, that is said.
fn near_cut(region: &Measurement, deciding: &DecidingT) -> Option<Finding> {
    // −2.5 in binary may be −2.499 999 999 999: noise of the last digits is no other side of a limit.
    let exact = round_half_away(deciding.exact, 9);
    if WhoCategory::of(deciding.value) == WhoCategory::of(exact) {
        return None;
    }
    let message = format!(
        "The T-score of {} is {:.1} after rounding and {:.4} before, on the other side of a category limit.",
        region.site, deciding.value, deciding.exact
    );
    let mut finding = Finding::new("near_cut", Severity::Review, message).at(region.site, region.side);
    finding.scan = Some(region.scan);
    Some(finding)
}

fn lowest_z(facts: &Facts<'_>) -> Option<f64> {
    let z = |(region, scores): &&Scored| {
        let ours = scores.scores.iter().find(|score| score.kind == ScoreKind::Z).map(|score| score.value);
        ours.or(region.device.z)
    };
    facts.counting.iter().filter_map(z).reduce(f64::min)
}

#[cfg(test)]
mod advice_tests;
#[cfg(test)]
mod case;
#[cfg(test)]
mod case_tests;
#[cfg(test)]
mod comparison_tests;
#[cfg(test)]
mod law_tests;
#[cfg(test)]
mod worked_cases;
