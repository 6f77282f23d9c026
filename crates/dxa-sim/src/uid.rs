//! Unique identifiers that depend on nothing but kind, seed and label.

use crate::random::digest;

/// A UID of the root for UUIDs (2.25): the digest as a version 8 UUID, written as one decimal number.
///
/// # References
/// DICOM PS3.5 B.2; RFC 9562 section 5.8.
pub(crate) fn uid(kind: &str, seed: u64, label: &str) -> String {
    let digest = digest(&[b"dxa-sim uid", kind.as_bytes(), &seed.to_le_bytes(), label.as_bytes()]);
    let number = digest.iter().take(16).fold(0u128, |number, &byte| (number << 8) | u128::from(byte));
    let version = (number & !(0xf << 76)) | (0x8 << 76);
    let variant = (version & !(0x3 << 62)) | (0x2 << 62);
    format!("2.25.{variant}")
}

#[cfg(test)]
mod tests {
    use super::uid;

    #[test]
    fn is_short_enough_and_depends_on_every_part() {
        let one = uid("fixtures", 1, "a");
        assert!(one.len() <= 64 && one.starts_with("2.25."));
        for other in [uid("sr", 1, "a"), uid("fixtures", 2, "a"), uid("fixtures", 1, "b")] {
            assert_ne!(one, other);
        }
    }
}
