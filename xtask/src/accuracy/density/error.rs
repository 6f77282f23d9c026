//! Errors against the truth, and how they are summed up.

use dxa_core::measurement::Origin;
use serde_json::Value;

use super::super::scan::Scan;

/// A number of one region, true and measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) truth: f64,
    pub(super) measured: f64,
}

impl Pair {
    /// Relative error in percent.
    pub(super) fn percent(self) -> f64 {
        100.0 * (self.measured - self.truth) / self.truth
    }
}

/// Which number of a region.
#[derive(Clone, Copy, Debug)]
pub(super) enum Quantity {
    Area,
    Bmc,
    Bmd,
}

/// The number of a region as the truth has it; hips by the neck box of Hologic.
pub(super) fn truth_of(truth: &Value, site: &str, quantity: Quantity) -> Option<f64> {
    let key = match quantity {
        Quantity::Area => "area_cm2",
        Quantity::Bmc => "bmc_g",
        Quantity::Bmd => "bmd_g_cm2",
    };
    let regions = truth.get("regions")?.as_array()?;
    let is_it = |region: &&Value| {
        let convention = region.get("convention").and_then(Value::as_str).unwrap_or("hologic");
        region.get("site").and_then(Value::as_str) == Some(site) && convention == "hologic"
    };
    regions.iter().find(is_it)?.get(key)?.as_f64()
}

/// The number of a region as it was computed.
pub(super) fn measured(scan: &Scan, site: &str, quantity: Quantity) -> Option<f64> {
    let regions = scan.analysis.regions.iter().map(|region| &region.measurement);
    let mut own = regions.filter(|region| region.origin == Origin::Computed);
    let region = own.find(|region| region.site.to_string() == site)?;
    match quantity {
        Quantity::Area => region.area_cm2,
        Quantity::Bmc => region.bmc_g,
        Quantity::Bmd => region.bmd_g_cm2,
    }
}

/// Truth and measurement of a region in every scan, and how many scans gave none.
pub(super) fn pairs(scans: &[Scan], site: &str, quantity: Quantity) -> (Vec<Pair>, usize) {
    let mut found = Vec::new();
    let mut missing = 0;
    for scan in scans {
        let Some(truth) = truth_of(&scan.truth, site, quantity) else { continue };
        match measured(scan, site, quantity) {
            Some(measured) => found.push(Pair { truth, measured }),
            None => missing += 1,
        }
    }
    (found, missing)
}

/// The value below which `share` of the values lie; NaN of none.
pub(super) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(at.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

/// Median and the size below which 95 % of the errors lie.
pub(super) fn summary(errors: &[f64]) -> (f64, f64) {
    let sizes: Vec<f64> = errors.iter().map(|error| error.abs()).collect();
    (quantile(errors, 0.5), quantile(&sizes, 0.95))
}
