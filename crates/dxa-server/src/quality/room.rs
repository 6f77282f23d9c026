//! The quality room as it is answered; `docs/quality-room.md` explains every number.

use dxa_core::statistics::{Agreement, Share};
use dxa_exchange::agreement::Pair;
use serde::Serialize;
use utoipa::ToSchema;

/// The quality room.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(title = "QualityRoom")]
pub(crate) struct Room {
    /// `dxa.quality/1`.
    pub(crate) schema: &'static str,
    /// First day of the scans that count; null without any scan.
    pub(crate) from: Option<String>,
    /// Last day of the scans that count; null when there is no last one.
    pub(crate) to: Option<String>,
    /// When it was made, RFC 3339.
    pub(crate) made_at: String,
    /// Results that are older than this version of the program are still being counted.
    pub(crate) counting: bool,
    /// By manufacturer, model, station and serial number.
    pub(crate) scanners: Vec<ScannerRoom>,
    /// By name.
    pub(crate) deliveries: Vec<DestinationRow>,
    pub(crate) queue: Queue,
}

/// One scanner. What its objects do not name is null.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ScannerRoom {
    pub(crate) manufacturer: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) station: Option<String>,
    pub(crate) serial: Option<String>,
    /// Scans of people in the period.
    pub(crate) scans: usize,
    pub(crate) agreement: Vec<AgreementRow>,
    pub(crate) phantoms: Vec<PhantomChart>,
    pub(crate) precision: Vec<PrecisionRow>,
    pub(crate) checks: Vec<CheckRow>,
}

/// Ours less the device's (Bland and Altman).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AgreementRow {
    /// `bmd_g_cm2`, `bmc_g`, `area_cm2`, `T` or `Z`.
    pub(crate) quantity: String,
    pub(crate) site: String,
    /// Reference table of scores.
    pub(crate) reference: Option<String>,
    pub(crate) unit: &'static str,
    /// Pairs.
    pub(crate) n: usize,
    pub(crate) bias: f64,
    /// 95 % interval of the bias.
    pub(crate) bias_interval: Option<[f64; 2]>,
    /// Standard deviation of the differences.
    pub(crate) sd: Option<f64>,
    /// Lower and upper limit of agreement.
    pub(crate) limits: Option<[f64; 2]>,
    /// 95 % interval of the lower limit.
    pub(crate) lower_limit_interval: Option<[f64; 2]>,
    /// 95 % interval of the upper limit.
    pub(crate) upper_limit_interval: Option<[f64; 2]>,
    pub(crate) rmse: f64,
    /// Pearson correlation.
    pub(crate) r: Option<f64>,
    /// Share of scores that differ by 0.1 or less.
    pub(crate) within_tenth: Option<f64>,
    /// For the plot.
    #[serde(skip)]
    pub(crate) pairs: Vec<Pair>,
}

impl AgreementRow {
    /// The row of pairs; `None` without any.
    pub(super) fn of(quantity: &str, site: &str, reference: &str, pairs: Vec<Pair>) -> Option<Self> {
        let found = Agreement::of(&pairs)?;
        let around = |middle: f64, half: f64| [middle - half, middle + half];
        let limit = |which: usize| {
            found.limits().zip(found.limit_half_interval()).map(|(limits, half)| around(limits[which], half))
        };
        let is_score = matches!(quantity, "T" | "Z");
        Some(Self {
            quantity: quantity.to_owned(),
            site: site.to_owned(),
            reference: Some(reference.to_owned()).filter(|reference| !reference.is_empty()),
            unit: dxa_exchange::agreement::unit(quantity),
            n: found.n,
            bias: found.bias,
            bias_interval: found.bias_half_interval().map(|half| around(found.bias, half)),
            sd: found.sd,
            limits: found.limits(),
            lower_limit_interval: limit(0),
            upper_limit_interval: limit(1),
            rmse: found.rmse,
            r: found.r,
            within_tenth: is_score.then_some(found.within_tenth),
            pairs,
        })
    }
}

/// One region of a phantom over time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PhantomChart {
    /// Patient ID that the phantom was given; null where there is none, and for callers who may not read it.
    pub(crate) phantom: Option<String>,
    pub(crate) site: String,
    pub(crate) laterality: Option<String>,
    /// `device_reported` or `computed`.
    pub(crate) source: &'static str,
    /// Scans since the baseline begins, those before the period too.
    pub(crate) n: usize,
    /// Scans that the baseline needs.
    pub(crate) baseline_scans: usize,
    /// Mean of the baseline, g/cm²; null while there are too few scans.
    pub(crate) mean: Option<f64>,
    /// Standard deviation of the baseline, g/cm².
    pub(crate) sd: Option<f64>,
    /// Mean less and more the percent that a scan may differ, g/cm².
    pub(crate) limits: Option<[f64; 2]>,
    /// Mean less and more three standard deviations, g/cm².
    pub(crate) control_limits: Option<[f64; 2]>,
    pub(crate) cusum: Cusum,
    /// The scans of the period.
    pub(crate) points: Vec<PhantomPoint>,
}

