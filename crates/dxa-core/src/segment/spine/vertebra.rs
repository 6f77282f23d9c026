//! The outline of one vertebra: bone between two disc lines, transverse processes cut off at the edge of the body.

use super::Spine;
use super::column::quantile;
use super::discs::Disc;
use super::raster::{STEP_MM, mean, part};
use super::straight::REACH_MM;
use crate::geometry::{DetectorPoint, Polygon};
use crate::segment::edge::Bone;

/// Where nothing is attached to a body, its area reaches this far beyond its edge; the edge of bone ends it.
const OPEN_MM: f64 = 4.0;
/// From where to where beyond the edge a transverse process is looked for.
const PROCESS_MM: (f64, f64) = (2.5, 6.0);
/// Brightness there from which it is one, in brightness of bone.
const PROCESS: f32 = 0.10;
/// Rows above and below a transverse process that are cut with it.
const PROCESS_ROWS: usize = 3;
/// How far inside and outside of the steepest fall the edge of bone is looked for.
const EDGE_MM: (f64, f64) = (-2.0, 3.0);
/// Between two places that are tried.
const EDGE_STEP_MM: f64 = 0.1;
/// Smaller pieces of bone are tips of the processes of a neighbor.
const LEAST_PIECE_MM2: f64 = 8.0;

/// One polygon for each connected part.
pub(super) fn outline(spine: &Spine, bone: &Bone, upper: Disc, lower: Disc) -> Vec<Polygon> {
    let mut corners = Flank::of(spine, bone, -1.0, upper, lower).corners(upper, lower);
    corners.reverse();
    corners.extend(Flank::of(spine, bone, 1.0, upper, lower).corners(upper, lower));
    let pieces = bone.outlines_within(&Polygon { corners });
    pieces.into_iter().filter(|piece| piece.area_mm2() >= LEAST_PIECE_MM2).collect()
}

/// One side of a vertebra.
struct Flank<'s> {
    spine: &'s Spine,
    sign: f64,
    /// How far bone goes on beyond the steepest fall of brightness, where nothing is attached.
    rim_mm: f64,
}

impl<'s> Flank<'s> {
    fn of(spine: &'s Spine, bone: &Bone, sign: f64, upper: Disc, lower: Disc) -> Self {
        let mut flank = Self { spine, sign, rim_mm: 0.0 };
        let rows = upper.row.max(0.0) as usize..(lower.row.max(0.0) as usize).min(spine.straight.rows());
        let bare = rows.filter(|row| !flank.is_attached(*row));
        let rims: Vec<f32> = bare.filter_map(|row| flank.rim_at(bone, row)).collect();
        flank.rim_mm = f64::from(quantile(rims.into_iter(), 0.5));
        flank
    }

    /// Steepest fall of brightness in a row.
    fn fall_mm(&self, row: usize) -> f64 {
        let edges = if self.sign < 0.0 { &self.spine.width.left_mm } else { &self.spine.width.right_mm };
        edges[row]
    }

    /// How far beyond it bone ends; nothing where it is not bone or does not end.
    fn rim_at(&self, bone: &Bone, row: usize) -> Option<f32> {
        let fall = self.fall_mm(row);
        let is_bone = |beyond: f64| {
            bone.contains(self.spine.straight.column.point(row as f64, self.sign * (fall + beyond)))
        };
        let count = ((EDGE_MM.1 - EDGE_MM.0) / EDGE_STEP_MM) as usize;
        let places = (0..=count).map(|step| EDGE_MM.0 + step as f64 * EDGE_STEP_MM);
        let end = places.into_iter().find(|beyond| !is_bone(*beyond))?;
        (end > EDGE_MM.0).then_some((end - EDGE_STEP_MM / 2.0) as f32)
    }

    /// How far the area reaches in a row.
    fn limit_mm(&self, row: f64) -> f64 {
        let last = self.spine.straight.rows() - 1;
        let row = (row.max(0.0) as usize).min(last);
        let beyond = if self.is_attached(row) { self.rim_mm } else { OPEN_MM };
        self.fall_mm(row) + beyond
    }

    /// Whether a transverse process leaves the body at a row, or near to it.
    fn is_attached(&self, row: usize) -> bool {
        let last = self.spine.straight.rows() - 1;
        (row.saturating_sub(PROCESS_ROWS)..=(row + PROCESS_ROWS).min(last)).any(|row| self.has_process(row))
    }

    fn has_process(&self, row: usize) -> bool {
        let index =
            |beyond: f64| ((self.sign * (self.fall_mm(row) + beyond) + REACH_MM) / STEP_MM).round() as usize;
        let (a, b) = (index(PROCESS_MM.0), index(PROCESS_MM.1));
        mean(part(&self.spine.straight.values, row..row + 1, a.min(b)..a.max(b) + 1)) > PROCESS
    }

    /// Corners of the area on this side, from above.
    fn corners(&self, upper: Disc, lower: Disc) -> Vec<DetectorPoint> {
        let rows = self.spine.straight.rows();
        let end = |disc: Disc| {
            let across =
                self.sign * self.limit_mm(disc.row + self.sign * self.spine.half_mm * disc.slant / STEP_MM);
            (disc.row + across * disc.slant / STEP_MM, across)
        };
        let (top, bottom) = (end(upper), end(lower));
        let between = (top.0.max(0.0).ceil() as usize)..(bottom.0.max(0.0).floor() as usize).min(rows);
        let along = between.map(|row| (row as f64, self.sign * self.limit_mm(row as f64)));
        let corners = std::iter::once(top).chain(along).chain([bottom]);
        corners.map(|(row, across)| self.spine.straight.column.point(row, across)).collect()
    }
}
