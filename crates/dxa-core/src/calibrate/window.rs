//! Images for people to look at: gray from 0 to 1, never a density.

use ndarray::Array2;

use crate::decode::quantitative::EnergyImage;
use crate::field::{Contrast, Field, Pixel, Quantity};
use crate::study::PixelSpacing;

use super::dual_energy::log_attenuation;

/// The log attenuation of one image of a pair, in which bone and soft tissue both show.
pub(crate) fn attenuation(image: &EnergyImage, spacing: PixelSpacing) -> Field {
    let stored = &image.pixels;
    let table = log_attenuation(image);
    let at =
        |(row, column): (usize, usize)| table[usize::from(stored.words()[row * stored.columns + column])];
    let shape = (stored.rows, stored.columns);
    let pixel = |value: Option<f64>| match value {
        None => Pixel::Air,
        Some(value) if value.is_finite() => Pixel::Tissue,
        Some(_) => Pixel::Unmeasured,
    };
    Field {
        values: Array2::from_shape_fn(shape, |index| {
            at(index).filter(|v| v.is_finite()).unwrap_or(0.0) as f32
        }),
        pixels: Array2::from_shape_fn(shape, |index| pixel(at(index))),
        spacing,
        quantity: Quantity::Gray,
        contrast: Contrast::USUAL,
    }
}

/// Share of the tissue that may be black, and white.
const CLIPPED: (f64, f64) = (0.01, 0.002);

/// Stretches the values of tissue over the scale from 0 to 1; air is black, and what has no counts white.
pub(crate) fn windowed(field: Field) -> Field {
    let mut tissue: Vec<f32> = field
        .values
        .iter()
        .zip(&field.pixels)
        .filter(|(value, pixel)| **pixel == Pixel::Tissue && value.is_finite())
        .map(|(value, _)| *value)
        .collect();
    tissue.sort_unstable_by(f32::total_cmp);
    let at = |share: f64| tissue.get((share * tissue.len() as f64) as usize).copied().unwrap_or(0.0);
    let (black, white) = (at(CLIPPED.0), at(1.0 - CLIPPED.1));
    let span = (white - black).max(f32::MIN_POSITIVE);
    let mut gray = field.values;
    for (value, pixel) in gray.iter_mut().zip(&field.pixels) {
        *value = match pixel {
            Pixel::Tissue => ((*value - black) / span).clamp(0.0, 1.0),
            Pixel::Air => 0.0,
            Pixel::Unmeasured => 1.0,
        };
    }
    Field { values: gray, quantity: Quantity::Gray, ..field }
}
