//! The outline of one vertebra: bone between two disc lines, transverse processes cut off at the edge of the body.

use super::Spine;
use super::discs::Disc;
use super::raster::{STEP_MM, mean, part};
use super::straight::REACH_MM;
use crate::geometry::{DetectorPoint, Polygon};
use crate::segment::edge::Bone;

/// Where nothing is attached to a body, its area reaches this far beyond its edge; the edge of bone ends it.
const OPEN_MM: f64 = 9.0;
/// From where to where beyond the edge a transverse process is bright; a bone spur does not reach as far.
const PROCESS_MM: (f64, f64) = (8.0, 11.0);
/// Brightness there from which it is one, in brightness of bone.
const PROCESS: f32 = 0.08;
/// From where to where beyond the edge the root of a process is bright. It may lie higher or lower than the rest, by
/// no more than so many rows.
const ROOT_MM: (f64, f64) = (1.5, 3.5);
const ROOT_ROWS: usize = 10;
/// Rows above and below a root that it still brightens.
const BRIGHTENED_ROWS: usize = 2;
/// How far inside and outside of the steepest fall the edge of bone is looked for.
const EDGE_MM: (f64, f64) = (-2.0, 3.0);
/// Between two places that are tried.
const EDGE_STEP_MM: f64 = 0.1;
/// Beyond this part of its half height the edge of a body bends around into its endplates.
const STRAIGHT: f64 = 0.65;
/// How far the edge of a body may lean against the spine: spread of its slope over that of its places.
const LEAN: f64 = 0.05;
/// Rows without a process that are needed to go by.
const LEAST_ROWS: usize = 8;
/// Rows between two corners of the area.
const CORNER_ROWS: usize = 3;
/// Beside the bodies, smaller pieces of bone are ends of transverse processes and ribs.
const LEAST_PIECE_MM2: f64 = 8.0;

/// One polygon for each connected part.
pub(super) fn outline(spine: &Spine, bone: &Bone, upper: Disc, lower: Disc) -> Vec<Polygon> {
    let mut corners = Flank::of(spine, bone, -1.0, upper, lower).corners();
    corners.reverse();
    corners.extend(Flank::of(spine, bone, 1.0, upper, lower).corners());
    let pieces = bone.outlines_within(&Polygon { corners });
    pieces
        .into_iter()
        .filter(|piece| piece.area_mm2() >= LEAST_PIECE_MM2 || is_before(spine, piece))
        .collect()
}

/// Whether a piece lies within the width of the bodies, as tips of spinous and articular processes do that the line
/// of a disc cuts off: whose they are is said by that line.
fn is_before(spine: &Spine, piece: &Polygon) -> bool {
    let count = piece.corners.len() as f64;
    let mean = |of: fn(&DetectorPoint) -> f64| piece.corners.iter().map(of).sum::<f64>() / count;
    let (x_mm, y_mm) = (mean(|corner| corner.x_mm), mean(|corner| corner.y_mm));
    let (middle_mm, _) = spine.straight.column.at(y_mm / STEP_MM - 0.5);
    (x_mm - middle_mm).abs() < spine.half_mm
}

/// One side of a vertebra.
struct Flank<'s> {
    spine: &'s Spine,
    sign: f64,
    upper: Disc,
    lower: Disc,
    /// Whether a transverse process leaves the body at a row, or near to it.
    attached: Vec<bool>,
    /// Edge of the body as place, slope and bend over the rows from its middle; from rows without a process.
    body: Option<[f64; 3]>,
}

impl<'s> Flank<'s> {
    fn of(spine: &'s Spine, bone: &Bone, sign: f64, upper: Disc, lower: Disc) -> Self {
        let mut flank = Self { spine, sign, upper, lower, attached: Vec::new(), body: None };
        flank.attached = flank.attached_rows();
        let middle = flank.middle();
        let half = (lower.row - upper.row - (upper.half_mm + lower.half_mm) / STEP_MM) / 2.0;
        let (top, bottom) = ((middle - STRAIGHT * half).max(0.0), (middle + STRAIGHT * half).max(0.0));
        let rows = top as usize..(bottom as usize).min(spine.straight.rows());
        let bare = rows.filter(|row| !flank.attached[*row]);
        let edge: Vec<(f64, f64)> = bare
            .filter_map(|row| Some((flank.below_middle(row as f64), flank.edge_at(bone, row)?)))
            .collect();
        if edge.len() >= LEAST_ROWS {
            flank.body = bend(&edge);
        }
        flank
    }

    fn middle(&self) -> f64 {
        f64::midpoint(self.upper.row, self.lower.row)
    }

    fn below_middle(&self, row: f64) -> f64 {
        row - self.middle()
    }

