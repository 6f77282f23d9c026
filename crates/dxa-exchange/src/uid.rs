//! Unique identifiers of what we write: the same content gives the same identifier, so nothing is stored twice.

use sha2::{Digest, Sha256};

/// A UID of the root for UUIDs (2.25) that depends on the parts and their order.
///
/// # References
/// DICOM PS3.5 B.2; RFC 9562 section 5.8 (version 8).
#[must_use]
pub(crate) fn derived(parts: &[&[u8]]) -> String {
    format!("2.25.{}", uuid(parts))
}

/// The same as a UUID in its usual form.
#[must_use]
pub(crate) fn derived_uuid(parts: &[&[u8]]) -> String {
    let digits = format!("{:032x}", uuid(parts));
    format!("{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..])
}

/// A UID of the same root that depends on a digest.
#[must_use]
pub fn of_digest(digest: &[u8; 32]) -> String {
    format!("2.25.{}", uuid_of(digest))
}

fn uuid(parts: &[&[u8]]) -> u128 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    uuid_of(&hash.finalize().into())
}

fn uuid_of(digest: &[u8; 32]) -> u128 {
    let number = digest.iter().take(16).fold(0u128, |number, byte| (number << 8) | u128::from(*byte));
    let version = (number & !(0xf << 76)) | (0x8 << 76);
    (version & !(0x3 << 62)) | (0x2 << 62)
}

#[cfg(test)]
mod tests {
    use super::derived;

    #[test]
    fn depends_on_every_part_and_where_one_ends() {
        let one = derived(&[b"study", b"scan"]);
        assert!(one.len() <= 64 && one.starts_with("2.25."));
        assert_eq!(one, derived(&[b"study", b"scan"]));
        for other in [derived(&[b"study", b"scam"]), derived(&[b"studys", b"can"]), derived(&[b"study"])] {
            assert_ne!(one, other);
        }
    }
}
