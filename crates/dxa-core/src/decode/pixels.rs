//! Stored pixel values of a single-frame gray image, native or decompressed, as the device wrote them.

mod jpeg;
mod jpeg_2000;
mod layout;
mod native;
mod rle;

use std::panic::{AssertUnwindSafe, catch_unwind};

use dicom_dictionary_std::uids;

use crate::findings::{Refusal, RefusalCode};
use crate::guard::{Element, Object};

use layout::Layout;

/// Stored values of one gray image, before any scale, window or lookup table.
///
/// # Shape
/// Rows × columns, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredPixels {
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// Bits of one value that carry it.
    pub bits_stored: u16,
    /// Values are in two's complement.
    pub signed: bool,
    /// MONOCHROME1: the lowest value is shown white.
    pub white_is_zero: bool,
    /// First and last value that mark pixels outside of the image.
    pub padding: Option<(i32, i32)>,
    /// The values; those below zero in two's complement.
    words: Vec<u16>,
}

impl StoredPixels {
    /// Pixels made elsewhere than in a file, as by a test; `None` when they are not rows × columns.
    #[must_use]
    pub fn unsigned(rows: usize, columns: usize, bits_stored: u16, words: Vec<u16>) -> Option<Self> {
        let whole = rows.checked_mul(columns) == Some(words.len()) && (1..=16).contains(&bits_stored);
        let (signed, white_is_zero, padding) = (false, false, None);
        whole.then_some(Self { rows, columns, bits_stored, signed, white_is_zero, padding, words })
    }

    /// The values in their order.
    pub fn values(&self) -> impl ExactSizeIterator<Item = i32> + '_ {
        self.words.iter().map(|word| self.value(*word))
    }

    /// The sixteen bits of every value, an index into [`Self::table`].
    #[must_use]
    pub fn words(&self) -> &[u16] {
        &self.words
    }

    /// Least and greatest value that the bits can hold.
    #[must_use]
    pub fn range(&self) -> (i32, i32) {
        let values = 1i32 << self.bits_stored;
        if self.signed { (-values / 2, values / 2 - 1) } else { (0, values - 1) }
    }

    /// Whether a value marks pixels outside of the image.
    #[must_use]
    pub fn is_padding(&self, value: i32) -> bool {
        self.padding.is_some_and(|(first, last)| (first..=last).contains(&value))
    }

    /// A function of the stored value, worked out once for each value there can be; `words` index it.
    #[must_use]
    pub fn table<T>(&self, of: impl Fn(i32) -> T) -> Vec<T> {
        let words = if self.signed { 1 << 16 } else { 1usize << self.bits_stored };
        (0..words).map(|word| of(self.value(word as u16))).collect()
    }

    fn value(&self, word: u16) -> i32 {
        if self.signed { i32::from(word.cast_signed()) } else { i32::from(word) }
    }
}

/// Reads the pixels of an object that was walked as a whole.
///
/// # Errors
/// A refusal where there are no pixels, where they are not one gray frame of at most 16 bits, and where they
/// cannot be decompressed.
pub fn read(object: &Object<'_>) -> Result<StoredPixels, Refusal> {
    let layout = Layout::read(object.root())?;
    let pixels = layout.pixels;
    let words = if pixels.has_fragments() {
        decompress(object, pixels, &layout)?
    } else {
        native::words(pixels, object.syntax().big_endian, &layout)?
    };
    Ok(layout.stored(words))
}

/// What one codec makes of the bytes of a frame: stored words, or a sentence why not.
type Decoded = Result<Vec<u16>, &'static str>;

fn decompress(object: &Object<'_>, pixels: Element<'_>, layout: &Layout<'_>) -> Result<Vec<u16>, Refusal> {
    let decode: fn(&[u8], &Layout<'_>) -> Decoded = match object.syntax().uid.as_str() {
        uids::RLE_LOSSLESS => rle::words,
        uids::JPEG_BASELINE8_BIT | uids::JPEG_LOSSLESS | uids::JPEG_LOSSLESS_SV1 => jpeg::words,
        uids::JPEG2000_LOSSLESS | uids::JPEG2000 => jpeg_2000::words,
        other => {
            let message = format!("Pixels in transfer syntax {other} cannot be decoded.");
            return Err(Refusal::new(RefusalCode::UnsupportedTransferSyntax, message));
        }
    };
    let frame: Vec<u8> = pixels.fragments().skip(1).flatten().copied().collect();
    let damaged = |why| damaged(&format!("The compressed pixels cannot be read: {why}."));
    // A defect of a decoder must refuse one image, whoever asked for it.
    let words = catch_unwind(AssertUnwindSafe(|| decode(&frame, layout)))
        .unwrap_or(Err("the decoder failed on them"))
        .map_err(damaged)?;
    if words.len() != layout.rows * layout.columns {
        return Err(damaged("they are of another size than rows and columns say"));
    }
    Ok(words)
}

fn damaged(message: &str) -> Refusal {
    Refusal::new(RefusalCode::NotEvaluable, message)
}
