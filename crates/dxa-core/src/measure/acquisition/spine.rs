//! How well an AP spine scan was taken, and what in it makes its density doubtful.

mod bodies;
mod metal;
mod motion;
mod spinous;
mod view;

use crate::field::Field;
use crate::outline::{Landmark, LandmarkShape, Outlines};
use crate::quality::{QualityRecord, QualityStatus};
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
const SPUR_MM: f64 = 4.0;
const HEIGHT_LOSS_PERCENT: f64 = 20.0;
const AREA_CHANGE_PERCENT: f64 = 2.0;
const LABEL_MARGIN: f64 = 0.0;

/// Which side of its limit a measurement has to stay on.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Must {
    BeAtMost(f64),
    BeAtLeast(f64),
}

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
        record(scan, "spine-labels", "1", Must::BeAtLeast(LABEL_MARGIN), margin),
        record(scan, "spine-tilt", "deg", Must::BeAtMost(TILT_DEG), view.tilt()),
        record(scan, "spine-centering", "mm", Must::BeAtMost(CENTERING_MM), view.centering()),
        record(scan, "spine-t12-in-view", "%", Must::BeAtLeast(T12_PERCENT), view.t12()),
        record(scan, "spine-l5-in-view", "%", Must::BeAtLeast(L5_PERCENT), view.l5()),
        record(scan, "spine-iliac-crest-in-view", "mm", Must::BeAtLeast(CREST_MM), view.crest()),
        record(scan, "spine-margins", "mm", Must::BeAtLeast(MARGIN_MM), view.margins()),
        record(scan, "spine-curvature", "deg", Must::BeAtMost(CURVATURE_DEG), view.curvature()),
        record(scan, "spine-rotation", "mm", Must::BeAtMost(SPINOUS_MM), spinous::offset_mm(&view)),
        record(scan, "spine-metal", "mm2", Must::BeAtMost(METAL_MM2), metal::area_mm2(&view)),
        record(scan, "spine-motion", "mm", Must::BeAtMost(MOTION_MM), motion::largest_shift_mm(&view)),
        record(scan, "vertebral-outlier", "%", Must::BeAtMost(OUTLIER_PERCENT), bodies::spread(&view)),
        record(scan, "vertebral-spur", "mm", Must::BeAtMost(SPUR_MM), bodies::spur_mm(&view)),
        record(
            scan,
            "vertebral-height-loss",
            "%",
            Must::BeAtMost(HEIGHT_LOSS_PERCENT),
            bodies::height_loss(&view),
        ),
    ];
    if !prior.is_empty() {
        let change = bodies::area_change(found, prior);
        records.push(record(scan, "spine-area-change", "%", Must::BeAtMost(AREA_CHANGE_PERCENT), change));
    }
    records
}

fn record(
    scan: usize,
    id: &'static str,
    unit: &'static str,
    must: Must,
    measured: Measured,
) -> QualityRecord {
    let (limit, holds) = match must {
        Must::BeAtMost(limit) => (limit, measured.as_ref().map(|(value, _)| *value <= limit)),
        Must::BeAtLeast(limit) => (limit, measured.as_ref().map(|(value, _)| *value >= limit)),
    };
    let status = match holds {
        Some(true) => QualityStatus::Pass,
        Some(false) => QualityStatus::Fail,
        None => QualityStatus::NotEvaluable,
    };
    let (measured, evidence) = measured.map_or((None, Vec::new()), |(value, shapes)| (Some(value), shapes));
    QualityRecord { scan, id, status, measured, limit: Some(limit), unit, evidence }
}

/// The four vertebrae, from above.
fn vertebrae() -> impl Iterator<Item = Site> {
    crate::site::Lumbar::ALL.into_iter().filter_map(|lumbar| Some(Site::Lumbar(LumbarSet::new(&[lumbar])?)))
}

/// A landmark of the segmentation by its name.
fn landmark<'o>(found: &'o Outlines, name: &str) -> Option<&'o LandmarkShape> {
    found.landmarks.iter().find(|landmark| landmark.name == name).map(|landmark| &landmark.shape)
}
