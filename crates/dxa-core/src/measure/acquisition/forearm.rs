//! How well a forearm scan was taken.

use super::check::{Must, length, metal_mm2, named, record, size_mm, tilt_deg};
use super::motion;
use crate::field::Field;
use crate::geometry::DetectorPoint;
use crate::outline::Outlines;
use crate::quality::QualityRecord;

// Limits and where they come from: docs/quality-limbs.md.
const TILT_DEG: f64 = 5.0;
const GAP_MM: f64 = 1.0;
const BEYOND_STYLOID_MM: f64 = 10.0;
const BELOW_THIRD_MM: f64 = 0.0;
/// A bone that ends within this of the border is cut by it.
const CUT_MM: f64 = 2.0;
const METAL_MM2: f64 = 20.0;
const MOTION_MM: f64 = 1.0;

/// The checks of a forearm scan, in the order of docs/quality-limbs.md.
///
/// Where nothing was found, give empty outlines: what rests on them is then not evaluable, and metal and
/// motion are still looked for.
#[must_use]
pub fn records(
    scan: usize,
    field: &Field,
    outlines: &Outlines,
    ulna_length_mm: Option<f64>,
) -> Vec<QualityRecord> {
    let check = |id, unit, must, measured: Option<f64>, evidence: &[&str]| {
        record(scan, id, unit, must, measured, named(outlines, evidence))
    };
    let gap = outlines.line("narrowest_gap").map(length);
    let below = ulna_length_mm.and_then(|ulna| below_third(field, outlines, ulna));
    vec![
        check("forearm-tilt", "deg", Must::BeAtMost(TILT_DEG), tilt(outlines), &["radius_axis", "ulna_axis"]),
        check("forearm-rotation", "mm", Must::BeAtLeast(GAP_MM), gap, &["narrowest_gap"]),
        check(
            "forearm-distal-end",
            "mm",
            Must::BeAtLeast(BEYOND_STYLOID_MM),
            beyond_styloid(field, outlines),
            &["ulnar_styloid"],
        ),
        check("forearm-third-in-view", "mm", Must::BeAtLeast(BELOW_THIRD_MM), below, &["ulnar_styloid"]),
        check("forearm-metal", "mm2", Must::BeAtMost(METAL_MM2), metal_mm2(field), &[]),
        check("forearm-motion", "mm", Must::BeAtMost(MOTION_MM), motion::over_whole_width(field), &[]),
    ]
}

/// Angle between the axis of the forearm and the vertical of the image.
fn tilt(outlines: &Outlines) -> Option<f64> {
    Some(tilt_deg(outlines.line("forearm_axis")?))
}

/// Whether the hand is above in the image.
fn is_upright(outlines: &Outlines) -> Option<bool> {
    let axis = outlines.line("forearm_axis")?;
    Some(axis.from.y_mm < axis.to.y_mm)
}

/// From the tip of the ulna to the end of the image on the side of the hand; none where the ulna runs out of it.
fn beyond_styloid(field: &Field, outlines: &Outlines) -> Option<f64> {
    let beyond = |y_mm: f64, upright: bool| if upright { y_mm } else { size_mm(field).1 - y_mm };
    if let Some(DetectorPoint { y_mm, .. }) = outlines.point("ulnar_styloid") {
        return Some(beyond(y_mm, is_upright(outlines)?));
    }
    let ulna = outlines.line("ulna_axis")?;
    let cut = beyond(ulna.from.y_mm, ulna.from.y_mm < ulna.to.y_mm) < CUT_MM;
    cut.then_some(0.0)
}

/// From the end of the one-third strip to the end of the image on the side of the elbow.
///
/// An image too short for tip and strip cannot hold both wherever they lie; then this is the most it can be.
fn below_third(field: &Field, outlines: &Outlines, ulna_length_mm: f64) -> Option<f64> {
    let from_tip = 0.33 * ulna_length_mm + 10.0;
    let height = size_mm(field).1;
    let Some(axis) = outlines.line("forearm_axis") else {
        return Some(height - from_tip).filter(|most| *most < BELOW_THIRD_MM);
    };
    let down = (axis.to.y_mm - axis.from.y_mm) / length(axis);
    let end = axis.from.y_mm + down * from_tip;
    Some(if down > 0.0 { height - end } else { end })
}
