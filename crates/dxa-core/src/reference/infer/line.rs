//! Mean and standard deviation that make all printed T-scores of one reference true together.

use super::{FEWEST_SCANS, MAX_RESIDUAL, PrintedScore, YoungProblem};

/// An inferred young reference, g/cm².
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InferredYoung {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
    /// Least and largest mean that all scans allow.
    pub mean_range: (f64, f64),
    /// Least and largest standard deviation that all scans allow.
    pub sd_range: (f64, f64),
    /// Largest distance between a printed score and this reference's.
    pub max_residual: f64,
    /// Scans used.
    pub scans: usize,
}

/// Widest half interval of a mean that is worth a row, g/cm².
const MEAN_HALF_MAX: f64 = 0.005;
/// Widest half interval of a standard deviation that is worth a row, g/cm².
const SD_HALF_MAX: f64 = 0.0025;
/// Means and standard deviations that populations have, g/cm²: those of the table's schema.
const MEAN_RANGE: std::ops::RangeInclusive<f64> = 0.3..=1.6;
const SD_RANGE: std::ops::RangeInclusive<f64> = 0.05..=0.30;

/// Fits one reference to all scans.
pub(super) fn young(scans: &[&PrintedScore]) -> Result<InferredYoung, YoungProblem> {
    if scans.len() < FEWEST_SCANS {
        return Err(YoungProblem::TooFew(scans.len()));
    }
    let fit =
        |widths: Widths| scans.iter().try_fold(Lines::all(), |lines, scan| lines.that_meet(scan, widths));
    // Devices that round twice leave the strict intervals; the looser ones are the rule of acceptance.
    let lines = fit(Widths::Rounding).or_else(|| fit(Widths::Acceptance)).ok_or(YoungProblem::Mixed)?;
    let found = lines.center(scans);
    check(&found)?;
    Ok(found)
}

fn check(found: &InferredYoung) -> Result<(), YoungProblem> {
    if found.max_residual > MAX_RESIDUAL {
        return Err(YoungProblem::Mixed);
    }
    let half = |(least, most): (f64, f64)| (most - least) / 2.0;
    let (mean_half, sd_half) = (half(found.mean_range), half(found.sd_range));
    if mean_half > MEAN_HALF_MAX || sd_half > SD_HALF_MAX {
        return Err(YoungProblem::TooAlike { mean_half, sd_half });
    }
    if !MEAN_RANGE.contains(&found.mean) || !SD_RANGE.contains(&found.sd) {
        return Err(YoungProblem::NoPopulation { mean: found.mean, sd: found.sd });
    }
    Ok(())
}

/// How far a printed pair may be from a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Widths {
    /// What rounding allows.
    Rounding,
    /// What a reference is accepted with.
    Acceptance,
}

/// All lines T = a · BMD + b that meet the scans so far: a convex polygon of (a, b), a = 1/SD, b = −mean/SD.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    corners: Vec<(f64, f64)>,
}

impl Lines {
    /// Every line that could be a reference: SD 0.02 to 0.5, mean 0 to 3 g/cm².
    pub(super) fn all() -> Self {
        Self { corners: vec![(2.0, 0.0), (50.0, 0.0), (50.0, -150.0), (2.0, -150.0)] }
    }

    /// Those that meet this scan too; `None` when none does.
    pub(super) fn that_meet(&self, scan: &PrintedScore, widths: Widths) -> Option<Self> {
        let Some(t) = scan.t else { return Some(self.clone()) };
        let (bmd_half, t_half) = match widths {
            Widths::Rounding => (scan.bmd.half, t.half),
            Widths::Acceptance => (0.0, MAX_RESIDUAL.max(t.half)),
        };
        // a (x − h) + b ≤ t + w and a (x + h) + b ≥ t − w
        let low = cut(&self.corners, scan.bmd.value - bmd_half, 1.0, t.value + t_half);
        let both = cut(&low, -(scan.bmd.value + bmd_half), -1.0, t_half - t.value);
        (!both.is_empty()).then_some(Self { corners: both })
    }

    /// The middle of the polygon, with its extent.
    fn center(&self, scans: &[&PrintedScore]) -> InferredYoung {
        let (a, b) = centroid(&self.corners);
        let extent = |of: fn(&(f64, f64)) -> f64| {
            let values = self.corners.iter().map(of);
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| {
                (least.min(value), most.max(value))
            })
        };
        let residual =
            |scan: &&&PrintedScore| scan.t.map_or(0.0, |t| (a * scan.bmd.value + b - t.value).abs());
        InferredYoung {
            mean: -b / a,
            sd: 1.0 / a,
            mean_range: extent(|(a, b)| -b / a),
            sd_range: extent(|(a, _)| 1.0 / a),
            max_residual: scans.iter().map(|scan| residual(&scan)).fold(0.0, f64::max),
            scans: scans.len(),
        }
    }
}

/// Ties in decimal arithmetic must not empty the polygon.
const TIE: f64 = 1e-9;

/// The part of a convex polygon where u · a + v · b ≤ limit (Sutherland and Hodgman's clipping).
fn cut(corners: &[(f64, f64)], u: f64, v: f64, limit: f64) -> Vec<(f64, f64)> {
    let excess = |(a, b): (f64, f64)| u * a + v * b - limit - TIE;
    let mut kept = Vec::with_capacity(corners.len() + 1);
    let following = corners.iter().skip(1).chain(corners.first());
    for (&one, &next) in corners.iter().zip(following) {
        let (here, there) = (excess(one), excess(next));
        if here <= 0.0 {
            kept.push(one);
        }
        if (here < 0.0 && there > 0.0) || (here > 0.0 && there < 0.0) {
            let part = here / (here - there);
            kept.push((one.0 + part * (next.0 - one.0), one.1 + part * (next.1 - one.1)));
        }
    }
    kept
}

/// The center of gravity of a polygon; of its corners when it has no area.
fn centroid(corners: &[(f64, f64)]) -> (f64, f64) {
    let count = corners.len().max(1) as f64;
    let (a0, b0) = corners.iter().fold((0.0, 0.0), |(a, b), corner| (a + corner.0, b + corner.1));
    let (a0, b0) = (a0 / count, b0 / count);
    let following = corners.iter().skip(1).chain(corners.first());
    // Taken from the mean of the corners, so that tiny polygons keep their digits.
    let sums = corners.iter().zip(following).fold((0.0, 0.0, 0.0), |(area, a, b), (one, next)| {
        let (p, q) = ((one.0 - a0, one.1 - b0), (next.0 - a0, next.1 - b0));
        let cross = p.0 * q.1 - q.0 * p.1;
        (area + cross, a + (p.0 + q.0) * cross, b + (p.1 + q.1) * cross)
    });
    let (area, a, b) = sums;
    if area.abs() < f64::MIN_POSITIVE { (a0, b0) } else { (a0 + a / (3.0 * area), b0 + b / (3.0 * area)) }
}
