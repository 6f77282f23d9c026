//! One check: a measurement held against its limit.

use crate::field::Field;
use crate::geometry::Segment;
use crate::outline::{Landmark, Outlines};
use crate::quality::{QualityRecord, QualityStatus};
use crate::segment::metal::metal;

/// Which side of its limit a measurement has to stay on.
#[derive(Clone, Copy)]
pub(super) enum Must {
    BeAtMost(f64),
    BeAtLeast(f64),
}

/// The record of a check; without a measurement it is not evaluable.
pub(super) fn record(
    scan: usize,
    id: &'static str,
    unit: &'static str,
    must: Must,
    measured: Option<f64>,
    evidence: Vec<Landmark>,
) -> QualityRecord {
    let (limit, holds) = match must {
        Must::BeAtMost(limit) => (limit, measured.map(|value| value <= limit)),
        Must::BeAtLeast(limit) => (limit, measured.map(|value| value >= limit)),
    };
    let status = match holds {
        Some(true) => QualityStatus::Pass,
        Some(false) => QualityStatus::Fail,
        None => QualityStatus::NotEvaluable,
    };
    QualityRecord { scan, id, status, measured, limit: Some(limit), unit, evidence }
}

/// The landmarks of these names.
pub(super) fn named(outlines: &Outlines, names: &[&str]) -> Vec<Landmark> {
    let wanted = |landmark: &&Landmark| names.contains(&landmark.name);
    outlines.landmarks.iter().filter(wanted).cloned().collect()
}

/// Length of a line, mm.
pub(super) fn length(line: Segment) -> f64 {
    line.from.distance_mm(line.to)
}

/// Angle between a line and the vertical of the image, degrees.
pub(super) fn tilt_deg(line: Segment) -> f64 {
    let (across, down) = (line.to.x_mm - line.from.x_mm, line.to.y_mm - line.from.y_mm);
    across.abs().atan2(down.abs()).to_degrees()
}

/// Width and height of the image, mm.
pub(super) fn size_mm(field: &Field) -> (f64, f64) {
    let (rows, columns) = field.shape();
    (columns as f64 * field.spacing.column_mm, rows as f64 * field.spacing.row_mm)
}

/// Area of metal; a display image does not tell.
pub(super) fn metal_mm2(field: &Field) -> Option<f64> {
    let pixels = metal(field)?.iter().filter(|metal| **metal).count();
    Some(pixels as f64 * field.pixel_area_mm2())
}
