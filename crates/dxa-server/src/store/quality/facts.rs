//! What the quality room counts of one scan, kept short because there is one for each scan of the store.

use std::collections::BTreeMap;

use dxa_core::site::{ForearmBone, LumbarSet, Site};
use dxa_exchange::agreement::{Amounts, PHANTOM_FINDING, SideBySide};
use dxa_exchange::record::Study;
use serde::{Deserialize, Serialize};

/// Raised when facts are written in another way, so that those of older results are made anew.
pub(super) const FORM: i64 = 1;

/// What is counted of a scan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScanFacts {
    /// Its regions.
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<RegionFacts>,
    /// Its checks by their answer, each `pass`, `fail` or `not_evaluable`.
    #[serde(rename = "q", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checks: BTreeMap<String, Vec<String>>,
}

/// What is counted of a region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RegionFacts {
    /// Site code.
    #[serde(rename = "s")]
    pub site: String,
    /// `L`, `R` or `B`.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub laterality: Option<String>,
    /// Area, content and density measured here.
    #[serde(rename = "o", default, skip_serializing_if = "is_nothing")]
    pub ours: Numbers,
    /// The same as the device printed them.
    #[serde(rename = "d", default, skip_serializing_if = "is_nothing")]
    pub device: Numbers,
    /// Scores beside those of the device: `T` or `Z`, reference table, ours and theirs.
    #[serde(rename = "z", default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<(String, String, f64, f64)>,
}

/// Area in cm², content in g, density in g/cm².
pub type Numbers = [Option<f64>; 3];

/// The quantities of [`Numbers`].
pub const QUANTITIES: [&str; 3] = ["area_cm2", "bmc_g", "bmd_g_cm2"];

impl RegionFacts {
    fn of(region: &SideBySide) -> Self {
        let numbers = |amounts: &Amounts| [amounts.area_cm2, amounts.bmc_g, amounts.bmd_g_cm2];
        let scores = region.scores.iter().map(|score| {
            let (ours, device) = score.pair;
            (score.kind.clone(), score.reference.clone(), ours, device)
        });
        Self {
            site: region.site.clone(),
            laterality: region.laterality.clone(),
            ours: numbers(&region.ours),
            device: numbers(&region.device),
            scores: scores.collect(),
        }
    }
}

fn is_nothing(numbers: &Numbers) -> bool {
    numbers.iter().all(Option::is_none)
}

/// A scan of a result.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scan {
    /// Its index.
    pub index: usize,
    /// One of its objects, to find its series by.
    pub object: Option<String>,
    pub manufacturer: String,
    pub model: String,
    pub is_phantom: bool,
    pub facts: ScanFacts,
}

/// The scans of a result from which something can be had.
pub(super) fn scans(study: &Study) -> Vec<Scan> {
    let regions = SideBySide::all(&study.regions);
    let of = |(index, scan): (usize, &dxa_exchange::record::Scan)| {
        let is_phantom = study
            .findings
            .iter()
            .any(|finding| finding.code == PHANTOM_FINDING && finding.scan == Some(index));
        let own = regions.iter().filter(|region| region.scan == index);
        let counted = own.filter(|region| is_phantom || is_counted(&region.site));
        let mut checks: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for check in study.quality.iter().filter(|check| check.scan == index) {
            checks.entry(check.status.clone()).or_default().push(check.id.clone());
        }
        Scan {
            index,
            object: scan.sop_instance_uids.first().cloned(),
            manufacturer: scan.manufacturer.clone().unwrap_or_default(),
            model: scan.model.clone().unwrap_or_default(),
            is_phantom,
            facts: ScanFacts { regions: counted.map(RegionFacts::of).collect(), checks },
        }
    };
    study.scans.iter().enumerate().filter(|(_, scan)| scan.tier != "none").map(of).collect()
}

/// Single vertebrae, L1 to L4 together, the regions of the hip, the radius, the whole body: the other sets of
/// vertebrae, and radius with ulna, say nothing of a scanner that these do not.
fn is_counted(site: &str) -> bool {
    match site.parse::<Site>() {
        Ok(Site::Lumbar(set)) => set.len() == 1 || set == LumbarSet::FULL,
        Ok(Site::Forearm(bone, _)) => bone == ForearmBone::Radius,
        Ok(_) => true,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn facts_are_short_and_come_back() {
        let study = json!({
            "study": {}, "patient": {}, "assessment": {},
            "provenance": { "software": "dxa", "protocol_sha256": "" },
            "scans": [
                { "kind": "ap_spine", "tier": "quantitative", "sop_instance_uids": ["1.2"], "manufacturer": "HOLOGIC" },
                { "kind": "ap_spine", "tier": "reported", "sop_instance_uids": ["1.3"] },
                { "kind": "unsupported", "tier": "none", "sop_instance_uids": [] },
            ],
            "regions": [
                { "scan": 0, "site": "L1", "bmd_g_cm2": 0.9, "area_cm2": 12.0, "provenance": "computed" },
                { "scan": 0, "site": "L1", "bmd_g_cm2": 0.91, "area_cm2": 12.5, "provenance": "device_reported" },
                { "scan": 0, "site": "L1-L2", "bmd_g_cm2": 0.9, "provenance": "computed" },
                { "scan": 1, "site": "L1-L2", "bmd_g_cm2": 0.9, "provenance": "device_reported" },
            ],
            "quality": [{ "scan": 0, "id": "spine-tilt", "status": "fail" }],
            "findings": [{ "code": "phantom_study", "severity": "withhold", "scan": 1, "message": "" }],
        });
        let scans = scans(&serde_json::from_value(study).unwrap());
        assert_eq!(scans.len(), 2);
        assert_eq!((scans[0].is_phantom, scans[0].facts.regions.len()), (false, 1), "a set is not counted");
        assert_eq!(
            (scans[1].is_phantom, scans[1].facts.regions.len()),
            (true, 1),
            "but that of a phantom is"
        );
        let text = serde_json::to_string(&scans[0].facts).unwrap();
        assert_eq!(
            text,
            r#"{"r":[{"s":"L1","o":[12.0,null,0.9],"d":[12.5,null,0.91]}],"q":{"fail":["spine-tilt"]}}"#
        );
        assert_eq!(serde_json::from_str::<ScanFacts>(&text).unwrap(), scans[0].facts);
    }
}
