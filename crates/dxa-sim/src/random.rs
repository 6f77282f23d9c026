//! A small generator of reproducible numbers: the same seed and label give the same stream everywhere.

use sha2::{Digest, Sha256};

/// SplitMix64: one 64-bit state, full period, enough for pictures and device numbers.
///
/// # References
/// Steele, Lea, Flood 2014, doi 10.1145/2660193.2660195.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// A stream of its own for each seed and label, so that adding one object never changes another.
    pub(crate) fn new(seed: u64, label: &str) -> Self {
        let digest = digest(&[&seed.to_le_bytes(), label.as_bytes()]);
        Self(digest.iter().take(8).fold(0, |state, &byte| (state << 8) | u64::from(byte)))
    }

    /// The next 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A whole number from `low` to `high`, both included; the modulo bias of 2⁻⁴⁰ does not matter here.
    pub(crate) fn between(&mut self, low: u32, high: u32) -> u32 {
        let span = u64::from(high.saturating_sub(low)) + 1;
        low + (self.bits() % span) as u32
    }

    /// A number from 0 to 1, the latter excluded, in steps of 2⁻⁵³.
    pub(crate) fn fraction(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number between two, each as likely as any other.
    pub(crate) fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.fraction()
    }
}

/// SHA-256 over several parts, each preceded by its length so that no two lists collide.
pub(crate) fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// SHA-256 of these bytes as lower-case hexadecimal, as it stands in the truth.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Random, sha256_hex};

    #[test]
    fn follows_the_published_sequence() {
        // First outputs for state 1234567, as printed with the reference implementation of the authors.
        let mut random = Random(1_234_567);
        assert_eq!(random.bits(), 6_457_827_717_110_365_317);
        assert_eq!(random.bits(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn digest_of_nothing_is_the_known_one() {
        assert_eq!(sha256_hex(b"")[..16], *"e3b0c44298fc1c14");
    }
}
