//! Simulated scans of limbs, calibrated, with their truth.

use std::collections::BTreeMap;

use dxa_core::calibrate::{self, Calibrated};
use dxa_core::decode::quantitative::EnergyImage;
use dxa_core::field::Field;
use dxa_core::guard::{self, Input, Leniency, Limits};
use dxa_core::measure::region;
use dxa_core::outline::Outlines;
use dxa_core::segment::edge::{EdgeRule, bone};
use dxa_core::study::PixelSpacing;
use serde_json::Value;

/// A simulated scan.
pub(crate) struct SimulatedLimb {
    calibrated: Calibrated,
    scene: Value,
}

impl SimulatedLimb {
    /// Simulates a scan, reads its pair and calibrates it.
    pub(crate) fn scan(kind: &str, seed: u64, settings: &[(&str, &str)]) -> Self {
        let settings: BTreeMap<String, String> =
            settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let files = dxa_sim::simulate(kind, seed, &settings).unwrap();
        let mut images = Vec::new();
        let mut scene = Value::Null;
        for file in &files {
            if file.name.ends_with(".json") {
                let truth: Value = serde_json::from_slice(&file.bytes).unwrap();
                scene = truth["files"][0]["scene"].clone();
                continue;
            }
            let object = guard::open(Input::whole(&file.bytes), Leniency::Strict, &Limits::DEFAULT).unwrap();
            images.push(EnergyImage::read(&object).unwrap());
        }
        let spacing = images[0].spacings.iter().find(|spacing| spacing.len() == 2).unwrap();
        let spacing = PixelSpacing { row_mm: spacing[0], column_mm: spacing[1] };
        Self { calibrated: calibrate::pair(&images[0], &images[1], spacing).unwrap(), scene }
    }

    /// Its density.
    pub(crate) fn field(&self) -> &Field {
        &self.calibrated.field
    }

    /// A landmark of the truth.
    pub(crate) fn landmark(&self, name: &str) -> &Value {
        &self.scene["landmarks"][name]
    }

    /// What a quality check has to measure.
    pub(crate) fn quality(&self, name: &str) -> f64 {
        self.scene["quality"][name].as_f64().unwrap()
    }

    /// The length of the ulna as entered.
    pub(crate) fn ulna_length_mm(&self) -> f64 {
        self.scene["ulna_length_mm"].as_f64().unwrap()
    }

    /// The true density of a region.
    pub(crate) fn bmd(&self, site: &str, convention: Option<&str>) -> f64 {
        let regions = self.scene["regions"].as_array().unwrap();
        let region = regions.iter().find(|region| {
            region["site"] == site && convention.is_none_or(|name| region["convention"] == name)
        });
        region.unwrap_or_else(|| panic!("no truth of {site}"))["bmd_g_cm2"].as_f64().unwrap()
    }
}

/// The density of each region found, and of the total hip.
pub(crate) fn densities(scan: &SimulatedLimb, outlines: &Outlines) -> Vec<(String, f64)> {
    let bone = bone(scan.field(), EdgeRule::HalfStep).unwrap();
    let measures: Vec<(String, region::RegionMeasure)> = outlines
        .regions
        .iter()
        .map(|outline| (outline.site.to_string(), region::measure(&scan.calibrated, &bone, outline).unwrap()))
        .collect();
    let mut densities: Vec<(String, f64)> =
        measures.iter().map(|(site, measure)| (site.clone(), measure.bmd().get())).collect();
    let parts: Vec<region::RegionMeasure> = measures
        .iter()
        .filter(|(site, _)| ["femoral_neck", "trochanter", "intertrochanter"].contains(&site.as_str()))
        .map(|(_, measure)| *measure)
        .collect();
    if let Some(total) = region::total(&parts) {
        densities.push(("total_hip".to_owned(), total.bmd().get()));
    }
    densities
}

/// Errors by what they are errors of.
#[derive(Default)]
pub(crate) struct Errors(BTreeMap<String, Vec<f64>>);

impl Errors {
    /// Adds one.
    pub(crate) fn add(&mut self, name: &str, error: f64) {
        self.0.entry(name.to_owned()).or_default().push(error);
    }

    /// All of a name.
    pub(crate) fn of(&self, name: &str) -> &[f64] {
        &self.0[name]
    }
}
