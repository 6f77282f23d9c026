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
            inflated.reserve(inflated.len().max(FLOOR).min(limits.inflated_bytes));
        }
        let before = inflated.len();
        let status = stream
            .decompress_vec(&deflated[read..], &mut inflated, FlushDecompress::None)
            .map_err(|_| Rejection::Contradiction("the deflated data set is damaged".to_owned()))?;
        check(inflated.len(), stream.total_in() as usize, limits)?;
        if status == Status::StreamEnd {
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

fn check(inflated: usize, read: usize, limits: &Limits) -> Result<(), Rejection> {
    if inflated > limits.inflated_bytes {
        return Err(Rejection::Limit(format!(
            "the deflated data set grows beyond {} MiB",
            limits.inflated_bytes >> 20
        )));
    }
    if inflated > FLOOR && inflated > read.saturating_mul(limits.inflate_ratio) {
        return Err(Rejection::Limit(format!(
            "the deflated data set grows more than {} times",
            limits.inflate_ratio
        )));
    }
    Ok(())
}
