//! The standard normal distribution: what share of a population lies below a Z-score, and back.

use super::precision::chi_square::{chi_square_quantile, cumulative};

/// The share of the population that lies below `z` standard deviations: Φ(z).
///
/// Z² is χ² with one degree of freedom, so that Φ needs no second series.
///
/// ```
/// assert!((dxa_core::score::share_below(0.0) - 0.5).abs() < 1e-12);
/// ```
#[must_use]
pub fn share_below(z: f64) -> f64 {
    f64::midpoint(1.0, cumulative(z * z, 1).copysign(z))
}

/// The Z-score that this share of the population lies below; a share between 0 and 1.
#[must_use]
pub fn z_of_share(share: f64) -> f64 {
    let beside = 2.0 * share - 1.0;
    chi_square_quantile(beside.abs(), 1).sqrt().copysign(beside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_those_of_the_normal_distribution() {
        // Python: statistics.NormalDist().cdf(z)
        let known = [
            (-3.0, 0.001_349_898_031_630_1),
            (-1.0, 0.158_655_253_931_457_05),
            (0.5, 0.691_462_461_274_013_1),
            (2.0, 0.977_249_868_051_820_8),
        ];
        for (z, share) in known {
            assert!((share_below(z) - share).abs() < 1e-12, "{z}: {}", share_below(z));
        }
        assert!((share_below(60.0) - 1.0).abs() < 1e-12 && share_below(-60.0).abs() < 1e-12);
    }

    #[test]
    fn a_share_has_its_z_and_back() {
        for share in [0.001, 0.03, 0.1, 0.5, 0.9, 0.97] {
            assert!((share_below(z_of_share(share)) - share).abs() < 1e-12, "{share}");
        }
        // Python: statistics.NormalDist().inv_cdf(0.97)
        assert!((z_of_share(0.97) - 1.880_793_608_151_250_4).abs() < 1e-9);
        assert!((z_of_share(0.97) + z_of_share(0.03)).abs() < 1e-12);
    }
}
