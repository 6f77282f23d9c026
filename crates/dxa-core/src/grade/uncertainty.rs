//! How sure the grade is where the points are uncertain.

use super::genant::{MILD_FROM, MODERATE_FROM, SEVERE_ABOVE, grade_of};
use crate::geometry::{Covariance, DetectorPoint};
use crate::measure::morphometry::Heights;
use crate::vertebra::SixPoints;

/// Probabilities of the grades by Genant's rule, given how well the points are known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradeUncertainty {
    /// Of the grades 0 to 3; they sum to 1.
    pub probabilities: [f64; 4],
    /// Whether the grade would differ with more than one chance in five.
    pub borderline: bool,
}

/// Chance of another grade from which a grade is borderline.
const BORDERLINE_FROM: f64 = 0.2;
/// Steps of the integral over the posterior height, and how many standard deviations it spans on each side.
const STEPS: i32 = 240;
const SPAN: f64 = 6.0;

/// Probability of each grade when the points scatter around where they are.
///
/// The height along its own direction has the variance of its two points along that direction. Given the
/// posterior height, anterior and middle height are independent, so the probability that no loss reaches a
/// limit is a product of two normal distributions, integrated over the posterior height. The expected
/// posterior height is taken as known.
///
/// # Units
/// Points and the roots of the variances in the same unit.
#[must_use]
pub fn grade_uncertainty(
    points: &SixPoints,
    covariances: &SixPoints<Covariance>,
    heights: &Heights,
    expected: Option<f64>,
) -> GradeUncertainty {
    let pairs = [
        (points.as_, points.ai, covariances.as_, covariances.ai),
        (points.ms, points.mi, covariances.ms, covariances.mi),
        (points.ps, points.pi, covariances.ps, covariances.pi),
    ];
    let [anterior, middle, posterior] = pairs.map(height_sd);
    let grades_by_posterior = |height: f64| {
        by_grade(height, expected, |limit| {
            above(limit, heights.anterior, anterior) * above(limit, heights.middle, middle)
        })
    };
    let mut probabilities = [0.0; 4];
    for (weight, deviation) in steps() {
        let share = grades_by_posterior(heights.posterior + deviation * posterior);
        probabilities.iter_mut().zip(share).for_each(|(sum, share)| *sum += weight * share);
    }
    // The weights sum to 1 but for rounding.
    let total: f64 = probabilities.iter().sum();
    let probabilities = probabilities.map(|probability| probability / total);
    let grade = grade_of(super::losses(heights, expected).largest());
    let borderline = 1.0 - probabilities[usize::from(grade)] > BORDERLINE_FROM;
    GradeUncertainty { probabilities, borderline }
}

/// Standard deviations from the middle with their weights, which sum to 1.
fn steps() -> impl Iterator<Item = (f64, f64)> {
    let place = |step: i32| SPAN * (2.0 * f64::from(step) / f64::from(STEPS) - 1.0);
    let density = |z: f64| (-z * z / 2.0).exp();
    let total: f64 = (0..=STEPS).map(|step| density(place(step))).sum();
    (0..=STEPS).map(move |step| (density(place(step)) / total, place(step)))
}

/// Probabilities of the grades at one posterior height, from the probability that anterior and middle height
/// are both above a height.
fn by_grade(posterior: f64, expected: Option<f64>, both_above: impl Fn(f64) -> f64) -> [f64; 4] {
    let lost = expected.map(|expected| 1.0 - posterior / expected);
    let reference = expected.filter(|_| lost >= Some(MILD_FROM)).unwrap_or(posterior);
    let below_limit = |limit: f64| match lost {
        Some(lost) if lost >= limit => 0.0,
        _ => both_above((1.0 - limit) * reference),
    };
    let [mild, moderate, severe] = [MILD_FROM, MODERATE_FROM, SEVERE_ABOVE].map(below_limit);
    [mild, moderate - mild, severe - moderate, 1.0 - severe]
}

/// Probability that a height lies above a limit.
fn above(limit: f64, height: f64, sd: f64) -> f64 {
    if sd > 0.0 { normal_distribution((height - limit) / sd) } else { f64::from(u8::from(height > limit)) }
}

fn height_sd((from, to, a, b): (DetectorPoint, DetectorPoint, Covariance, Covariance)) -> f64 {
    let length = from.distance_mm(to);
    let direction = ((to.x_mm - from.x_mm) / length, (to.y_mm - from.y_mm) / length);
    (a.along(direction) + b.along(direction)).max(0.0).sqrt()
}

/// Probability that a standard normal number lies below `z`.
///
/// # References
/// Abramowitz M, Stegun IA. Handbook of Mathematical Functions, 1964, formula 26.2.11 (series) up to 6;
/// beyond it the distribution is 0 or 1 to 1e-9.
fn normal_distribution(z: f64) -> f64 {
    if z.abs() > 6.0 {
        return f64::from(u8::from(z > 0.0));
    }
    let (mut term, mut sum, mut odd) = (z, z, 1.0);
    while term.abs() > 1e-17 {
        odd += 2.0;
        term *= z * z / odd;
        sum += term;
    }
    0.5 + sum * (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy.stats.norm.cdf.
    #[test]
    fn the_distribution_agrees_with_an_independent_one() {
        for (z, expected) in [
            (0.0, 0.5),
            (1.0, 0.841_344_746_068_542_9),
            (-1.96, 0.024_997_895_148_220_435),
            (3.0, 0.998_650_101_968_369_9),
            (-5.5, 1.898_956_246_588_772_3e-8),
        ] {
            assert!((normal_distribution(z) - expected).abs() < 1e-12, "{z}");
        }
    }
}
