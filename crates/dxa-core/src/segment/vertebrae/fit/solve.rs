//! Weighted least squares of a chain, where a body meets only its neighbors.

/// Unknowns of a body: x and y of its six points.
pub(super) const UNKNOWNS: usize = 12;
/// Entries left of the diagonal: a body and the two next to it.
const BAND: usize = 3 * UNKNOWNS - 1;

/// Normal equations.
pub(super) struct System {
    size: usize,
    /// Lower band: row i holds the columns i − BAND to i.
    matrix: Vec<f64>,
    target: Vec<f64>,
}

/// A linear form of the unknowns.
pub(super) type Row = Vec<(usize, f64)>;

impl System {
    pub(super) fn new(bodies: usize) -> Self {
        let size = bodies * UNKNOWNS;
        Self { size, matrix: vec![0.0; size * (BAND + 1)], target: vec![0.0; size] }
    }

    /// Adds weight · (row · x − value)².
    pub(super) fn add(&mut self, row: &[(usize, f64)], value: f64, weight: f64) {
        self.add_product(row, value, row, weight);
    }

    /// Adds the half of weight · (a · x − value) · (b · x − …) that belongs to a; a symmetric sum over all
    /// pairs makes a quadratic form.
    pub(super) fn add_product(&mut self, a: &[(usize, f64)], b_value: f64, b: &[(usize, f64)], weight: f64) {
        for &(i, at_i) in a {
            for &(j, at_j) in b {
                if j <= i {
                    self.matrix[i * (BAND + 1) + BAND + j - i] += weight * at_i * at_j;
                }
            }
            self.target[i] += weight * at_i * b_value;
        }
    }

    /// Solves; `None` when some unknown is held by nothing.
    pub(super) fn solve(self) -> Option<Solved> {
        let Self { size, mut matrix, target } = self;
        let at = |i: usize, j: usize| i * (BAND + 1) + BAND + j - i;
        for i in 0..size {
            let first = i.saturating_sub(BAND);
            for j in first..=i {
                let from = first.max(j.saturating_sub(BAND));
                let known: f64 = (from..j).map(|k| matrix[at(i, k)] * matrix[at(j, k)]).sum();
                let rest = matrix[at(i, j)] - known;
                if i == j {
                    if rest <= 1e-12 {
                        return None;
                    }
                    matrix[at(i, i)] = rest.sqrt();
                } else {
                    matrix[at(i, j)] = rest / matrix[at(j, j)];
                }
            }
        }
        let mut solved = Solved { size, factor: matrix, solution: Vec::new() };
        solved.solution = solved.apply(target, 0);
        Some(solved)
    }
}

/// The solution, and the factor that gives its covariance.
pub(super) struct Solved {
    size: usize,
    factor: Vec<f64>,
    pub(super) solution: Vec<f64>,
}

impl Solved {
    fn at(i: usize, j: usize) -> usize {
        i * (BAND + 1) + BAND + j - i
    }

    /// The inverse of the matrix times a vector that is zero before an entry, right from that entry on.
    fn apply(&self, mut vector: Vec<f64>, first: usize) -> Vec<f64> {
        for i in first..self.size {
            let from = i.saturating_sub(BAND).max(first);
            let known: f64 = (from..i).map(|k| self.factor[Self::at(i, k)] * vector[k]).sum();
            vector[i] = (vector[i] - known) / self.factor[Self::at(i, i)];
        }
        for i in (first..self.size).rev() {
            let last = (i + BAND + 1).min(self.size);
            let known: f64 = (i + 1..last).map(|k| self.factor[Self::at(k, i)] * vector[k]).sum();
            vector[i] = (vector[i] - known) / self.factor[Self::at(i, i)];
        }
        vector
    }

    /// The covariance of the unknowns of a body.
    pub(super) fn covariance(&self, body: usize) -> [[f64; UNKNOWNS]; UNKNOWNS] {
        let first = body * UNKNOWNS;
        std::array::from_fn(|unknown| {
            let mut unit = vec![0.0; self.size];
            unit[first + unknown] = 1.0;
            let column = self.apply(unit, first);
            std::array::from_fn(|other| column[first + other])
        })
    }
}
