//! What a source holds, as far as headers tell: nothing is analyzed and nothing is written.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use crate::error::BatchError;
use crate::inventory::{self, Shard};
use crate::run::Progress;
use crate::source::Source;

/// What a source holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Files.
    pub files: u64,
    /// Studies that they belong to, by Study Instance UID.
    pub studies: u64,
    /// Files that would be rows in `errors`: unreadable, or other objects under an identifier that is taken.
    pub problems: u64,
}

/// Reads every header of a source, `jobs` at a time; `room` is a folder for what does not stay in memory.
///
/// # Errors
/// A listing that broke off, a disk that is full, or nothing to read.
pub fn count(
    source: &dyn Source,
    room: &Path,
    jobs: usize,
    progress: &(dyn Fn(Progress) + Sync),
    stop: &AtomicBool,
) -> Result<Counted, BatchError> {
    let pool = inventory::pool(jobs).map_err(BatchError::during("threads"))?;
    let seen = |files| progress(Progress::Headers(files));
    let inventory = inventory::take(source, room, &pool, Shard::WHOLE, &seen, stop);
    let inventory = inventory.map_err(BatchError::during("reading headers"))?;
    if inventory.files == 0 {
        return Err(BatchError::Nothing);
    }
    let problems = inventory.problems.len() as u64;
    Ok(Counted { files: inventory.files, studies: inventory.studies, problems })
}
