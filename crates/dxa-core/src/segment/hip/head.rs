//! The femoral head as a circle.

use ndarray::Array3;

use super::shaft::Shaft;
use crate::geometry::DetectorPoint;
use crate::segment::limb::frame::Frame;
use crate::segment::limb::grid::Grid;

/// Radii that are tried.
const RADII_MM: (f64, f64) = (17.0, 31.0);
/// Size of a cell that votes fall into.
const CELL_MM: f64 = 1.0;
/// The middle of the head lies at least this far medial of the shaft axis.
const MEDIAL_OF_SHAFT_MM: f64 = 15.0;
/// Directions of the neck that can hold the head, as a turn from the shaft axis.
const LOOK_MM: f64 = 3.5;
/// The middle of the neck leaves the head at about this angle from the shaft.
const NECK_GUESS_DEG: f64 = 127.0;
/// Half of the circle's part that lies in the neck and has no edge.
const NECK_HALF_DEG: f64 = 52.0;
/// An edge is clear when it falls by this fraction of typical bone within 1 mm; stronger ones hardly count more.
const CLEAR_EDGE: f64 = 0.15;
/// An edge fainter than this part of a clear one is noise.
const FAINT_EDGE: f64 = 0.3;
/// How many circles are looked at closely, and how far their middles lie apart.
const CANDIDATES: usize = 8;
const APART_MM: f64 = 5.0;
/// As many rays at least must lie in the image for full support.
const LEAST_RAYS: usize = 60;
/// Share of the rays outside of the neck that must see the edge of the circle.
const LEAST_SUPPORT: f64 = 0.45;

/// The femoral head.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) middle: DetectorPoint,
    pub(super) radius_mm: f64,
    /// Share of the circle outside of the neck on which an edge was seen.
    pub(super) support: f64,
}

impl Head {
    /// The circles medial of and above the shaft that an edge supports, the most voted first.
    pub(super) fn candidates(level: &Grid, typical: f64, shaft: &Shaft) -> Vec<Self> {
        let heads = vote(level, typical, shaft)
            .into_iter()
            .filter_map(|start| (0..5).try_fold(start, |head, _| refined(level, shaft, head)));
        heads.filter(|head| head.support >= LEAST_SUPPORT).collect()
    }
}

/// The circle that most gradients point to the middle of.
fn vote(level: &Grid, typical: f64, shaft: &Shaft) -> Vec<Head> {
    let soft = level.smoothed(0.8);
    let clear = CLEAR_EDGE * typical;
    let (rows, columns) = soft.values.dim();
    let count = ((RADII_MM.1 - RADII_MM.0) / CELL_MM) as usize + 1;
    let cells = ((soft.height_mm() / CELL_MM) as usize + 1, (soft.width_mm() / CELL_MM) as usize + 1);
    let mut votes = Array3::<f32>::zeros((count, cells.0, cells.1));
    for row in 1..rows - 1 {
        for column in 1..columns - 1 {
            let right =
                f64::from(soft.values[(row, column + 1)] - soft.values[(row, column - 1)]) / soft.column_mm;
            let down =
                f64::from(soft.values[(row + 1, column)] - soft.values[(row - 1, column)]) / soft.row_mm;
            let strength = (right * right + down * down).sqrt();
            let point = soft.point(row, column);
            if strength <= FAINT_EDGE * clear || !may_hold_head(shaft, point) {
                continue;
            }
            // Short of strength itself, lest the pelvis outvote the head.
            let weight = (strength / (strength + clear)) as f32;
            for (index, mut layer) in votes.outer_iter_mut().enumerate() {
                let radius = RADII_MM.0 + index as f64 * CELL_MM;
                let (x, y) = (point.x_mm + right / strength * radius, point.y_mm + down / strength * radius);
                let middle = DetectorPoint { x_mm: x, y_mm: y };
                if x >= 0.0
                    && y >= 0.0
                    && may_be_middle(shaft, middle)
                    && let Some(cell) = layer.get_mut(((y / CELL_MM) as usize, (x / CELL_MM) as usize))
                {
                    *cell += weight / radius as f32;
                }
            }
        }
    }
    peaks(&votes)
}

/// Whether a point of the edge of the head may lie here: not in the shaft or lateral of it.
fn may_hold_head(shaft: &Shaft, point: DetectorPoint) -> bool {
    shaft.axis.of(point).1 < 0.0
}

fn may_be_middle(shaft: &Shaft, point: DetectorPoint) -> bool {
    shaft.axis.of(point).1 < -MEDIAL_OF_SHAFT_MM && point.y_mm < shaft.lesser_trochanter.y_mm
}

