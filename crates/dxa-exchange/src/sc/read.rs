//! The drawn scan of a picture that was written here, without the legend beside it.

use dicom_dictionary_std::tags;
use dxa_core::guard::{self, Input, Leniency, Limits};

use super::drawing::LEGEND_WIDTH;

/// A scan with what was found drawn on it.
#[derive(Clone, PartialEq, Eq)]
pub struct Drawn {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green and blue of every pixel, row by row.
    pub rgb: Vec<u8>,
}

impl std::fmt::Debug for Drawn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Drawn")
            .field("width", &self.width)
            .field("height", &self.height)
            .finish_non_exhaustive()
    }
}

/// The scan of a picture that [`super::encode`] wrote; `None` of anything else.
#[must_use]
pub fn drawn(picture: &[u8]) -> Option<Drawn> {
    let object = guard::open(Input::whole(picture), Leniency::Strict, &Limits::DEFAULT).ok()?;
    let bytes = |tag| object.root().get(tag).map(|element| element.bytes());
    let short = |tag| {
        let bytes = bytes(tag)?;
        Some(usize::from(u16::from_le_bytes([*bytes.first()?, *bytes.get(1)?])))
    };
    let (rows, columns) = (short(tags::ROWS)?, short(tags::COLUMNS)?);
    let width = columns.checked_sub(usize::try_from(LEGEND_WIDTH).ok()?).filter(|width| *width > 0)?;
    let pixels = bytes(tags::PIXEL_DATA)?.get(..rows * columns * 3)?;
    let lines: Vec<&[u8]> = pixels.chunks_exact(columns * 3).map(|line| &line[..width * 3]).collect();
    // Beside a long legend there is nothing below the scan.
    let is_empty = |line: &&[u8]| line.iter().all(|value| *value == 0);
    let last = lines.iter().rposition(|line| !is_empty(line))?;
    Some(Drawn {
        width: u32::try_from(width).ok()?,
        height: u32::try_from(last + 1).ok()?,
        rgb: lines[..=last].concat(),
    })
}
