//! Compressed pixels: RLE and JPEG lossless are coded here, JPEG 2000 in a module of its own.

use dicom_dictionary_std::tags;

use crate::dicom_writer::Syntax;
use crate::jpeg2000::codestream;
use crate::object::Object;

/// The same object with its 8-bit grey pixels compressed.
pub(crate) fn compress(object: Object, syntax: Syntax, columns: u16) -> Object {
    let pixels = object.pixels.clone().unwrap_or_default();
    let frame = match syntax {
        Syntax::Implicit | Syntax::Explicit => return Object { syntax, ..object },
        Syntax::Rle => rle_frame(&pixels, columns),
        Syntax::JpegLossless => jpeg_lossless_frame(&pixels, columns),
        Syntax::Jpeg2000 => codestream(&pixels, columns),
    };
    let changed = object.change(|data| data.frame(tags::PIXEL_DATA, frame));
    Object { syntax, ..changed }
}

/// One RLE segment behind the header of sixteen numbers; every row is packed by itself.
///
/// # References
/// DICOM PS3.5 annex G.
fn rle_frame(pixels: &[u8], columns: u16) -> Vec<u8> {
    let mut frame = Vec::new();
    frame.extend(1u32.to_le_bytes());
    frame.extend(64u32.to_le_bytes());
    frame.resize(64, 0);
    for row in pixels.chunks(usize::from(columns)) {
        pack_bits(row, &mut frame);
    }
    frame
}

/// Runs of two and more equal bytes as `257 − length, byte`; everything else as `length − 1, bytes`.
fn pack_bits(row: &[u8], packed: &mut Vec<u8>) {
    let mut rest = row;
    let mut literal: Vec<u8> = Vec::new();
    while let Some((&first, _)) = rest.split_first() {
        let run = rest.iter().take(128).take_while(|&&byte| byte == first).count();
        let (taken, after) = rest.split_at(run);
        if run >= 2 {
            flush(&mut literal, packed);
            packed.push((257 - run) as u8);
            packed.push(first);
        } else {
            literal.extend(taken);
            if literal.len() == 128 {
                flush(&mut literal, packed);
            }
        }
        rest = after;
    }
    flush(&mut literal, packed);
}

fn flush(literal: &mut Vec<u8>, packed: &mut Vec<u8>) {
    if let Some(length) = literal.len().checked_sub(1) {
        packed.push(length as u8);
        packed.append(literal);
    }
}

/// One 8-bit component, lossless, each sample predicted from its left neighbour.
///
/// # References
/// ITU-T T.81 annex H; DICOM transfer syntax 1.2.840.10008.1.2.4.70.
fn jpeg_lossless_frame(pixels: &[u8], columns: u16) -> Vec<u8> {
    let rows = u16::try_from(pixels.len() / usize::from(columns.max(1))).unwrap_or(u16::MAX);
    let mut frame = vec![0xff, 0xd8];
    let [row_high, row_low] = rows.to_be_bytes();
    let [column_high, column_low] = columns.to_be_bytes();
    let start = [8, row_high, row_low, column_high, column_low, 1, 1, 0x11, 0];
    segment(&mut frame, 0xc3, &start);
    // Nine codes of four bits each, one for every number of difference bits.
    let mut table = vec![0, 0, 0, 0, 9];
    table.resize(17, 0);
    table.extend(0..9u8);
    segment(&mut frame, 0xc4, &table);
    segment(&mut frame, 0xda, &[1, 1, 0, 1, 0, 0]);
    frame.extend(entropy_coded(pixels, usize::from(columns)));
    frame.extend([0xff, 0xd9]);
    frame
}

fn segment(frame: &mut Vec<u8>, marker: u8, body: &[u8]) {
    frame.extend([0xff, marker]);
    frame.extend(u16::try_from(body.len() + 2).unwrap_or(u16::MAX).to_be_bytes());
    frame.extend(body);
}

/// The first sample is predicted as 128, the first of a row from the one above, any other from its left.
fn entropy_coded(pixels: &[u8], columns: usize) -> Vec<u8> {
    let mut bits = BitWriter::default();
    for (index, &sample) in pixels.iter().enumerate() {
        let neighbor = if index % columns == 0 { index.checked_sub(columns) } else { index.checked_sub(1) };
        let predicted =
            neighbor.and_then(|neighbor| pixels.get(neighbor)).map_or(128, |&byte| i32::from(byte));
        bits.difference(i32::from(sample) - predicted);
    }
    bits.finish()
}

/// Bits from the highest; a byte FF is followed by 00.
#[derive(Default)]
struct BitWriter {
    bytes: Vec<u8>,
    pending: u32,
    count: u32,
}

impl BitWriter {
    /// The number of bits as a four-bit code, then the bits; negative numbers one less, without the sign.
    fn difference(&mut self, difference: i32) {
        let size = i32::BITS - difference.unsigned_abs().leading_zeros();
        self.put(size, 4);
        let bits = if difference < 0 { difference - 1 } else { difference };
        self.put(bits as u32 & ((1 << size) - 1), size);
    }

    fn put(&mut self, bits: u32, count: u32) {
        self.pending = self.pending << count | bits;
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            let byte = (self.pending >> self.count) as u8;
            self.bytes.push(byte);
            if byte == 0xff {
                self.bytes.push(0);
            }
        }
        self.pending &= (1 << self.count) - 1;
    }

    /// The last byte is filled with ones.
    fn finish(mut self) -> Vec<u8> {
        let missing = (8 - self.count) % 8;
        self.put((1 << missing) - 1, missing);
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::{jpeg_lossless_frame, rle_frame};
    use crate::random::Random;

    fn grains(count: usize) -> Vec<u8> {
        let mut random = Random::new(3, "grains");
        (0..count).map(|_| (random.bits() >> 56) as u8).collect()
    }

    #[test]
    fn another_decoder_gets_the_same_pixels_from_jpeg_lossless() {
        for pixels in [grains(70 * 31), vec![0; 70 * 31], [vec![0; 70 * 30], vec![255; 70]].concat()] {
            let frame = jpeg_lossless_frame(&pixels, 70);
            let mut decoder = jpeg_decoder::Decoder::new(frame.as_slice());
            assert_eq!(decoder.decode().unwrap(), pixels);
        }
    }

    #[test]
    fn packs_the_row_of_the_well_known_note() {
        // Apple Technical Note 1023: the example of PackBits.
        let row = [
            0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0xaa, 0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0x22, 0xaa, 0xaa,
            0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
        ];
        let packed =
            [0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7, 0xaa];
        assert_eq!(rle_frame(&row, 24)[64..], packed);
    }
}
