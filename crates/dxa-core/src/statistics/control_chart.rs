//! A phantom over time: limits from its first scans, and sums that show a drift before a single scan does.

/// How a chart is judged. What a site may choose, and from where its defaults are, is in `docs/quality-room.md`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// The first scans, whose mean and standard deviation are the baseline.
    pub baseline_scans: usize,
    /// A scan may differ by so much of the baseline's mean, percent.
    pub limit_percent: f64,
    /// Reference value of the cumulative sums, standard deviations: half of the shift that is looked for.
    pub cusum_k: f64,
    /// Decision interval of the cumulative sums, standard deviations.
    pub cusum_h: f64,
}

/// The first scans of a phantom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Baseline {
    /// How many.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, n − 1.
    pub sd: f64,
}

/// What a scan breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signal {
    /// Further than the percent from the mean.
    Limit,
    /// Further than three standard deviations from the mean.
    ThreeSd,
    /// A cumulative sum above the decision interval.
    Cusum,
}

impl Signal {
    /// Its code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::ThreeSd => "three_sd",
            Self::Cusum => "cusum",
        }
    }
}

/// One scan against the baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// What was measured.
    pub value: f64,
    /// Percent of the mean above it; `None` without a baseline.
    pub deviation_percent: Option<f64>,
    /// Upper and lower cumulative sum, standard deviations; `None` of the scans of the baseline, and where those do
    /// not vary.
    pub cusum: Option<[f64; 2]>,
    /// What it breaks.
    pub signals: Vec<Signal>,
}

/// A phantom over time.
#[derive(Clone, Debug, PartialEq)]
pub struct ControlChart {
    /// The first scans; `None` while there are too few.
    pub baseline: Option<Baseline>,
    /// Every scan, in its order.
    pub scans: Vec<Judged>,
}

impl ControlChart {
    /// Judges scans in the order in which they were made.
    ///
    /// The baseline is the mean m and standard deviation s of the first scans; they are held against its limits
    /// themselves. With y = (x − m)/s the sums of every later scan are upper = max(0, y − k + upper before) and
    /// lower = max(0, −k − y + lower before), both from 0.
    ///
    /// # Units
    /// Any; percents of the mean.
    ///
    /// # References
    /// Montgomery and Runger, Applied Statistics and Probability for Engineers, 3rd edition 2003, section 16-10,
    /// equations 16-30 and 16-31 in standardized form.
    ///
    /// ```
    /// use dxa_core::statistics::{ControlChart, Rules};
    /// let rules = Rules { baseline_scans: 4, limit_percent: 1.5, cusum_k: 0.5, cusum_h: 5.0 };
    /// let chart = ControlChart::of(&[0.99, 1.01, 0.99, 1.01, 1.02, 1.02], &rules);
    /// // m = 1, s = √(4·0.01²/3) = 0.011547; y = 1.732, twice: 1.232 and 2.464
    /// let sums: Vec<_> = chart.scans.iter().map(|scan| scan.cusum.map(|[upper, _]| (upper * 1e3).round())).collect();
    /// assert_eq!(sums, [None, None, None, None, Some(1232.0), Some(2464.0)]);
    /// assert_eq!(chart.scans[4].signals.len(), 1); // 2 % above the mean
    /// ```
    #[must_use]
    pub fn of(values: &[f64], rules: &Rules) -> Self {
        let baseline = Baseline::of(values, rules.baseline_scans);
        let mut sums = [0.0; 2];
        let judge = |(at, value): (usize, &f64)| {
            let Some(baseline) = baseline else {
                return Judged { value: *value, deviation_percent: None, cusum: None, signals: Vec::new() };
            };
            let above = value - baseline.mean;
            let varies = baseline.sd > 0.0;
            if varies && at >= baseline.n {
                let y = above / baseline.sd;
                sums = [(y - rules.cusum_k + sums[0]).max(0.0), (-rules.cusum_k - y + sums[1]).max(0.0)];
            }
            let cusum = (varies && at >= baseline.n).then_some(sums);
            let deviation = 100.0 * above / baseline.mean;
            let broken = [
                (Signal::Limit, deviation.abs() > rules.limit_percent),
                (Signal::ThreeSd, varies && above.abs() > 3.0 * baseline.sd),
                (Signal::Cusum, cusum.is_some_and(|sums| sums.iter().any(|sum| *sum > rules.cusum_h))),
            ];
            let signals = broken.into_iter().filter(|(_, is_broken)| *is_broken).map(|(signal, _)| signal);
            Judged { value: *value, deviation_percent: Some(deviation), cusum, signals: signals.collect() }
        };
        Self { baseline, scans: values.iter().enumerate().map(judge).collect() }
    }
}

impl Baseline {
    fn of(values: &[f64], scans: usize) -> Option<Self> {
        let first = values.get(..scans).filter(|first| first.len() > 1)?;
        let n = first.len() as f64;
        let mean = first.iter().sum::<f64>() / n;
        let squares = first.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        (mean > 0.0).then(|| Self { n: first.len(), mean, sd: (squares / (n - 1.0)).sqrt() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules { baseline_scans: 4, limit_percent: 1.5, cusum_k: 0.5, cusum_h: 4.0 };

    #[test]
    fn a_drift_is_seen_before_a_scan_leaves_its_limits() {
        let mut values = vec![0.999, 1.001, 0.999, 1.001];
        values.extend([1.0018; 6]);
        let chart = ControlChart::of(&values, &RULES);
        let signals: Vec<_> = chart.scans.iter().map(|scan| scan.signals.clone()).collect();
        assert!(signals[..7].iter().all(Vec::is_empty), "{signals:?}");
        assert_eq!(signals[9], [Signal::Cusum]);
        let lower = ControlChart::of(&values.iter().map(|value| 2.0 - value).collect::<Vec<_>>(), &RULES);
        assert!(lower.scans[9].cusum.unwrap()[0].abs() < 1e-12);
        assert!((lower.scans[9].cusum.unwrap()[1] - chart.scans[9].cusum.unwrap()[0]).abs() < 1e-9);
    }

    #[test]
    fn nothing_is_judged_before_there_is_a_baseline() {
        let chart = ControlChart::of(&[1.0, 2.0, 3.0], &RULES);
        assert_eq!(chart.baseline, None);
        assert!(chart.scans.iter().all(|scan| scan.signals.is_empty() && scan.deviation_percent.is_none()));
        assert!(ControlChart::of(&[], &RULES).scans.is_empty());
    }

    #[test]
    fn scans_that_do_not_vary_have_no_sums() {
        let chart = ControlChart::of(&[1.0, 1.0, 1.0, 1.0, 1.1], &RULES);
        assert_eq!(chart.scans[4].cusum, None);
        assert_eq!(chart.scans[4].signals, [Signal::Limit]);
        // Limits hold for the scans of the baseline too.
        let chart = ControlChart::of(&[1.0, 1.0, 1.0, 1.1], &RULES);
        assert_eq!(chart.scans[3].signals, [Signal::Limit]);
    }
}
