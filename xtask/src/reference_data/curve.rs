//! The mean and SD of a density as smooth functions of age.

use super::bspline::Basis;
use super::pspline::{Laid, Spline};
use super::smoothness::Smoothness;
use super::survey::Observation;

/// Distance of the spline knots, years.
pub(super) const KNOT_SPACING: f64 = 3.0;

/// A pair of curves and what they were fitted on.
#[derive(Clone, Debug)]
pub(super) struct AgeCurve {
    pub(super) mean: Spline,
    log_variance: Spline,
    pub(super) smoothness: Smoothness,
    /// People fitted.
    pub(super) n: usize,
}

impl AgeCurve {
    /// Fits the people of a sample whose age lies in `ages` (first inclusive, second exclusive).
    pub(super) fn fit(sample: &[Observation], ages: (f64, f64), smoothness: Smoothness) -> Self {
        let sample = fittable(sample, ages);
        let laid = Laid::new(Basis::new(ages.0, ages.1, KNOT_SPACING), &sample);
        let gram = laid.gram();
        let system = laid.penalized(&gram, smoothness.mean);
        let coefficients = laid.fit_mean(&system);
        let squares = laid.with_values(laid.squared_residuals(&coefficients));
        let mean = laid.spline(coefficients, &system, &gram);
        let system = squares.penalized(&gram, smoothness.variance);
        let log_variance = squares.spline(squares.fit_log_mean(&system), &system, &gram);
        Self { mean, log_variance, smoothness, n: sample.len() }
    }

    /// Mean at an age in decimal years, g/cm².
    pub(super) fn mean_at(&self, age: f64) -> f64 {
        self.mean.at(age)
    }

    /// SD at an age in decimal years, g/cm².
    pub(super) fn sd_at(&self, age: f64) -> f64 {
        (self.log_variance.at(age) / 2.0).exp()
    }

    /// Effective degrees of freedom of the SD curve.
    pub(super) fn sd_freedom(&self) -> f64 {
        self.log_variance.freedom
    }

    /// The sample with (value − mean)/SD at each age instead of the value.
    pub(super) fn z_scores(&self, sample: &[Observation]) -> Vec<Observation> {
        let z = |one: &Observation| (one.value - self.mean_at(one.age)) / self.sd_at(one.age);
        sample.iter().map(|one| Observation { value: z(one), ..*one }).collect()
    }

    /// The sample with the curve's mean at each age instead of the value.
    pub(super) fn means(&self, sample: &[Observation]) -> Vec<Observation> {
        sample.iter().map(|one| Observation { value: self.mean_at(one.age), ..*one }).collect()
    }
}

/// Those whose exact age lies from the first age to below the second.
pub(super) fn fittable(sample: &[Observation], (from, to): (f64, f64)) -> Vec<Observation> {
    sample.iter().filter(|one| from <= one.age && one.age < to).copied().collect()
}
