//! The image on an even raster of a millimeter, evened out so that no part of it outshines the rest.

use ndarray::{Array2, ArrayView2, Axis};

use super::image::LateralImage;

/// Values on a raster of one millimeter; sample (row, column) lies at (column + ½, row + ½) mm.
#[derive(Clone, Debug)]
pub(super) struct Relief {
    /// Gray from 0 to 1 of the display window.
    pub(super) gray: Array2<f32>,
    /// The same less its surroundings, in parts of their deviation.
    pub(super) even: Array2<f32>,
}

/// Longer sides of images that can show three vertebrae and do not show a whole person.
pub(super) const SIDES_MM: std::ops::RangeInclusive<f64> = 60.0..=900.0;
/// Extent of the surroundings: Gaussian.
const SURROUNDINGS_MM: f32 = 12.0;
/// Deviation that is added, of the whole window: keeps the noise of empty parts small.
const LEAST_DEVIATION: f32 = 0.03;
/// Share of the median deviation that is added.
const MEDIAN_SHARE: f32 = 0.25;

impl Relief {
    /// The relief of an image; `None` where its gray has no extent.
    pub(super) fn of(image: &LateralImage<'_>) -> Option<Self> {
        let (low, high) = image.ends()?;
        let factors = (image.spacing.row_mm, image.spacing.column_mm);
        let turned = |image: Array2<f32>| image.t().as_standard_layout().into_owned();
        let coarse = turned(resample_rows(image.gray, factors.0));
        let mut gray = turned(resample_rows(coarse.view(), factors.1));
        gray.mapv_inplace(|value| (value - low) / (high - low));
        let even = evened(&gray);
        Some(Self { gray, even })
    }

    /// Rows and columns: millimeters.
    pub(super) fn size(&self) -> (usize, usize) {
        self.gray.dim()
    }

    /// Gray at a point in millimeters, of the nearest sample; `None` outside.
    pub(super) fn gray_at(&self, x: f64, y: f64) -> Option<f32> {
        let (rows, columns) = self.gray.dim();
        if !(0.0..columns as f64).contains(&x) || !(0.0..rows as f64).contains(&y) {
            return None;
        }
        Some(self.gray[(y as usize, x as usize)])
    }
}

/// Means over steps of one millimeter along the rows axis; coarser rows are interpolated.
fn resample_rows(gray: ArrayView2<'_, f32>, pitch: f64) -> Array2<f32> {
    let (rows, columns) = gray.dim();
    let made = ((rows as f64 * pitch) as usize).max(1);
    let mut result = Array2::<f32>::zeros((made, columns));
    for (at, mut row) in result.axis_iter_mut(Axis(0)).enumerate() {
        // The triangle of one sample's reach, at least one pixel wide, as an anti-alias and as interpolation.
        let middle = (at as f64 + 0.5) / pitch - 0.5;
        let reach = (1.0 / pitch).max(1.0);
        let from = (middle - reach).ceil().max(0.0) as usize;
        let to = ((middle + reach).floor().max(0.0) as usize).min(rows - 1);
        let weight = |index: usize| (1.0 - (index as f64 - middle).abs() / reach).max(0.0) as f32;
        let total: f32 = (from..=to).map(weight).sum();
        if total <= 0.0 {
            row.assign(&gray.row(from.min(rows - 1)));
            continue;
        }
        for index in from..=to {
            row.scaled_add(weight(index) / total, &gray.row(index));
        }
    }
    result.mapv_inplace(|value| if value.is_finite() { value } else { 0.0 });
    result
}

/// The image less the mean of its surroundings, in parts of their deviation.
fn evened(gray: &Array2<f32>) -> Array2<f32> {
    let mean = blurred(gray, SURROUNDINGS_MM);
    let squares = blurred(&gray.mapv(|value| value * value), SURROUNDINGS_MM);
    let deviation = (squares - &mean * &mean).mapv(|variance| variance.max(0.0).sqrt());
    let mut sorted: Vec<f32> = deviation.iter().copied().collect();
    let middle = sorted.len() / 2;
    let median = *sorted.select_nth_unstable_by(middle, f32::total_cmp).1;
    (gray - &mean) / deviation.mapv(|value| value + MEDIAN_SHARE * median + LEAST_DEVIATION)
}

/// Gaussian of this deviation, as three running means along each axis.
pub(super) fn blurred(image: &Array2<f32>, deviation: f32) -> Array2<f32> {
    let half = (((4.0 * deviation * deviation + 1.0).sqrt() - 1.0) / 2.0).round() as usize;
    let mut result = image.clone();
    for _ in 0..3 {
        for mut row in result.axis_iter_mut(Axis(0)) {
            if let Some(row) = row.as_slice_mut() {
                running_mean(row, half);
            }
        }
    }
    let mut turned = result.t().as_standard_layout().into_owned();
    for _ in 0..3 {
        for mut row in turned.axis_iter_mut(Axis(0)) {
            if let Some(row) = row.as_slice_mut() {
                running_mean(row, half);
            }
        }
    }
    turned.t().as_standard_layout().into_owned()
}

/// Mean over `half` values to either side; the ends are repeated.
pub(super) fn running_mean(values: &mut [f32], half: usize) {
    let Some(last) = values.len().checked_sub(1) else { return };
    let before = values.to_vec();
    let at = |index: isize| f64::from(before[index.clamp(0, last as isize) as usize]);
    let reach = half as isize;
    let mut sum: f64 = (-reach..=reach).map(at).sum();
    let width = (2 * half + 1) as f64;
    for (index, value) in values.iter_mut().enumerate() {
        *value = (sum / width) as f32;
        let index = index as isize;
        sum += at(index + reach + 1) - at(index - reach);
    }
}
