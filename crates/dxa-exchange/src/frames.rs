//! What processes of this program say to each other: frames of a length (8 bytes, little-endian) and so many bytes.

use std::io::{self, Read, Write};

/// Reads one frame; a frame that ends early is an error.
///
/// # Errors
/// When the input ends or breaks.
pub fn read(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0u8; 8];
    input.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    let mut bytes = Vec::new();
    if input.take(length).read_to_end(&mut bytes)? as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

/// Writes one frame.
///
/// # Errors
/// When the output breaks.
pub fn write(output: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    output.write_all(&(bytes.len() as u64).to_le_bytes())?;
    output.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_and_a_cut_one_is_an_error() {
        let mut bytes = Vec::new();
        write(&mut bytes, b"one").unwrap();
        write(&mut bytes, b"").unwrap();
        let mut input = bytes.as_slice();
        assert_eq!((read(&mut input).unwrap(), read(&mut input).unwrap()), (b"one".to_vec(), Vec::new()));
        assert!(read(&mut input).is_err());
        assert!(read(&mut &bytes[..9]).is_err());
    }
}
