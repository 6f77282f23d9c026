//! Sizes of bones drawn from the seed.

use crate::random::Random;

/// A number around `mean` with this standard deviation, never farther than 2.5 of them.
///
/// The sum of four even numbers has nearly the shape of the normal distribution.
pub(crate) fn around(random: &mut Random, mean: f64, deviation: f64) -> f64 {
    let sum: f64 = (0..4).map(|_| random.uniform(-1.0, 1.0)).sum();
    mean + deviation * (sum * (3.0f64 / 4.0).sqrt()).clamp(-2.5, 2.5)
}

#[cfg(test)]
mod tests {
    use super::around;
    use crate::random::Random;

    #[test]
    fn the_spread_is_as_named() {
        let mut random = Random::new(1, "spread");
        let values: Vec<f64> = (0..20_000).map(|_| around(&mut random, 10.0, 2.0)).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64;
        assert!((mean - 10.0).abs() < 0.06 && (variance.sqrt() - 2.0).abs() < 0.05, "{mean} {variance}");
    }
}
