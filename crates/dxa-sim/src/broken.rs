//! Files that are not what they ought to be.

/// Bytes of the preamble and prefix, and of the group length element that opens the meta header.
const PREFIX: usize = 132;
const GROUP_LENGTH: usize = 12;

/// The file cut off in the middle of its pixels, as a full disk leaves it.
pub(crate) fn truncated(mut file: Vec<u8>) -> Vec<u8> {
    file.truncate(file.len() * 3 / 5);
    file
}

/// The data set alone: no preamble, no prefix, no meta header.
pub(crate) fn without_header(file: &[u8]) -> Vec<u8> {
    let length = file.get(PREFIX + 8..PREFIX + GROUP_LENGTH).and_then(|bytes| bytes.try_into().ok());
    let meta = length.map_or(0, |bytes| u32::from_le_bytes(bytes) as usize);
    file.get(PREFIX + GROUP_LENGTH + meta..).unwrap_or_default().to_vec()
}
