//! The file that a received data set becomes: preamble and meta header in front of the bytes as they came.

use super::{IMPLEMENTATION_CLASS, IMPLEMENTATION_VERSION};

/// Preamble and meta header (PS3.10 7.1) for a data set in `syntax`.
pub(crate) fn head(class: &str, instance: &str, syntax: &str, source: &str) -> Vec<u8> {
    let mut meta = Vec::new();
    let mut element = |number: u16, vr: &[u8; 2], value: &[u8], padding: u8| {
        let odd = value.len() % 2;
        let length = value.len() + odd;
        meta.extend_from_slice(&[2, 0]);
        meta.extend_from_slice(&number.to_le_bytes());
        meta.extend_from_slice(vr);
        if vr == b"OB" {
            meta.extend_from_slice(&[0, 0]);
            meta.extend_from_slice(&u32::try_from(length).unwrap_or(0).to_le_bytes());
        } else {
            meta.extend_from_slice(&u16::try_from(length).unwrap_or(0).to_le_bytes());
        }
        meta.extend_from_slice(value);
        meta.extend(std::iter::repeat_n(padding, odd));
    };
    element(0x0001, b"OB", &[0, 1], 0);
    element(0x0002, b"UI", class.as_bytes(), 0);
    element(0x0003, b"UI", instance.as_bytes(), 0);
    element(0x0010, b"UI", syntax.as_bytes(), 0);
    element(0x0012, b"UI", IMPLEMENTATION_CLASS.as_bytes(), 0);
    element(0x0013, b"SH", IMPLEMENTATION_VERSION.as_bytes(), b' ');
    if !source.is_empty() {
        element(0x0016, b"AE", source.as_bytes(), b' ');
    }
    let mut file = vec![0u8; 128];
    file.extend_from_slice(b"DICM");
    file.extend_from_slice(&[2, 0, 0, 0, b'U', b'L', 4, 0]);
    file.extend_from_slice(&u32::try_from(meta.len()).unwrap_or(0).to_le_bytes());
    file.extend_from_slice(&meta);
    file
}
