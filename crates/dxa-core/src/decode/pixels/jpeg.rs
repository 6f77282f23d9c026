//! JPEG baseline and lossless, gray.

use jpeg_decoder::Decoder;

use super::Decoded;
use super::layout::Layout;

/// Decodes one frame whose size and precision were compared with the attributes first.
pub(super) fn words(frame: &[u8], layout: &Layout<'_>) -> Decoded {
    let precision = start_of_frame(frame, layout)?;
    let mut decoder = Decoder::new(frame);
    decoder.set_max_decoding_buffer_size(layout.rows * layout.columns * 2);
    let bytes =
        decoder.decode().map_err(|_| "the JPEG stream is damaged or of a kind that is not supported")?;
    Ok(if precision <= 8 {
        bytes.iter().map(|byte| layout.word((*byte).into())).collect()
    } else {
        bytes.chunks_exact(2).map(|pair| layout.word(u16::from_ne_bytes([pair[0], pair[1]]))).collect()
    })
}

/// Precision in bits; the decoder must never be given a size that the guard has not seen.
fn start_of_frame(frame: &[u8], layout: &Layout<'_>) -> Result<u8, &'static str> {
    let mut at = 2;
    loop {
        let &[mark, kind, high, low] = frame.get(at..at + 4).ok_or("there is no start of frame")? else {
            return Err("there is no start of frame");
        };
        match kind {
            _ if mark != 0xff => return Err("a marker is missing"),
            0xff => at += 1,
            // Markers without a length have no place before the frame; decoders differ on what follows them.
            0x00 | 0x01 | 0xd0..=0xd9 => return Err("a marker stands where none may"),
            0xc0..=0xc3 => break,
            _ => at += 2 + usize::from(u16::from_be_bytes([high, low])),
        }
    }
    let Some(&[precision, r1, r0, c1, c0, components]) = frame.get(at + 4..at + 10) else {
        return Err("the start of frame is cut");
    };
    let (rows, columns) = (u16::from_be_bytes([r1, r0]), u16::from_be_bytes([c1, c0]));
    if (usize::from(rows), usize::from(columns), components) != (layout.rows, layout.columns, 1) {
        return Err("the JPEG frame is of another size than rows and columns say");
    }
    if !(2..=layout.bits_allocated).contains(&precision.into()) {
        return Err("the JPEG precision is above the bits allocated");
    }
    Ok(precision)
}
