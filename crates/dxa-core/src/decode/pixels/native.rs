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
    } else if big_endian {
        cells(bytes, u16::from_be_bytes, layout)
    } else {
        cells(bytes, u16::from_le_bytes, layout)
    })
}

/// Generic over the byte order, so that it costs nothing at each value.
fn cells(bytes: &[u8], cell: impl Fn([u8; 2]) -> u16, layout: &Layout<'_>) -> Vec<u16> {
    let cells = bytes.chunks_exact(2).map(|pair| cell([pair[0], pair[1]]));
    match layout.mask() {
        Some(mask) => cells.map(|cell| cell & mask).collect(),
        None => cells.map(|cell| layout.word(cell)).collect(),
    }
}
