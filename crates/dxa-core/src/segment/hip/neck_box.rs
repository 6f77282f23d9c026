//! The neck box in the convention of each maker (docs/regions.md, "Neck box").

use super::NeckConvention;
use super::neck::{Neck, lower_edge};
use crate::geometry::{DetectorPoint, Polygon};
use crate::segment::edge::Bone;
use crate::segment::limb::frame::Frame;
use crate::segment::limb::grid::Grid;
use crate::segment::limb::relief::Relief;

/// Length of the box along the neck axis.
pub(super) const LENGTH_MM: f64 = 15.0;
/// Half of the size of the box across the neck axis.
pub(super) const HALF_WIDTH_MM: f64 = 24.5;
/// How far lateral of the narrowest place the greater trochanter is looked for.
const REACH_MM: f64 = 50.0;
/// The edge of bone is compared with the relief on lines so far above and below the corner, so far apart.
const MOVED_OVER_MM: f64 = 2.0;
const MOVED_STEP_MM: f64 = 0.25;
/// They differ by no more than this, and are compared as exactly as that.
const MOVED_MOST_MM: f64 = 1.5;
const MOVED_EXACT_MM: f64 = 0.05;

/// Where the lateral edge of the box lies along the neck axis; `None` where no trochanter stops it.
///
/// `bone` is what regions are measured in, where its edges are those of the femur.
pub(super) fn lateral_edge(
    excess: &Grid,
    bone: Option<&Bone>,
    neck: &Neck,
    convention: NeckConvention,
) -> Option<f64> {
    match convention {
        NeckConvention::Lunar => Some(neck.waist + 0.5 * LENGTH_MM),
        NeckConvention::Hologic => {
            let touched = first_touch(excess, neck, HALF_WIDTH_MM)?;
            Some(touched + bone.map_or(0.0, |bone| moved(excess, bone, neck)))
        }
    }
}

/// The first place lateral of the waist, so far above the neck axis, at which there is bone.
fn first_touch(excess: &Grid, neck: &Neck, above: f64) -> Option<f64> {
    const STEP_MM: f64 = 0.25;
    let value = |along: f64| excess.at(neck.axis.point(along, above));
    let mut along = neck.waist;
    let mut before = value(along)?;
    while along < neck.waist + REACH_MM {
        let here = value(along + STEP_MM)?;
        if before <= 0.0 && here > 0.0 {
            return Some(along + STEP_MM * before / (before - here));
        }
        (before, along) = (here, along + STEP_MM);
    }
    None
}

/// How much farther along the neck axis bone begins at the corner of the box than the relief has it: a mean over
/// lines above and below the corner, for a single place is as noisy as its edge.
fn moved(excess: &Grid, bone: &Bone, neck: &Neck) -> f64 {
    let lines = (2.0 * MOVED_OVER_MM / MOVED_STEP_MM) as usize;
    let moved = (0..=lines).filter_map(|line| {
        let above = HALF_WIDTH_MM - MOVED_OVER_MM + line as f64 * MOVED_STEP_MM;
        let touched = first_touch(excess, neck, above)?;
        let steps = (2.0 * MOVED_MOST_MM / MOVED_EXACT_MM) as usize;
        let mut places = (0..=steps).map(|step| step as f64 * MOVED_EXACT_MM - MOVED_MOST_MM);
        let first = places.find(|place| bone.contains(neck.axis.point(touched + place, above)))?;
        (first > -MOVED_MOST_MM).then_some(first - 0.5 * MOVED_EXACT_MM)
    });
    let (sum, count) = moved.fold((0.0, 0.0), |(sum, count), moved| (sum + moved, count + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

/// How far a corner of a box that was placed may lie from where the convention has it.
const PLACED_MM: f64 = 0.5;

/// The axis through a box that a reader placed, from its medial edge, and where its lateral edge lies on it; `None`
/// for a box of another size than the convention's.
pub(super) fn placed(area: &Polygon) -> Option<(Frame, f64)> {
    let [upper_medial, upper_lateral, lower_lateral, lower_medial] = area.corners.as_slice() else {
        return None;
    };
    let middle = |one: &DetectorPoint, other: &DetectorPoint| DetectorPoint {
        x_mm: f64::midpoint(one.x_mm, other.x_mm),
        y_mm: f64::midpoint(one.y_mm, other.y_mm),
    };
    let axis = Frame::through(middle(upper_medial, lower_medial), middle(upper_lateral, lower_lateral))?;
    let wanted = box_corners(&axis, LENGTH_MM).corners;
    let fits = area.corners.iter().zip(wanted).all(|(corner, at)| corner.distance_mm(at) <= PLACED_MM);
    fits.then_some((axis, LENGTH_MM))
}

/// The four corners of the box.
pub(super) fn corners(neck: &Neck, lateral: f64) -> Polygon {
    box_corners(&neck.axis, lateral)
}

fn box_corners(axis: &Frame, lateral: f64) -> Polygon {
    let corner = |along: f64, across: f64| axis.point(along, across);
    let medial = lateral - LENGTH_MM;
    Polygon {
        corners: vec![
            corner(medial, HALF_WIDTH_MM),
            corner(lateral, HALF_WIDTH_MM),
            corner(lateral, -HALF_WIDTH_MM),
            corner(medial, -HALF_WIDTH_MM),
        ],
    }
}

/// Area of bone within the box below the neck that is not the neck: the ischium.
pub(super) fn ischium_mm2(relief: &Relief, neck: &Neck, lateral: f64) -> f64 {
    const STEP_MM: f64 = 0.5;
    let is_bone = |along: f64, across: f64| {
        relief.excess.at(neck.axis.point(along, -across)).is_some_and(|value| value > 0.0)
    };
    let steps = |from: f64, to: f64| {
        let count = ((to - from) / STEP_MM).max(0.0).round() as usize;
        (0..count).map(move |step| from + (step as f64 + 0.5) * STEP_MM)
    };
    let beside = |along: f64| {
        let edge = lower_edge(relief, &neck.axis, along).unwrap_or(HALF_WIDTH_MM);
        steps(edge, HALF_WIDTH_MM).filter(|across| is_bone(along, *across)).count()
    };
    let samples: usize = steps(lateral - LENGTH_MM, lateral).map(beside).sum();
    samples as f64 * STEP_MM * STEP_MM
}
