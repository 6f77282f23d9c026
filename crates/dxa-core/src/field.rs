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
    /// How the intensity behind bone falls with its density.
    pub contrast: Contrast,
}

/// How the intensities behind bone fall with its density m: `exp(−μ·m)` for each of two beams.
///
/// A detector averages intensities, and a density is `Σ c·(−ln I)` of what it shows, so a pixel that bone fills
/// in part shows less than its part of the bone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    /// c in g/cm², and μ in cm²/g, of either beam; Σ c·μ = 1.
    beams: [(f64, f64); 2],
}

impl Contrast {
    /// Where nothing is known of the beams: one between a K-edge filter and switched kilovoltage.
    pub const USUAL: Self = Self::single(1.2);

    /// One beam with a μ, cm²/g.
    #[must_use]
    pub const fn single(cm2_g: f64) -> Self {
        Self { beams: [(1.0 / cm2_g, cm2_g), (0.0, 0.0)] }
    }

    /// Two beams, each with its c in g/cm² and its μ in cm²/g.
    #[must_use]
    pub fn dual(low: (f64, f64), high: (f64, f64)) -> Self {
        Self { beams: [low, high] }
    }

    /// The one k of `exp(−k·m)` that shows the same where densities differ little: `Σ c·μ²`, cm²/g.
    #[must_use]
    pub fn of_small_steps(self) -> f64 {
        self.beams.iter().map(|(share, cm2_g)| share * cm2_g * cm2_g).sum()
    }

    /// The density that a pixel shows of which bone of a density fills a part, and soft tissue the rest.
    ///
    /// # Units
    /// g/cm².
    #[must_use]
    pub fn shown(self, bone: f64, part: f64) -> f64 {
        let of_beam = |(share, cm2_g): &(f64, f64)| -share * (part * (-cm2_g * bone).exp_m1()).ln_1p();
        self.beams.iter().map(of_beam).sum()
    }
}

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
