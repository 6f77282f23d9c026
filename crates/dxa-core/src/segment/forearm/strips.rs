//! The strips across the forearm (docs/regions.md, "Strips").

use super::Forearm;
use crate::geometry::{DetectorPoint, Polygon};
use crate::outline::RegionOutline;
use crate::segment::edge::Bone;
use crate::segment::limb::bone::pieces_of;
use crate::segment::limb::frame::Frame;
use crate::site::{ForearmBone, ForearmPart, Site};

/// Where the one-third site lies, as a part of the length of the ulna.
const THIRD: f64 = 0.33;
/// Half of the one-third strip.
const HALF_THIRD_MM: f64 = 10.0;
/// Length of the ultradistal strip.
const ULTRADISTAL_MM: f64 = 15.0;
/// Every so many rows the line between the bones has a corner.
const GAP_ROWS: usize = 4;
/// Farther across than any forearm.
const FAR_MM: f64 = 400.0;

/// The heights between which the one-third strip lies.
pub(super) fn third(axis: &Frame, ulna_length_mm: f64) -> (f64, f64) {
    let height = |along: f64| axis.point(along, 0.0).y_mm;
    let middle = THIRD * ulna_length_mm;
    (height(middle - HALF_THIRD_MM), height(middle + HALF_THIRD_MM))
}

/// The regions of the radius, then those of both bones; `None` where a strip is empty or leaves the image.
pub(super) fn regions(
    bone: &Bone,
    forearm: &Forearm,
    ulna_length_mm: f64,
    height_mm: f64,
) -> Option<Vec<RegionOutline>> {
    let start = forearm.axis.of(forearm.endplate).0;
    let third = THIRD * ulna_length_mm;
    let strips = [
        (ForearmPart::OneThird, third - HALF_THIRD_MM, third + HALF_THIRD_MM),
        (ForearmPart::Mid, start + ULTRADISTAL_MM, third - HALF_THIRD_MM),
        (ForearmPart::Ultradistal, start, start + ULTRADISTAL_MM),
        (ForearmPart::Total, start, third + HALF_THIRD_MM),
    ];
    let sides = Sides::of(forearm);
    let mut regions = Vec::new();
    let mut of_both = Vec::new();
    for (part, from, to) in strips {
        let radius = sides.pieces(bone, &sides.radius, from, to);
        let ulna = sides.pieces(bone, &sides.ulna, from, to);
        let ends = [forearm.axis.point(from, 0.0), forearm.axis.point(to, 0.0)];
        let in_image = ends.iter().all(|end| (0.0..=height_mm).contains(&end.y_mm));
        if radius.is_empty() || ulna.is_empty() || from >= to || !in_image {
            return None;
        }
        let both = radius.iter().chain(&ulna).cloned().collect();
        regions.push(RegionOutline { site: Site::Forearm(ForearmBone::Radius, part), outline: radius });
        of_both.push(RegionOutline { site: Site::Forearm(ForearmBone::RadiusUlna, part), outline: both });
    }
    regions.extend(of_both);
    Some(regions)
}

/// The two sides of the line between the bones.
struct Sides<'a> {
    axis: &'a Frame,
    radius: Polygon,
    ulna: Polygon,
}

impl<'a> Sides<'a> {
    fn of(forearm: &'a Forearm) -> Self {
        let axis = &forearm.axis;
        let mut gap: Vec<DetectorPoint> = forearm.bones.gap().into_iter().step_by(GAP_ROWS).collect();
        // Beyond the rows that show both bones the line goes on along the axis.
        let (lowest, highest) = (gap.first().copied(), gap.last().copied());
        let onward = |point: DetectorPoint, along: f64| axis.at(point).point(along, 0.0);
        gap.extend(highest.map(|point| onward(point, -FAR_MM)));
        gap.splice(0..0, lowest.map(|point| onward(point, FAR_MM)));
        let radius_across = axis.of(forearm.endplate).1;
        let gap_across = highest.map_or(0.0, |point| axis.of(point).1);
        let side = |sign: f64| {
            let mut corners = gap.clone();
            corners.push(axis.point(-FAR_MM, sign * FAR_MM));
            corners.push(axis.point(FAR_MM, sign * FAR_MM));
            Polygon { corners }
        };
        let toward_radius = if radius_across > gap_across { 1.0 } else { -1.0 };
        Self { axis, radius: side(toward_radius), ulna: side(-toward_radius) }
    }

    /// Bone on one side between two places along the axis.
    fn pieces(&self, bone: &Bone, side: &Polygon, from: f64, to: f64) -> Vec<Polygon> {
        use crate::segment::limb::clip::beside;
        // `across` of these two grows down the forearm, and up it.
        let below = Frame {
            origin: self.axis.point(from, 0.0),
            direction: (self.axis.direction.1, -self.axis.direction.0),
        };
        let above = Frame { origin: self.axis.point(to, 0.0), direction: below.direction }.turned(180.0);
        let strip = beside(side, &below).into_iter().flat_map(|part| beside(&part, &above));
        strip.flat_map(|area| pieces_of(bone, &area, &area)).collect()
    }
}
