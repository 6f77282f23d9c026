//! The area of one vertebra: between two disc lines and the edges of the spine, transverse processes cut off.

use super::Spine;
use super::discs::Disc;
use super::raster::{STEP_MM, mean, part};
use super::straight::REACH_MM;
use crate::geometry::{DetectorPoint, Polygon};

/// Where nothing is attached to a body, its area reaches this far beyond its edge; the edge of bone ends it.
const OPEN_MM: f64 = 3.0;
/// From where to where beyond the edge a transverse process is looked for.
const PROCESS_MM: (f64, f64) = (1.5, 5.0);
/// Brightness there from which it is one, in brightness of bone.
const PROCESS: f32 = 0.12;
/// Rows above and below a transverse process that are cut with it.
const PROCESS_ROWS: usize = 4;

/// Its area: bone inside of it belongs to the vertebra.
pub(super) fn area(spine: &Spine, upper: Disc, lower: Disc) -> Polygon {
    let mut corners = side(spine, -1.0, upper, lower);
    corners.reverse();
    corners.extend(side(spine, 1.0, upper, lower));
    Polygon { corners }
}

/// Corners on one side, from above.
fn side(spine: &Spine, sign: f64, upper: Disc, lower: Disc) -> Vec<DetectorPoint> {
    let rows = spine.straight.rows();
    let limit = |row: f64| limit_mm(spine, sign, (row.max(0.0) as usize).min(rows - 1));
    let end = |disc: Disc| {
        let across = sign * limit(disc.row + sign * spine.half_mm * disc.slant / STEP_MM);
        (disc.row + across * disc.slant / STEP_MM, across)
    };
    let (top, bottom) = (end(upper), end(lower));
    let between = (top.0.max(0.0).ceil() as usize)..(bottom.0.max(0.0).floor() as usize).min(rows);
    let along = between.map(|row| (row as f64, sign * limit(row as f64)));
    let corners = std::iter::once(top).chain(along).chain([bottom]);
    corners.map(|(row, across)| spine.straight.column.point(row, across)).collect()
}

/// How far the area reaches to one side in a row.
fn limit_mm(spine: &Spine, sign: f64, row: usize) -> f64 {
    let edges = if sign < 0.0 { &spine.width.left_mm } else { &spine.width.right_mm };
    let last = spine.straight.rows() - 1;
    let near = row.saturating_sub(PROCESS_ROWS)..=(row + PROCESS_ROWS).min(last);
    let attached = near.into_iter().any(|row| has_process(spine, sign, row, edges[row]));
    if attached { edges[row] } else { edges[row] + OPEN_MM }
}

fn has_process(spine: &Spine, sign: f64, row: usize, edge_mm: f64) -> bool {
    let index = |beyond: f64| ((sign * (edge_mm + beyond) + REACH_MM) / STEP_MM).round() as usize;
    let (a, b) = (index(PROCESS_MM.0), index(PROCESS_MM.1));
    mean(part(&spine.straight.values, row..row + 1, a.min(b)..a.max(b) + 1)) > PROCESS
}
