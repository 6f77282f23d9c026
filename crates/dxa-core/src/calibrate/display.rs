//! Display images as gray with bone bright: shapes only, never a density.

use ndarray::Array2;

use crate::decode::pixels::StoredPixels;
use crate::field::{Contrast, Field, Pixel, Quantity};
use crate::findings::{Refusal, RefusalCode};
use crate::study::PixelSpacing;

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
    let mut counts = stored.table(|value| (value, 0usize));
    stored.words().iter().for_each(|word| counts[usize::from(*word)].1 += 1);
    let shown = || counts.iter().filter(|(value, count)| *count > 0 && !stored.is_padding(*value));
    let (low, high) =
        shown().fold((i32::MAX, i32::MIN), |(low, high), (value, _)| (low.min(*value), high.max(*value)));
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
    let (values, pixels): (Vec<f32>, Vec<Pixel>) =
        stored.words().iter().map(|word| table[usize::from(*word)]).unzip();
    let whole = "The image has fewer pixels than its size says.";
    let refuse = |_| Refusal::new(RefusalCode::NoPixelData, whole);
    let field = Field {
        values: Array2::from_shape_vec(shape, values).map_err(refuse)?,
        pixels: Array2::from_shape_vec(shape, pixels).map_err(refuse)?,
        spacing,
        quantity: Quantity::Gray,
        contrast: Contrast::USUAL,
    };
    let share = |end: i32| {
        let there = shown().filter(|(value, _)| *value == end).map(|(_, count)| *count).sum::<usize>();
        there as f64 / stored.words().len().max(1) as f64
    };
    let clipping = match stored.white_is_zero {
        false => Clipping { dark: share(low), bright: share(high) },
        true => Clipping { dark: share(high), bright: share(low) },
    };
    Ok((field, clipping))
}
