//! Inflating under a count: a bomb is stopped while it grows.

use flate2::{Decompress, FlushDecompress, Status};

use super::{Limits, Rejection};

/// Inflates a raw deflate stream.
///
/// # Errors
/// A stream that passes the size or the ratio of `limits`, is damaged, or ends early.
pub(super) fn inflate(deflated: &[u8], limits: &Limits) -> Result<Vec<u8>, Rejection> {
    let mut stream = Decompress::new(false);
    let mut inflated = Vec::with_capacity(FLOOR);
    loop {
        let read = stream.total_in() as usize;
        if inflated.len() == inflated.capacity() {
            // One byte of room beyond the limit shows that it was passed; more would only be memory.
            let room = (limits.inflated_bytes + 1).saturating_sub(inflated.len());
            // The odd byte makes the last step reach the limit in one, as two large blocks live side by side.
            inflated.reserve_exact((inflated.len() + 1).min(room));
        }
        let before = inflated.len();
        let status = stream
            .decompress_vec(&deflated[read..], &mut inflated, FlushDecompress::None)
            .map_err(|_| Rejection::Contradiction("the deflated data set is damaged".to_owned()))?;
        // While it grows, only what the whole input could not justify is refused: an image may begin black.
        check(inflated.len(), deflated.len(), limits)?;
        if status == Status::StreamEnd {
            check(inflated.len(), stream.total_in() as usize, limits)?;
            return Ok(inflated);
        }
        let stuck = inflated.len() == before && stream.total_in() as usize == read;
        if stuck && inflated.len() < inflated.capacity() {
            return Err(Rejection::Contradiction("the deflated data set ends early".to_owned()));
        }
    }
}

/// Below this size no ratio is judged: a short run of one byte deflates to almost nothing.
const FLOOR: usize = 64 << 10;

fn check(inflated: usize, deflated: usize, limits: &Limits) -> Result<(), Rejection> {
    if inflated > limits.inflated_bytes {
        return Err(Rejection::Limit(format!(
            "the deflated data set grows beyond {} MiB",
            limits.inflated_bytes >> 20
        )));
    }
    if inflated > FLOOR && inflated > deflated.saturating_mul(limits.inflate_ratio) {
        return Err(Rejection::Limit(format!(
            "the deflated data set grows more than {} times",
            limits.inflate_ratio
        )));
    }
    Ok(())
}
