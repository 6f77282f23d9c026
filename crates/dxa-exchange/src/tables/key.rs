//! Keys of studies: what the rows of a study in every table have in common.

use sha2::{Digest, Sha256};

/// Ten bytes: among a million studies two have the same key with a chance of 4 in 10^13.
pub const KEY_BYTES: usize = 10;

/// What the key of a study tells apart; a study without a UID is that of one file.
#[must_use]
pub fn of_study<'a>(uid: Option<&'a str>, patient: Option<&'a str>, path: &'a str) -> [&'a str; 3] {
    match uid {
        Some(uid) => ["study", uid, patient.unwrap_or_default()],
        None => ["file", path, patient.unwrap_or_default()],
    }
}

/// The bytes that a digest is made of: a purpose and its parts, each behind its length.
#[must_use]
pub fn bytes(purpose: &str, parts: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in std::iter::once(&purpose).chain(parts) {
        bytes.extend((part.len() as u64).to_le_bytes());
        bytes.extend(part.as_bytes());
    }
    bytes
}

/// The key where nobody is hidden.
#[must_use]
pub fn plain(parts: &[&str]) -> String {
    dxa_core::hexadecimal(&Sha256::digest(bytes("key", parts))[..KEY_BYTES])
}
