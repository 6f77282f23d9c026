//! How well an AP spine scan was taken, and what in it makes its density doubtful.

mod bodies;
mod metal;
mod motion;
mod spinous;
mod view;

use super::check::{Must, record};
use crate::field::Field;
use crate::outline::{Landmark, Outlines};
use crate::quality::QualityRecord;
use crate::site::{LumbarSet, Site};
use view::View;

// Limits and where they come from: docs/quality.md.
const TILT_DEG: f64 = 5.0;
const CENTERING_MM: f64 = 20.0;
const T12_PERCENT: f64 = 50.0;
const L5_PERCENT: f64 = 25.0;
const CREST_MM: f64 = 5.0;
const MARGIN_MM: f64 = 20.0;
const CURVATURE_DEG: f64 = 10.0;
const SPINOUS_MM: f64 = 5.0;
const METAL_MM2: f64 = 30.0;
const MOTION_MM: f64 = 1.0;
const OUTLIER_PERCENT: f64 = 25.0;
const HEIGHT_LOSS_PERCENT: f64 = 20.0;
const AREA_CHANGE_PERCENT: f64 = 2.0;
const LABEL_MARGIN: f64 = 0.0;

/// A measurement with the shapes it was taken from.
type Measured = Option<(f64, Vec<Landmark>)>;

/// The checks of an AP spine scan, in the order of docs/quality.md.
///
/// `prior` holds the areas of an earlier scan of the same person in cm²; the check against it is only listed
/// when there are any.
#[must_use]
pub fn records(scan: usize, field: &Field, found: &Outlines, prior: &[(Site, f64)]) -> Vec<QualityRecord> {
    let view = View::of(field, found);
    let margin = found.label_margin.map(|margin| (margin, Vec::new()));
    let mut records = vec![
        check(scan, "spine-labels", "1", Must::BeAtLeast(LABEL_MARGIN), margin),
        check(scan, "spine-tilt", "deg", Must::BeAtMost(TILT_DEG), view.tilt()),
        check(scan, "spine-centering", "mm", Must::BeAtMost(CENTERING_MM), view.centering()),
        check(scan, "spine-t12-in-view", "%", Must::BeAtLeast(T12_PERCENT), view.t12()),
        check(scan, "spine-l5-in-view", "%", Must::BeAtLeast(L5_PERCENT), view.l5()),
        check(scan, "spine-iliac-crest-in-view", "mm", Must::BeAtLeast(CREST_MM), view.crest()),
        check(scan, "spine-margins", "mm", Must::BeAtLeast(MARGIN_MM), view.margins()),
        check(scan, "spine-curvature", "deg", Must::BeAtMost(CURVATURE_DEG), view.curvature()),
        check(scan, "spine-rotation", "mm", Must::BeAtMost(SPINOUS_MM), spinous::offset_mm(&view)),
        check(scan, "spine-metal", "mm2", Must::BeAtMost(METAL_MM2), metal::area_mm2(&view)),
        check(scan, "spine-motion", "mm", Must::BeAtMost(MOTION_MM), motion::largest_shift_mm(&view)),
        check(scan, "vertebral-outlier", "%", Must::BeAtMost(OUTLIER_PERCENT), bodies::spread(&view)),
        check(
            scan,
            "vertebral-height-loss",
            "%",
            Must::BeAtMost(HEIGHT_LOSS_PERCENT),
            bodies::height_loss(&view),
        ),
    ];
    if !prior.is_empty() {
        let change = bodies::area_change(found, prior);
        records.push(check(scan, "spine-area-change", "%", Must::BeAtMost(AREA_CHANGE_PERCENT), change));
    }
    records
}

fn check(scan: usize, id: &'static str, unit: &'static str, must: Must, measured: Measured) -> QualityRecord {
    let (measured, evidence) = measured.map_or((None, Vec::new()), |(value, shapes)| (Some(value), shapes));
    record(scan, id, unit, must, measured, evidence)
}

/// The four vertebrae, from above.
fn vertebrae() -> impl Iterator<Item = Site> {
    crate::site::Lumbar::ALL.into_iter().filter_map(|lumbar| Some(Site::Lumbar(LumbarSet::new(&[lumbar])?)))
}
