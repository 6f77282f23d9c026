//! A field brought to an even pitch, on which shapes are looked for.

use ndarray::{Array2, Axis};

use crate::field::{Field, Pixel};
use crate::geometry::DetectorPoint;

/// The pitch on which shapes are looked for; finer fields are averaged, coarser ones interpolated.
const PITCH_MM: f64 = 0.5;
/// Heights and widths of images that can show a limb between two joints, and not the whole body.
const SIZES_MM: std::ops::Range<f64> = 60.0..500.0;

/// Values at an even pitch; sample (0, 0) lies half a pitch inside the corner of the image.
#[derive(Clone, Debug)]
pub(in crate::segment) struct Grid {
    /// Rows × columns.
    pub(in crate::segment) values: Array2<f32>,
    /// Distance between rows, within a third of a percent of `PITCH_MM` for any real scan.
    pub(in crate::segment) row_mm: f64,
    /// Distance between columns.
    pub(in crate::segment) column_mm: f64,
}

impl Grid {
    /// The values of a field, averaged or interpolated with a triangular kernel; `None` where the image is too
    /// small or too large for a limb.
    pub(in crate::segment) fn of(field: &Field) -> Option<Self> {
        let (rows, columns) = field.shape();
        let height = rows as f64 * field.spacing.row_mm;
        let width = columns as f64 * field.spacing.column_mm;
        if !SIZES_MM.contains(&height) || !SIZES_MM.contains(&width) {
            return None;
        }
        let known = |(value, pixel): (&f32, &Pixel)| match pixel {
            Pixel::Air => 0.0,
            _ if value.is_finite() => *value,
            _ => 0.0,
        };
        let values = field.values.iter().zip(&field.pixels).map(known).collect();
        let values = Array2::from_shape_vec((rows, columns), values).ok()?;
        let (across, column_mm) = resample(&values, Axis(1), field.spacing.column_mm, width);
        let (values, row_mm) = resample(&across, Axis(0), field.spacing.row_mm, height);
        Some(Self { values, row_mm, column_mm })
    }

    /// A grid of the same shape.
    pub(in crate::segment) fn with(&self, values: Array2<f32>) -> Self {
        Self { values, row_mm: self.row_mm, column_mm: self.column_mm }
    }

    /// Height of the image.
    pub(in crate::segment) fn height_mm(&self) -> f64 {
        self.values.nrows() as f64 * self.row_mm
    }

    /// Width of the image.
    pub(in crate::segment) fn width_mm(&self) -> f64 {
        self.values.ncols() as f64 * self.column_mm
    }

    /// Where a sample lies.
    pub(in crate::segment) fn point(&self, row: usize, column: usize) -> DetectorPoint {
        DetectorPoint { x_mm: (column as f64 + 0.5) * self.column_mm, y_mm: (row as f64 + 0.5) * self.row_mm }
    }

    /// The sample nearest to a point; `None` outside the image.
    pub(in crate::segment) fn index(&self, point: DetectorPoint) -> Option<(usize, usize)> {
        let (x, y) = (point.x_mm / self.column_mm, point.y_mm / self.row_mm);
        let (rows, columns) = self.values.dim();
        (x >= 0.0 && y >= 0.0 && x < columns as f64 && y < rows as f64).then_some((y as usize, x as usize))
    }

    /// Bilinear value at a point; the outermost samples go on to the edge of the image, `None` beyond it.
    pub(in crate::segment) fn at(&self, point: DetectorPoint) -> Option<f64> {
        self.index(point)?;
        let (rows, columns) = self.values.dim();
        let x = (point.x_mm / self.column_mm - 0.5).clamp(0.0, (columns - 1) as f64);
        let y = (point.y_mm / self.row_mm - 0.5).clamp(0.0, (rows - 1) as f64);
        let (column, row) = (x as usize, y as usize);
        let (right, below) = ((column + 1).min(columns - 1), (row + 1).min(rows - 1));
        let (fx, fy) = (x - column as f64, y - row as f64);
        let value = |r: usize, c: usize| f64::from(self.values[(r, c)]);
        let above = value(row, column) * (1.0 - fx) + value(row, right) * fx;
        let under = value(below, column) * (1.0 - fx) + value(below, right) * fx;
        Some(above * (1.0 - fy) + under * fy)
    }

    /// Smoothed with a Gaussian of the given standard deviation.
    pub(in crate::segment) fn smoothed(&self, sigma_mm: f64) -> Self {
        let across = convolve(&self.values, Axis(1), &gaussian(sigma_mm / self.column_mm));
        self.with(convolve(&across, Axis(0), &gaussian(sigma_mm / self.row_mm)))
    }
}

/// One axis at a pitch near `PITCH_MM` that divides the length evenly.
fn resample(source: &Array2<f32>, axis: Axis, spacing: f64, length: f64) -> (Array2<f32>, f64) {
    let count = (length / PITCH_MM).ceil().max(1.0) as usize;
    let pitch = length / count as f64;
    let reach = spacing.max(pitch);
    let mut shape = source.raw_dim();
    shape[axis.index()] = count;
    let mut out = Array2::zeros(shape);
    for index in 0..count {
        let middle = (index as f64 + 0.5) * pitch;
        let mut line = out.index_axis_mut(axis, index);
        for (from, weight) in triangle(middle, reach, spacing, source.len_of(axis)) {
            line.scaled_add(weight, &source.index_axis(axis, from));
        }
    }
    (out, pitch)
}

/// Weights of the source samples within `reach` of a position; they sum to one.
fn triangle(middle: f64, reach: f64, spacing: f64, length: usize) -> Vec<(usize, f32)> {
    let first = ((middle - reach) / spacing - 0.5).ceil() as isize;
    let last = ((middle + reach) / spacing - 0.5).floor() as isize;
    let weight = |index: isize| 1.0 - ((index as f64 + 0.5) * spacing - middle).abs() / reach;
    let sum: f64 = (first..=last).map(weight).sum();
    let inside = |index: isize| index.clamp(0, length as isize - 1) as usize;
    (first..=last).map(|index| (inside(index), (weight(index) / sum) as f32)).collect()
}

/// One side of a normalized Gaussian kernel, the middle first.
fn gaussian(sigma: f64) -> Vec<f32> {
    let reach = (3.0 * sigma).ceil() as usize;
    let weights: Vec<f64> = (0..=reach).map(|i| (-0.5 * (i as f64 / sigma).powi(2)).exp()).collect();
    let sum = 2.0 * weights.iter().sum::<f64>() - weights[0];
    weights.iter().map(|weight| (weight / sum) as f32).collect()
}

/// A symmetric kernel along one axis; the outermost samples go on beyond the edge.
fn convolve(source: &Array2<f32>, axis: Axis, kernel: &[f32]) -> Array2<f32> {
    let mut out = source * kernel[0];
    let length = source.len_of(axis);
    for index in 0..length {
        let mut line = out.index_axis_mut(axis, index);
        for (offset, weight) in kernel.iter().enumerate().skip(1) {
            line.scaled_add(*weight, &source.index_axis(axis, index.saturating_sub(offset)));
            line.scaled_add(*weight, &source.index_axis(axis, (index + offset).min(length - 1)));
        }
    }
    out
}
