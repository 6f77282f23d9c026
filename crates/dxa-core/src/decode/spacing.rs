//! Pixel size: the first attribute that gives one, and what may not be trusted.

use crate::study::{PixelSpacing, ScanKind, SpacingSource};

use super::header::Header;
use super::maker;

/// The pixel size of an image and where it comes from, or the reason why there is none.
///
/// Pixel Spacing, then Imager Pixel Spacing divided by the magnification, then Nominal Scanned Pixel
/// Spacing; for GE Lunar exports then Exposed Area over columns and rows, then the raster of the model.
/// A spacing of zero or less counts as absent.
///
/// # Units
/// Millimeters, row spacing first as DICOM writes it.
#[must_use]
pub fn spacing(header: &Header, kind: ScanKind) -> Spacing {
    let image = &header.image;
    if let Some(spacing) = pair(&image.pixel_spacing, 1.0) {
        return Spacing::known(spacing, SpacingSource::PixelSpacing);
    }
    let magnification = image.magnification.filter(|factor| (1.0..=3.0).contains(factor)).unwrap_or(1.0);
    if let Some(spacing) = pair(&image.imager_pixel_spacing, magnification) {
        return Spacing::known(spacing, SpacingSource::ImagerPixelSpacing);
    }
    if let Some(spacing) = pair(&image.nominal_scanned_spacing, 1.0) {
        return Spacing::known(spacing, SpacingSource::NominalScanned);
    }
    if !maker::is_ge_lunar(header) {
        return Spacing::NONE;
    }
    match exposed_area(header) {
        Some(spacing) if is_anisotropic(spacing) => Spacing { anisotropic: true, ..Spacing::NONE },
        Some(spacing) => Spacing::known(spacing, SpacingSource::ExposedArea),
        None => model_default(header, kind),
    }
}

/// The result of looking for a pixel size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spacing {
    /// The size.
    pub spacing: Option<PixelSpacing>,
    /// Where it comes from.
    pub source: SpacingSource,
    /// Exposed Area gave two sizes that differ by more than rounding can explain.
    pub anisotropic: bool,
}

impl Spacing {
    /// No size at all.
    pub const NONE: Self = Self { spacing: None, source: SpacingSource::None, anisotropic: false };

    fn known(spacing: PixelSpacing, source: SpacingSource) -> Self {
        Self { spacing: Some(spacing), source, anisotropic: false }
    }
}

fn pair(values: &[f64], divisor: f64) -> Option<PixelSpacing> {
    let [row, column] = *values else { return None };
    let usable = |value: f64| value.is_finite() && value > 0.0 && value < LARGEST_MM;
    (usable(row) && usable(column))
        .then_some(PixelSpacing { row_mm: row / divisor, column_mm: column / divisor })
}

/// No projection image has pixels of this size; a larger value is a mistake.
const LARGEST_MM: f64 = 20.0;

/// `width / columns`, `height / rows`: the attribute is in whole millimeters, good to about 1 %.
fn exposed_area(header: &Header) -> Option<PixelSpacing> {
    let [width, height] = header.image.exposed_area_mm?;
    let (rows, columns) = (header.image.rows?, header.image.columns?);
    let spacing = [height / f64::from(rows), width / f64::from(columns)];
    pair(&spacing, 1.0)
}

/// Above this relative difference the raster may be the native 1.05 × 0.60 mm, which the area cannot tell.
const ANISOTROPY: f64 = 0.02;

fn is_anisotropic(spacing: PixelSpacing) -> bool {
    let mean = f64::midpoint(spacing.row_mm, spacing.column_mm);
    (spacing.row_mm - spacing.column_mm).abs() / mean > ANISOTROPY
}

/// The raster of regional exports: iDXA 0.25 mm, Prodigy 0.60 mm. A whole body has another and none is assumed.
fn model_default(header: &Header, kind: ScanKind) -> Spacing {
    use ScanKind::{ApSpine, Forearm, Hip, Knee, LateralSpine};
    if !matches!(kind, ApSpine | Forearm | Hip | Knee | LateralSpine) {
        return Spacing::NONE;
    }
    let model = header.device.model.as_deref().unwrap_or_default().to_lowercase();
    let mm = match () {
        () if model.contains("idxa") => 0.25,
        () if model.contains("prodigy") => 0.60,
        () => return Spacing::NONE,
    };
    Spacing::known(PixelSpacing { row_mm: mm, column_mm: mm }, SpacingSource::ModelDefault)
}
