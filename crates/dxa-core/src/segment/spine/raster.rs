//! A field on half-millimeter squares, with soft tissue near zero.

use std::ops::Range;

use ndarray::Array2;

use super::background;
use crate::field::{Field, Pixel, Quantity};

/// Side of a square, in millimeters, for every search along the spine.
pub(super) const STEP_MM: f64 = 0.5;

/// Density above which a pixel is metal, g/cm²; bone does not reach it.
pub(super) const METAL_G_CM2: f32 = 3.0;

/// The values of a field on half-millimeter squares; pixel spacing is behind us from here on.
#[derive(Clone, Debug)]
pub(super) struct Raster {
    /// Rows × columns, each [`STEP_MM`] apart.
    pub(super) values: Array2<f32>,
}

impl Raster {
    /// Resamples a field; the soft tissue of a gray image is leveled to zero.
    pub(super) fn of(field: &Field) -> Self {
        let clean = cleaned(field);
        let (rows, columns) = field.shape();
        let down = Taps::along(rows, field.spacing.row_mm);
        let across = Taps::along(columns, field.spacing.column_mm);
        let mut values = down.rows(&across.columns(&clean));
        if field.quantity == Quantity::Gray {
            background::level(&mut values);
        }
        Self { values }
    }

    /// Rows and columns.
    pub(super) fn shape(&self) -> (usize, usize) {
        self.values.dim()
    }

    /// Height and width, in millimeters.
    pub(super) fn size_mm(&self) -> (f64, f64) {
        let (rows, columns) = self.shape();
        (rows as f64 * STEP_MM, columns as f64 * STEP_MM)
    }

    /// Value at a point, linear between squares; beyond the border the border goes on.
    pub(super) fn sample(&self, x_mm: f64, y_mm: f64) -> f32 {
        let (rows, columns) = self.shape();
        let place = |mm: f64, count: usize| {
            let at = (mm / STEP_MM - 0.5).clamp(0.0, (count - 1) as f64);
            let low = (at as usize).min(count.saturating_sub(2));
            (low, (low + 1).min(count - 1), (at - low as f64) as f32)
        };
        let ((top, bottom, down), (left, right, across)) = (place(y_mm, rows), place(x_mm, columns));
        let upper = self.values[(top, left)] * (1.0 - across) + self.values[(top, right)] * across;
        let lower = self.values[(bottom, left)] * (1.0 - across) + self.values[(bottom, right)] * across;
        upper * (1.0 - down) + lower * down
    }

    /// Whether a point lies in the image.
    pub(super) fn holds(&self, x_mm: f64, y_mm: f64) -> bool {
        let (height, width) = self.size_mm();
        (0.0..=width).contains(&x_mm) && (0.0..=height).contains(&y_mm)
    }
}

/// The values of a part of an array, row by row; what lies outside of it is left out.
pub(super) fn part(
    values: &Array2<f32>,
    rows: Range<usize>,
    columns: Range<usize>,
) -> impl Iterator<Item = f32> + '_ {
    rows.flat_map(move |row| columns.clone().filter_map(move |column| values.get((row, column)).copied()))
}

/// Mean of values, 0 of nothing.
pub(super) fn mean(values: impl Iterator<Item = f32>) -> f32 {
    let (sum, count) =
        values.fold((0.0f64, 0.0f64), |(sum, count), value| (sum + f64::from(value), count + 1.0));
    if count > 0.0 { (sum / count) as f32 } else { 0.0 }
}

/// Finite values: nothing beside the body, metal at its limit.
fn cleaned(field: &Field) -> Array2<f32> {
    let limit = match field.quantity {
        Quantity::BoneDensity => METAL_G_CM2,
        Quantity::Gray => 1.0,
    };
    let mut clean = field.values.clone();
    for (value, pixel) in clean.iter_mut().zip(field.pixels.iter()) {
        *value = match pixel {
            Pixel::Air => 0.0,
            Pixel::Unmeasured => limit,
            Pixel::Tissue if value.is_finite() => value.min(limit),
            Pixel::Tissue => 0.0,
        };
    }
    clean
}

/// For each new line, the old lines it is a weighted mean of.
struct Taps {
    lines: Vec<(usize, Vec<f32>)>,
}

impl Taps {
    /// A triangle as wide as the coarser of both rasters: a mean when going coarser, linear between when finer.
    fn along(count: usize, spacing_mm: f64) -> Self {
        let new = ((count as f64 * spacing_mm / STEP_MM).round() as usize).max(1);
        let reach = spacing_mm.max(STEP_MM);
        let taps = |line: usize| {
            let middle = (line as f64 + 0.5) * STEP_MM;
            let first = (((middle - reach) / spacing_mm - 0.5).ceil().max(0.0) as usize).min(count - 1);
            let last = (((middle + reach) / spacing_mm - 0.5).floor().max(0.0) as usize).min(count - 1);
            let weight = |old: usize| {
                let away = ((old as f64 + 0.5) * spacing_mm - middle).abs();
                (1.0 - away / reach).max(0.0) as f32
            };
            let weights: Vec<f32> = (first..=last.max(first)).map(weight).collect();
            let sum: f32 = weights.iter().sum();
            if sum > 0.0 {
                (first, weights.into_iter().map(|weight| weight / sum).collect())
            } else {
                (first, vec![1.0])
            }
        };
        Self { lines: (0..new).map(taps).collect() }
    }

    fn columns(&self, old: &Array2<f32>) -> Array2<f32> {
        let mut new = Array2::zeros((old.nrows(), self.lines.len()));
        for (from, mut to) in old.rows().into_iter().zip(new.rows_mut()) {
            for (value, (first, weights)) in to.iter_mut().zip(&self.lines) {
                *value = weights.iter().enumerate().map(|(tap, weight)| weight * from[first + tap]).sum();
            }
        }
        new
    }

    fn rows(&self, old: &Array2<f32>) -> Array2<f32> {
        let mut new = Array2::zeros((self.lines.len(), old.ncols()));
        for (mut to, (first, weights)) in new.rows_mut().into_iter().zip(&self.lines) {
            for (tap, weight) in weights.iter().enumerate() {
                to.scaled_add(*weight, &old.row(first + tap));
            }
        }
        new
    }
}
