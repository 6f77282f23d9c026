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
