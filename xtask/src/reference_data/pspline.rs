//! Weighted penalized B-splines for the mean of a density at each age, and for its variance.
//!
//! Mean: minimizes Σ w (y − Bα)² + λ Σ (Δ²α)².
//! Variance: the squared residuals r² have mean exp(Bβ); Gamma likelihood with log link and the
//! same penalty on β, which is the scale half of a normal location-scale model.
//! Weights are scaled to mean 1, so that λ means the same in samples of different weights.
//!
//! # References
//! Eilers PHC, Marx BD. Stat Sci 1996;11:89-121, doi:10.1214/ss/1038425655.
//! Rigby RA, Stasinopoulos DM. J R Stat Soc C 2005;54:507-554, doi:10.1111/j.1467-9876.2005.00510.x.

use super::bspline::{Basis, BasisRow, SUPPORT};
use super::cholesky::{Factor, Matrix};
use super::survey::Observation;

/// Fisher scoring of the variance stops when no linear predictor moves by more.
const CONVERGED: f64 = 1e-10;
const MOST_ROUNDS: usize = 60;

/// A fitted spline.
#[derive(Clone, Debug)]
pub(super) struct Spline {
    pub(super) basis: Basis,
    coefficients: Vec<f64>,
    /// Effective degrees of freedom: trace of the smoother.
    pub(super) freedom: f64,
}

impl Spline {
    /// Value at an age.
    pub(super) fn at(&self, age: f64) -> f64 {
        self.basis.row(age).dot(&self.coefficients)
    }
}

/// A sample laid out for fitting: one spline row, number and weight a person.
#[derive(Clone, Debug)]
pub(super) struct Laid {
    basis: Basis,
    rows: Vec<BasisRow>,
    pub(super) values: Vec<f64>,
    /// Scaled to mean 1 over the whole sample.
    pub(super) weights: Vec<f64>,
    pub(super) units: Vec<usize>,
}

impl Laid {
    /// Lays out a sample.
    pub(super) fn new(basis: Basis, sample: &[Observation]) -> Self {
        let scale = sample.len() as f64 / sample.iter().map(|one| one.weight).sum::<f64>();
        Self {
            basis,
            rows: sample.iter().map(|one| basis.row(one.age)).collect(),
            values: sample.iter().map(|one| one.value).collect(),
            weights: sample.iter().map(|one| one.weight * scale).collect(),
            units: sample.iter().map(|one| one.unit).collect(),
        }
    }

    /// The persons that `keep` says, by sampling unit.
    pub(super) fn split(&self, keep: impl Fn(usize) -> bool) -> Self {
        let chosen: Vec<usize> = (0..self.units.len()).filter(|&i| keep(self.units[i])).collect();
        Self {
            basis: self.basis,
            rows: chosen.iter().map(|&i| self.rows[i]).collect(),
            values: chosen.iter().map(|&i| self.values[i]).collect(),
            weights: chosen.iter().map(|&i| self.weights[i]).collect(),
            units: chosen.iter().map(|&i| self.units[i]).collect(),
        }
    }

    /// The same persons with other numbers.
    pub(super) fn with_values(&self, values: Vec<f64>) -> Self {
        Self { values, ..self.clone() }
    }

    /// Linear predictor of each person.
    pub(super) fn predict(&self, coefficients: &[f64]) -> Vec<f64> {
        self.rows.iter().map(|row| row.dot(coefficients)).collect()
    }

    /// (y − fitted)² of each person.
    pub(super) fn squared_residuals(&self, coefficients: &[f64]) -> Vec<f64> {
        let fitted = self.predict(coefficients);
        self.values.iter().zip(fitted).map(|(value, fit)| (value - fit).powi(2)).collect()
    }

    /// BᵀWB.
    pub(super) fn gram(&self) -> Matrix {
        let mut gram = Matrix::zero(self.basis.len());
        for (row, weight) in self.rows.iter().zip(&self.weights) {
            for i in 0..SUPPORT {
                for j in 0..SUPPORT {
                    gram.add(row.first + i, row.first + j, weight * row.values[i] * row.values[j]);
                }
            }
        }
        gram
    }

    /// BᵀWy.
    fn moments(&self, values: &[f64]) -> Vec<f64> {
        let mut moments = vec![0.0; self.basis.len()];
        for ((row, weight), value) in self.rows.iter().zip(&self.weights).zip(values) {
            for i in 0..SUPPORT {
                moments[row.first + i] += weight * row.values[i] * value;
            }
        }
        moments
    }

    /// BᵀWB + λP, ready to be solved.
    pub(super) fn penalized(&self, gram: &Matrix, lambda: f64) -> Factor {
        gram.plus(lambda, &Matrix::second_difference_penalty(self.basis.len())).factor()
    }

    /// Coefficients of the mean.
    pub(super) fn fit_mean(&self, system: &Factor) -> Vec<f64> {
        system.solve(&self.moments(&self.values))
    }

    /// Coefficients of the log mean of `values` (squared residuals), by Fisher scoring.
    ///
    /// With a log link the Gamma weights are the sampling weights, so one system serves every round.
    pub(super) fn fit_log_mean(&self, system: &Factor) -> Vec<f64> {
        let total: f64 = self.weights.iter().sum();
        let mean = self.weights.iter().zip(&self.values).map(|(w, v)| w * v).sum::<f64>() / total;
        let mut coefficients = vec![mean.ln(); self.basis.len()];
        let mut predictor = self.predict(&coefficients);
        for _ in 0..MOST_ROUNDS {
            let working: Vec<f64> = predictor
                .iter()
                .zip(&self.values)
                .map(|(eta, value)| eta + value / eta.exp() - 1.0)
                .collect();
            coefficients = system.solve(&self.moments(&working));
            let next = self.predict(&coefficients);
            let step = next.iter().zip(&predictor).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            predictor = next;
            if step < CONVERGED {
                break;
            }
        }
        coefficients
    }

    /// A spline with these coefficients and the freedom that the penalty leaves.
    pub(super) fn spline(&self, coefficients: Vec<f64>, system: &Factor, gram: &Matrix) -> Spline {
        Spline { basis: self.basis, coefficients, freedom: system.trace_of_inverse_times(gram) }
    }
}
