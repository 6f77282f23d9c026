//! RLE Lossless: each byte of a sample is a plane of its own, packed by runs.

use super::Decoded;
use super::layout::Layout;

/// Unpacks one frame.
///
/// # References
/// DICOM PS3.5 annex G.
pub(super) fn words(frame: &[u8], layout: &Layout<'_>) -> Decoded {
    let planes = usize::from(layout.bits_allocated / 8);
    let offset = |index: usize| -> Option<usize> {
        let bytes = frame.get(4 * index..4 * index + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
    };
    if offset(0) != Some(planes) {
        return Err("the number of segments does not fit the bits allocated");
    }
    let count = layout.rows * layout.columns;
    let mut cells = vec![0u16; count];
    for plane in 0..planes {
        let start = offset(plane + 1).filter(|start| *start >= HEADER).ok_or("a segment has no start")?;
        let end = if plane + 1 < planes { offset(plane + 2) } else { Some(frame.len()) };
        let segment =
            end.and_then(|end| frame.get(start..end)).ok_or("a segment lies outside of the frame")?;
        unpack(segment, &mut cells)?;
    }
    cells.iter_mut().for_each(|cell| *cell = layout.word(*cell));
    Ok(cells)
}

/// Bytes of the table of segments.
const HEADER: usize = 64;

/// Runs of a segment, each value moved in below what the cell holds: the most significant plane comes first.
fn unpack(segment: &[u8], cells: &mut [u16]) -> Result<(), &'static str> {
    let mut rest = segment;
    let mut next = cells.iter_mut();
    let mut left = next.len();
    while left > 0 {
        let (&control, after) = rest.split_first().ok_or(SHORT)?;
        let length = match control {
            0..=127 => usize::from(control) + 1,
            128 => {
                rest = after;
                continue;
            }
            129.. => 257 - usize::from(control),
        };
        let taken = if control < 128 { length } else { 1 };
        let bytes = after.get(..taken).ok_or(SHORT)?;
        // The bytes come first: what ends a pair of iterators is asked before the other gives a value away.
        for (byte, cell) in bytes.iter().cycle().take(length.min(left)).zip(next.by_ref()) {
            *cell = *cell << 8 | u16::from(*byte);
        }
        left -= length.min(left);
        rest = &after[taken..];
    }
    Ok(())
}

const SHORT: &str = "a segment ends before the image is full";