    /// Steepest fall of brightness in a row.
    fn fall_mm(&self, row: usize) -> f64 {
        let edges = if self.sign < 0.0 { &self.spine.width.left_mm } else { &self.spine.width.right_mm };
        edges[row]
    }

    /// Where bone ends in a row; nothing where it does not near the steepest fall.
    fn edge_at(&self, bone: &Bone, row: usize) -> Option<f64> {
        let fall = self.fall_mm(row);
        let is_bone = |beyond: f64| {
            bone.contains(self.spine.straight.column.point(row as f64, self.sign * (fall + beyond)))
        };
        let count = ((EDGE_MM.1 - EDGE_MM.0) / EDGE_STEP_MM) as usize;
        let mut places = (0..=count).map(|step| EDGE_MM.0 + step as f64 * EDGE_STEP_MM);
        let end = places.find(|beyond| !is_bone(*beyond))?;
        (end > EDGE_MM.0).then_some(fall + end - EDGE_STEP_MM / 2.0)
    }

    /// How far the area reaches in a row.
    fn limit_mm(&self, row: f64) -> f64 {
        let nearest = (row.max(0.0) as usize).min(self.spine.straight.rows() - 1);
        let fall = self.fall_mm(nearest);
        match self.body {
            _ if !self.attached[nearest] => fall + OPEN_MM,
            Some([place, slope, bend]) => {
                let from = self.below_middle(row);
                place + from * (slope + from * bend)
            }
            None => fall,
        }
    }

    /// The rows at which a transverse process leaves the body, with its root and what both brighten.
    fn attached_rows(&self) -> Vec<bool> {
        let rows = self.spine.straight.rows();
        let processes: Vec<bool> = (0..rows).map(|row| self.is_bright(row, PROCESS_MM)).collect();
        let is_root = |row: &usize| self.is_bright(*row, ROOT_MM);
        let mut attached = processes.clone();
        for row in (0..rows).filter(|row| processes[*row]) {
            let above = (row.saturating_sub(ROOT_ROWS)..row).rev().take_while(is_root);
            let below = (row + 1..rows.min(row + 1 + ROOT_ROWS)).take_while(is_root);
            above.chain(below).for_each(|root| attached[root] = true);
        }
        let near = |row: usize| row.saturating_sub(BRIGHTENED_ROWS)..rows.min(row + 1 + BRIGHTENED_ROWS);
        (0..rows).map(|row| near(row).any(|near| attached[near])).collect()
    }

    /// Whether what lies from here to there beyond the edge in a row is bone.
    fn is_bright(&self, row: usize, (from, to): (f64, f64)) -> bool {
        let index =
            |beyond: f64| ((self.sign * (self.fall_mm(row) + beyond) + REACH_MM) / STEP_MM).round() as usize;
        let (a, b) = (index(from), index(to));
        mean(part(&self.spine.straight.values, row..row + 1, a.min(b)..a.max(b) + 1)) > PROCESS
    }

    /// Corners of the area on this side, from above.
    fn corners(&self) -> Vec<DetectorPoint> {
        let end = |disc: Disc| {
            let side = self.sign * self.spine.half_mm * disc.slant / STEP_MM;
            let across = self.sign * self.limit_mm(disc.row + side);
            (disc.row + across * disc.slant / STEP_MM, across)
        };
        let (top, bottom) = (end(self.upper), end(self.lower));
        let rows = self.spine.straight.rows();
        let between = (top.0.max(0.0) as usize + 1)..(bottom.0.max(0.0).floor() as usize).min(rows);
        let along =
            between.step_by(CORNER_ROWS).map(|row| (row as f64, self.sign * self.limit_mm(row as f64)));
        let corners = std::iter::once(top).chain(along).chain([bottom]);
        corners.map(|(row, across)| self.spine.straight.column.point(row, across)).collect()
    }
}

/// Place, slope and bend of a curve of second order through places of an edge; the slope is held near zero.
fn bend(edge: &[(f64, f64)]) -> Option<[f64; 3]> {
    let mut matrix = [[0.0; 4]; 3];
    for (row, place) in edge {
        let terms = [1.0, *row, row * row];
        for (line, left) in matrix.iter_mut().zip(terms) {
            for (entry, right) in line.iter_mut().zip(terms.into_iter().chain([*place])) {
                *entry += left * right;
            }
        }
    }
    matrix[1][1] += 1.0 / (LEAN * LEAN);
    for pivot in 0..3 {
        let lead = matrix[pivot];
        if lead[pivot].abs() < 1e-9 {
            return None;
        }
        for (index, line) in matrix.iter_mut().enumerate() {
            if index != pivot {
                let factor = line[pivot] / lead[pivot];
                line.iter_mut().zip(lead).for_each(|(entry, lead)| *entry -= factor * lead);
            }
        }
    }
    Some([0, 1, 2].map(|index| matrix[index][3] / matrix[index][index]))
}
