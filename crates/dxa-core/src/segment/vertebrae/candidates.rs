//! Places that look like a vertebral body.

use std::collections::BTreeMap;

use ndarray::Array2;

use super::body::{self, Body, DISC_OUTSIDE_MM, HALF_DEPTHS_MM};
use super::result::Facing;
use super::strokes::{self, Turned};

/// Heights that are tried, in half millimeters from the middle.
const HALF_HEIGHTS: [f64; 16] =
    [6.0, 6.75, 7.5, 8.25, 9.0, 9.75, 10.5, 11.25, 12.0, 12.75, 13.5, 14.25, 15.0, 15.75, 16.5, 17.25];
/// Heights this far apart can be two candidates of one place.
const OTHER_HEIGHT: usize = 3;
/// A candidate shows at least this strongly.
const LEAST_SCORE: f32 = 1.2;
/// No direction and height has a better one so close: columns and rows.
const REACH: (usize, usize) = (3, 2);
/// No more than this many in a cell of this width and height, and this many in all.
const IN_CELL: usize = 8;
const CELL_MM: (f64, f64) = (10.0, 20.0);
const IN_ALL: usize = 700;
/// Sharpness of the choice of height: no body ends beyond the image.
const MARGIN_MM: f64 = 1.0;
/// Half of the width of a body at the least.
const HALF_WIDTH_MM: f64 = 11.0;

/// Scores of one direction without the wall: the best height of each place and the best other height.
struct Best {
    score: Array2<f32>,
    height: Array2<u8>,
    second: Array2<f32>,
    second_height: Array2<u8>,
}

/// Candidates for both sides that the front may be at, best first: right, left.
pub(super) fn propose(turned: &[Turned], (width, height): (f64, f64)) -> [Vec<Body>; 2] {
    let mut found = [Vec::new(), Vec::new()];
    for (direction, frame) in turned.iter().enumerate() {
        let best = best_heights(frame);
        for (side, facing) in [Facing::Right, Facing::Left].into_iter().enumerate() {
            add_peaks(&mut found[side], frame, &best, direction, facing, (width, height));
        }
    }
    found.map(|bodies| thinned(bodies))
}

fn best_heights(frame: &Turned) -> Best {
    let (rows, columns) = frame.step.dim();
    let size = (rows, columns);
    let mut scores = vec![Array2::<f32>::from_elem(size, f32::NEG_INFINITY); HALF_HEIGHTS.len()];
    for (half, scores) in HALF_HEIGHTS.iter().zip(&mut scores) {
        let outside = half + DISC_OUTSIDE_MM;
        let reach = outside.ceil() as usize + 1;
        for row in reach..rows.saturating_sub(reach) {
            let middle = row as f64;
            let (above, below) = (Line::of(&frame.step, middle - half), Line::of(&frame.step, middle + half));
            let (over, under) =
                (Line::of(&frame.disc, middle - outside), Line::of(&frame.disc, middle + outside));
            let mut line = scores.row_mut(row);
            let Some(line) = line.as_slice_mut() else { continue };
            above.score_with(&below, &over, &under, line);
        }
    }
    let mut best = Best {
        score: Array2::from_elem(size, f32::NEG_INFINITY),
        height: Array2::zeros(size),
        second: Array2::from_elem(size, f32::NEG_INFINITY),
        second_height: Array2::zeros(size),
    };
    for (index, scores) in scores.iter().enumerate() {
        ndarray::Zip::from(&mut best.score).and(&mut best.height).and(scores).for_each(
            |best, height, score| {
                if *score > *best {
                    (*best, *height) = (*score, index as u8);
                }
            },
        );
    }
    for (index, scores) in scores.iter().enumerate() {
        ndarray::Zip::from(&mut best.second)
            .and(&mut best.second_height)
            .and(&best.height)
            .and(scores)
            .for_each(|second, height, first, score| {
                if usize::from(*first).abs_diff(index) >= OTHER_HEIGHT && *score > *second {
                    (*second, *height) = (*score, index as u8);
                }
            });
    }
    best
}

/// A row between two rows of a map.
struct Line<'m> {
    above: &'m [f32],
    below: &'m [f32],
    part: f32,
}

