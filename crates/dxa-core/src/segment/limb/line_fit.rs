//! Straight and curved lines through points of which some are wrong.

/// A polynomial `a + b·t + c·t² + d·t³` with its `t` counted from `middle`.
#[derive(Clone, Copy, Debug)]
pub(in crate::segment) struct Polynomial {
    pub(in crate::segment) middle: f64,
    pub(in crate::segment) terms: [f64; 4],
}

impl Polynomial {
    pub(in crate::segment) fn at(&self, t: f64) -> f64 {
        let t = t - self.middle;
        self.terms.iter().rev().fold(0.0, |sum, term| sum * t + term)
    }
}

/// Rounds of reweighting.
const ROUNDS: usize = 8;

/// The polynomial of so many terms, two to four, through points `(t, value)` by Tukey's weights.
///
/// `scale` is the distance at which a point counts for nothing.
pub(in crate::segment) fn polynomial(points: &[(f64, f64)], scale: f64, terms: usize) -> Option<Polynomial> {
    let count = points.len();
    let middle = points.iter().map(|(t, _)| t).sum::<f64>() / count as f64;
    let used = terms;
    let mut weights = vec![1.0; count];
    let mut terms = [0.0; 4];
    let mut reach = 8.0 * scale;
    for _ in 0..ROUNDS {
        terms = solve(points, &weights, middle, used)?;
        let fitted = Polynomial { middle, terms };
        for ((t, value), weight) in points.iter().zip(&mut weights) {
            let away = (value - fitted.at(*t)) / reach;
            *weight = if away.abs() < 1.0 { (1.0 - away * away).powi(2) } else { 0.0 };
        }
        reach = (reach / 2.0).max(scale);
    }
    Some(Polynomial { middle, terms })
}

/// Weighted least squares by the normal equations, which are small and centered.
fn solve(points: &[(f64, f64)], weights: &[f64], middle: f64, used: usize) -> Option<[f64; 4]> {
    let mut matrix = [[0.0; 5]; 4];
    for ((t, value), weight) in points.iter().zip(weights) {
        let t = t - middle;
        let powers = [1.0, t, t * t, t * t * t];
        for row in 0..used {
            for column in 0..used {
                matrix[row][column] += weight * powers[row] * powers[column];
            }
            matrix[row][4] += weight * powers[row] * value;
        }
    }
    eliminated(matrix, used)
}

/// Gauss elimination with pivoting; `None` where the points do not tell the terms apart.
pub(in crate::segment) fn eliminated(mut matrix: [[f64; 5]; 4], used: usize) -> Option<[f64; 4]> {
    for pivot in 0..used {
        let best =
            (pivot..used).max_by(|a, b| matrix[*a][pivot].abs().total_cmp(&matrix[*b][pivot].abs()))?;
        matrix.swap(pivot, best);
        if matrix[pivot][pivot].abs() < 1e-9 {
            return None;
        }
        let above = matrix[pivot];
        for row in (0..used).filter(|row| *row != pivot) {
            let factor = matrix[row][pivot] / above[pivot];
            for (value, subtracted) in matrix[row].iter_mut().zip(above).skip(pivot) {
                *value -= factor * subtracted;
            }
        }
    }
    let mut terms = [0.0; 4];
    for (row, term) in terms.iter_mut().enumerate().take(used) {
        *term = matrix[row][4] / matrix[row][row];
    }
    Some(terms)
}
