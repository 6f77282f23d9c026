//! One value per pixel, with the size of a pixel and what the value is.

use ndarray::Array2;

use crate::geometry::{ImagePoint, PixelIndex};
use crate::study::PixelSpacing;

/// What the values of a field are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Areal bone mineral, g/cm², with soft tissue at zero.
    BoneDensity,
    /// Gray of a display image from 0 to 1, bone brighter than soft tissue: shapes only, never a density.
    Gray,
}

/// What is known of one pixel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pixel {
    /// Measured tissue.
    #[default]
    Tissue,
    /// Beside the body, or padding.
    Air,
    /// Too few counts to say anything, as behind metal; a region that holds one has no density.
    Unmeasured,
}

/// An image as the stages after calibration see it.
///
/// # Shape
/// `values` and `pixels` are rows × columns of the scan.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// One value per pixel.
    pub values: Array2<f32>,
    /// What is known of each pixel.
    pub pixels: Array2<Pixel>,
    /// Size of a pixel.
    pub spacing: PixelSpacing,
    /// What the values are.
    pub quantity: Quantity,
    /// How the intensity behind bone falls with its density m, as `exp(−k·m)`: k, cm²/g.
    ///
    /// A detector averages intensities, and a density is their logarithm, so a pixel that bone fills in part
    /// shows less than its part of the bone.
    pub contrast_cm2_g: f64,
}

/// Contrast where nothing is known of the beam: between a K-edge filter and switched kilovoltage.
pub const USUAL_CONTRAST: f64 = 1.2;

impl Field {
    /// Rows and columns.
    #[must_use]
    pub fn shape(&self) -> (usize, usize) {
        self.values.dim()
    }

    /// Area of one pixel.
    ///
    /// # Units
    /// Square millimeters.
    #[must_use]
    pub fn pixel_area_mm2(&self) -> f64 {
        self.spacing.row_mm * self.spacing.column_mm
    }

    /// The pixel that a point of the image lies in.
    #[must_use]
    pub fn pixel_at(&self, point: ImagePoint) -> Option<PixelIndex> {
        let (rows, columns) = self.shape();
        let inside =
            |value: f64, limit: usize| (0.0..limit as f64).contains(&value).then_some(value as usize);
        Some(PixelIndex { row: inside(point.y, rows)?, column: inside(point.x, columns)? })
    }
}
