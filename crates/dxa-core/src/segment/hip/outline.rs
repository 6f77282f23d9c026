//! The femur cut into its regions (docs/regions.md, "Regions").

use super::neck::Neck;
use super::neck_box::{HALF_WIDTH_MM, LENGTH_MM};
use super::shaft::Shaft;
use crate::geometry::{DetectorPoint, Polygon, Segment};
use crate::segment::limb::clip::{all_beside, beside};
use crate::segment::limb::contour;
use crate::segment::limb::frame::Frame;
use crate::segment::limb::grid::Grid;

/// The total hip goes this far below the lower edge of the lesser trochanter.
const BELOW_LESSER_TROCHANTER_MM: f64 = 10.0;

/// The parts of the total hip.
pub(super) struct Regions {
    pub(super) total: Polygon,
    pub(super) neck: Vec<Polygon>,
    pub(super) trochanter: Vec<Polygon>,
    pub(super) intertrochanter: Vec<Polygon>,
}

/// The femur without its head, down to the lower end of the total hip.
pub(super) fn total(excess: &Grid, shaft: &Shaft, neck: &Neck, lateral: f64) -> Option<Polygon> {
    let middle = neck.axis.point(lateral - 0.5 * LENGTH_MM, 0.0);
    let whole = contour::around(excess, middle)?;
    let end = shaft.lesser_trochanter.y_mm + BELOW_LESSER_TROCHANTER_MM;
    let above = Frame { origin: DetectorPoint { x_mm: 0.0, y_mm: end }, direction: (-1.0, 0.0) };
    let mut parts = beside(&whole, &above);
    parts = all_beside(&parts, &neck.axis.wall(lateral - LENGTH_MM));
    parts.into_iter().find(|part| part.contains(middle))
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
pub(super) fn parts(total: Polygon, neck: &Neck, lateral: f64, line: Segment) -> Option<Regions> {
    let upper = neck.axis.at(neck.axis.point(0.0, HALF_WIDTH_MM));
    let lower = neck.axis.at(neck.axis.point(0.0, -HALF_WIDTH_MM));
    let medial_of_wall = beside(&total, &neck.axis.wall(lateral).turned(180.0));
    let within = all_beside(&medial_of_wall, &upper.turned(180.0));
    let neck_parts = all_beside(&within, &lower);
    let mut rest = beside(&total, &neck.axis.wall(lateral));
    rest.extend(all_beside(&medial_of_wall, &upper));
    rest.extend(all_beside(&medial_of_wall, &lower.turned(180.0)));
    // From the neck axis outward the upper side lies clockwise: where `across` grows.
    let line = Frame::through(line.from, line.to)?;
    Some(Regions {
        neck: neck_parts,
        trochanter: all_beside(&rest, &line),
        intertrochanter: all_beside(&rest, &line.turned(180.0)),
        total,
    })
}
