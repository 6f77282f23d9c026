//! Places that look like a vertebral body.

use std::collections::BTreeMap;
use std::ops::Range;

use ndarray::Array2;

use super::body::{self, Body, DISC_OUTSIDE_MM, HALF_DEPTHS_MM, greater};
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

/// Middles of bodies lie at least this far inside of the image: some less than half of the least height.
const MIDDLE_INSIDE_MM: f64 = 4.0;
/// Rows from a plate to the nearer of the two samples that tell of its disc.
const OUTSIDE: usize = DISC_OUTSIDE_MM as usize;

/// Scores of one direction without the wall.
struct Plates<'t> {
    step: &'t Array2<f32>,
    /// The mean of what a disc answers in a row and in the next.
    discs: Array2<f32>,
    /// In each row the columns where a middle may be.
    middles: Vec<Range<usize>>,
    /// The best score of each place, whatever the height.
    best: Array2<f32>,
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
        let mut discs = Array2::zeros(size);
        let (rows, columns) = size;
        let disc = frame.disc.as_slice().unwrap_or_default();
        for (row, (mut mean, span)) in discs.rows_mut().into_iter().zip(&frame.spans).enumerate() {
            let line = |row: usize| &disc[row.min(rows - 1) * columns..][span.clone()];
            let both = line(row).iter().zip(line(row + 1));
            let mean = mean.as_slice_mut().unwrap_or_default();
            mean[span.clone()].iter_mut().zip(both).for_each(|(mean, (a, b))| *mean = 0.5 * (a + b));
        }
        let middles = frame.rows_within(-MIDDLE_INSIDE_MM, size);
        let best = Array2::from_elem(size, f32::NEG_INFINITY);
        let mut plates = Self { step: &frame.step, discs, middles, best };
        plates.fill();
        plates
    }

    fn fill(&mut self) {
        let (rows, columns) = self.best.dim();
        let (step, discs) =
            (self.step.as_slice().unwrap_or_default(), self.discs.as_slice().unwrap_or_default());
        for (row, (mut best, span)) in self.best.rows_mut().into_iter().zip(&self.middles).enumerate() {
            let Some(best) = best.as_slice_mut() else { continue };
            let best = &mut best[span.clone()];
            for half in HALF_HEIGHTS {
                let Some([upper, lower, over, under]) = lines(row, half, rows) else { continue };
                let line = |map: &'t [f32], row: usize| &map[row * columns..][span.clone()];
                let plates = line(step, upper).iter().zip(line(step, lower));
                let outside = |row: usize| &discs[row * columns..][span.clone()];
                let both = plates.zip(outside(over).iter().zip(outside(under)));
                for (best, ((above, below), (over, under))) in best.iter_mut().zip(both) {
                    *best = greater(body::score([*above, -below], [*over, *under]), *best);
                }
            }
        }
    }

    /// The best height of a place and the best other one: the score, and half of the height.
    fn heights(&self, row: usize, column: usize) -> [Option<(f32, usize)>; 2] {
        let best = |other_than: Option<usize>| {
            let halves = HALF_HEIGHTS
                .filter(|half| other_than.is_none_or(|other| half.abs_diff(other) >= OTHER_HEIGHT));
            let scores = halves.filter_map(|half| {
                let [upper, lower, over, under] = lines(row, half, self.step.nrows())?;
                let plates = [self.step[(upper, column)], -self.step[(lower, column)]];
                Some((body::score(plates, [self.discs[(over, column)], self.discs[(under, column)]]), half))
            });
            scores.reduce(|a, b| if b.0 > a.0 { b } else { a })
        };
        let first = best(None);
        [first, first.and_then(|(_, half)| best(Some(half)))]
    }
}

/// The rows of the plates of a body in the middle of a row, and those of its discs; `None` where a plate lies outside.
fn lines(row: usize, half: usize, rows: usize) -> Option<[usize; 4]> {
    let (upper, lower) = (row.checked_sub(half)?, row + half);
    (lower < rows).then(|| [upper, lower, upper.saturating_sub(OUTSIDE + 1), (lower + OUTSIDE).min(rows - 1)])
}

fn add_peaks(
    found: &mut Vec<Body>,
    frame: &Turned,
    plates: &Plates<'_>,
    direction: usize,
    facing: Facing,
    (width, height): (f64, f64),
) {
    let wall = wall_ahead(&frame.wall, &plates.middles, facing);
    let total = &plates.best + &wall;
    let (rows, columns) = total.dim();
    for row in REACH.1..rows.saturating_sub(REACH.1) {
        let Range { start, end } = plates.middles[row];
        for column in start.max(REACH.0)..end.min(columns.saturating_sub(REACH.0)) {
            if total[(row, column)] < LEAST_SCORE || !is_peak(&total, row, column) {
                continue;
            }
            for (plates, half) in plates.heights(row, column).into_iter().flatten() {
                let score = plates + wall[(row, column)];
                if score < LEAST_SCORE {
                    continue;
                }
                let (x, y) = frame.point(column as f64, row as f64);
                let body = Body {
                    x: if facing == Facing::Right { x } else { width - x },
                    y,
                    turn: strokes::angle(direction) * facing.sign(),
                    height: 2.0 * half as f64,
                    score: f64::from(score),
                };
                if is_inside(&body, width, height) {
                    found.push(body);
                }
            }
        }
    }
}

/// What the strongest wall within the depths of a body adds, ahead of each place where a middle may be.
fn wall_ahead(wall: &Array2<f32>, middles: &[Range<usize>], facing: Facing) -> Array2<f32> {
    let columns = wall.ncols();
    let sign = facing.sign() as f32;
    let mut result = Array2::zeros(wall.dim());
    for ((mut line, wall), Range { start, end }) in
        result.rows_mut().into_iter().zip(wall.rows()).zip(middles.iter().cloned())
    {
        let (Some(line), Some(wall)) = (line.as_slice_mut(), wall.as_slice()) else { continue };
        // Beyond the edge nothing shows.
        line[start..end].fill(-10.0);
        for depth in HALF_DEPTHS_MM {
            let (from, to) = match facing {
                Facing::Right => (start, end.min(columns.saturating_sub(depth)).max(start)),
                Facing::Left => (start.max(depth).min(end), end),
            };
            let ahead = match facing {
                Facing::Right => &wall[(from + depth).min(columns)..],
                Facing::Left => &wall[from.saturating_sub(depth)..],
            };
            let places = line[from..to].iter_mut().zip(ahead);
            places.for_each(|(best, value)| *best = greater(sign * value, *best));
        }
        line[start..end].iter_mut().for_each(|best| *best = body::wall_score(*best));
    }
    result
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
