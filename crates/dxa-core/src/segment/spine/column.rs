//! The line down the middle of the spine.

use ndarray::Array2;

use super::path::brightest_path;
use super::raster::{Raster, STEP_MM, mean, part};

/// Side of a cell of the first search, in squares.
const CELL: usize = 4;
/// The same in millimeters.
const CELL_MM: f64 = CELL as f64 * STEP_MM;
/// Rows this far above and below are averaged, so that discs do not break the column.
const ROW_REACH_MM: f64 = 9.0;
/// Half the width in which the column is bright.
const BRIGHT_MM: f64 = 14.0;
/// From where to where beside its middle it is dark: beyond the body, mostly before ribs and crest.
const DARK_MM: (f64, f64) = (22.0, 34.0);
/// What a step of one cell to the side costs, in brightness of the column.
const STEP_COST: f32 = 0.06;

/// A line through the image, one point for each row of the raster.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// Where its middle is in each row, in millimeters from the left border.
    pub(super) x_mm: Vec<f64>,
    /// Millimeters to the right for each millimeter down.
    pub(super) slope: Vec<f64>,
}

impl Column {
    /// The way through the image that is bright in the middle and dark on both sides.
    pub(super) fn search(raster: &Raster) -> Option<Self> {
        let cells = cells(raster);
        let (rows, columns) = cells.dim();
        if rows < 8 || columns < 12 {
            return None;
        }
        let path = brightest_path(&contrast(&smoothed_down(&cells)), STEP_COST);
        let (height, _) = raster.shape();
        let rough: Vec<(f64, f64)> = path
            .iter()
            .enumerate()
            .map(|(row, column)| ((row as f64 + 0.5) * CELL_MM, (*column as f64 + 0.5) * CELL_MM))
            .collect();
        Some(Self::through(&rough, height))
    }

    /// A smooth line through points (y, x), both in millimeters, one value for each of `rows` rows.
    pub(super) fn through(points: &[(f64, f64)], rows: usize) -> Self {
        let (x_mm, slope) = (0..rows).map(|row| local_line(points, (row as f64 + 0.5) * STEP_MM)).unzip();
        Self { x_mm, slope }
    }
}

fn cells(raster: &Raster) -> Array2<f32> {
    let (rows, columns) = raster.shape();
    let cell = |(row, column): (usize, usize)| {
        let (top, left) = (row * CELL, column * CELL);
        mean(part(&raster.values, top..top + CELL, left..left + CELL))
    };
    let mut cells = Array2::from_shape_fn((rows / CELL, columns / CELL), cell);
    let bright = quantile(cells.iter().copied(), 0.93).max(1e-6);
    // Metal and crest count no more than bone.
    cells.mapv_inplace(|value| (value / bright).clamp(-0.5, 1.2));
    cells
}

fn smoothed_down(cells: &Array2<f32>) -> Array2<f32> {
    let reach = (ROW_REACH_MM / CELL_MM) as usize;
    let rows = cells.nrows();
    let mut smooth = Array2::zeros(cells.dim());
    for (row, mut to) in smooth.rows_mut().into_iter().enumerate() {
        let (first, last) = (row.saturating_sub(reach), (row + reach).min(rows - 1));
        for from in first..=last {
            to.scaled_add(1.0 / (last - first + 1) as f32, &cells.row(from));
        }
    }
    smooth
}

fn contrast(cells: &Array2<f32>) -> Array2<f32> {
    let columns = cells.ncols() as isize;
    let bright = (BRIGHT_MM / CELL_MM) as isize;
    let dark = ((DARK_MM.0 / CELL_MM) as isize, (DARK_MM.1 / CELL_MM) as isize);
    Array2::from_shape_fn(cells.dim(), |(row, column)| {
        let mean = |from: isize, to: isize| {
            let inside = (column as isize + from).max(0)..=(column as isize + to).min(columns - 1);
            let (sum, count) =
                inside.fold((0.0, 0.0), |(sum, count), at| (sum + cells[(row, at as usize)], count + 1.0));
            if count > 0.0 { sum / count } else { 0.0 }
        };
        mean(-bright, bright) - (mean(-dark.1, -dark.0) + mean(dark.0, dark.1)) / 2.0
    })
}

/// Rows within this distance carry a point of the smooth line: longer than a vertebra, shorter than a curve.
const LINE_REACH_MM: f64 = 36.0;
/// Rounds of leaving out points far from the line.
const LINE_ROUNDS: usize = 3;

/// Value and slope at `y` of a line fitted to the points around it, robustly.
fn local_line(points: &[(f64, f64)], y: f64) -> (f64, f64) {
    let first = points.partition_point(|point| point.0 < y - LINE_REACH_MM);
    let last = points.partition_point(|point| point.0 <= y + LINE_REACH_MM);
    let near = &points[first..last];
    let mut scale = f64::INFINITY;
    let mut line = (0.0, 0.0);
    for _ in 0..LINE_ROUNDS {
        let weight = |point: &(f64, f64)| {
            let away = ((point.0 - y) / LINE_REACH_MM).abs();
            let residual = (point.1 - line.0 - line.1 * (point.0 - y)) / scale;
            (1.0 - away * away).max(0.0) / (1.0 + residual * residual)
        };
        line = weighted_line(near.iter().map(|point| (point.0 - y, point.1, weight(point))));
        let residual = |point: &(f64, f64)| (point.1 - line.0 - line.1 * (point.0 - y)).abs() as f32;
        scale = f64::from(quantile(near.iter().map(residual), 0.5)).max(0.25) * 2.0;
    }
    line
}

/// Offset and slope of the weighted least-squares line through (t, value, weight).
fn weighted_line(points: impl Iterator<Item = (f64, f64, f64)>) -> (f64, f64) {
    let mut sums = [0.0; 5];
    for (t, value, weight) in points {
        let terms = [1.0, t, t * t, value, t * value];
        sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += weight * term);
    }
    let [n, t, tt, v, tv] = sums;
    let determinant = n * tt - t * t;
    if n <= 0.0 {
        (0.0, 0.0)
    } else if determinant <= 1e-9 * n * n {
        (v / n, 0.0)
    } else {
        ((v * tt - tv * t) / determinant, (n * tv - t * v) / determinant)
    }
}

/// The value below which this share of the values lies; 0 of nothing.
pub(super) fn quantile(values: impl Iterator<Item = f32>, share: f64) -> f32 {
    let mut values: Vec<f32> = values.collect();
    if values.is_empty() {
        return 0.0;
    }
    let at = ((values.len() - 1) as f64 * share).round() as usize;
    *values.select_nth_unstable_by(at, f32::total_cmp).1
}
