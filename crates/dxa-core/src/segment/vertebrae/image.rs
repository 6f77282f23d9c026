//! A lateral image as the search sees it.

use ndarray::ArrayView2;

use crate::geometry::{DetectorPoint, ImagePoint};
use crate::study::PixelSpacing;

/// A gray image, brighter where more is absorbed; a caller turns MONOCHROME1 first.
///
/// # Units
/// Any linear scale of gray; the darkest and the brightest value of the image are taken for the ends of its
/// display window.
///
/// # Shape
/// Rows × columns.
#[derive(Clone, Copy, Debug)]
pub struct LateralImage<'a> {
    /// Gray.
    pub gray: ArrayView2<'a, f32>,
    /// Size of a pixel; where it is not known, a guess that serves the search only.
    pub spacing: PixelSpacing,
    /// Whether the size is known: otherwise nothing may be given in millimeters.
    pub spacing_known: bool,
}

impl LateralImage<'_> {
    /// A point of the image in millimeters from its corner.
    #[must_use]
    pub fn to_mm(&self, point: ImagePoint) -> DetectorPoint {
        point.to_detector(self.spacing)
    }

    /// A point in millimeters in pixels.
    #[must_use]
    pub fn to_px(&self, point: DetectorPoint) -> ImagePoint {
        point.to_image(self.spacing)
    }

    /// The darkest and the brightest value; `None` where there is one at most.
    pub(super) fn ends(&self) -> Option<(f32, f32)> {
        // So many at a time, because they do not depend on one another.
        const LANES: usize = 16;
        let (mut lows, mut highs) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
        let mut take = |values: &[f32]| {
            for ((low, high), value) in lows.iter_mut().zip(&mut highs).zip(values) {
                let (below, above) =
                    (*value < *low && value.is_finite(), *value > *high && value.is_finite());
                *low = if below { *value } else { *low };
                *high = if above { *value } else { *high };
            }
        };
        for row in self.gray.rows() {
            match row.as_slice() {
                Some(row) => row.chunks(LANES).for_each(&mut take),
                None => row.iter().for_each(|value| take(&[*value])),
            }
        }
        let low = lows.into_iter().fold(f32::INFINITY, f32::min);
        let high = highs.into_iter().fold(f32::NEG_INFINITY, f32::max);
        (high > low).then_some((low, high))
    }

    /// Width and height.
    ///
    /// # Units
    /// Millimeters.
    #[must_use]
    pub fn size_mm(&self) -> (f64, f64) {
        let (rows, columns) = self.gray.dim();
        (columns as f64 * self.spacing.column_mm, rows as f64 * self.spacing.row_mm)
    }
}
