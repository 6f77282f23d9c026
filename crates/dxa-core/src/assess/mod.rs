//! What scores amount to: the basis they are judged on, the lowest that counts, its category.

mod basis;
mod references;

pub use basis::{Basis, Category, score_basis};
pub use references::category_depends_on_reference;

use crate::findings::{Finding, Severity};
use crate::measurement::Measurement;
use crate::patient::{Patient, Sex};
use crate::score::{DecidingT, RegionScores, ScoreKind};
use crate::site::{LumbarSet, Side, Site};

/// Whether T or Z is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoreBasis {
    /// T-score and the WHO classes.
    T,
    /// Z-score; no diagnosis from density alone.
    Z,
}

/// WHO classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WhoCategory {
    /// T ≥ −1.0.
    Normal,
    /// −2.5 < T < −1.0.
    LowBoneMass,
    /// T ≤ −2.5.
    Osteoporosis,
    /// Judged on Z, where the classes do not apply.
    NotApplicable,
}

impl WhoCategory {
    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::LowBoneMass => "low_bone_mass",
            Self::Osteoporosis => "osteoporosis",
            Self::NotApplicable => "not_applicable",
        }
    }

    /// The class of a T-score.
    ///
    /// # References
    /// WHO classes as in the consensus and guideline that rule `who` names: T ≥ −1.0 normal;
    /// −2.5 < T < −1.0 low bone mass; T ≤ −2.5 osteoporosis.
    ///
    /// ```
    /// use dxa_core::assess::WhoCategory;
    /// assert_eq!(WhoCategory::of(-2.5), WhoCategory::Osteoporosis);
    /// assert_eq!(WhoCategory::of(-1.0), WhoCategory::Normal);
    /// ```
    #[must_use]
    pub fn of(t: f64) -> Self {
        if t <= OSTEOPOROSIS_T {
            Self::Osteoporosis
        } else if t < NORMAL_T {
            Self::LowBoneMass
        } else {
            Self::Normal
        }
    }
}

const OSTEOPOROSIS_T: f64 = -2.5;
const NORMAL_T: f64 = -1.0;

/// The class of a Z-score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgeCategory {
    /// Z > −2.0.
    WithinExpected,
    /// Z ≤ −2.0.
    BelowExpected,
}

impl AgeCategory {
    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::WithinExpected => "within_expected",
            Self::BelowExpected => "below_expected",
        }
    }

    /// The class of a Z-score (ISCD: −2.0 or lower is below the expected range for age).
    #[must_use]
    pub fn of(z: f64) -> Self {
        if z <= BELOW_EXPECTED_Z { Self::BelowExpected } else { Self::WithinExpected }
    }
}

const BELOW_EXPECTED_Z: f64 = -2.0;

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

/// What the scores of a study amount to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assessment {
    /// T or Z; `None` when sex or age is unknown.
    pub basis: Option<ScoreBasis>,
    /// The lowest T that counts, on T basis.
    pub lowest: Option<Lowest>,
    /// WHO class.
    pub who: Option<WhoCategory>,
    /// Class of the lowest Z, on Z basis.
    pub age: Option<AgeCategory>,
}

/// A measurement with its scores.
pub type Scored = (Measurement, RegionScores);

/// Judges the scored regions of one study.
///
/// Postmenopausal women and men of 50 and over are judged on T; without knowledge of menopause women of 50
/// and over count as postmenopausal, and a finding says that this was assumed.
#[must_use]
pub fn assess(patient: &Patient, regions: &[Scored]) -> (Assessment, Vec<Finding>) {
    let mut findings = Vec::new();
    let Some((sex, age)) = patient.sex.zip(patient.age.map(|(age, _)| age.get())) else {
        return (Assessment::default(), findings);
    };
    let basis = if age >= T_BASIS_AGE { ScoreBasis::T } else { ScoreBasis::Z };
    if sex == Sex::Female && age >= ADULT_AGE && counting(regions).next().is_some() {
        let status = if basis == ScoreBasis::T { "postmenopausal" } else { "premenopausal" };
        let message = format!("Menopause is not known; {status} was assumed from the age.");
        findings.push(Finding::new("menopause_assumed", Severity::Note, message));
    }
    let mut assessment = Assessment { basis: Some(basis), ..Assessment::default() };
    match basis {
        ScoreBasis::T => by_t(&mut assessment, regions, &mut findings),
        ScoreBasis::Z => {
            assessment.who = Some(WhoCategory::NotApplicable);
            assessment.age = lowest_z(regions).map(AgeCategory::of);
        }
    }
    (assessment, findings)
}

/// Rule `score-basis`: men from 50, and women from 50 when menopause is unknown.
const T_BASIS_AGE: f64 = 50.0;

/// Below this age menopause is no question.
const ADULT_AGE: f64 = 20.0;

fn by_t(assessment: &mut Assessment, regions: &[Scored], findings: &mut Vec<Finding>) {
    let candidates =
        counting(regions).filter_map(|(region, scores)| Some((region, scores.deciding.as_ref()?)));
    let Some((region, deciding)) =
        candidates.reduce(|lowest, next| if next.1.value < lowest.1.value { next } else { lowest })
    else {
        return;
    };
    assessment.who = Some(WhoCategory::of(deciding.value));
    assessment.lowest = Some(Lowest {
        site: region.site,
        side: region.side,
        t: deciding.value,
        reference: deciding.reference.clone(),
    });
    findings.extend(near_cut(region, deciding));
}

/// The printed T decides the class; when the unrounded value lies on the other side of a cut, that is said.
fn near_cut(region: &Measurement, deciding: &DecidingT) -> Option<Finding> {
    if WhoCategory::of(deciding.value) == WhoCategory::of(deciding.exact) {
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

fn lowest_z(regions: &[Scored]) -> Option<f64> {
    let z = |(region, scores): &Scored| {
        let ours = scores.scores.iter().find(|score| score.kind == ScoreKind::Z).map(|score| score.value);
        ours.or(region.device.z)
    };
    counting(regions).filter_map(z).reduce(f64::min)
}

/// Regions that count for diagnosis: lumbar spine, femoral neck, total hip; never a mean of two hips.
fn counting(regions: &[Scored]) -> impl Iterator<Item = &Scored> {
    let widest = regions.iter().filter_map(lumbar).map(LumbarSet::len).max();
    regions.iter().filter(move |scored| match scored.0.site {
        Site::Lumbar(_) => lumbar(scored).is_some_and(|set| Some(set.len()) == widest),
        Site::FemoralNeck | Site::TotalHip => scored.0.side != Some(Side::Both) && !scored.0.withheld,
        Site::Trochanter
        | Site::Intertrochanter
        | Site::Wards
        | Site::Forearm(..)
        | Site::TotalBody
        | Site::TotalBodyLessHead => false,
    })
}

/// The lumbar set of a region that can stand for the spine: at least two vertebrae, with a score.
fn lumbar((region, scores): &Scored) -> Option<LumbarSet> {
    let has_score = scores.deciding.is_some() || !scores.scores.is_empty() || region.device.z.is_some();
    match region.site {
        Site::Lumbar(set) if set.len() >= 2 && has_score && !region.withheld => Some(set),
        _ => None,
    }
}
