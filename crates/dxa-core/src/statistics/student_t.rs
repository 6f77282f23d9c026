//! Quantiles of Student's t, for intervals of means.

use super::Z_95;

/// The t that leaves 2.5 % above it.
///
/// The distribution function for whole degrees of freedom is a finite sum in θ = atan(t/√ν);
/// the quantile is found by bisection. With many degrees of freedom an expansion of the quantile itself is exact
/// enough. Zero degrees give infinity.
///
/// # References
/// Abramowitz M, Stegun IA. Handbook of Mathematical Functions, 1964, formulas 26.7.3, 26.7.4 and 26.7.5.
#[must_use]
pub fn two_sided_95(degrees: usize) -> f64 {
    match degrees {
        0 => return f64::INFINITY,
        MANY.. => return expanded(degrees as f64),
        _ => {}
    }
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

/// From here on the expansion errs by less than 1e-9.
const MANY: usize = 1000;

fn expanded(degrees: f64) -> f64 {
    let z = Z_95;
    let power = |exponent| z.powi(exponent);
    z + (power(3) + z) / (4.0 * degrees)
        + (5.0 * power(5) + 16.0 * power(3) + 3.0 * z) / (96.0 * degrees.powi(2))
        + (3.0 * power(7) + 19.0 * power(5) + 17.0 * power(3) - 15.0 * z) / (384.0 * degrees.powi(3))
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
            (999, 1.962_341_461_133_449_3),
            (1000, 1.962_339_080_826_408_3),
            (250_000, 1.959_973_473_670_135_3),
        ] {
            let found = two_sided_95(degrees);
            assert!((found - expected).abs() < 1e-9, "{degrees}: {found} {expected}");
        }
    }
}
