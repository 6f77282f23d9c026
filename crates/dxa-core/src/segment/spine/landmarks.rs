//! The lines and points that the vertebrae rest on, for pictures, checks and corrections.

use super::Spine;
use super::discs::Disc;
use super::flank::{Crest, Rib};
use super::levels::Naming;
use super::raster::STEP_MM;
use crate::geometry::{DetectorPoint, Segment};
use crate::outline::{Landmark, LandmarkShape};

/// How far a disc's line is drawn beyond the edges of the spine.
const BEYOND_MM: f64 = 4.0;
/// Rows between two corners of a drawn path.
const PATH_STEP: usize = 8;

/// Names of the discs by their place from T12/L1, starting three above it.
const DISC_NAMES: [&str; 9] = [
    "disc_t9_t10",
    "disc_t10_t11",
    "disc_t11_t12",
    "disc_t12_l1",
    "disc_l1_l2",
    "disc_l2_l3",
    "disc_l3_l4",
    "disc_l4_l5",
    "disc_l5_s1",
];
/// Where T12/L1 stands among them.
const T12_L1: i32 = 3;

/// Names of the endplates from that above T12/L1 to that below L4/L5, by pairs above and below each disc.
const ENDPLATE_NAMES: [[&str; 2]; 5] = [
    ["endplate_t12_lower", "endplate_l1_upper"],
    ["endplate_l1_lower", "endplate_l2_upper"],
    ["endplate_l2_lower", "endplate_l3_upper"],
    ["endplate_l3_lower", "endplate_l4_upper"],
    ["endplate_l4_lower", "endplate_l5_upper"],
];

/// All landmarks, from above.
pub(super) fn of(spine: &Spine, naming: &Naming) -> Vec<Landmark> {
    let mut landmarks = discs(spine, naming);
    landmarks.extend(endplates(spine, naming));
    landmarks.push(path(spine, "centerline", |_| 0.0));
    landmarks.push(path(spine, "spine_edge_left", |row| -spine.width.left_mm[row]));
    landmarks.push(path(spine, "spine_edge_right", |row| spine.width.right_mm[row]));
    let crests = ["iliac_crest_left", "iliac_crest_right"].into_iter().zip(spine.crests);
    landmarks.extend(crests.filter_map(|(name, crest)| Some(crest_point(spine, name, crest?))));
    let ribs = [("lowest_rib_left", -1.0), ("lowest_rib_right", 1.0)].into_iter().zip(spine.ribs);
    landmarks.extend(ribs.filter_map(|((name, side), rib)| Some(rib_path(spine, name, side, rib?))));
    landmarks
}

fn discs(spine: &Spine, naming: &Naming) -> Vec<Landmark> {
    let named = |(place, disc): (i32, &Disc)| {
        let index = usize::try_from(place - naming.t12_l1 + T12_L1).ok()?;
        let name = DISC_NAMES.get(index)?;
        Some(Landmark { name, shape: LandmarkShape::Line(line(spine, *disc, BEYOND_MM)) })
    };
    (0..).zip(&spine.discs).filter_map(named).collect()
}

fn endplates<'s>(spine: &'s Spine, naming: &'s Naming) -> impl Iterator<Item = Landmark> + 's {
    (naming.t12_l1..).zip(ENDPLATE_NAMES).flat_map(|(place, names)| {
        let disc = usize::try_from(place).ok().and_then(|place| spine.discs.get(place));
        let plate = |(name, side): (&'static str, f64)| {
            let disc = disc?;
            let row = spine.straight.row_after(disc.row, side * disc.half_mm);
            Some(Landmark { name, shape: LandmarkShape::Line(line(spine, Disc { row, ..*disc }, 0.0)) })
        };
        names.into_iter().zip([-1.0, 1.0]).filter_map(plate).collect::<Vec<_>>()
    })
}

/// The line of a disc across the spine, in the image.
pub(super) fn line(spine: &Spine, disc: Disc, beyond_mm: f64) -> Segment {
    let row = (disc.row.round().max(0.0) as usize).min(spine.straight.rows() - 1);
    let end = |across: f64| spine.straight.column.point(disc.row + across * disc.slant / STEP_MM, across);
    let (left, right) = (spine.width.left_mm[row] + beyond_mm, spine.width.right_mm[row] + beyond_mm);
    Segment { from: end(-left), to: end(right) }
}

fn path(spine: &Spine, name: &'static str, across_mm: impl Fn(usize) -> f64) -> Landmark {
    let last = spine.straight.rows() - 1;
    let rows = (0..last).step_by(PATH_STEP).chain([last]);
    let points = rows.map(|row| spine.straight.column.point(row as f64, across_mm(row))).collect();
    Landmark { name, shape: LandmarkShape::Path(points) }
}

fn crest_point(spine: &Spine, name: &'static str, crest: Crest) -> Landmark {
    let point = spine.straight.column.point(crest.row, crest.across_mm);
    Landmark { name, shape: LandmarkShape::Point(point) }
}

fn rib_path(spine: &Spine, name: &'static str, side: f64, rib: Rib) -> Landmark {
    let (_, width) = spine.raster.size_mm();
    let place = |step: usize| {
        let out = rib.length_mm * step as f64 / 6.0;
        let row = rib.row + rib.slope * out + rib.bend * out * out;
        spine.straight.column.point(row, side * (spine.half_mm + out))
    };
    let inside = |point: &DetectorPoint| point.y_mm >= 0.0 && (0.0..=width).contains(&point.x_mm);
    Landmark { name, shape: LandmarkShape::Path((0..=6).map(place).filter(inside).collect()) }
}
