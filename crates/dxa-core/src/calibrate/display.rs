//! Display images as gray with bone bright: shapes only, never a density.

use ndarray::Array2;

use crate::decode::pixels::StoredPixels;
use crate::field::{Contrast, Field, Pixel, Quantity};
use crate::findings::{Refusal, RefusalCode};
use crate::study::PixelSpacing;

use super::map::check_contrast;

/// How much of an image lies at the ends of its scale, where differences are lost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clipping {
    /// Share of the pixels at the dark end.
    pub dark: f64,
    /// Share of the pixels at the bright end.
    pub bright: f64,
}

/// The gray of a display image from 0 to 1 over the values that occur, MONOCHROME1 inverted.
///
/// Padding is air.
///
/// # Errors
/// An image of one value.
pub fn display(stored: &StoredPixels, spacing: PixelSpacing) -> Result<(Field, Clipping), Refusal> {
    let shown = stored.values().filter(|value| !stored.is_padding(*value));
    let (low, high) =
        shown.fold((i32::MAX, i32::MIN), |(low, high), value| (low.min(value), high.max(value)));
    if low >= high {
        let message = "All pixels of this image have one value; it shows no bone.";
        return Err(Refusal::new(RefusalCode::NotEvaluable, message));
    }
    let span = f64::from(high) - f64::from(low);
    let table = stored.table(|value| {
        let gray = ((f64::from(value) - f64::from(low)) / span).clamp(0.0, 1.0) as f32;
        let pixel = if stored.is_padding(value) { Pixel::Air } else { Pixel::Tissue };
        let bright = if stored.white_is_zero { 1.0 - gray } else { gray };
        if pixel == Pixel::Air { (0.0, pixel) } else { (bright, pixel) }
    });
    let shape = (stored.rows, stored.columns);
    let at =
        |(row, column): (usize, usize)| table[usize::from(stored.words()[row * stored.columns + column])];
    let field = Field {
        values: Array2::from_shape_fn(shape, |index| at(index).0),
        pixels: Array2::from_shape_fn(shape, |index| at(index).1),
        spacing,
        quantity: Quantity::Gray,
        contrast: Contrast::USUAL,
    };
    check_contrast(&field)?;
    let clipping = clipping(&field);
    Ok((field, clipping))
}

fn clipping(field: &Field) -> Clipping {
    let share = |is_end: fn(f32) -> bool| {
        let tissue = field.values.iter().zip(&field.pixels).filter(|(_, pixel)| **pixel == Pixel::Tissue);
        tissue.filter(|(value, _)| is_end(**value)).count() as f64 / field.values.len().max(1) as f64
    };
    Clipping { dark: share(|gray| gray <= 0.0), bright: share(|gray| gray >= 1.0) }
}
