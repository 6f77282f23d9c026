//! Uncompressed pixels.

use dicom_core::VR;

use crate::findings::Refusal;
use crate::guard::Element;

use super::damaged;
use super::layout::Layout;

/// # Errors
/// When the element holds fewer bytes than rows and columns need.
pub(super) fn words(pixels: Element<'_>, big_endian: bool, layout: &Layout<'_>) -> Result<Vec<u16>, Refusal> {
    let bytes = pixels.bytes();
    let count = layout.rows * layout.columns;
    let needed = count * usize::from(layout.bits_allocated / 8);
    let bytes = bytes.get(..needed.next_multiple_of(2).min(bytes.len())).unwrap_or_default();
    if bytes.len() < needed {
        return Err(damaged("The pixel data hold fewer values than rows and columns say."));
    }
    Ok(if layout.bits_allocated == 8 {
        // Bytes in big-endian words come in swapped pairs.
        let swapped = usize::from(big_endian && pixels.vr() == VR::OW);
        (0..count).map(|index| layout.word(bytes[(index ^ swapped).min(bytes.len() - 1)].into())).collect()
    } else {
        let cell = if big_endian { u16::from_be_bytes } else { u16::from_le_bytes };
        let cells = bytes.chunks_exact(2).map(|pair| cell([pair[0], pair[1]]));
        if layout.is_plain() { cells.collect() } else { cells.map(|cell| layout.word(cell)).collect() }
    })
}
