//! The bivariate polynomials that invert two attenuations.

/// `Σ c·L^i·H^j` over the terms 1 ≤ i + j ≤ 4, ordered by i and then j.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Polynomial([f64; 14]);

impl Polynomial {
    pub(super) fn new(terms: [f64; 14]) -> Self {
        Self(terms)
    }

    /// Value at a pair of log attenuations.
    ///
    /// # Units
    /// g/cm².
    pub(super) fn at(&self, low: f64, high: f64) -> f64 {
        let c = &self.0;
        let row = |from: usize, powers: usize| {
            c[from..from + powers].iter().rev().fold(0.0, |sum, term| sum * high + term)
        };
        // The powers of H with L⁰ start at H¹; each power of L has one power of H less.
        let constant = row(0, 4) * high;
        constant + low * (row(4, 4) + low * (row(8, 3) + low * (row(11, 2) + low * c[13])))
    }

    /// Slopes along L and along H, by central differences.
    pub(super) fn slopes(&self, low: f64, high: f64) -> (f64, f64) {
        let step = 1e-4;
        let along =
            |dl: f64, dh: f64| (self.at(low + dl, high + dh) - self.at(low - dl, high - dh)) / (2.0 * step);
        (along(step, 0.0), along(0.0, step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_stand_in_the_order_of_the_contract() {
        let powers = [
            (0, 1),
            (0, 2),
            (0, 3),
            (0, 4),
            (1, 0),
            (1, 1),
            (1, 2),
            (1, 3),
            (2, 0),
            (2, 1),
            (2, 2),
            (3, 0),
            (3, 1),
            (4, 0),
        ];
        let (low, high) = (1.7f64, 0.6f64);
        for (index, (i, j)) in powers.into_iter().enumerate() {
            let mut terms = [0.0; 14];
            terms[index] = 1.0;
            let expected = low.powi(i) * high.powi(j);
            assert!((Polynomial::new(terms).at(low, high) - expected).abs() < 1e-12, "term {index}");
        }
    }
}
