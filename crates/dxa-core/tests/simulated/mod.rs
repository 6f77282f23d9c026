//! Simulated scans, read and calibrated, with the regions that their truth names.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses a part of it, and a failure here is its failure"
)]

use std::collections::BTreeMap;

use dxa_core::calibrate::{self, Calibrated};
use dxa_core::decode::quantitative::{DensityMap, EnergyImage};
use dxa_core::findings::Refusal;
use dxa_core::geometry::{DetectorPoint, Polygon};
use dxa_core::guard::{self, Input, Leniency, Limits, Object};
use dxa_core::outline::RegionOutline;
use dxa_core::study::PixelSpacing;
use dxa_sim::SimFile;
use serde_json::Value;

/// One simulated scan.
pub(crate) struct Simulated {
    files: Vec<SimFile>,
    /// The scene of its truth.
    pub(crate) scene: Value,
}

/// Simulates a scan.
pub(crate) fn simulate(kind: &str, seed: u64, settings: &[(&str, &str)]) -> Simulated {
    let settings: BTreeMap<String, String> =
        settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let files = dxa_sim::simulate(kind, seed, &settings).unwrap();
    let truth: Value = serde_json::from_slice(&files.last().unwrap().bytes).unwrap();
    Simulated { scene: truth["files"][0]["scene"].clone(), files }
}

/// Opens a file and hands the walked object on.
pub(crate) fn opened<T>(bytes: &[u8], read: impl Fn(&Object<'_>) -> T) -> T {
    read(&guard::open(Input::whole(bytes), Leniency::Tolerant, &Limits::DEFAULT).unwrap())
}

impl Simulated {
    /// The bytes of one file.
    pub(crate) fn bytes(&self, index: usize) -> &[u8] {
        &self.files[index].bytes
    }

    /// Both images of a pair, low first.
    pub(crate) fn energies(&self) -> [EnergyImage; 2] {
        [0, 1].map(|index| {
            let end = if index == 0 { "low.dcm" } else { "high.dcm" };
            let file = self.files.iter().find(|file| file.name.ends_with(end)).unwrap();
            opened(&file.bytes, EnergyImage::read).unwrap()
        })
    }

    /// The calibrated pair.
    pub(crate) fn pair(&self) -> Result<Calibrated, Refusal> {
        let [low, high] = self.energies();
        calibrate::pair(&low, &high, self.spacing())
    }

    /// The calibrated map.
    pub(crate) fn map(&self) -> Result<Calibrated, Refusal> {
        let map = opened(&self.files[0].bytes, DensityMap::read)?;
        calibrate::density_map(&map, self.spacing())
    }

    pub(crate) fn spacing(&self) -> PixelSpacing {
        let [row_mm, column_mm] =
            [0, 1].map(|axis| self.scene["acquisition"]["pixel_spacing_mm"][axis].as_f64().unwrap());
        PixelSpacing { row_mm, column_mm }
    }

    /// Area, content and density of a region, as simulated.
    pub(crate) fn truth(&self, site: &str) -> [f64; 3] {
        let regions = self.scene["regions"].as_array().unwrap();
        let region = regions.iter().find(|region| region["site"] == site).unwrap();
        ["area_cm2", "bmc_g", "bmd_g_cm2"].map(|key| region[key].as_f64().unwrap())
    }

    /// What encloses the total hip of the `hologic` convention besides the outline of the femur.
    pub(crate) fn total_hip_area(&self) -> Polygon {
        let lines = &self.scene["landmarks"];
        let corner = |index: usize| point(&lines["hologic"]["neck_box"][index]);
        let (upper, lower) = (corner(3), corner(2));
        let across = (corner(0).x_mm - upper.x_mm, corner(0).y_mm - upper.y_mm);
        let beyond = |a: DetectorPoint, b: DetectorPoint, part: f64| DetectorPoint {
            x_mm: a.x_mm + part * (b.x_mm - a.x_mm),
            y_mm: a.y_mm + part * (b.y_mm - a.y_mm),
        };
        let (top, bottom) = (beyond(lower, upper, 1.6), beyond(upper, lower, 4.0));
        let lateral = |from: DetectorPoint| DetectorPoint {
            x_mm: from.x_mm + 12.0 * across.0,
            y_mm: from.y_mm + 12.0 * across.1,
        };
        let half_plane = vec![top, lateral(top), lateral(bottom), bottom];
        Polygon { corners: above(half_plane, lines["lower_end_y"].as_f64().unwrap()) }
    }

    /// The neck box of the `hologic` convention.
    pub(crate) fn neck_box(&self) -> Polygon {
        let corners = self.scene["landmarks"]["hologic"]["neck_box"].as_array().unwrap();
        Polygon { corners: corners.iter().map(point).collect() }
    }
}

fn point(value: &Value) -> DetectorPoint {
    DetectorPoint { x_mm: value[0].as_f64().unwrap(), y_mm: value[1].as_f64().unwrap() }
}

/// The part of a convex polygon above a horizontal line.
fn above(corners: Vec<DetectorPoint>, limit: f64) -> Vec<DetectorPoint> {
    let mut kept = Vec::new();
    for (index, a) in corners.iter().enumerate() {
        let b = corners[(index + 1) % corners.len()];
        if a.y_mm <= limit {
            kept.push(*a);
        }
        if (a.y_mm <= limit) != (b.y_mm <= limit) {
            let part = (limit - a.y_mm) / (b.y_mm - a.y_mm);
            kept.push(DetectorPoint { x_mm: a.x_mm + part * (b.x_mm - a.x_mm), y_mm: limit });
        }
    }
    kept
}

/// The largest of several outlines, as a region.
pub(crate) fn largest(site: &str, outlines: Vec<Polygon>) -> RegionOutline {
    let largest = outlines.into_iter().max_by(|a, b| a.area_mm2().total_cmp(&b.area_mm2())).unwrap();
    RegionOutline { site: site.parse().unwrap(), outline: vec![largest] }
}
