//! Sampling a field more finely than its pixels, so that an edge can run between them.

use ndarray::{Array2, ArrayView2};

/// Samples of a pixel along one axis, so that they are at most this far apart.
const FINEST_MM: f64 = 0.5;

/// How many samples a pixel of this size is given.
pub(super) fn samples_of(pixel_mm: f64) -> usize {
    ((pixel_mm / FINEST_MM).ceil() as usize).clamp(1, 8)
}

/// Values between pixel middles by Catmull-Rom splines along rows and columns.
///
/// # Shape
/// `per_pixel` samples for each row and column of `values`, each in the middle of its part of the pixel.
pub(super) fn refined(values: ArrayView2<'_, f32>, per_pixel: (usize, usize)) -> Array2<f32> {
    let down = along_columns(values, per_pixel.0);
    let across = along_columns(down.t(), per_pixel.1);
    across.t().as_standard_layout().into_owned()
}

fn along_columns(values: ArrayView2<'_, f32>, factor: usize) -> Array2<f32> {
    let (rows, columns) = values.dim();
    if factor == 1 {
        return values.to_owned();
    }
    let mut refined = Array2::zeros((rows * factor, columns));
    for (fine, mut target) in refined.rows_mut().into_iter().enumerate() {
        let place = (fine as f64 + 0.5) / factor as f64 - 0.5;
        let base = place.floor();
        let weights = catmull_rom((place - base) as f32);
        for (tap, weight) in weights.into_iter().enumerate() {
            let row = (base as isize + tap as isize - 1).clamp(0, rows as isize - 1) as usize;
            target.zip_mut_with(&values.row(row), |sum, value| *sum += weight * value);
        }
    }
    refined
}

/// Weights of the four values around a place `t` of the way from the second to the third.
pub(super) fn catmull_rom(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        0.5 * (-t + 2.0 * t2 - t3),
        0.5 * (2.0 - 5.0 * t2 + 3.0 * t3),
        0.5 * (t + 4.0 * t2 - 3.0 * t3),
        0.5 * (t3 - t2),
    ]
}
