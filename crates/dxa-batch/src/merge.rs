//! Runs over parts of an archive become one run, to the byte what one run over the whole would have been.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::BatchError;
use crate::inventory::Shard;
use crate::journal::{self, Head};
use crate::publish::{self, Format, Summary};
use crate::record::Record;
use crate::run::difference;

/// Puts finished runs together.
///
/// # Errors
/// Runs that are not finished, do not belong together, or say different things of one study.
pub fn merge(folders: &[PathBuf], out: &Path, formats: &BTreeSet<Format>) -> Result<Summary, BatchError> {
    let heads = folders.iter().map(|folder| finished(folder)).collect::<Result<Vec<Head>, _>>()?;
    let head = common(folders, &heads)?;
    std::fs::create_dir_all(out).map_err(BatchError::during("making the folder"))?;
    publish::check_unused(out)?;
    let merged = Merged::of(folders).map_err(BatchError::during("reading the runs"))?;
    publish::publish(out, formats, &head, merged, &|_| Ok(())).map_err(BatchError::during("writing tables"))
}

/// The head of a run that is finished.
///
/// # Errors
/// A folder without a finished run.
pub(crate) fn finished(folder: &Path) -> Result<Head, BatchError> {
    if !folder.join(publish::RUN_FILE).exists() {
        let sentence =
            format!("{} holds no finished run; let `dxa batch --resume` end it first", folder.display());
        return Err(BatchError::Refused(sentence));
    }
    journal::head(&folder.join(journal::FILE)).map_err(|error| {
        BatchError::Refused(format!("the journal of {} cannot be read ({error})", folder.display()))
    })
}

/// The records of a finished run, in their order.
///
/// # Errors
/// A folder without a finished run.
pub fn records(folder: &Path) -> Result<impl Iterator<Item = io::Result<Record>> + use<>, BatchError> {
    finished(folder)?;
    journal::records(&folder.join(journal::FILE)).map_err(BatchError::during("reading the run"))
}

/// The head that all runs have, without their shards, which must be all there are.
fn common(folders: &[PathBuf], heads: &[Head]) -> Result<Head, BatchError> {
    let Some(first) = heads.first() else {
        return Err(BatchError::Refused("name the folders of at least one run".to_owned()));
    };
    let whole = |head: &Head| Head { shard: Shard::WHOLE.to_string(), ..head.clone() };
    for (folder, head) in folders.iter().zip(heads) {
        if let Some(what) = difference(&whole(first), &whole(head)) {
            return Err(BatchError::Refused(format!(
                "the run in {} has {what} than the others",
                folder.display()
            )));
        }
    }
    let shards: Vec<Shard> = heads.iter().filter_map(|head| head.shard.parse().ok()).collect();
    let count = shards.iter().map(|shard| shard.count).max().unwrap_or(1);
    if shards.iter().any(|shard| shard.count != count) {
        return Err(BatchError::Refused("the runs are shards of different numbers of shards".to_owned()));
    }
    let there: BTreeSet<u64> = shards.iter().map(|shard| shard.index).collect();
    let missing: Vec<String> =
        (1..=count).filter(|index| !there.contains(index)).map(|index| format!("{index}/{count}")).collect();
    if !missing.is_empty() {
        return Err(BatchError::Refused(format!("the shards {} are missing", missing.join(", "))));
    }
    Ok(whole(first))
}

type Records = Box<dyn Iterator<Item = io::Result<Record>>>;

/// Records of several runs in one order; the same record twice counts once.
struct Merged {
    runs: Vec<Records>,
    /// The next record of each run, the first in order on top.
    next: BinaryHeap<Reverse<(String, String, usize)>>,
    records: Vec<Option<Record>>,
    last: Option<Record>,
}

impl Merged {
    fn of(folders: &[PathBuf]) -> io::Result<Self> {
        let open = |folder: &PathBuf| Ok(Box::new(journal::records(&folder.join(journal::FILE))?) as Records);
        let runs: Vec<Records> = folders.iter().map(open).collect::<io::Result<_>>()?;
        let records = runs.iter().map(|_| None).collect();
        let mut merged = Self { runs, next: BinaryHeap::new(), records, last: None };
        (0..folders.len()).try_for_each(|run| merged.advance(run))?;
        Ok(merged)
    }

    fn advance(&mut self, run: usize) -> io::Result<()> {
        if let Some(record) = self.runs[run].next().transpose()? {
            self.next.push(Reverse((record.order.clone(), record.key.clone(), run)));
            self.records[run] = Some(record);
        }
        Ok(())
    }

    fn step(&mut self) -> io::Result<Option<Record>> {
        while let Some(Reverse((_, key, run))) = self.next.pop() {
            let Some(record) = self.records[run].take() else { continue };
            self.advance(run)?;
            match &self.last {
                Some(last) if last.key == key && last.rows == record.rows => {}
                Some(last) if last.key == key => {
                    let sentence = format!("two runs say different things of the study with key {key}");
                    return Err(io::Error::other(sentence));
                }
                _ => {
                    self.last = Some(record.clone());
                    return Ok(Some(record));
                }
            }
        }
        Ok(None)
    }
}

impl Iterator for Merged {
    type Item = io::Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}
