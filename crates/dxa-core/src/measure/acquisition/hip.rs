//! How well a hip scan was taken.

use super::check::{Must, length, metal_mm2, named, record, size_mm, tilt_deg};
use super::motion;
use crate::field::Field;
use crate::findings::{Finding, Severity};
use crate::geometry::DetectorPoint;
use crate::outline::Outlines;
use crate::quality::QualityRecord;
use crate::site::Side;

// Limits and where they come from: docs/quality-limbs.md.
const SHAFT_TILT_DEG: f64 = 5.0;
const LESSER_TROCHANTER_MM: f64 = 5.0;
const HEAD_MARGIN_MM: f64 = 0.0;
const ABOVE_MM: f64 = 30.0;
const LATERAL_MM: f64 = 20.0;
const BELOW_LESSER_TROCHANTER_MM: f64 = 10.0;
const BOX_ON_HEAD_MM: f64 = 5.0;
const BOX_LENGTH_MM: f64 = 15.0;
const BOX_TOLERANCE_MM: f64 = 0.5;
const ISCHIUM_MM2: f64 = 10.0;
const METAL_MM2: f64 = 20.0;
const MOTION_MM: f64 = 1.0;

/// The checks of a hip scan, in the order of docs/quality-limbs.md.
///
/// Where nothing was found, give empty outlines: what rests on them is then not evaluable, and metal and
/// motion are still looked for.
#[must_use]
pub fn records(scan: usize, field: &Field, outlines: &Outlines) -> Vec<QualityRecord> {
    let check = |id, unit, must, measured: Option<f64>, evidence: &[&str]| {
        record(scan, id, unit, must, measured, named(outlines, evidence))
    };
    vec![
        check(
            "hip-shaft-tilt",
            "deg",
            Must::BeAtMost(SHAFT_TILT_DEG),
            outlines.line("shaft_axis").map(tilt_deg),
            &["shaft_axis"],
        ),
        check(
            "hip-rotation",
            "mm",
            Must::BeAtMost(LESSER_TROCHANTER_MM),
            outlines.line("lesser_trochanter").map(length),
            &["lesser_trochanter"],
        ),
        check(
            "hip-head-in-view",
            "mm",
            Must::BeAtLeast(HEAD_MARGIN_MM),
            head_margin(field, outlines),
            &["head"],
        ),
        check(
            "hip-margin-above",
            "mm",
            Must::BeAtLeast(ABOVE_MM),
            outlines.point("greater_trochanter_tip").map(|tip| tip.y_mm),
            &["greater_trochanter_tip"],
        ),
        check(
            "hip-margin-lateral",
            "mm",
            Must::BeAtLeast(LATERAL_MM),
            lateral_margin(field, outlines),
            &["femur"],
        ),
        check(
            "hip-margin-below",
            "mm",
            Must::BeAtLeast(BELOW_LESSER_TROCHANTER_MM),
            below(field, outlines),
            &["lesser_trochanter_lower_edge"],
        ),
        check(
            "hip-neck-box-position",
            "mm",
            Must::BeAtMost(BOX_ON_HEAD_MM),
            box_on_head(outlines),
            &["neck_box", "head"],
        ),
        check("hip-neck-box-size", "mm", Must::BeAtMost(BOX_TOLERANCE_MM), box_size(outlines), &["neck_box"]),
        check(
            "hip-ischium-in-neck-box",
            "mm2",
            Must::BeAtMost(ISCHIUM_MM2),
            ischium(outlines),
            &["neck_box"],
        ),
        check("hip-metal", "mm2", Must::BeAtMost(METAL_MM2), metal_mm2(field), &[]),
        check("hip-motion", "mm", Must::BeAtMost(MOTION_MM), motion::over_whole_width(field), &[]),
    ]
}

/// A finding where the image shows the other hip than the object says; which of the two errs is not known.
#[must_use]
pub fn contradicted_side(scan: usize, said: Option<Side>, outlines: &Outlines) -> Option<Finding> {
    let shown = shown_side(outlines)?;
    let said = said.filter(|side| *side != Side::Both && *side != shown)?;
    let message = format!(
        "The object says {}, but the pelvis lies on the side of a {} hip in the image.",
        said.code(),
        shown.code()
    );
    Some(Finding { scan: Some(scan), ..Finding::new("side_contradicts_image", Severity::Review, message) })
}

/// The side that an image shows, when it is seen from the front, as densitometers draw it.
#[must_use]
pub fn shown_side(outlines: &Outlines) -> Option<Side> {
    let (head, _) = outlines.circle("head")?;
    let shaft = outlines.line("shaft_axis")?;
    Some(if head.x_mm > shaft.from.x_mm { Side::Right } else { Side::Left })
}

/// Smallest distance of the head circle from an edge of the image, negative where it is cut.
fn head_margin(field: &Field, outlines: &Outlines) -> Option<f64> {
    let (DetectorPoint { x_mm, y_mm }, radius) = outlines.circle("head")?;
    let (width, height) = size_mm(field);
    Some([x_mm, y_mm, width - x_mm, height - y_mm].into_iter().fold(f64::INFINITY, f64::min) - radius)
}

/// Distance of the femur from the lateral edge of the image.
fn lateral_margin(field: &Field, outlines: &Outlines) -> Option<f64> {
    let (width, _) = size_mm(field);
    let corners = &outlines.area("femur")?.corners;
    let places = corners.iter().map(|corner| match shown_side(outlines) {
        Some(Side::Right) => corner.x_mm,
        _ => width - corner.x_mm,
    });
    places.min_by(f64::total_cmp)
}

/// From the lower edge of the lesser trochanter down to the end of the image.
fn below(field: &Field, outlines: &Outlines) -> Option<f64> {
    Some(size_mm(field).1 - outlines.point("lesser_trochanter_lower_edge")?.y_mm)
}

/// How far the neck box reaches into the head along the neck axis.
fn box_on_head(outlines: &Outlines) -> Option<f64> {
    let (head, radius) = outlines.circle("head")?;
    let corners = &outlines.area("neck_box")?.corners;
    let (upper, lower) = (corners.first()?, corners.last()?);
    let middle =
        DetectorPoint { x_mm: 0.5 * (upper.x_mm + lower.x_mm), y_mm: 0.5 * (upper.y_mm + lower.y_mm) };
    Some(radius - head.distance_mm(middle))
}

/// How much the length of the neck box differs from the default.
fn box_size(outlines: &Outlines) -> Option<f64> {
    let corners = &outlines.area("neck_box")?.corners;
    Some((corners.first()?.distance_mm(*corners.get(1)?) - BOX_LENGTH_MM).abs())
}

fn ischium(outlines: &Outlines) -> Option<f64> {
    outlines.evidence.iter().find(|piece| piece.name == "ischium_in_neck_box_mm2").map(|piece| piece.measured)
}
