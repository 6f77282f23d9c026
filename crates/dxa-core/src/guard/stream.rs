//! Opening a source head first: most headers need a few kilobytes in front of megabytes of pixels.

use std::io::{self, Read};

use super::{Input, Leniency, Limits, Object, Rejection, open};

/// Opens a source of `total` bytes and hands the object to `read`; the rest of the source is only read when
/// the head does not suffice.
///
/// # Errors
/// The outer error is the source's own; the inner one is the guard's or that of `read`.
pub fn open_head_first<T, E: From<Rejection>>(
    mut source: impl Read,
    total: u64,
    leniency: Leniency,
    limits: &Limits,
    read: impl Fn(&Object<'_>) -> Result<T, E>,
) -> io::Result<Result<T, E>> {
    let mut bytes = Vec::with_capacity(total.min(HEAD) as usize);
    source.by_ref().take(HEAD).read_to_end(&mut bytes)?;
    let total = total.max(bytes.len() as u64);
    match open(Input { head: &bytes, total }, leniency, limits) {
        Err(Rejection::NeedMore) => {}
        opened => return Ok(opened.map_err(E::from).and_then(|object| read(&object))),
    }
    bytes.reserve_exact(total.saturating_sub(bytes.len() as u64).min(limits.file_bytes) as usize);
    source.take(limits.file_bytes).read_to_end(&mut bytes)?;
    Ok(open(Input::whole(&bytes), leniency, limits).map_err(E::from).and_then(|object| read(&object)))
}

/// Bytes that hold the header of almost every image.
const HEAD: u64 = 16 << 10;
