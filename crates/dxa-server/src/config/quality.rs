//! How phantoms are judged in the quality room.

use dxa_core::statistics::Rules;
use serde::{Deserialize, Serialize};

/// How phantoms are judged; `docs/quality-room.md` says from where the defaults are.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quality {
    /// The first scans of a phantom, whose mean and standard deviation are its baseline.
    pub baseline_scans: usize,
    /// A scan may differ by so much of the baseline's mean, percent.
    pub limit_percent: f64,
    /// Reference value of the cumulative sums, standard deviations of the baseline.
    pub cusum_k: f64,
    /// Decision interval of the cumulative sums, standard deviations of the baseline.
    pub cusum_h: f64,
    /// Scanners whose baseline begins later than with their first scan, as after a repair.
    pub baselines: Vec<NewBaseline>,
}

/// A baseline that begins on a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewBaseline {
    /// Device Serial Number of the scanner.
    pub serial: Option<String>,
    /// Station Name of the scanner.
    pub station: Option<String>,
    /// The first day that counts, `YYYY-MM-DD`.
    pub from: String,
}

impl Default for Quality {
    fn default() -> Self {
        Self { baseline_scans: 10, limit_percent: 1.5, cusum_k: 0.5, cusum_h: 5.0, baselines: Vec::new() }
    }
}

impl Quality {
    /// The rules of every chart.
    #[must_use]
    pub fn rules(&self) -> Rules {
        Rules {
            baseline_scans: self.baseline_scans,
            limit_percent: self.limit_percent,
            cusum_k: self.cusum_k,
            cusum_h: self.cusum_h,
        }
    }

    /// What cannot be charted; `None` of what can.
    pub(super) fn objection(&self) -> Option<&'static str> {
        let in_reach = |value: f64| value > 0.0 && value <= 100.0;
        if !(2..=1000).contains(&self.baseline_scans) {
            return Some("quality.baseline_scans must be between 2 and 1000");
        }
        if ![self.limit_percent, self.cusum_k, self.cusum_h].into_iter().all(in_reach) {
            return Some(
                "quality.limit_percent, quality.cusum_k and quality.cusum_h must be above 0 and at most 100",
            );
        }
        let is_named = |one: &NewBaseline| {
            one.from.parse::<jiff::civil::Date>().is_ok() && (one.serial.is_some() || one.station.is_some())
        };
        let sentence = "quality.baselines must each have a day `from` and a `serial` or a `station`";
        (!self.baselines.iter().all(is_named)).then_some(sentence)
    }
}
