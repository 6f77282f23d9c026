//! Precision of a scanner from repeat scans: root-mean-square error, least significant change, and how sure.

pub(super) mod chi_square;

use chi_square::chi_square_quantile;

/// A change of this many precision errors is real with 95 % confidence: 1.96 · √2 rounded as published (ISCD).
pub const LSC_FACTOR: f64 = 2.77;

/// Degrees of freedom from which a precision error is known well enough: its upper limit is then at
/// most 30 % above it (ISCD: 30 subjects twice or 15 three times).
pub const SUFFICIENT_DF: usize = 27;

/// Chance that the true precision error lies above the upper limit.
const UPPER_LIMIT_TAIL: f64 = 0.05;

/// Precision of one site. Densities in g/cm², percents of the subjects' means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Precision {
    /// Subjects with at least two scans.
    pub subjects: usize,
    /// Their scans.
    pub scans: usize,
    /// Degrees of freedom: scans − subjects.
    pub df: usize,
    /// The errors; `None` without a degree of freedom.
    pub error: Option<PrecisionError>,
}

/// The errors of repeat scans.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrecisionError {
    /// Root-mean-square standard deviation, g/cm².
    pub rms_sd: f64,
    /// Root-mean-square coefficient of variation, percent.
    pub rms_cv_percent: f64,
    /// Least significant change, g/cm².
    pub lsc: f64,
    /// Least significant change, percent.
    pub lsc_percent: f64,
    /// Upper limit of the root-mean-square standard deviation, one-sided 95 %, g/cm².
    pub rms_sd_upper95: f64,
}

impl Precision {
    /// Whether there are enough repeat scans ([`SUFFICIENT_DF`]).
    #[must_use]
    pub fn is_sufficient(&self) -> bool {
        self.df >= SUFFICIENT_DF
    }
}

/// Precision from the scans of each subject, pooled by degrees of freedom.
///
/// SD² = Σ (xᵢⱼ − x̄ᵢ)² / Σ (nᵢ − 1) and CV² = Σ (xᵢⱼ − x̄ᵢ)²/x̄ᵢ² / Σ (nᵢ − 1) over subjects i with two scans or
/// more; LSC = 2.77 · SD; upper limit = SD · √(df / q), q the lower 5 % quantile of χ² with df degrees.
///
/// # Units
/// Densities above zero in g/cm²; percents of the subject's own mean.
///
/// # References
/// ISCD precision assessment; Glüer 1995 (Osteoporos Int 5:262-270) for pooling and confidence limits.
///
/// ```
/// let repeat = dxa_core::score::precision::precision(&[vec![1.00, 1.02], vec![0.80, 0.80]]);
/// let error = repeat.error.expect("two degrees of freedom");
/// assert!((error.rms_sd - 0.01).abs() < 1e-12); // √((0.02²/2 + 0) / 2)
/// ```
#[must_use]
pub fn precision(scans_of_subjects: &[Vec<f64>]) -> Precision {
    let repeated = || scans_of_subjects.iter().filter(|scans| scans.len() > 1);
    let subjects = repeated().count();
    let scans = repeated().map(Vec::len).sum::<usize>();
    let df = scans - subjects;
    let (squares, relative) = repeated().fold((0.0, 0.0), |(squares, relative), scans| {
        let mean = scans.iter().sum::<f64>() / scans.len() as f64;
        let own: f64 = scans.iter().map(|bmd| (bmd - mean).powi(2)).sum();
        (squares + own, relative + own / mean.powi(2))
    });
    let error = (df > 0).then(|| error(squares, relative, df));
    Precision { subjects, scans, df, error }
}

fn error(squares: f64, relative: f64, df: usize) -> PrecisionError {
    let rms_sd = (squares / df as f64).sqrt();
    let rms_cv_percent = 100.0 * (relative / df as f64).sqrt();
    PrecisionError {
        rms_sd,
        rms_cv_percent,
        lsc: LSC_FACTOR * rms_sd,
        lsc_percent: LSC_FACTOR * rms_cv_percent,
        rms_sd_upper95: rms_sd * (df as f64 / chi_square_quantile(UPPER_LIMIT_TAIL, df)).sqrt(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9 * expected.abs().max(1.0), "{found} is not {expected}");
    }

    /// numpy 2: sqrt(sum((n_i - 1) var_i) / df), the same of relative values; scipy.stats.chi2.ppf(0.05, 4).
    #[test]
    fn unequal_numbers_of_scans_are_pooled_by_degrees_of_freedom() {
        let found =
            precision(&[vec![0.950, 0.962, 0.941], vec![1.101, 1.087], vec![0.720, 0.731], vec![1.0]]);
        assert_eq!((found.subjects, found.scans, found.df), (3, 7, 4));
        let error = found.error.unwrap();
        close(error.rms_sd, 0.009_753_204_601_565_589);
        close(error.rms_cv_percent, 1.051_536_226_333_512_8);
        close(error.lsc, 2.77 * 0.009_753_204_601_565_589);
        close(error.rms_sd_upper95, 0.009_753_204_601_565_589 * (4.0f64 / 0.710_723_021_397_323_9).sqrt());
        assert!(!found.is_sufficient());
    }

    /// The published reason for 27 degrees of freedom: the limit is then about 30 % above the estimate.
    #[test]
    fn twenty_seven_degrees_of_freedom_bound_the_error_by_thirty_percent() {
        let pairs = |n: usize| vec![vec![0.99, 1.01]; n];
        let ratio = |n| {
            let found = precision(&pairs(n));
            let error = found.error.unwrap();
            (found.is_sufficient(), error.rms_sd_upper95 / error.rms_sd)
        };
        let (sufficient, above) = ratio(27);
        assert!(sufficient && (1.28..1.30).contains(&above), "{above}");
        assert!(!ratio(26).0);
    }

    #[test]
    fn without_a_repeat_there_is_no_error_and_with_equal_repeats_it_is_zero() {
        assert_eq!(precision(&[]).error, None);
        assert_eq!(precision(&[vec![1.0], vec![0.9]]).error, None);
        let equal = precision(&[vec![1.0, 1.0]]).error.unwrap();
        close(equal.rms_sd, 0.0);
        close(equal.rms_sd_upper95, 0.0);
    }
}
