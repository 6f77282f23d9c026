//! A share of many things, with the interval that says how well it is known.

use super::Z_95;

/// How many of how many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// How many.
    pub count: usize,
    /// Of how many.
    pub n: usize,
    /// Count over n.
    pub value: f64,
    /// The 95 % interval of the share, lower and upper.
    pub interval: [f64; 2],
}

impl Share {
    /// The share; `None` of nothing.
    ///
    /// With p = count / n, the score interval is (p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n), z = 1.95996.
    ///
    /// # References
    /// Wilson 1927 (J Am Stat Assoc 22:209-212), doi 10.1080/01621459.1927.10502953.
    ///
    /// ```
    /// let one = dxa_core::statistics::Share::of(10, 100).unwrap();
    /// assert_eq!(one.value, 0.1);
    /// // scipy.stats.binomtest(10, 100).proportion_ci(method="wilson")
    /// assert!((one.interval[0] - 0.055_229).abs() < 1e-6 && (one.interval[1] - 0.174_366).abs() < 1e-6);
    /// assert_eq!(dxa_core::statistics::Share::of(0, 0), None);
    /// ```
    #[must_use]
    pub fn of(count: usize, n: usize) -> Option<Self> {
        if n == 0 || count > n {
            return None;
        }
        let (value, all) = (count as f64 / n as f64, n as f64);
        let square = Z_95 * Z_95;
        let middle = value + square / (2.0 * all);
        let half = Z_95 * (value * (1.0 - value) / all + square / (4.0 * all * all)).sqrt();
        let scale = 1.0 + square / all;
        let interval = [((middle - half) / scale).max(0.0), ((middle + half) / scale).min(1.0)];
        Some(Self { count, n, value, interval })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy.stats.binomtest(k, n).proportion_ci(method="wilson").
    #[test]
    fn intervals_are_those_of_another_implementation() {
        for (count, n, low, high) in [
            (0, 1, 0.0, 0.793_450_685_622_762_6),
            (1, 1, 0.206_549_314_377_237_45, 1.0),
            (0, 100, 0.0, 0.036_993_498_206_985_68),
            (25, 100, 0.175_452_113_622_876_77, 0.343_044_635_480_616_1),
        ] {
            let found = Share::of(count, n).unwrap();
            let close = (found.interval[0] - low).abs() < 1e-9 && (found.interval[1] - high).abs() < 1e-9;
            assert!(close, "{count} of {n}: {found:?}");
        }
        assert_eq!(Share::of(2, 1), None);
    }
}
