//! Places that look like a vertebral body.

use std::collections::BTreeMap;

use ndarray::Array2;

use super::body::{self, Body, DISC_OUTSIDE_MM, HALF_DEPTHS_MM};
use super::result::Facing;
use super::strokes::{self, Turned};

/// Halves of the heights that are tried, in samples of a millimeter.
const HALF_HEIGHTS: std::ops::RangeInclusive<usize> = 6..=17;
/// Halves of heights this far apart can be two candidates of one place.
const OTHER_HEIGHT: usize = 3;
/// A candidate shows at least this strongly.
const LEAST_SCORE: f32 = 1.6;
/// No direction and height has a better one so close: columns and rows.
const REACH: (usize, usize) = (3, 2);
/// No more than this many in a cell of this width and height, and this many in a row of cells: where one part of
/// an image has strong edges or noise, bodies of the others are not to be lost.
const IN_CELL: usize = 8;
const CELL_MM: (f64, f64) = (10.0, 20.0);
const IN_ROW: usize = 40;
/// No body ends beyond the image, less this.
const MARGIN_MM: f64 = 1.0;
/// Half of the width of a body at the least.
const HALF_WIDTH_MM: f64 = 11.0;

/// Scores of one direction without the wall.
struct Plates<'t> {
    step: &'t Array2<f32>,
    /// What a disc answers outside of a plate: the mean of the two samples there.
    over: Array2<f32>,
    under: Array2<f32>,
    /// The best score of each place, and the half height that has it.
    best: Array2<f32>,
    half: Array2<f32>,
}

/// Candidates for both sides that the front may be at, best first: right, left.
pub(super) fn propose(turned: &[Turned], (width, height): (f64, f64)) -> [Vec<Body>; 2] {
    let mut found = [Vec::new(), Vec::new()];
    for (direction, frame) in turned.iter().enumerate() {
        let plates = Plates::of(frame);
        for (side, facing) in [Facing::Right, Facing::Left].into_iter().enumerate() {
            add_peaks(&mut found[side], frame, &plates, direction, facing, (width, height));
        }
    }
    found.map(thinned)
}

impl<'t> Plates<'t> {
    fn of(frame: &'t Turned) -> Self {
        let size = frame.step.dim();
        let shifted = |near: isize| {
            let (rows, columns) = size;
            let disc = frame.disc.as_slice().unwrap_or_default();
            let line = |row: usize, shift: isize| {
                &disc[row.saturating_add_signed(shift).min(rows - 1) * columns..][..columns]
            };
            let mut mean = Array2::zeros(size);
            for (row, mut out) in mean.rows_mut().into_iter().enumerate() {
                let both = line(row, near).iter().zip(line(row, near + near.signum()));
                out.iter_mut().zip(both).for_each(|(out, (a, b))| *out = 0.5 * (a + b));
            }
            mean
        };
        let outside = DISC_OUTSIDE_MM as isize;
        let mut plates = Self {
            step: &frame.step,
            over: shifted(-outside),
            under: shifted(outside),
            best: Array2::from_elem(size, f32::NEG_INFINITY),
            half: Array2::zeros(size),
        };
        plates.fill();
        plates
    }

    fn fill(&mut self) {
        let (rows, columns) = self.best.dim();
        let maps = [self.step, &self.over, &self.under].map(|map| map.as_slice().unwrap_or_default());
        let line = |map: usize, row: usize| &maps[map][row * columns..][..columns];
        let lines = self.best.rows_mut().into_iter().zip(self.half.rows_mut());
        for (row, (mut best, mut halves)) in lines.enumerate() {
            let (Some(best), Some(halves)) = (best.as_slice_mut(), halves.as_slice_mut()) else { continue };
            for half in HALF_HEIGHTS {
                let (Some(upper), lower) = (row.checked_sub(half), row + half) else { continue };
                if lower >= rows {
                    continue;
                }
                let (above, below) = (line(0, upper), line(0, lower));
                let (over, under) = (line(1, upper), line(2, lower));
                let plates = above.iter().zip(below).zip(over.iter().zip(under));
                let places = best.iter_mut().zip(halves.iter_mut());
                for ((best, halves), ((above, below), (over, under))) in places.zip(plates) {
                    let score = body::score([*above, -below], [*over, *under]);
                    let is_better = score > *best;
                    *best = if is_better { score } else { *best };
                    *halves = if is_better { half as f32 } else { *halves };
                }
            }
        }
    }

