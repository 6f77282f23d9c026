//! Resampling whole studies, for the vertebrae of one person are not independent of each other.

/// How often is resampled.
pub(super) const TIMES: usize = 2000;

/// A generator whose numbers are the same on every machine.
///
/// # References
/// Steele, Lea and Flood 2014, doi 10.1145/2660193.2660195 (`SplitMix64`).
pub(super) struct Draws(u64);

impl Draws {
    pub(super) fn new() -> Self {
        Self(20_240_517)
    }

    /// A number below `limit`.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        // The bias of the remainder is below 2^-40 for any number of studies there is.
        usize::try_from(mixed % (limit.max(1) as u64)).unwrap_or_default()
    }
}

/// The middle 95 % of the values; `None` when too few of them exist.
pub(super) fn interval(mut values: Vec<f64>) -> Option<[f64; 2]> {
    if values.len() < TIMES / 2 {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values[((values.len() - 1) as f64 * share).round() as usize];
    Some([at(0.025), at(0.975)])
}
