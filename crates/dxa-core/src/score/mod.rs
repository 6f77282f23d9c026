//! T- and Z-scores: how far a density is from a population, never without that population's name.

mod composition;
mod normal;
pub mod precision;
mod region;

pub use composition::{CompositionScore, score_composition};
pub use normal::{share_below, z_of_share};
pub use region::{
    DecidingT, Measured, Missing, NoScore, RegionScores, score_by_name, score_by_names, score_region,
};

use crate::patient::Sex;
pub use crate::reference::ScoreKind;
use crate::reference::{Distribution, LookupError, ReferenceTable, Status, Young};
use crate::site::Site;
use crate::units::{GramsPerCm2, Years, round_half_away};

/// A score with the reference it is against.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// T or Z.
    pub kind: ScoreKind,
    /// Unrounded.
    pub exact: f64,
    /// Rounded to one decimal, half away from zero, never −0.0: what is shown and classified.
    pub value: f64,
    /// Percent of the young mean, unrounded; for T only.
    pub percent: Option<f64>,
    /// The table.
    pub reference: ScoreReference,
}

/// The table behind a score.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreReference {
    /// Id.
    pub id: String,
    /// Version.
    pub version: String,
    /// Population in words, e.g. `US non-Hispanic White women 20-29`.
    pub population: String,
    /// How far the numbers may be trusted.
    pub status: Status,
    /// What the source calls the site where it does not name it exactly; such a score decides nothing.
    pub site_as_stated: Option<String>,
    /// SHA-256 of the rows.
    pub sha256: String,
}

/// The T-score of a density against the young adults `row` of a table.
///
/// T = (BMD − mean) / SD; percent = 100 · BMD / mean.
///
/// # Units
/// BMD, mean and SD in g/cm² on the scale of the table's maker; whether that is the scale of the
/// scanner is for the caller to ask ([`crate::reference::Sidecar::fits`]).
///
/// # Errors
/// [`LookupError::NotCovered`] when the table has no such row.
///
/// # References
/// WHO 1994 definition, as in the consensus named by rule `score-t`.
///
/// ```
/// use dxa_core::{patient::Sex, reference::Library, score::t_score, site::Site, units::GramsPerCm2};
/// let table = Library::bundled().get("nhanes3-us-nhw").expect("bundled");
/// let bmd = GramsPerCm2::new(0.637).expect("a density");
/// let score = t_score(table, Sex::Female, Site::TotalHip, bmd).expect("covered");
/// assert_eq!(score.value, -2.5); // (0.637 − 0.942) / 0.122
/// ```
pub fn t_score(table: &ReferenceTable, row: Sex, site: Site, bmd: GramsPerCm2) -> Result<Score, LookupError> {
    let young = table.young(row, site)?;
    let exact = (bmd.get() - young.mean) / young.sd;
    let reference = reference(table, format!("{}{}", who(row), ages(young)));
    Ok(score(ScoreKind::T, exact, Some(100.0 * bmd.get() / young.mean), reference))
}

/// The Z-score of a density against people of the same age in a table.
///
/// # Units
/// As for [`t_score`]; age in years.
///
/// # Errors
/// [`LookupError::NotCovered`] when the table has no curve, [`LookupError::OutOfRange`] outside its ages.
pub fn z_score(
    table: &ReferenceTable,
    row: Sex,
    site: Site,
    age: Years,
    bmd: GramsPerCm2,
) -> Result<Score, LookupError> {
    let exact = table.at_age(row, site, age)?.z(bmd);
    Ok(score(ScoreKind::Z, exact, None, reference(table, who(row).to_owned())))
}

impl Distribution {
    /// Distance from the population in standard deviations.
    ///
    /// Normal: (x − mean) / SD. LMS: ((x/M)^L − 1) / (L·S), and ln(x/M) / S for L = 0.
    /// A density of zero has no logarithm: not finite under LMS with L ≤ 0.
    ///
    /// # References
    /// Cole and Green 1992 for the LMS method.
    #[must_use]
    pub fn z(&self, bmd: GramsPerCm2) -> f64 {
        match *self {
            Self::Normal { mean, sd } => (bmd.get() - mean) / sd,
            Self::Lms { l, m, s } => lms_z(bmd.get(), l, m, s),
        }
    }

    /// The density that lies `z` standard deviations from the population, g/cm²: what [`Self::z`] comes from.
    ///
    /// Normal: mean + z · SD. LMS: M · (1 + L·S·z)^(1/L), and M · exp(S·z) for L = 0; `None` where that has no value.
    ///
    /// # References
    /// Cole and Green 1992 for the LMS method.
    ///
    /// ```
    /// use dxa_core::reference::Distribution;
    /// let at = |z| Distribution::Normal { mean: 0.9, sd: 0.1 }.at_z(z);
    /// assert_eq!(at(-2.5), Some(0.65));
    /// ```
    #[must_use]
    pub fn at_z(&self, z: f64) -> Option<f64> {
        let value = match *self {
            Self::Normal { mean, sd } => mean + z * sd,
            Self::Lms { l, m, s } if l.abs() < f64::EPSILON => m * (s * z).exp(),
            Self::Lms { l, m, s } => m * (1.0 + l * s * z).powf(l.recip()),
        };
        value.is_finite().then_some(value)
    }
}

/// The LMS formula, for a value in the unit of `m`.
fn lms_z(value: f64, l: f64, m: f64, s: f64) -> f64 {
    // exp_m1 keeps the digits that x^L − 1 loses near L = 0, where the limit is the logarithm.
    let log = (value / m).ln();
    let power = l * log;
    if power.abs() < f64::EPSILON { log / s } else { log * (power.exp_m1() / power) / s }
}

fn score(kind: ScoreKind, exact: f64, percent: Option<f64>, reference: ScoreReference) -> Score {
    Score { kind, exact, value: round_half_away(exact, 1), percent, reference }
}

fn reference(table: &ReferenceTable, who: String) -> ScoreReference {
    let sidecar = &table.sidecar;
    ScoreReference {
        id: sidecar.id.clone(),
        version: sidecar.version.clone(),
        population: format!("{} {who}", sidecar.population),
        status: sidecar.status,
        site_as_stated: sidecar.site_as_stated.clone(),
        sha256: sidecar.sha256.clone(),
    }
}

fn who(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "women",
        Sex::Male => "men",
    }
}

fn ages(young: &Young) -> String {
    match young.ages {
        Some((from, to)) => format!(" {from}-{to}"),
        None => ", young adults".to_owned(),
    }
}

#[cfg(test)]
mod choice_tests;
#[cfg(test)]
mod tests;
