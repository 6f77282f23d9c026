//! The neck of the femur: its narrowest place and its axis.

use super::head::Head;
use super::shaft::Shaft;
use super::{HipRefusal, Missing};
use crate::geometry::{DetectorPoint, Polygon, Segment};
use crate::segment::edge::Bone;
use crate::segment::limb::bone::piece_at;
use crate::segment::limb::frame::Frame;
use crate::segment::limb::line_fit::{Polynomial, polynomial};
use crate::segment::limb::relief::Relief;

/// Neck-shaft angles that are looked at.
const ANGLES_DEG: (f64, f64) = (104.0, 152.0);
/// Half of a neck is at least and at most this wide.
const HALF_WIDTHS_MM: std::ops::Range<f64> = 7.0..30.0;
/// The neck's narrowest place lies this far from the middle of the head.
const DISTANCES_MM: (f64, f64) = (12.0, 44.0);
/// The part of the neck, each way from its narrowest place, over which its edges are smoothed.
const REACH_MM: f64 = 7.0;
/// Between two bones that touch in the image the level falls below this part of the bone beside it, and rises
/// again by that part.
const VALLEY: f64 = 0.7;
const VALLEY_RISE: f64 = 0.1;
/// Where bone lies over the edge of the neck, both together are denser than the neck by this factor, and the neck
/// ends where they fall to the other bone alone, which goes on for this long.
const RIDGE: f64 = 1.25;
const BEYOND_RIDGE_MM: f64 = 4.0;
/// The neck itself is looked at from this far above its axis on.
const NECK_FROM_MM: f64 = -8.0;
/// Distance between samples along a chord.
const STEP_MM: f64 = 0.5;
/// An edge point farther than this from the smooth edge counts for nothing.
const EDGE_SCALE_MM: f64 = 1.0;

/// How far the neck goes on from a place along an axis to its upper side (`1.0`) or lower side (`-1.0`).
type EdgeAt<'a> = dyn Fn(&Frame, f64, f64) -> Option<f64> + 'a;

/// The neck in an image with the pelvis on the right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Neck {
    /// From the middle of the head through the middle of the narrowest place; `across` grows upward.
    pub(super) axis: Frame,
    /// Where the narrowest place lies on the axis.
    pub(super) waist: f64,
    /// The shortest chord, from its upper end to its lower one.
    pub(super) width: Segment,
}

impl Neck {
    /// The neck between a head and a shaft.
    pub(super) fn of(relief: &Relief, shaft: &Shaft, head: &Head) -> Result<Self, HipRefusal> {
        let (axis, waist) = coarse(relief, shaft, head).ok_or(HipRefusal(Missing::Neck))?;
        let edge = |axis: &Frame, along: f64, side: f64| half(relief, axis, along, side);
        Self::narrowest(&edge, head, axis, waist).ok_or(HipRefusal(Missing::Neck))
    }

    /// The same neck between the edges that regions are measured in.
    pub(super) fn measured(&self, bone: &Bone, head: &Head) -> Option<Self> {
        let corner = |along: f64, across: f64| self.axis.point(self.waist + along, across);
        let (reach, wide) = (REACH_MM + 2.0, HALF_WIDTHS_MM.end);
        let corners =
            vec![corner(-reach, wide), corner(reach, wide), corner(reach, -wide), corner(-reach, -wide)];
        let outline = piece_at(bone, &Polygon { corners }, self.axis.point(self.waist, 0.0))?;
        let edge = |axis: &Frame, along: f64, side: f64| half_within(&outline, axis, along, side);
        Self::narrowest(&edge, head, self.axis, self.waist)
    }

    fn narrowest(edge: &EdgeAt<'_>, head: &Head, axis: Frame, waist: f64) -> Option<Self> {
        let (mut axis, mut waist) = (axis, waist);
        let mut width = None;
        for _ in 0..5 {
            let chord = shortest_chord(edge, &axis, waist)?;
            let middle = DetectorPoint {
                x_mm: 0.5 * (chord.from.x_mm + chord.to.x_mm),
                y_mm: 0.5 * (chord.from.y_mm + chord.to.y_mm),
            };
            axis = Frame::through(head.middle, middle)?;
            waist = axis.of(middle).0;
            width = Some(chord);
        }
        width.map(|width| Self { axis, waist, width })
    }

    /// How unlike the two edges of the neck run: the angle between chord and axis off a right angle, in radians.
    pub(super) fn asymmetry(&self) -> f64 {
        let (from, _) = self.axis.of(self.width.from);
        let (to, _) = self.axis.of(self.width.to);
        ((from - to) / self.width_mm()).abs().asin()
    }

    /// Length of the shortest chord.
    pub(super) fn width_mm(&self) -> f64 {
        self.width.from.distance_mm(self.width.to)
    }
}

/// The direction and distance at which the chord across is short and evenly halved.
fn coarse(relief: &Relief, shaft: &Shaft, head: &Head) -> Option<(Frame, f64)> {
    let down = shaft.axis.at(head.middle);
    let mut best: Option<(f64, Frame, f64)> = None;
    let mut angle = ANGLES_DEG.0;
    while angle <= ANGLES_DEG.1 {
        let axis = down.turned(180.0 - angle);
        let mut along = DISTANCES_MM.0;
        while along <= DISTANCES_MM.1 {
            if let (Some(upper), Some(lower)) =
                (half(relief, &axis, along, 1.0), half(relief, &axis, along, -1.0))
            {
                let cost = upper + lower + 0.5 * (upper - lower).abs();
                if best.as_ref().is_none_or(|(least, ..)| cost < *least) {
                    best = Some((cost, axis, along));
                }
            }
            along += 1.0;
        }
        angle += 2.0;
    }
    best.map(|(_, axis, along)| (axis, along))
}