/// How cumulative sums are judged, standard deviations.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct Cusum {
    /// Reference value.
    pub(crate) k: f64,
    /// Decision interval.
    pub(crate) h: f64,
}

/// One scan of a phantom.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PhantomPoint {
    pub(crate) day: String,
    /// Study Instance UID.
    pub(crate) study: String,
    pub(crate) bmd_g_cm2: f64,
    /// Percent of the baseline's mean above it.
    pub(crate) deviation_percent: Option<f64>,
    /// Upper cumulative sum, standard deviations; null for scans of the baseline.
    pub(crate) cusum_upper: Option<f64>,
    /// Lower cumulative sum.
    pub(crate) cusum_lower: Option<f64>,
    /// `limit`, `three_sd`, `cusum`.
    pub(crate) signals: Vec<&'static str>,
}

/// Precision from people who were scanned again on the same day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PrecisionRow {
    pub(crate) site: String,
    pub(crate) laterality: Option<String>,
    /// `device_reported` or `computed`.
    pub(crate) source: &'static str,
    /// People and days with two scans or more.
    pub(crate) subjects: usize,
    pub(crate) scans: usize,
    /// Degrees of freedom.
    pub(crate) df: usize,
    /// g/cm².
    pub(crate) rms_sd: f64,
    pub(crate) rms_cv_percent: f64,
    /// Least significant change, g/cm².
    pub(crate) lsc: f64,
    pub(crate) lsc_percent: f64,
    /// Enough repeat scans to rely on it (27 degrees of freedom).
    pub(crate) df_sufficient: bool,
    /// Upper limit of the RMS-SD, one-sided 95 %, g/cm².
    pub(crate) rms_sd_upper95: f64,
    /// The LSC of the least acceptable precision (rule `lsc-default`, not verified against its source), percent.
    pub(crate) acceptable_lsc_percent: Option<f64>,
}

/// How often a check of acquisition failed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CheckRow {
    pub(crate) check: String,
    /// The whole period.
    #[serde(flatten)]
    pub(crate) whole: Rate,
    /// By month, oldest first; months without a scan are left out.
    pub(crate) months: Vec<Month>,
}

/// A month.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Month {
    /// `YYYY-MM`.
    pub(crate) month: String,
    #[serde(flatten)]
    pub(crate) rate: Rate,
}

/// How many scans failed a check, of those on which it could be made.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct Rate {
    /// Scans on which the check could be made.
    pub(crate) n: usize,
    pub(crate) failed: usize,
    /// Scans on which it could not be made; not among n.
    pub(crate) not_evaluable: usize,
    /// Failed over n; null when n is 0.
    pub(crate) share: Option<f64>,
    /// 95 % interval of the share (Wilson).
    pub(crate) interval: Option<[f64; 2]>,
}

impl Rate {
    pub(super) fn of(failed: usize, passed: usize, not_evaluable: usize) -> Self {
        let share = Share::of(failed, failed + passed);
        Self {
            n: failed + passed,
            failed,
            not_evaluable,
            share: share.map(|share| share.value),
            interval: share.map(|share| share.interval),
        }
    }
}

/// What became of what a destination is sent, from the beginning until now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct DestinationRow {
    pub(crate) destination: String,
    /// It is in the configuration now.
    pub(crate) configured: bool,
    /// Queued, being sent, or to be tried again.
    pub(crate) waiting: i64,
    pub(crate) sent: i64,
    /// Given up.
    pub(crate) dead: i64,
    /// Not sent because a newer version took their place.
    pub(crate) superseded: i64,
    /// Since when the oldest waits, RFC 3339.
    pub(crate) oldest_waiting: Option<String>,
}

/// The work of the service now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Queue {
    /// By kind.
    pub(crate) work: Vec<Work>,
    /// Studies that were set aside, the newest 50.
    pub(crate) set_aside: Vec<SetAside>,
    /// Results that the times are of: the last 1000.
    pub(crate) results: usize,
    /// Median of the time from the last image to the result, seconds.
    pub(crate) median_seconds: Option<f64>,
    /// 95 of 100 results did not take longer.
    pub(crate) p95_seconds: Option<f64>,
    pub(crate) longest_seconds: Option<f64>,
}

/// Work of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Work {
    /// `analyze`, or what is fetched, asked or reported.
    pub(crate) kind: String,
    pub(crate) waiting: i64,
    pub(crate) running: i64,
    /// Given up.
    pub(crate) set_aside: i64,
}

/// A study that could not be analyzed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SetAside {
    /// Study Instance UID.
    pub(crate) study: String,
    pub(crate) reason: String,
    /// Since when, RFC 3339.
    pub(crate) since: String,
}
