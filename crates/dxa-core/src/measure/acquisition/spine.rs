//! How well an AP spine scan was taken, and what in it makes its density doubtful.

mod bodies;
mod metal;
mod spinous;
mod spurs;
mod view;

use super::check::{Must, record};
use crate::field::Field;
use crate::outline::{Landmark, Outlines};
use crate::quality::QualityRecord;
use crate::site::Site;
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
const SPUR_MM: f64 = 4.0;
const OUTLIER_PERCENT: f64 = 25.0;
const HEIGHT_LOSS_PERCENT: f64 = 20.0;
const AREA_CHANGE_PERCENT: f64 = 2.0;
const LABEL_MARGIN: f64 = 0.0;

/// A measurement with the shapes it was taken from.
type Measured = Option<(f64, Vec<Landmark>)>;

/// The checks of an AP spine scan, in the order of docs/quality.md.
#[must_use]
pub fn records(scan: usize, field: &Field, found: &Outlines) -> Vec<QualityRecord> {
    let view = View::of(field, found);
    let margin = found.label_margin.map(|margin| (margin, Vec::new()));
    vec![
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
        check(scan, "spine-motion", "mm", Must::BeAtMost(MOTION_MM), view.motion()),
        check(scan, "spine-osteophyte", "mm", Must::BeAtMost(SPUR_MM), spurs::excess_mm(&view)),
        check(scan, "vertebral-outlier", "%", Must::BeAtMost(OUTLIER_PERCENT), bodies::spread(&view)),
        check(
            scan,
            "vertebral-height-loss",
            "%",
            Must::BeAtMost(HEIGHT_LOSS_PERCENT),
            bodies::height_loss(&view),
        ),
    ]
}

/// The check of bone area against an earlier scan: the change over the vertebrae that both have, by areas in cm².
///
/// `None` when they have no vertebra in common.
#[must_use]
pub fn area_change(scan: usize, now: &[(Site, f64)], before: &[(Site, f64)]) -> Option<QualityRecord> {
    let both = now.iter().filter_map(|(site, area)| {
        let (_, earlier) = before.iter().find(|(of, _)| of == site)?;
        Some((area, earlier))
    });
    let (now, before) = both.fold((0.0, 0.0), |(a, b), (now, before)| (a + now, b + before));
    let change = (before > 0.0).then(|| 100.0 * (now / before - 1.0).abs())?;
    Some(record(
        scan,
        "spine-area-change",
        "%",
        Must::BeAtMost(AREA_CHANGE_PERCENT),
        Some(change),
        Vec::new(),
    ))
}

fn check(scan: usize, id: &'static str, unit: &'static str, must: Must, measured: Measured) -> QualityRecord {
    let (measured, evidence) = measured.map_or((None, Vec::new()), |(value, shapes)| (Some(value), shapes));
    record(scan, id, unit, must, measured, evidence)
}