/// How far bone goes on to one side of the axis; `None` where that is no half of a neck.
fn half(relief: &Relief, axis: &Frame, along: f64, side: f64) -> Option<f64> {
    let value = |across: f64| relief.excess.at(axis.point(along, side * across));
    let mut before = value(0.0).filter(|value| *value > 0.0)?;
    let mut across = STEP_MM;
    while across <= HALF_WIDTHS_MM.end {
        let here = value(across)?;
        if here <= 0.0 {
            let edge = across - STEP_MM + STEP_MM * before / (before - here);
            return HALF_WIDTHS_MM.contains(&edge).then_some(edge);
        }
        before = here;
        across += STEP_MM;
    }
    None
}

/// The lower edge of the neck, which ends also in the valley before bone that touches it, as the ischium may.
pub(super) fn lower_edge(relief: &Relief, axis: &Frame, along: f64) -> Option<f64> {
    let edge = half(relief, axis, along, -1.0).unwrap_or(HALF_WIDTHS_MM.end);
    if let Some(ridge) = end_of_ridge(relief, axis, along, edge) {
        return Some(ridge);
    }
    let (mut highest, mut lowest) = (0.0f64, (f64::INFINITY, 0.0));
    let mut across = HALF_WIDTHS_MM.start;
    while across < edge {
        let level = relief.level.at(axis.point(along, -across))?;
        if level >= highest {
            (highest, lowest) = (level, (level, across));
        } else if level < lowest.0 {
            lowest = (level, across);
        }
        if lowest.0 < VALLEY * highest && level > lowest.0 + VALLEY_RISE * highest {
            return Some(lowest.1);
        }
        across += STEP_MM;
    }
    Some(edge)
}

/// Where two bones that lie over one another fall to the lower one alone; `None` without such a ridge.
fn end_of_ridge(relief: &Relief, axis: &Frame, along: f64, edge: f64) -> Option<f64> {
    let steps = |from: f64, to: f64| {
        let count = ((to - from) / STEP_MM).max(0.0) as usize;
        (0..count).map(move |step| from + step as f64 * STEP_MM)
    };
    let level = |across: f64| relief.level.at(axis.point(along, -across));
    let mut neck: Vec<f64> = steps(NECK_FROM_MM, HALF_WIDTHS_MM.start).filter_map(level).collect();
    let middle = neck.len() / 2;
    neck.sort_by(f64::total_cmp);
    let neck = *neck.get(middle)?;
    let levels: Vec<(f64, f64)> = steps(HALF_WIDTHS_MM.start, edge)
        .map(|across| Some((across, level(across)?)))
        .collect::<Option<_>>()?;
    let top = (0..levels.len()).max_by(|a, b| levels[*a].1.total_cmp(&levels[*b].1))?;
    let highest = levels[top].1;
    if highest < RIDGE * neck {
        return None;
    }
    let end = levels[top..].iter().find(|(_, level)| *level < 0.5 * (highest + neck))?.0;
    (end + BEYOND_RIDGE_MM <= edge).then_some(end)
}

/// The distance from a place on an axis to one side of an outline.
fn half_within(outline: &Polygon, axis: &Frame, along: f64, side: f64) -> Option<f64> {
    let places: Vec<(f64, f64)> = outline.corners.iter().map(|corner| axis.of(*corner)).collect();
    let next = places.iter().cycle().skip(1);
    let crossings = places.iter().zip(next).filter(|(a, b)| (a.0 > along) != (b.0 > along));
    crossings
        .map(|(a, b)| side * (a.1 + (along - a.0) / (b.0 - a.0) * (b.1 - a.1)))
        .filter(|across| HALF_WIDTHS_MM.contains(across))
        .min_by(f64::total_cmp)
}

/// The shortest chord between the smoothed upper and lower edge near a place on the axis.
fn shortest_chord(edge: &EdgeAt<'_>, axis: &Frame, waist: f64) -> Option<Segment> {
    let upper = smooth(edge, axis, waist, 1.0)?;
    let lower = smooth(edge, axis, waist, -1.0)?;
    let (from, to) = (waist - REACH_MM, waist + REACH_MM);
    let length = |a: f64, b: f64| (a - b).hypot(upper.at(a) + lower.at(b));
    let (mut a, mut b) = (waist, waist);
    let mut step = 2.0;
    while step > 0.01 {
        let around = [(step, 0.0), (-step, 0.0), (0.0, step), (0.0, -step), (step, step), (-step, -step)];
        let better = around
            .into_iter()
            .map(|(da, db)| ((a + da).clamp(from, to), (b + db).clamp(from, to)))
            .find(|(x, y)| length(*x, *y) < length(a, b) - 1e-9);
        match better {
            Some(place) => (a, b) = place,
            None => step /= 2.0,
        }
    }
    Some(Segment { from: axis.point(a, upper.at(a)), to: axis.point(b, -lower.at(b)) })
}

/// The distance of one edge from the axis as a smooth function of the place along it.
fn smooth(edge: &EdgeAt<'_>, axis: &Frame, waist: f64, side: f64) -> Option<Polynomial> {
    let count = (2.0 * REACH_MM / 0.5) as i32;
    let places = (0..=count).map(|index| waist - REACH_MM + f64::from(index) * 0.5);
    let points: Vec<(f64, f64)> =
        places.filter_map(|along| edge(axis, along, side).map(|across| (along, across))).collect();
    (points.len() >= 8).then(|| polynomial(&points, EDGE_SCALE_MM, 4))?
}
