//! How smooth the curves are: the penalty that best predicts people who were not fitted.
//!
//! Cross-validation leaves out whole primary sampling units, so that neighbors, who resemble one
//! another, are never on both sides.
//! One penalty serves all sites of a region (spine or femur) of a sex in every population:
//! a single sample is too small to choose its own without chance deciding, and curves of L1-L4
//! and of L1-L3 should not differ in smoothness.

use super::bspline::Basis;
use super::curve::{KNOT_SPACING, fittable};
use super::population::Population;
use super::pspline::Laid;
use super::sample::{Survey, sites};

use dxa_core::patient::Sex;
use dxa_core::site::Site;

/// How many parts the sampling units are dealt into.
const FOLDS: usize = 10;

/// The penalties λ of a curve's mean and log variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Smoothness {
    pub(super) mean: f64,
    pub(super) variance: f64,
}

/// The region of the body whose sites share a penalty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum BodyRegion {
    /// L1 to L4 and their subsets.
    Spine,
    /// The five femur sites.
    Femur,
}

impl BodyRegion {
    /// Where a site lies.
    pub(super) fn of(site: Site) -> Self {
        if matches!(site, Site::Lumbar(_)) { Self::Spine } else { Self::Femur }
    }
}

/// Penalties tried: 1 to 10⁶, four to a decade.
fn candidates() -> Vec<f64> {
    (0..=24).map(|quarter| 10f64.powf(f64::from(quarter) / 4.0)).collect()
}

/// Chooses the penalties of a region and sex from the three disjoint populations of a survey.
pub(super) fn choose(survey: &Survey<'_>, sex: Sex, region: BodyRegion) -> Smoothness {
    let samples: Vec<Laid> = sites()
        .into_iter()
        .filter(|site| BodyRegion::of(*site) == region)
        .flat_map(|site| Population::DISJOINT.map(|population| laid(survey, population, sex, site)))
        .collect();
    let mean = best(|lambda| samples.iter().map(|sample| mean_error(sample, lambda)).sum());
    let residuals: Vec<Laid> = samples.iter().map(|sample| residuals(sample, mean)).collect();
    let variance = best(|lambda| residuals.iter().map(|sample| variance_deviance(sample, lambda)).sum());
    Smoothness { mean, variance }
}

fn laid(survey: &Survey<'_>, population: Population, sex: Sex, site: Site) -> Laid {
    let (from, to) = population.fitted_ages(&survey.cycles);
    let sample = fittable(&survey.sample(population, sex, site), (from, to));
    Laid::new(Basis::new(from, to, KNOT_SPACING), &sample)
}

/// The candidate with the smallest score; of equals, the first.
fn best(score: impl Fn(f64) -> f64) -> f64 {
    let mut best = (f64::INFINITY, 1.0);
    for lambda in candidates() {
        let found = score(lambda);
        if found < best.0 {
            best = (found, lambda);
        }
    }
    best.1
}

/// The sample with its squared residuals from the mean curve instead of its densities.
fn residuals(sample: &Laid, lambda: f64) -> Laid {
    let system = sample.penalized(&sample.gram(), lambda);
    sample.with_values(sample.squared_residuals(&sample.fit_mean(&system)))
}

/// Squared error of prediction, in units of the variance about the weighted mean, summed over people.
fn mean_error(sample: &Laid, lambda: f64) -> f64 {
    let total: f64 = sample.weights.iter().sum();
    let mean = sample.weights.iter().zip(&sample.values).map(|(w, v)| w * v).sum::<f64>() / total;
    let squares: f64 = sample.weights.iter().zip(&sample.values).map(|(w, v)| w * (v - mean).powi(2)).sum();
    over_folds(sample, |fitted, left_out| {
        let system = fitted.penalized(&fitted.gram(), lambda);
        let errors = left_out.squared_residuals(&fitted.fit_mean(&system));
        left_out.weights.iter().zip(errors).map(|(weight, error)| weight * error).sum()
    }) * total
        / squares
}

/// Gaussian deviance η + r²·exp(−η) of the predicted log variance η, summed over people.
fn variance_deviance(sample: &Laid, lambda: f64) -> f64 {
    over_folds(sample, |fitted, left_out| {
        let system = fitted.penalized(&fitted.gram(), lambda);
        let predictor = left_out.predict(&fitted.fit_log_mean(&system));
        let deviances = predictor.iter().zip(&left_out.values).map(|(eta, square)| eta + square / eta.exp());
        left_out.weights.iter().zip(deviances).map(|(weight, deviance)| weight * deviance).sum()
    })
}

/// Sums a score over the folds, each left out once.
fn over_folds(sample: &Laid, score: impl Fn(&Laid, &Laid) -> f64) -> f64 {
    (0..FOLDS)
        .map(|fold| {
            score(&sample.split(|unit| unit % FOLDS != fold), &sample.split(|unit| unit % FOLDS == fold))
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::super::survey::Observation;
    use super::*;

    /// 40 units of 10 people of every second age, whose value is `truth` with a spread of 0.05.
    fn made_up(truth: impl Fn(f64) -> f64) -> Laid {
        let person = |i: usize| {
            let age = 16.0 + (i as f64 * 37.0) % 69.0;
            let noise = 0.05 * (i as f64 * 12.9898).sin();
            Observation {
                age,
                completed_years: age as u8,
                value: truth(age) + noise,
                weight: 1.0,
                unit: i / 10,
            }
        };
        let sample: Vec<Observation> = (0..400).map(person).collect();
        Laid::new(Basis::new(16.0, 85.0, KNOT_SPACING), &sample)
    }

    #[test]
    fn a_line_gets_the_stiffest_curve_and_a_wave_does_not() {
        let line = made_up(|age| 1.0 - 0.002 * age);
        let wave = made_up(|age| 1.0 + 0.2 * (age / 5.0).sin());
        let of_line = best(|lambda| mean_error(&line, lambda));
        let of_wave = best(|lambda| mean_error(&wave, lambda));
        assert!(of_line >= 1e4, "{of_line}");
        assert!(of_wave <= 10.0, "{of_wave}");
    }
}
