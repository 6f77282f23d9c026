//! Two measurements of the same things: bias, limits, error, correlation.

use super::two_sided_95;

/// How two series of measurements agree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// Pairs.
    pub n: usize,
    /// Mean of ours less theirs.
    pub bias: f64,
    /// Standard deviation of the differences; `None` with fewer than two pairs.
    pub sd: Option<f64>,
    /// Root of the mean squared difference.
    pub rmse: f64,
    /// Pearson correlation; `None` where one series does not vary.
    pub r: Option<f64>,
    /// Share of pairs that differ by 0.1 or less.
    pub within_tenth: f64,
}

/// A difference of 0.1 is not exactly that in binary fractions.
const TENTH: f64 = 0.1 + 1e-9;

impl Agreement {
    /// Of pairs of ours and theirs; `None` without any.
    ///
    /// bias = mean(d), sd = √(Σ(d − bias)² / (n − 1)), limits = bias ± 1.96·sd, with d = ours − theirs.
    ///
    /// # References
    /// Bland and Altman 1986, doi 10.1016/S0140-6736(86)90837-8.
    ///
    /// ```
    /// let agreement = dxa_core::statistics::Agreement::of(&[(1.0, 0.8), (2.0, 2.0), (3.0, 3.2), (4.0, 4.0)]).unwrap();
    /// assert!(agreement.bias.abs() < 1e-12);
    /// // d = 0.2, 0, −0.2, 0: sd = √(0.08 / 3), rmse = √(0.08 / 4)
    /// assert!((agreement.sd.unwrap() - 0.163_299).abs() < 1e-6);
    /// assert!((agreement.rmse - 0.141_421).abs() < 1e-6);
    /// assert_eq!(agreement.within_tenth, 0.5);
    /// ```
    #[must_use]
    pub fn of(pairs: &[(f64, f64)]) -> Option<Self> {
        if pairs.is_empty() {
            return None;
        }
        let n = pairs.len() as f64;
        let differences = || pairs.iter().map(|(ours, theirs)| ours - theirs);
        let bias = differences().sum::<f64>() / n;
        let squares = differences().map(|difference| (difference - bias).powi(2)).sum::<f64>();
        let within = differences().filter(|difference| difference.abs() <= TENTH).count();
        Some(Self {
            n: pairs.len(),
            bias,
            sd: (pairs.len() > 1).then(|| (squares / (n - 1.0)).sqrt()),
            rmse: (differences().map(|difference| difference * difference).sum::<f64>() / n).sqrt(),
            r: correlation(pairs),
            within_tenth: within as f64 / n,
        })
    }

    /// Limits of agreement, lower and upper.
    #[must_use]
    pub fn limits(&self) -> Option<[f64; 2]> {
        self.sd.map(|sd| [self.bias - 1.96 * sd, self.bias + 1.96 * sd])
    }

    /// How far the true bias may lie from the one that was found, 95 %: t·sd/√n, t with n − 1 degrees of freedom.
    ///
    /// # References
    /// Bland and Altman 1986, doi 10.1016/S0140-6736(86)90837-8.
    #[must_use]
    pub fn bias_half_interval(&self) -> Option<f64> {
        self.sd.map(|sd| two_sided_95(self.n - 1) * sd / (self.n as f64).sqrt())
    }

    /// How far each true limit may lie from the one that was found, 95 %: t·√(3·sd²/n). It is an approximation that is
    /// rough with few pairs.
    ///
    /// # References
    /// Bland and Altman 1986, doi 10.1016/S0140-6736(86)90837-8.
    #[must_use]
    pub fn limit_half_interval(&self) -> Option<f64> {
        self.sd.map(|sd| two_sided_95(self.n - 1) * (3.0 * sd * sd / self.n as f64).sqrt())
    }
}

fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let n = pairs.len() as f64;
    let (x, y) = pairs.iter().fold((0.0, 0.0), |(x, y), pair| (x + pair.0 / n, y + pair.1 / n));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        xx += (a - x).powi(2);
        yy += (b - y).powi(2);
        xy += (a - x) * (b - y);
    }
    (xx > 0.0 && yy > 0.0).then(|| xy / (xx * yy).sqrt())
}
