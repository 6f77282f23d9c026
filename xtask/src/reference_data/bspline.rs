//! Cubic B-splines on equally spaced knots.
//!
//! # References
//! de Boor C. A Practical Guide to Splines, 1978. Eilers PHC, Marx BD. Stat Sci 1996;11:89-121,
//! doi:10.1214/ss/1038425655.

/// Splines that differ from zero at one age: cubic, so four.
pub(super) const SUPPORT: usize = 4;

/// The splines over an age range cut into equal segments.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Basis {
    from: f64,
    step: f64,
    segments: usize,
}

/// The four splines that differ from zero at one age.
#[derive(Clone, Copy, Debug)]
pub(super) struct BasisRow {
    /// Index of the first.
    pub(super) first: usize,
    /// Their values, which add up to 1.
    pub(super) values: [f64; SUPPORT],
}

impl Basis {
    /// Covers `from` to `to` with whole segments as near to `spacing` as possible.
    pub(super) fn new(from: f64, to: f64, spacing: f64) -> Self {
        let segments = ((to - from) / spacing).round().max(1.0);
        Self { from, step: (to - from) / segments, segments: segments as usize }
    }

    /// How many splines: segments + 3.
    pub(super) fn len(&self) -> usize {
        self.segments + SUPPORT - 1
    }

    /// The knots within the range, both ends counted.
    pub(super) fn knots(&self) -> Vec<f64> {
        (0..=self.segments).map(|index| self.from + self.step * index as f64).collect()
    }

    /// Values at an age; ages beyond the range take the cubic of the nearest segment.
    pub(super) fn row(&self, age: f64) -> BasisRow {
        let position = (age - self.from) / self.step;
        let segment = position.floor().clamp(0.0, (self.segments - 1) as f64);
        let u = position - segment;
        let v = 1.0 - u;
        let values = [
            v * v * v / 6.0,
            (3.0 * u * u * u - 6.0 * u * u + 4.0) / 6.0,
            (3.0 * v * v * v - 6.0 * v * v + 4.0) / 6.0,
            u * u * u / 6.0,
        ];
        BasisRow { first: segment as usize, values }
    }
}

impl BasisRow {
    /// Σ values × coefficients.
    pub(super) fn dot(&self, coefficients: &[f64]) -> f64 {
        self.values.iter().zip(&coefficients[self.first..]).map(|(value, c)| value * c).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splines_add_up_to_one_and_reproduce_a_straight_line() {
        let basis = Basis::new(16.0, 85.0, 3.0);
        assert_eq!((basis.len(), basis.knots().len()), (26, 24));
        // A line is reproduced when each coefficient is the line at the middle of its spline.
        let coefficients: Vec<f64> =
            (0..basis.len()).map(|k| 2.0 * (16.0 + 3.0 * (k as f64 - 1.0)) + 1.0).collect();
        for age in [16.0, 19.999, 20.0, 47.3, 84.999, 85.0] {
            let row = basis.row(age);
            assert!((row.values.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{age}");
            assert!((row.dot(&coefficients) - (2.0 * age + 1.0)).abs() < 1e-9, "{age}");
        }
    }

    #[test]
    fn at_a_knot_the_values_are_one_four_one_sixths() {
        let row = Basis::new(0.0, 10.0, 1.0).row(3.0);
        assert_eq!(row.first, 3);
        for (value, expected) in row.values.iter().zip([1.0 / 6.0, 4.0 / 6.0, 1.0 / 6.0, 0.0]) {
            assert!((value - expected).abs() < 1e-12);
        }
    }
}
