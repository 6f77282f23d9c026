//! The image on a finer, even grid in millimeters, for sampling along walls.

use ndarray::{Array2, ArrayView2};

use super::super::image::LateralImage;
use super::body::Vector;

/// Side of a cell of the grid.
pub(super) const CELL_MM: f64 = 0.4;
/// Grays this close to an end of the window, as a share of it, are clipped.
const CLIPPED: f32 = 0.004;

/// Gray from 0 to 1 on a grid of square cells.
pub(super) struct Raster {
    gray: Array2<f32>,
}

impl Raster {
    /// Resamples an image: means where cells are larger than pixels, cubic between pixels else.
    pub(super) fn new(image: &LateralImage<'_>) -> Self {
        let (low, high) = image.ends().unwrap_or((0.0, 1.0));
        let span = high - low;
        // Rows are what is read fast.
        let turned = |image: Array2<f32>| image.t().as_standard_layout().into_owned();
        let down = turned(resampled(image.gray, image.spacing.row_mm));
        let mut gray = turned(resampled(down.view(), image.spacing.column_mm));
        gray.mapv_inplace(|value| ((value - low) / span).clamp(0.0, 1.0));
        Self { gray }
    }

    /// Gray between the middles of cells, at `count` places along a line; `None` outside of the image.
    pub(super) fn along(
        &self,
        from: Vector,
        step: Vector,
        count: usize,
    ) -> impl Iterator<Item = Option<f64>> {
        let (rows, columns) = self.gray.dim();
        let gray = self.gray.as_slice().unwrap_or_default();
        let cells = |mm: f64| mm / CELL_MM;
        let (start, step) = (from.map(|mm| cells(mm) - 0.5), step.map(cells));
        let (right, bottom) = (columns as f64 - 1.001, rows as f64 - 1.001);
        (0..count).map(move |at| {
            let [x, y] = [0, 1].map(|axis| start[axis] + at as f64 * step[axis]);
            if x < -0.5 || y < -0.5 || x > columns as f64 - 0.5 || y > rows as f64 - 0.5 {
                return None;
            }
            let (x, y) = (x.max(0.0).min(right), y.max(0.0).min(bottom));
            let (column, row) = (x as i32, y as i32);
            let (to_right, down) = (x - f64::from(column), y - f64::from(row));
            let upper = row as usize * columns + column as usize;
            let between = |at: usize| {
                let [a, b] = gray.get(at..)?.first_chunk()?;
                Some(f64::from(*a) * (1.0 - to_right) + f64::from(*b) * to_right)
            };
            Some(between(upper)? * (1.0 - down) + between(upper + columns)? * down)
        })
    }

    /// Whether a gray lies at an end of the display window.
    pub(super) fn is_clipped(gray: f64) -> bool {
        let gray = gray as f32;
        gray <= CLIPPED || gray >= 1.0 - CLIPPED
    }
}

/// The rows of an image at the middles of cells.
fn resampled(values: ArrayView2<'_, f32>, pixel_mm: f64) -> Array2<f32> {
    let (rows, columns) = values.dim();
    let cells = ((rows as f64 * pixel_mm / CELL_MM) as usize).max(1);
    let reach = (CELL_MM / pixel_mm).max(1.0);
    let mut result = Array2::zeros((cells, columns));
    for (cell, mut target) in result.rows_mut().into_iter().enumerate() {
        let place = (cell as f64 + 0.5) * CELL_MM / pixel_mm - 0.5;
        let (first, last) = ((place - 2.0 * reach).ceil() as isize, (place + 2.0 * reach).floor() as isize);
        let taps: Vec<(usize, f64)> = (first..=last)
            .map(|row| (row.clamp(0, rows as isize - 1) as usize, cubic((row as f64 - place) / reach)))
            .collect();
        let total: f64 = taps.iter().map(|tap| tap.1).sum();
        for (row, weight) in taps {
            let weight = (weight / total) as f32;
            target.zip_mut_with(&values.row(row), |sum, value| *sum += weight * value);
        }
    }
    result
}

/// Keys' cubic, half way between sharp and smooth.
fn cubic(x: f64) -> f64 {
    let x = x.abs();
    if x < 1.0 {
        (1.5 * x - 2.5) * x * x + 1.0
    } else if x < 2.0 {
        ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    } else {
        0.0
    }
}
