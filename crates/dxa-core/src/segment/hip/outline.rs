//! The femur cut into its regions (docs/regions.md, "Regions").

use super::neck::Neck;
use super::neck_box::{HALF_WIDTH_MM, LENGTH_MM};
use super::shaft::Shaft;
use crate::geometry::{DetectorPoint, Polygon, Segment};
use crate::segment::edge::Bone;
use crate::segment::limb::bone::{piece_at, pieces_of};
use crate::segment::limb::clip::beside;
use crate::segment::limb::frame::Frame;
use crate::segment::limb::grid::Grid;

/// The total hip goes this far below the lower edge of the lesser trochanter.
const BELOW_LESSER_TROCHANTER_MM: f64 = 10.0;

/// Farther than any image reaches.
const FAR_MM: f64 = 600.0;

/// The parts of the total hip.
pub(super) struct Regions {
    pub(super) total: Polygon,
    pub(super) neck: Vec<Polygon>,
    pub(super) trochanter: Vec<Polygon>,
    pub(super) intertrochanter: Vec<Polygon>,
}

/// The femur without its head, down to the lower end of the total hip.
pub(super) fn total(bone: &Bone, shaft: &Shaft, neck: &Neck, lateral: f64) -> Option<Polygon> {
    let medial = lateral - LENGTH_MM;
    let area = area(neck, &[(medial, FAR_MM), (FAR_MM, FAR_MM), (FAR_MM, -FAR_MM), (medial, -FAR_MM)]);
    let middle = neck.axis.point(lateral - 0.5 * LENGTH_MM, 0.0);
    above_end(&area, shaft).iter().find_map(|area| piece_at(bone, area, middle))
}

/// A polygon with corners along and across the neck axis.
fn area(neck: &Neck, corners: &[(f64, f64)]) -> Polygon {
    Polygon { corners: corners.iter().map(|(along, across)| neck.axis.point(*along, *across)).collect() }
}

/// The part of an area above the lower end of the total hip.
fn above_end(area: &Polygon, shaft: &Shaft) -> Vec<Polygon> {
    let end = shaft.lesser_trochanter.y_mm + BELOW_LESSER_TROCHANTER_MM;
    beside(area, &Frame { origin: DetectorPoint { x_mm: 0.0, y_mm: end }, direction: (-1.0, 0.0) })
}

/// The line between trochanter and intertrochanteric region.
///
/// From the neck axis at the lateral edge of the box to the base of the greater trochanter; without a base
/// that stands out, to where the neck axis leaves the femur.
pub(super) fn trochanteric_line(excess: &Grid, shaft: &Shaft, neck: &Neck, lateral: f64) -> Option<Segment> {
    let to = match shaft.greater_trochanter_base {
        Some(base) => base,
        None => lateral_exit(excess, neck, lateral)?,
    };
    Some(Segment { from: neck.axis.point(lateral, 0.0), to })
}

/// Where the neck axis leaves the femur laterally.
pub(super) fn lateral_exit(excess: &Grid, neck: &Neck, lateral: f64) -> Option<DetectorPoint> {
    edge_from(excess, &neck.axis, lateral, 1.0).map(|along| neck.axis.point(along, 0.0))
}

/// The first place along an axis, from inside of bone, at which bone ends.
pub(super) fn edge_from(excess: &Grid, axis: &Frame, from: f64, direction: f64) -> Option<f64> {
    const STEP_MM: f64 = 0.25;
    let value = |along: f64| excess.at(axis.point(along, 0.0));
    let mut along = from;
    let mut before = value(along).filter(|value| *value > 0.0)?;
    loop {
        let next = along + direction * STEP_MM;
        let here = value(next)?;
        if here <= 0.0 {
            return Some(along + direction * STEP_MM * before / (before - here));
        }
        (before, along) = (here, next);
    }
}

/// The total hip in its three parts.
pub(super) fn parts(
    bone: &Bone,
    total: Polygon,
    shaft: &Shaft,
    neck: &Neck,
    lateral: f64,
    line: Segment,
) -> Regions {
    let medial = lateral - LENGTH_MM;
    let (from, to) = (neck.axis.of(line.from), neck.axis.of(line.to));
    let stretch = FAR_MM / (to.0 - from.0).hypot(to.1 - from.1).max(1.0);
    let far = (from.0 + (to.0 - from.0) * stretch, from.1 + (to.1 - from.1) * stretch);
    let pieces = |corners: &[(f64, f64)]| -> Vec<Polygon> {
        let areas = above_end(&area(neck, corners), shaft);
        areas.iter().flat_map(|area| pieces_of(bone, area, &total)).collect()
    };
    // Beside the box and beyond it, on one side of the line.
    let beyond = |side: f64| {
        pieces(&[
            (medial, side * HALF_WIDTH_MM),
            (lateral, side * HALF_WIDTH_MM),
            (lateral, 0.0),
            far,
            (FAR_MM, side * FAR_MM),
            (medial, side * FAR_MM),
        ])
    };
    let neck_box = [
        (medial, HALF_WIDTH_MM),
        (lateral, HALF_WIDTH_MM),
        (lateral, -HALF_WIDTH_MM),
        (medial, -HALF_WIDTH_MM),
    ];
    let (neck, trochanter, intertrochanter) = (pieces(&neck_box), beyond(1.0), beyond(-1.0));
    Regions { neck, trochanter, intertrochanter, total }
}
