//! What there is: every header read once, sorted into studies, without holding all of it in memory.
//!
//! Entries wait in 64 unnamed files by a digest of their Study Instance UID, so that what is in memory at a time
//! is one part of 64, and a study is never divided.

mod duplicates;
mod header;
mod plan;
mod spool;

use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use dxa_core::guard;
use rayon::ThreadPool;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::source::{Found, Location, Source};
use dxa_exchange::tables::Problem;

use duplicates::{Duplicates, Standing};
pub(crate) use header::{Entry, problem};
pub(crate) use plan::{Files, Planned};
use spool::Spool;

/// Which part of the studies is this run's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 1.
    pub index: u64,
    /// Of how many.
    pub count: u64,
}

impl Shard {
    /// All of them.
    pub const WHOLE: Self = Self { index: 1, count: 1 };

    /// Whether something with this digest is part of it.
    #[must_use]
    pub(crate) fn has(self, of: &str) -> bool {
        place(of).1 % self.count == self.index - 1
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts =
            text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match parts {
            Some((index, count)) if index >= 1 && index <= count => Ok(Self { index, count }),
            _ => Err("a shard is written I/N with I from 1 to N, as 3/7".to_owned()),
        }
    }
}

/// The headers of a source.
pub(crate) struct Inventory {
    parts: Vec<Spool>,
    duplicates: Duplicates,
    /// Files that are no part of a study.
    pub(crate) problems: Vec<Problem>,
    /// Files seen.
    pub(crate) files: u64,
    /// Studies of the shard, as far as they can be counted now.
    pub(crate) studies: u64,
}

/// Threads that read headers, each with the stack that a reader of an accepted object needs.
pub(crate) fn pool(jobs: usize) -> io::Result<ThreadPool> {
    let builder = rayon::ThreadPoolBuilder::new().stack_size(guard::STACK_BYTES);
    builder.num_threads(jobs).build().map_err(io::Error::other)
}

/// Reads the headers of everything in a source.
///
/// # Errors
/// A listing that broke off, or a disk that is full.
pub(crate) fn take(
    source: &dyn Source,
    room: &Path,
    pool: &ThreadPool,
    shard: Shard,
    seen: &(dyn Fn(u64) + Sync),
    stop: &AtomicBool,
) -> io::Result<Inventory> {
    let mut taking = Taking::new(room, shard)?;
    let mut waiting = Vec::with_capacity(BATCH);
    let mut broken = Ok(());
    source.list(&mut |found| {
        if broken.is_err() {
            return;
        }
        waiting.push(found);
        if waiting.len() == BATCH {
            broken = taking.batch(std::mem::take(&mut waiting), source, pool, stop);
            seen(taking.inventory.files);
        }
    })?;
    broken?;
    taking.batch(waiting, source, pool, stop)?;
    seen(taking.inventory.files);
    taking.finish(source, pool)
}

/// Files whose headers are read together.
const BATCH: usize = 4096;
/// Parts that the entries are sorted into.
const PARTS: usize = 64;

struct Taking {
    inventory: Inventory,
    shard: Shard,
    instances: Vec<u64>,
    studies: HashSet<u64>,
}

impl Taking {
    fn new(room: &Path, shard: Shard) -> io::Result<Self> {
        let parts = (0..PARTS).map(|_| Spool::new_in(room)).collect::<io::Result<_>>()?;
        let inventory = Inventory {
            parts,
            duplicates: Duplicates::default(),
            problems: Vec::new(),
            files: 0,
            studies: 0,
        };
        Ok(Self { inventory, shard, instances: Vec::new(), studies: HashSet::new() })
    }

    fn batch(
        &mut self,
        found: Vec<Found>,
        source: &dyn Source,
        pool: &ThreadPool,
        stop: &AtomicBool,
    ) -> io::Result<()> {
        if stop.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        self.inventory.files += found.len() as u64;
        let read = |found| match found {
            Found::File(location) => header::read(source, location),
            Found::Unreadable { path, reason } => {
                let location = Location { path, size: 0, changed: 0, part: None };
                Err(problem(&location, "unreadable", &reason))
            }
        };
        let all: Vec<Result<Entry, Problem>> = pool.install(|| found.into_par_iter().map(read).collect());
        for one in all {
            match one {
                Ok(entry) => self.entry(&entry)?,
                Err(problem) => self.inventory.problem(problem, self.shard),
            }
        }
        Ok(())
    }

    fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        let (part, hash) = place(&entry.sorted_by());
        if hash % self.shard.count == self.shard.index - 1 {
            self.studies.insert(hash);
        }
        self.instances.extend(entry.instance.as_deref().map(|uid| place(uid).1));
        self.inventory.parts[part].put(entry)
    }

    /// Finds out which identifiers occur twice, and what the files behind them hold.
    fn finish(mut self, source: &dyn Source, pool: &ThreadPool) -> io::Result<Inventory> {
        self.inventory.studies = self.studies.len() as u64;
        self.instances.par_sort_unstable();
        let repeated: HashSet<u64> =
            self.instances.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        if repeated.is_empty() {
            return Ok(self.inventory);
        }
        let is_repeated =
            |entry: &Entry| entry.instance.as_deref().is_some_and(|uid| repeated.contains(&place(uid).1));
        let mut entries = Vec::new();
        for part in &mut self.inventory.parts {
            entries.extend(part.entries()?.into_iter().filter(is_repeated));
        }
        let duplicates = pool.install(|| Duplicates::among(entries, source));
        for problem in duplicates.contradicting.values() {
            self.inventory.problem(problem.clone(), self.shard);
        }
        self.inventory.duplicates = duplicates;
        Ok(self.inventory)
    }
}

impl Inventory {
    fn problem(&mut self, problem: Problem, shard: Shard) {
        if shard.has(&problem.path) {
            self.problems.push(problem);
        }
    }

    /// The studies of one part, in the order of their UIDs, and the files under two patients.
    ///
    /// # Errors
    /// When what waits cannot be read back.
    pub(crate) fn part(&mut self, part: usize, shard: Shard) -> io::Result<Planned> {
        let entries = self.parts[part].entries()?;
        let standing =
            entries.into_iter().map(|entry| (self.duplicates.standing(&entry.location.path), entry));
        let kept = standing.filter(|(standing, _)| *standing != Standing::Contradicting);
        let entries = kept.map(|(standing, entry)| (entry, standing == Standing::Copy)).collect();
        Ok(plan::plan(entries, shard))
    }

    /// How many parts there are.
    pub(crate) fn parts(&self) -> usize {
        self.parts.len()
    }
}

impl Entry {
    /// What decides of part and shard: the study, or the file where it names none.
    fn sorted_by(&self) -> String {
        self.study.clone().unwrap_or_else(|| self.location.shown())
    }
}

/// The part and the number that a text is sorted by.
fn place(text: &str) -> (usize, u64) {
    let digest = Sha256::digest(text.as_bytes());
    let number = digest.iter().take(8).fold(0u64, |number, byte| (number << 8) | u64::from(*byte));
    (usize::from(digest[8]) % PARTS, number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_part_everything_once() {
        for count in [1, 2, 7] {
            for uid in ["1.2.3", "1.2.4", "x", ""] {
                let has = |index| Shard { index, count }.has(uid);
                assert_eq!((1..=count).filter(|index| has(*index)).count(), 1);
            }
        }
        assert_eq!("3/7".parse(), Ok(Shard { index: 3, count: 7 }));
        for wrong in ["0/7", "8/7", "7", "a/b", "1/0", "-1/2"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