    /// The best other height of a place: half of it, and its score.
    fn second(&self, row: usize, column: usize) -> Option<(f32, f32)> {
        let first = self.half[(row, column)] as usize;
        let others = HALF_HEIGHTS.filter(|half| half.abs_diff(first) >= OTHER_HEIGHT);
        let scores = others.filter_map(|half| {
            let (above, below) = (row.checked_sub(half)?, row + half);
            let at = |map: &Array2<f32>, row: usize| map.get((row, column)).copied();
            let plates = [at(self.step, above)?, -at(self.step, below)?];
            Some((body::score(plates, [at(&self.over, above)?, at(&self.under, below)?]), half as f32))
        });
        scores.reduce(|a, b| if b.0 > a.0 { b } else { a })
    }
}

fn add_peaks(
    found: &mut Vec<Body>,
    frame: &Turned,
    plates: &Plates<'_>,
    direction: usize,
    facing: Facing,
    (width, height): (f64, f64),
) {
    let wall = wall_ahead(&frame.wall, facing);
    let total = &plates.best + &wall;
    let (rows, columns) = total.dim();
    for row in REACH.1..rows.saturating_sub(REACH.1) {
        for column in REACH.0..columns.saturating_sub(REACH.0) {
            let score = total[(row, column)];
            if score < LEAST_SCORE || !is_peak(&total, row, column) {
                continue;
            }
            let first = Some((score, plates.half[(row, column)]));
            let second = plates.second(row, column).map(|(score, half)| (score + wall[(row, column)], half));
            for (score, half) in first.into_iter().chain(second) {
                if score < LEAST_SCORE {
                    continue;
                }
                let (x, y) = frame.point(column as f64, row as f64);
                let body = Body {
                    x: if facing == Facing::Right { x } else { width - x },
                    y,
                    turn: strokes::angle(direction) * facing.sign(),
                    height: 2.0 * f64::from(half),
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
        let (Some(line), Some(source)) = (line.as_slice_mut(), source.as_slice()) else { continue };
        for depth in HALF_DEPTHS_MM {
            let n = columns.saturating_sub(depth);
            let pairs = match facing {
                Facing::Right => line[..n].iter_mut().zip(&source[columns - n..]),
                Facing::Left => line[columns - n..].iter_mut().zip(&source[..n]),
            };
            pairs.for_each(|(best, value)| *best = if sign * value > *best { sign * value } else { *best });
        }
    }
    // Beyond the edge nothing shows.
    result.mapv_inplace(|value| value.max(-10.0));
    result.mapv(body::wall_score)
}

fn is_peak(total: &Array2<f32>, row: usize, column: usize) -> bool {
    let score = total[(row, column)];
    // Most fail beside the nearest.
    if total[(row, column - 1)] >= score || total[(row, column + 1)] > score {
        return false;
    }
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
    let mut rows: BTreeMap<i64, usize> = BTreeMap::new();
    let mut kept = Vec::new();
    for body in bodies {
        let cell = ((body.x / CELL_MM.0) as i64, (body.y / CELL_MM.1) as i64);
        let (in_cell, in_row) = (cells.entry(cell).or_default(), rows.entry(cell.1).or_default());
        if *in_cell < IN_CELL && *in_row < IN_ROW {
            (*in_cell, *in_row) = (*in_cell + 1, *in_row + 1);
            kept.push(body);
        }
    }
    kept
}
