//! The two ends at the wrist: the tip of the ulna and the articular end of the radius.

use super::bones::Bones;
use crate::geometry::{DetectorPoint, Polygon};
use crate::segment::edge::Bone;
use crate::segment::limb::frame::Frame;
use crate::segment::limb::grid::Grid;
use crate::segment::limb::line_fit::polynomial;
use crate::segment::limb::relief::Relief;
use crate::segment::limb::runs::Run;

/// How far from the end of the followed radius the joint is looked for.
const LOOK_MM: f64 = 30.0;
/// The width of the radius is taken this far from its end (docs/regions.md).
const WIDTH_AT_MM: f64 = 5.0;
/// A joint space is where the level falls by at least this part of what it was.
const JOINT_FALL: f64 = 0.25;

/// The tip of the ulna on the outline of bone, near the row in which the ulna was last seen, where an axis begins.
///
/// Every strip is placed from it, so that half a row here would be a hundredth of what lies between two strips.
pub(super) fn tip(bone: &Bone, axis: &Frame) -> Option<DetectorPoint> {
    // Farther from the last row another bone has been joined.
    const NEAR_MM: f64 = 1.5;
    const ACROSS_MM: f64 = 6.0;
    const DEPTH_MM: f64 = 4.0;
    let corners = [(-DEPTH_MM, -1.0), (-DEPTH_MM, 1.0), (DEPTH_MM, 1.0), (DEPTH_MM, -1.0)]
        .map(|(along, side)| axis.point(along, side * ACROSS_MM));
    let within = [2.0, 3.0].map(|along| axis.point(along, 0.0));
    let pieces = bone.outlines_within(&Polygon { corners: corners.to_vec() });
    let ulna = pieces.into_iter().find(|piece| within.iter().any(|point| piece.contains(*point)))?;
    let along = |point: &DetectorPoint| axis.of(*point).0;
    let tip = ulna.corners.into_iter().min_by(|a, b| along(a).total_cmp(&along(b)))?;
    (along(&tip).abs() < NEAR_MM).then_some(tip)
}

/// The point of the ulna farthest toward the hand along an axis that runs to the elbow.
pub(super) fn styloid(relief: &Relief, bones: &Bones, axis: &Frame) -> Option<DetectorPoint> {
    let tips = bones.ulna.iter().rev().take(40).flat_map(|run| {
        [run.left_mm, run.middle(), run.right_mm].map(|x_mm| DetectorPoint { x_mm, y_mm: run.y_mm })
    });
    let along = |point: &DetectorPoint| axis.of(*point).0;
    let last = tips.min_by(|a, b| along(a).total_cmp(&along(b)))?;
    Some(beyond(&relief.excess, &axis.at(last)).unwrap_or(last))
}

/// Where bone ends beyond the last row that showed it.
fn beyond(excess: &Grid, axis: &Frame) -> Option<DetectorPoint> {
    const STEP_MM: f64 = 0.1;
    let value = |toward_hand: f64| excess.at(axis.point(-toward_hand, 0.0));
    let steps = (0..20).map(|step| f64::from(step) * STEP_MM);
    let end = steps.take_while(|at| value(*at).is_some_and(|value| value > 0.0)).last()?;
    Some(axis.point(-end, 0.0))
}

/// The point of the articular end that lies farthest from the hand.
pub(super) fn endplate(relief: &Relief, bones: &Bones, axis: &Frame) -> Option<DetectorPoint> {
    let top = bones.radius.last()?.y_mm;
    let mut end = top;
    let mut found = None;
    for _ in 0..3 {
        let width = run_at(&bones.radius, end + WIDTH_AT_MM)?;
        let middle = DetectorPoint { x_mm: width.middle(), y_mm: width.y_mm };
        let (along, across) = axis.of(middle);
        let quarter = 0.25 * width.width();
        let points: Vec<(f64, f64)> = (0..=20)
            .map(|index| across - quarter + f64::from(index) / 20.0 * 2.0 * quarter)
            .filter_map(|across| {
                joint(relief, axis, along + 2.0 * WIDTH_AT_MM, across).map(|along| (across, along))
            })
            .collect();
        if points.len() < 8 {
            return found;
        }
        let curve = polynomial(&points, 1.5, 3)?;
        let deepest = (0..=20)
            .map(|index| across - quarter + f64::from(index) / 20.0 * 2.0 * quarter)
            .max_by(|a, b| curve.at(*a).total_cmp(&curve.at(*b)))?;
        let point = axis.point(curve.at(deepest), deepest);
        end = point.y_mm;
        found = Some(point);
    }
    found
}

/// The row of a bone at a height.
fn run_at(bone: &[Run], y_mm: f64) -> Option<&Run> {
    bone.iter().min_by(|a, b| (a.y_mm - y_mm).abs().total_cmp(&(b.y_mm - y_mm).abs()))
}

/// Going toward the hand, where the radius ends: at the edge of bone, else at the steepest fall before the
/// joint space.
fn joint(relief: &Relief, axis: &Frame, from: f64, across: f64) -> Option<f64> {
    const STEP_MM: f64 = 0.25;
    let level = |along: f64| relief.level.at(axis.point(along, across));
    let excess = |along: f64| relief.excess.at(axis.point(along, across));
    let mut highest = 0.0f64;
    let mut steepest: Option<(f64, f64)> = None;
    let mut lowest = f64::INFINITY;
    for step in 0..(LOOK_MM / STEP_MM) as usize {
        let along = from - step as f64 * STEP_MM;
        let (here, ahead) = (level(along)?, level(along - STEP_MM)?);
        let edge = (excess(along)?, excess(along - STEP_MM)?);
        if edge.0 > 0.0 && edge.1 <= 0.0 {
            return Some(along - STEP_MM * edge.0 / (edge.0 - edge.1));
        }
        highest = highest.max(here);
        lowest = lowest.min(here);
        if here >= highest {
            (steepest, lowest) = (None, here);
        }
        if steepest.is_none_or(|(fall, _)| here - ahead > fall) {
            steepest = Some((here - ahead, along - 0.5 * STEP_MM));
        }
        let is_joint = lowest < (1.0 - JOINT_FALL) * highest && here > lowest + 0.1 * highest;
        if is_joint {
            return steepest.map(|(_, along)| along);
        }
    }
    None
}
