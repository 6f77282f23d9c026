//! Secrets that we give out, and what we keep of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::store::{Error, hexadecimal};

/// 256 random bits, for a cookie or a header.
///
/// # Errors
/// When the system has no random numbers.
pub(super) fn new() -> Result<String, Error> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::Io(std::io::Error::other(error.to_string())))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// What the database keeps of a secret: enough to know it again, not enough to use it.
///
/// The secret has 256 random bits, so a fast digest is as good as a slow one.
pub(super) fn digest(secret: &str) -> String {
    hexadecimal(&Sha256::digest(secret.as_bytes()))
}
