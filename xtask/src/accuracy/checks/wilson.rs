//! The interval of a share.

/// Standard normal quantile of 97.5 %.
const Z: f64 = 1.959_963_984_540_054;

/// The 95 % interval of a share by Wilson's score.
///
/// # References
/// Wilson 1927, JASA 22:209, doi:10.1080/01621459.1927.10502953.
pub(super) fn interval(part: usize, all: usize) -> (f64, f64) {
    let (n, p) = (all as f64, part as f64 / all as f64);
    let (square, scale) = (Z * Z, 1.0 + Z * Z / n);
    let middle = (p + square / (2.0 * n)) / scale;
    let half = Z / scale * (p * (1.0 - p) / n + square / (4.0 * n * n)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_interval_is_that_of_other_programs() {
        // statsmodels 0.14 proportion_confint(190, 200, method="wilson")
        let (low, high) = super::interval(190, 200);
        assert!((low - 0.910_42).abs() < 1e-4 && (high - 0.972_62).abs() < 1e-4, "{low} {high}");
    }
}
