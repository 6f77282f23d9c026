//! A map whose values are densities already.

use ndarray::Array2;

use crate::decode::quantitative::DensityMap;
use crate::field::{Contrast, Field, Pixel, Quantity};
use crate::findings::{Refusal, RefusalCode};
use crate::study::PixelSpacing;

use super::soft_tissue::{self, SoftTissue};
use super::{Calibrated, refusal};

/// Densities of a map, by its own mapping.
///
/// Padding is air, and a stored value outside of the mapped range is unmeasured.
/// The maker of a map has put soft tissue at zero; only where it clearly lies elsewhere is it moved there.
///
/// # Units
/// g/cm².
///
/// # Errors
/// A map of one value, or without any measured tissue.
pub fn density_map(map: &DensityMap, spacing: PixelSpacing) -> Result<Calibrated, Refusal> {
    let stored = &map.pixels;
    let table = stored.table(|value| match map.mapping.value(value) {
        _ if stored.is_padding(value) => (0.0, Pixel::Air),
        Some(density) => (density as f32, Pixel::Tissue),
        None => (0.0, Pixel::Unmeasured),
    });
    let shape = (stored.rows, stored.columns);
    let at =
        |(row, column): (usize, usize)| table[usize::from(stored.words()[row * stored.columns + column])];
    let mut field = Field {
        values: Array2::from_shape_fn(shape, |index| at(index).0),
        pixels: Array2::from_shape_fn(shape, |index| at(index).1),
        spacing,
        quantity: Quantity::BoneDensity,
        contrast: Contrast::USUAL,
    };
    check_contrast(&field)?;
    let soft_tissue = soft_tissue::stated_zero(&mut field);
    let method = method(&soft_tissue);
    Ok(Calibrated { field, soft_tissue, restores_partial_pixels: false, method, findings: Vec::new() })
}

fn method(soft_tissue: &SoftTissue) -> &'static str {
    if soft_tissue.subtracted { "density map, soft tissue moved to zero" } else { "density map" }
}

/// # Errors
/// No measured tissue, or one value everywhere.
pub(super) fn check_contrast(field: &Field) -> Result<(), Refusal> {
    let tissue = field.values.iter().zip(&field.pixels).filter(|(_, pixel)| **pixel == Pixel::Tissue);
    let (low, high) = tissue
        .map(|(value, _)| *value)
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low < high {
        return Ok(());
    }
    Err(refusal(
        RefusalCode::NotEvaluable,
        "All measured pixels of this image have one value; it shows no bone.",
    ))
}
