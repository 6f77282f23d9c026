//! Counts of photons as a detector gets them.

use crate::random::Random;

/// Below this mean counts are drawn exactly; above it the normal distribution is as good.
const FEW: f64 = 40.0;

/// A count of photons with this mean, after Poisson; above 40 its normal approximation, rounded.
///
/// The approximation has the right mean and variance; its skewness, 1/√mean, is missing.
pub(super) fn poisson(mean: f64, random: &mut Random) -> f64 {
    if mean >= FEW {
        return libm::round(mean + mean.sqrt() * normal(random)).max(0.0);
    }
    let limit = libm::exp(-mean);
    let mut product = random.fraction();
    let mut count = 0.0;
    while product > limit {
        product *= random.fraction();
        count += 1.0;
    }
    count
}

/// A number of the standard normal distribution, after Box and Muller 1958.
fn normal(random: &mut Random) -> f64 {
    let radius = (-2.0 * libm::log(1.0 - random.fraction())).sqrt();
    radius * libm::cos(std::f64::consts::TAU * random.fraction())
}

#[cfg(test)]
mod tests {
    use super::poisson;
    use crate::random::Random;

    #[test]
    fn mean_and_variance_are_those_of_poisson() {
        let mut random = Random::new(1, "noise");
        for mean in [0.5, 12.0, 60.0, 4000.0] {
            let draws: Vec<f64> = (0..20_000).map(|_| poisson(mean, &mut random)).collect();
            let found = draws.iter().sum::<f64>() / 20_000.0;
            let variance = draws.iter().map(|draw| (draw - found) * (draw - found)).sum::<f64>() / 19_999.0;
            // Five standard errors: √(mean/n) of the mean, about √(2/n) of the ratio for these means.
            assert!((found - mean).abs() < 5.0 * (mean / 20_000.0_f64).sqrt(), "{mean}: {found}");
            assert!((variance / mean - 1.0).abs() < 0.09, "{mean}: {variance}");
        }
    }
}