impl<'m> Line<'m> {
    fn of(map: &'m Array2<f32>, row: f64) -> Self {
        let columns = map.ncols();
        let source = map.as_slice().unwrap_or_default();
        let at = row as usize;
        let line = |at: usize| &source[at * columns..(at + 1) * columns];
        Self { above: line(at), below: line(at + 1), part: (row - at as f64) as f32 }
    }

    fn score_with(&self, below: &Self, over: &Self, under: &Self, out: &mut [f32]) {
        let n = out.len();
        let lines = [self, below, over, under];
        let [a, b, c, d] = lines.map(|line| (&line.above[..n], &line.below[..n], line.part));
        for at in 0..n {
            let value = |line: (&[f32], &[f32], f32)| line.0[at] + line.2 * (line.1[at] - line.0[at]);
            out[at] = body::score([value(a), -value(b)], [value(c), value(d)]);
        }
    }
}

fn add_peaks(
    found: &mut Vec<Body>,
    frame: &Turned,
    best: &Best,
    direction: usize,
    facing: Facing,
    (width, height): (f64, f64),
) {
    let wall = wall_ahead(&frame.wall, facing);
    let total = &best.score + &wall;
    let (rows, columns) = total.dim();
    for row in REACH.1..rows.saturating_sub(REACH.1) {
        for column in REACH.0..columns.saturating_sub(REACH.0) {
            let score = total[(row, column)];
            if score < LEAST_SCORE || !is_peak(&total, row, column) {
                continue;
            }
            let heights = [
                (score, best.height[(row, column)]),
                (best.second[(row, column)] + wall[(row, column)], best.second_height[(row, column)]),
            ];
            for (score, index) in heights {
                if score < LEAST_SCORE {
                    continue;
                }
                let (x, y) = frame.point(column as f64, row as f64);
                let body = Body {
                    x: if facing == Facing::Right { x } else { width - x },
                    y,
                    turn: strokes::angle(direction) * facing.sign(),
                    height: 2.0 * HALF_HEIGHTS[usize::from(index)],
                    score: f64::from(score),
                };
                if is_inside(&body, width, height) {
                    found.push(body);
                }
            }
        }
    }
}

/// The strongest wall within the depths of a body, ahead of each place.
fn wall_ahead(wall: &Array2<f32>, facing: Facing) -> Array2<f32> {
    let (rows, columns) = wall.dim();
    let sign = facing.sign() as f32;
    let mut result = Array2::from_elem((rows, columns), f32::NEG_INFINITY);
    for (row, mut line) in result.rows_mut().into_iter().enumerate() {
        let source = wall.row(row);
        for depth in HALF_DEPTHS_MM {
            for column in 0..columns {
                let ahead = if facing == Facing::Right { column + depth } else { column.wrapping_sub(depth) };
                let value = source.get(ahead).map_or(0.0, |value| sign * value);
                line[column] = line[column].max(value);
            }
        }
    }
    result.mapv(body::wall_score)
}

fn is_peak(total: &Array2<f32>, row: usize, column: usize) -> bool {
    let score = total[(row, column)];
    (row - REACH.1..=row + REACH.1).all(|r| {
        (column - REACH.0..=column + REACH.0).all(|c| {
            // Of equal neighbors the first counts.
            if (r, c) < (row, column) { total[(r, c)] < score } else { total[(r, c)] <= score }
        })
    })
}

fn is_inside(body: &Body, width: f64, height: f64) -> bool {
    let h = body.height / 2.0;
    let corners = [(-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0)];
    corners.iter().all(|(a, u)| {
        let (x, y) = body.at(a * HALF_WIDTH_MM, u * h);
        (MARGIN_MM..width - MARGIN_MM).contains(&x) && (MARGIN_MM..height - MARGIN_MM).contains(&y)
    })
}

/// The best of each cell, best first.
fn thinned(mut bodies: Vec<Body>) -> Vec<Body> {
    bodies.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut cells: BTreeMap<(i64, i64), usize> = BTreeMap::new();
    let mut kept = Vec::new();
    for body in bodies {
        let cell = ((body.x / CELL_MM.0) as i64, (body.y / CELL_MM.1) as i64);
        let count = cells.entry(cell).or_default();
        if *count < IN_CELL && kept.len() < IN_ALL {
            *count += 1;
            kept.push(body);
        }
    }
    kept
}
