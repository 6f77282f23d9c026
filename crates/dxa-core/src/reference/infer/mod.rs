//! A device's own reference, recovered from the scores it printed.
//!
//! Every printed pair of density and score is a statement about mean and standard deviation: rounding
//! leaves each a small interval. All pairs of one reference must be true together, which a few hundred
//! scans narrow to the fourth decimal, and which they stop being when the reference was changed.

mod curve;
mod line;
mod periods;

use crate::patient::Sex;
use crate::site::Site;

pub use curve::{CurvePoint, CurveProblem, InferredCurve};
pub use line::InferredYoung;
pub use periods::Span;

/// Largest distance between a printed score and the one that the inferred reference gives.
pub const MAX_RESIDUAL: f64 = 0.06;

/// Fewest scans from which a reference is inferred.
pub const FEWEST_SCANS: usize = 20;

/// A number as printed: the true one lies within `half` of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Printed {
    /// The number.
    pub value: f64,
    /// Half of its last digit.
    pub half: f64,
}

impl Printed {
    /// Reads a decimal and what its last digit is worth: `0.873` is within 0.0005, `-1.6` within 0.05.
    ///
    /// ```
    /// use dxa_core::reference::infer::Printed;
    /// let t = Printed::from_text("-1.6").expect("a number");
    /// assert!((t.half - 0.05).abs() < 1e-12);
    /// assert_eq!(Printed::from_text("1e3"), None);
    /// ```
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'));
        let value: f64 = text.parse().ok().filter(|_| plain)?;
        let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let half = 0.5 / 10f64.powi(i32::try_from(decimals).ok()?);
        Some(Self { value, half })
    }
}

/// One printed result. Scans are given in the order of their dates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrintedScore {
    /// Where it stands in the file.
    pub line: u64,
    /// Density, g/cm².
    pub bmd: Printed,
    /// T-score.
    pub t: Option<Printed>,
    /// Z-score.
    pub z: Option<Printed>,
    /// Age, years.
    pub age: Option<f64>,
}

/// Printed results of one device, software, sex and site.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Sex.
    pub sex: Sex,
    /// Site.
    pub site: Site,
    /// In the order of their dates.
    pub scans: Vec<PrintedScore>,
    /// Whether the order means time; without it no change is looked for.
    pub dated: bool,
}

/// What a series tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Inferred {
    /// Sex.
    pub sex: Sex,
    /// Site.
    pub site: Site,
    /// The periods of the T-score's reference, in order of time; empty when no T was printed.
    pub young: Vec<YoungPeriod>,
    /// The curve behind the Z-score in the last period.
    pub curve: Option<Result<InferredCurve, CurveProblem>>,
}

/// A time in which one reference was in force.
#[derive(Clone, Debug, PartialEq)]
pub struct YoungPeriod {
    /// Its scans, as indices into the series; those at a border that fit both sides are left out.
    pub span: Span,
    /// The reference, or why it cannot be told.
    pub found: Result<InferredYoung, YoungProblem>,
}

/// Why no young reference can be told.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum YoungProblem {
    /// Fewer scans than [`FEWEST_SCANS`].
    #[error("{0} scans are fewer than 20")]
    TooFew(usize),
    /// No single reference gives all printed scores.
    #[error("mixed references: no single mean and standard deviation give all printed scores within 0.06")]
    Mixed,
    /// The densities are too much alike to tell mean and standard deviation apart.
    #[error(
        "the scans leave the mean open by {mean_half:.4} and the standard deviation by {sd_half:.4} g/cm²"
    )]
    TooAlike {
        /// Half of the interval of the mean.
        mean_half: f64,
        /// Half of the interval of the standard deviation.
        sd_half: f64,
    },
    /// The numbers are those of no population.
    #[error("the mean {mean:.3} or the standard deviation {sd:.3} g/cm² is that of no population")]
    NoPopulation {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        sd: f64,
    },
}

/// Infers the references of one series: T by periods, Z in the time of the last period.
///
/// # References
/// The printed score is T = (BMD − mean) / SD with both numbers rounded; see `docs/reference.md`.
#[must_use]
pub fn infer(series: &Series) -> Inferred {
    let with_t: Vec<usize> = indices(series, |scan| scan.t.is_some());
    let pairs: Vec<_> = with_t.iter().filter_map(|at| series.scans.get(*at)).collect();
    let young = periods::young(&pairs, series.dated);
    let since = young.last().map_or(0, |period| period.span.from);
    let since = with_t.get(since).copied().unwrap_or(0);
    let with_z: Vec<_> =
        series.scans.iter().skip(since).filter(|scan| scan.z.is_some() && scan.age.is_some()).collect();
    let curve = (!with_z.is_empty()).then(|| curve::curve(&with_z));
    let young = young.into_iter().map(|period| renumber(period, &with_t)).collect();
    Inferred { sex: series.sex, site: series.site, young, curve }
}

fn indices(series: &Series, wanted: fn(&PrintedScore) -> bool) -> Vec<usize> {
    series.scans.iter().enumerate().filter(|(_, scan)| wanted(scan)).map(|(at, _)| at).collect()
}

/// Indices among the scans with a T become indices of the series.
fn renumber(mut period: YoungPeriod, with_t: &[usize]) -> YoungPeriod {
    let of = |at: usize| with_t.get(at).copied().unwrap_or(at);
    period.span.to = of(period.span.to.saturating_sub(1)) + 1;
    period.span.from = of(period.span.from);
    period
}

#[cfg(test)]
mod tests;
