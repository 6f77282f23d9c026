//! Logistic regression with a ridge: a small Newton iteration.

use super::super::cholesky::Matrix;

/// Largest change of a coefficient in one step, on the scale of standardized terms.
const LARGEST_STEP: f64 = 3.0;
const STEPS: usize = 60;
const CLOSE_ENOUGH: f64 = 1e-10;

/// The coefficients b of log-odds = Σ b·x that maximize Σ log-likelihood − λ/2 · Σ (b·SD of x)².
///
/// A term without spread (the intercept) is not penalized.
///
/// # Shape
/// Each row holds the terms of one observation; all rows are equally long.
pub(super) fn fit(rows: &[Vec<f64>], outcomes: &[bool], ridge: f64) -> Vec<f64> {
    let Some(width) = rows.first().map(Vec::len) else { return Vec::new() };
    let spreads: Vec<f64> = (0..width).map(|term| variance(rows.iter().map(|row| row[term]))).collect();
    let mut coefficients = vec![0.0; width];
    for _ in 0..STEPS {
        let step = newton_step(rows, outcomes, &coefficients, &spreads, ridge);
        let largest = step.iter().zip(&spreads).map(|(step, spread)| step.abs() * spread.sqrt().max(1e-3));
        let largest = largest.fold(0.0, f64::max);
        let held = (LARGEST_STEP / largest).min(1.0);
        coefficients.iter_mut().zip(&step).for_each(|(coefficient, step)| *coefficient += held * step);
        if largest < CLOSE_ENOUGH {
            break;
        }
    }
    coefficients
}

fn newton_step(rows: &[Vec<f64>], outcomes: &[bool], at: &[f64], spreads: &[f64], ridge: f64) -> Vec<f64> {
    let width = at.len();
    let mut curvature = Matrix::zero(width);
    let mut slope: Vec<f64> = at.iter().zip(spreads).map(|(b, spread)| -ridge * spread * b).collect();
    for (term, spread) in spreads.iter().enumerate() {
        curvature.add(term, term, ridge * spread);
    }
    for (row, outcome) in rows.iter().zip(outcomes) {
        let log_odds: f64 = row.iter().zip(at).map(|(x, b)| x * b).sum();
        let chance = 1.0 / (1.0 + (-log_odds).exp());
        let weight = chance * (1.0 - chance);
        for (i, x) in row.iter().enumerate() {
            slope[i] += x * (f64::from(u8::from(*outcome)) - chance);
            for (j, y) in row.iter().enumerate() {
                curvature.add(i, j, weight * x * y);
            }
        }
    }
    curvature.factor().solve(&slope)
}

fn variance(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    values.map(|value| (value - mean).powi(2)).sum::<f64>() / n
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two groups: the fit without a ridge is the log-odds of each, 1/3 → ln 0.5 and 3/4 → ln 3.
    #[test]
    fn two_groups_have_their_own_odds() {
        let row = |x: f64| vec![1.0, x];
        let rows = [row(0.0), row(0.0), row(0.0), row(1.0), row(1.0), row(1.0), row(1.0)];
        let outcomes = [true, false, false, true, true, true, false];
        let found = fit(&rows, &outcomes, 0.0);
        assert!((found[0] - 0.5f64.ln()).abs() < 1e-8, "{found:?}");
        assert!((found[0] + found[1] - 3f64.ln()).abs() < 1e-8, "{found:?}");
        assert!(fit(&rows, &outcomes, 5.0)[1] < found[1]);
    }

    /// sklearn LogisticRegression on x = 0..9, y = 0,0,0,1,0,1,0,1,1,1, penalty λ·Var(x) = 10 on the slope.
    #[test]
    fn a_ridge_shrinks_the_slope_as_elsewhere() {
        let rows: Vec<Vec<f64>> = (0..10).map(|x| vec![1.0, f64::from(x)]).collect();
        let outcomes = [0, 0, 0, 1, 0, 1, 0, 1, 1, 1].map(|y| y == 1);
        let found = fit(&rows, &outcomes, 10.0 / 8.25);
        assert!((found[0] + 1.514_186).abs() < 1e-5 && (found[1] - 0.336_486).abs() < 1e-5, "{found:?}");
    }
}
