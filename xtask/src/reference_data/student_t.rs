//! Quantiles of Student's t, for intervals with the few degrees of freedom that a survey has.

/// The t that leaves 2.5 % above it.
///
/// The distribution function for whole degrees of freedom is a finite sum in θ = atan(t/√ν);
/// the quantile is found by bisection.
///
/// # References
/// Abramowitz M, Stegun IA. Handbook of Mathematical Functions, 1964, formulas 26.7.3 and 26.7.4.
pub(super) fn two_sided_95(degrees: usize) -> f64 {
    let (mut low, mut high) = (0.0, 100.0);
    for _ in 0..80 {
        let middle = (low + high) / 2.0;
        if central_probability(middle, degrees) < 0.95 {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}

/// Probability that |T| < t.
fn central_probability(t: f64, degrees: usize) -> f64 {
    let theta = (t / (degrees as f64).sqrt()).atan();
    let (sine, cosine) = theta.sin_cos();
    let odd = degrees % 2 == 1;
    let mut term = if odd { cosine } else { 1.0 };
    let mut sum = 0.0;
    let mut power = if odd { 1 } else { 0 };
    while power + 2 <= degrees {
        sum += term;
        term *= cosine * cosine * (power + 1) as f64 / (power + 2) as f64;
        power += 2;
    }
    if odd { (theta + sine * sum) * std::f64::consts::FRAC_2_PI } else { sine * sum }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of scipy.stats.t.ppf(0.975, df).
    #[test]
    fn agrees_with_an_independent_implementation() {
        for (degrees, expected) in [
            (1, 12.706_204_736_174_694),
            (2, 4.302_652_729_749_462),
            (5, 2.570_581_835_636_314_6),
            (16, 2.119_905_299_221_254_6),
            (31, 2.039_513_446_396_408),
        ] {
            let found = two_sided_95(degrees);
            assert!((found - expected).abs() < 1e-9, "{degrees}: {found} {expected}");
        }
    }
}
