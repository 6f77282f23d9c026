//! Solving the small symmetric positive definite systems of penalized regression.

/// Added to the diagonal relative to its largest entry, so that splines without data stay solvable.
const RIDGE: f64 = 1e-12;

/// A square matrix, row by row.
#[derive(Clone, Debug)]
pub(super) struct Matrix {
    size: usize,
    entries: Vec<f64>,
}

/// The lower triangle L of A = L·Lᵀ.
pub(super) struct Factor(Matrix);

impl Matrix {
    /// All zero.
    pub(super) fn zero(size: usize) -> Self {
        Self { size, entries: vec![0.0; size * size] }
    }

    /// Adds to one entry.
    pub(super) fn add(&mut self, row: usize, column: usize, value: f64) {
        self.entries[row * self.size + column] += value;
    }

    /// One entry.
    pub(super) fn get(&self, row: usize, column: usize) -> f64 {
        self.entries[row * self.size + column]
    }

    /// self + factor × other.
    pub(super) fn plus(&self, factor: f64, other: &Self) -> Self {
        let entries = self.entries.iter().zip(&other.entries).map(|(a, b)| a + factor * b).collect();
        Self { size: self.size, entries }
    }

    /// Σ dᵀd over the second differences d of neighboring coefficients.
    pub(super) fn second_difference_penalty(size: usize) -> Self {
        let mut penalty = Self::zero(size);
        for start in 0..size.saturating_sub(2) {
            for (i, a) in [1.0, -2.0, 1.0].into_iter().enumerate() {
                for (j, b) in [1.0, -2.0, 1.0].into_iter().enumerate() {
                    penalty.add(start + i, start + j, a * b);
                }
            }
        }
        penalty
    }

    /// Cholesky factor of a symmetric matrix without negative eigenvalues.
    pub(super) fn factor(&self) -> Factor {
        let n = self.size;
        let largest = (0..n).map(|i| self.get(i, i)).fold(0.0, f64::max);
        let mut lower = Self::zero(n);
        for i in 0..n {
            for j in 0..=i {
                let done: f64 = (0..j).map(|k| lower.get(i, k) * lower.get(j, k)).sum();
                let rest = self.get(i, j) - done;
                let entry = if i == j {
                    (rest + RIDGE * largest).max(RIDGE * largest).sqrt()
                } else {
                    rest / lower.get(j, j)
                };
                lower.add(i, j, entry);
            }
        }
        Factor(lower)
    }
}

impl Factor {
    /// The x of A·x = b.
    pub(super) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let lower = &self.0;
        let n = lower.size;
        let mut x = b.to_vec();
        for i in 0..n {
            let done: f64 = (0..i).map(|k| lower.get(i, k) * x[k]).sum();
            x[i] = (x[i] - done) / lower.get(i, i);
        }
        for i in (0..n).rev() {
            let done: f64 = (i + 1..n).map(|k| lower.get(k, i) * x[k]).sum();
            x[i] = (x[i] - done) / lower.get(i, i);
        }
        x
    }

    /// Trace of A⁻¹·B.
    pub(super) fn trace_of_inverse_times(&self, other: &Matrix) -> f64 {
        (0..other.size)
            .map(|column| {
                let b: Vec<f64> = (0..other.size).map(|row| other.get(row, column)).collect();
                self.solve(&b)[column]
            })
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A = [[4,2,0],[2,5,3],[0,3,6]], x = [1,2,3]: worked by hand.
    #[test]
    fn solves_a_system_worked_by_hand() {
        let mut a = Matrix::zero(3);
        for (index, value) in [4.0, 2.0, 0.0, 2.0, 5.0, 3.0, 0.0, 3.0, 6.0].into_iter().enumerate() {
            a.add(index / 3, index % 3, value);
        }
        let x = a.factor().solve(&[8.0, 21.0, 24.0]);
        for (found, expected) in x.iter().zip([1.0, 2.0, 3.0]) {
            assert!((found - expected).abs() < 1e-9, "{x:?}");
        }
        assert!((a.factor().trace_of_inverse_times(&a) - 3.0).abs() < 1e-9);
    }

    #[test]
    fn the_penalty_spares_straight_lines_and_counts_bends() {
        let penalty = Matrix::second_difference_penalty(5);
        let cost = |c: [f64; 5]| -> f64 {
            (0..5)
                .flat_map(|i| (0..5).map(move |j| (i, j)))
                .map(|(i, j)| c[i] * penalty.get(i, j) * c[j])
                .sum()
        };
        assert!(cost([1.0, 2.0, 3.0, 4.0, 5.0]).abs() < 1e-12);
        assert!((cost([0.0, 0.0, 1.0, 0.0, 0.0]) - 6.0).abs() < 1e-12, "1 + 4 + 1");
    }
}
