//! What the image attributes say of the stored values.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::findings::{Refusal, RefusalCode};
use crate::guard::{Element, Elements};

use super::super::header;
use super::{StoredPixels, damaged};

/// The attributes that reading pixels depends on.
pub(super) struct Layout<'o> {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) bits_allocated: u16,
    pub(super) bits_stored: u16,
    /// Bits below the lowest bit of a value.
    pub(super) shift: u16,
    pub(super) signed: bool,
    pub(super) pixels: Element<'o>,
    white_is_zero: bool,
    padding: Option<(u16, u16)>,
}

impl<'o> Layout<'o> {
    /// # Errors
    /// No pixels, or not one frame of gray values that 16 bits hold.
    pub(super) fn read(root: Elements<'o>) -> Result<Self, Refusal> {
        let short = |tag: Tag| root.get(tag).and_then(|element| element.u16());
        let Some(pixels) = root.get(tags::PIXEL_DATA).filter(|pixels| !pixels.is_empty()) else {
            let message = "This image object carries no pixel data.";
            return Err(Refusal::new(RefusalCode::NoPixelData, message));
        };
        let frames = root.get(tags::NUMBER_OF_FRAMES).and_then(|element| header::integer(&element));
        let photometric = root.get(tags::PHOTOMETRIC_INTERPRETATION).and_then(|e| header::code(&e));
        let white_is_zero = photometric.as_deref() == Some("MONOCHROME1");
        let gray = white_is_zero || photometric.is_none() || photometric.as_deref() == Some("MONOCHROME2");
        if !gray || short(tags::SAMPLES_PER_PIXEL).unwrap_or(1) != 1 || frames.unwrap_or(1) != 1 {
            return Err(damaged("Only single-frame gray images are measured."));
        }
        let bits_allocated = short(tags::BITS_ALLOCATED).unwrap_or(0);
        let bits_stored = short(tags::BITS_STORED).unwrap_or(bits_allocated);
        let high_bit = short(tags::HIGH_BIT).unwrap_or(bits_stored.saturating_sub(1));
        let (true, Some(shift)) = (
            matches!(bits_allocated, 8 | 16) && (1..=bits_allocated).contains(&bits_stored),
            (high_bit < bits_allocated).then(|| (high_bit + 1).checked_sub(bits_stored)).flatten(),
        ) else {
            return Err(damaged(
                "The bits allocated, stored and high contradict each other or are not 8 or 16.",
            ));
        };
        let value = short(tags::PIXEL_PADDING_VALUE);
        Ok(Self {
            rows: short(tags::ROWS).unwrap_or(0).into(),
            columns: short(tags::COLUMNS).unwrap_or(0).into(),
            bits_allocated,
            bits_stored,
            shift,
            signed: short(tags::PIXEL_REPRESENTATION) == Some(1),
            pixels,
            white_is_zero,
            padding: value.map(|value| (value, short(tags::PIXEL_PADDING_RANGE_LIMIT).unwrap_or(value))),
        })
    }

    /// The value bits of one stored cell, sign-extended where values are signed.
    pub(super) fn word(&self, cell: u16) -> u16 {
        let unused = 16 - self.bits_stored;
        let high = (cell >> self.shift) << unused;
        if self.signed { (high.cast_signed() >> unused).cast_unsigned() } else { high >> unused }
    }

    /// The bits of a cell that are its value, where nothing else has to be done to it.
    pub(super) fn mask(&self) -> Option<u16> {
        (self.shift == 0 && !self.signed).then(|| u16::MAX >> (16 - self.bits_stored))
    }

    pub(super) fn stored(&self, words: Vec<u16>) -> StoredPixels {
        let value = |word: u16| if self.signed { i32::from(word.cast_signed()) } else { i32::from(word) };
        let sorted = |(a, b): (u16, u16)| (value(a).min(value(b)), value(a).max(value(b)));
        StoredPixels {
            rows: self.rows,
            columns: self.columns,
            bits_stored: self.bits_stored,
            signed: self.signed,
            white_is_zero: self.white_is_zero,
            padding: self.padding.map(sorted),
            words,
        }
    }
}
