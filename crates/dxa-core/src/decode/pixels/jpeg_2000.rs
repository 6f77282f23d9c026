//! JPEG 2000, gray, reversible or not.

use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};

use super::Decoded;
use super::layout::Layout;

/// Decodes one frame whose size and precision were compared with the attributes first.
pub(super) fn words(frame: &[u8], layout: &Layout<'_>) -> Decoded {
    let settings = DecodeSettings { strict: true, ..DecodeSettings::default() };
    let image = Image::new(frame, &settings).map_err(|_| DAMAGED)?;
    if (image.height() as usize, image.width() as usize) != (layout.rows, layout.columns) {
        return Err("the JPEG 2000 image is of another size than rows and columns say");
    }
    if u16::from(image.original_bit_depth()) > layout.bits_allocated {
        return Err("the JPEG 2000 precision is above the bits allocated");
    }
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(|_| DAMAGED)?;
    let mut components = decoded.components().iter();
    let (Some(gray), None) = (components.next(), components.next()) else {
        return Err("the JPEG 2000 image has more than one component");
    };
    // Samples are whole numbers of at most 16 bits, which f32 holds exactly. The decoder moves signed ones up.
    let moved = if is_signed(frame)? { 1i32 << (gray.bit_depth() - 1) } else { 0 };
    let word = |sample: &f32| layout.word((sample.round() as i32 - moved) as u16);
    Ok(gray.samples().iter().map(word).collect())
}

/// The sign bit of the first component, in the segment that opens every codestream.
fn is_signed(frame: &[u8]) -> Result<bool, &'static str> {
    let size = frame.strip_prefix(b"\xff\x4f\xff\x51").ok_or(DAMAGED)?;
    size.get(38).map(|precision| precision & 0x80 != 0).ok_or(DAMAGED)
}

const DAMAGED: &str = "the JPEG 2000 stream is damaged or of a kind that is not supported";