/// The cells with most votes in them and around them, some distance apart.
fn peaks(votes: &Array3<f32>) -> Vec<Head> {
    let (radii, rows, columns) = votes.dim();
    let mut best = vec![(0.0f32, 0usize); rows * columns];
    for row in 1..rows - 1 {
        for column in 1..columns - 1 {
            for radius in (0..radii).filter(|radius| votes[(*radius, row, column)] > 0.0) {
                let sum = near(votes, radius, row, column);
                if sum > best[row * columns + column].0 {
                    best[row * columns + column] = (sum, radius);
                }
            }
        }
    }
    let mut order: Vec<usize> = (0..best.len()).filter(|cell| best[*cell].0 > 0.0).collect();
    order.sort_by(|a, b| best[*b].0.total_cmp(&best[*a].0).then(a.cmp(b)));
    let mut heads: Vec<Head> = Vec::new();
    for cell in order {
        let middle = DetectorPoint {
            x_mm: ((cell % columns) as f64 + 0.5) * CELL_MM,
            y_mm: ((cell / columns) as f64 + 0.5) * CELL_MM,
        };
        if heads.iter().all(|head| head.middle.distance_mm(middle) > APART_MM) {
            heads.push(Head { middle, radius_mm: RADII_MM.0 + best[cell].1 as f64 * CELL_MM, support: 0.0 });
        }
        if heads.len() == CANDIDATES {
            break;
        }
    }
    heads
}

/// Votes of a cell and its neighbors.
fn near(votes: &Array3<f32>, radius: usize, row: usize, column: usize) -> f32 {
    let mut sum = 0.0;
    for r in radius.saturating_sub(1)..(radius + 2).min(votes.dim().0) {
        for y in row - 1..row + 2 {
            for x in column - 1..column + 2 {
                sum += votes[(r, y, x)];
            }
        }
    }
    sum
}

/// The circle through the steepest falls along rays near a first circle.
fn refined(level: &Grid, shaft: &Shaft, head: Head) -> Option<Head> {
    let neck = shaft.axis.at(head.middle).turned(180.0 - NECK_GUESS_DEG);
    let mut points = Vec::new();
    let mut rays = 0usize;
    for degrees in 0..180 {
        let turn = f64::from(degrees) * 2.0;
        if turn.min(360.0 - turn) < NECK_HALF_DEG {
            continue;
        }
        let ray = neck.turned(turn);
        if level.at(ray.point(head.radius_mm + LOOK_MM + 1.0, 0.0)).is_some() {
            rays += 1;
            points.extend(steepest(level, &ray, head.radius_mm));
        }
    }
    let (middle, radius_mm, near) = circle(&points, head)?;
    // Half of a circle fixes it; what lies outside of the image cannot speak for or against it.
    Some(Head { middle, radius_mm, support: near / (rays.max(LEAST_RAYS) as f64) })
}

/// The point within reach of the circle where a ray falls most steeply.
fn steepest(level: &Grid, ray: &Frame, radius_mm: f64) -> Option<DetectorPoint> {
    const STEP_MM: f64 = 0.25;
    let value = |along: f64| level.at(ray.point(along, 0.0));
    let count = (2.0 * LOOK_MM / STEP_MM) as usize;
    let fall = |index: usize| {
        let along = radius_mm - LOOK_MM + index as f64 * STEP_MM;
        Some(value(along - 0.75)? - value(along + 0.75)?)
    };
    let falls: Vec<f64> = (0..=count).map(fall).collect::<Option<_>>()?;
    let best = (1..count).max_by(|a, b| falls[*a].total_cmp(&falls[*b]))?;
    let (before, here, after) = (falls[best - 1], falls[best], falls[best + 1]);
    if here <= 0.0 || before > here || after > here {
        return None;
    }
    let bend = before - 2.0 * here + after;
    let part = if bend < 0.0 { 0.5 * (before - after) / bend } else { 0.0 };
    Some(ray.point(radius_mm - LOOK_MM + (best as f64 + part) * STEP_MM, 0.0))
}

/// A circle by Gauss–Newton with Tukey's weights; also how many points lie on it.
fn circle(points: &[DetectorPoint], start: Head) -> Option<(DetectorPoint, f64, f64)> {
    let (mut middle, mut radius) = (start.middle, start.radius_mm);
    let mut reach = 4.0;
    for _ in 0..12 {
        let mut sums = [[0.0; 5]; 4];
        for point in points {
            let away = point.distance_mm(middle);
            let rest = away - radius;
            let weight = if rest.abs() < reach { (1.0 - (rest / reach).powi(2)).powi(2) } else { 0.0 };
            let slope = [(point.x_mm - middle.x_mm) / away, (point.y_mm - middle.y_mm) / away, 1.0];
            for row in 0..3 {
                for column in 0..3 {
                    sums[row][column] += weight * slope[row] * slope[column];
                }
                sums[row][4] += weight * slope[row] * rest;
            }
        }
        let step = crate::segment::limb::line_fit::eliminated(sums, 3)?;
        middle = DetectorPoint { x_mm: middle.x_mm + step[0], y_mm: middle.y_mm + step[1] };
        radius += step[2];
        reach = (reach * 0.8f64).max(1.0);
    }
    let near = points.iter().filter(|point| (point.distance_mm(middle) - radius).abs() < 1.0).count();
    (RADII_MM.0..RADII_MM.1).contains(&radius).then_some((middle, radius, near as f64))
}
