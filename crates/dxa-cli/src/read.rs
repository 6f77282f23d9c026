//! Reading files: the head first, the rest only where the head does not suffice; each on a bounded stack.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use dxa_core::decode::object::ReadObject;
use dxa_core::guard::{self, Input, Leniency, Limits};
use dxa_core::pipeline;
use dxa_exchange::{Refused, sentence};
use indicatif::{ProgressBar, ProgressStyle};
use rayon::ThreadPool;
use rayon::prelude::*;

use crate::files::unreadable;

/// The objects read, in the order of their paths, and the files that made none.
#[derive(Default)]
pub(crate) struct Reading {
    /// Objects.
    pub(crate) objects: Vec<ReadObject>,
    /// The path of each object.
    pub(crate) paths: Vec<PathBuf>,
    /// Refused files.
    pub(crate) refused: Vec<Refused>,
}

/// The objects of one study and where each can be read again.
pub(crate) struct Study {
    /// Objects.
    pub(crate) objects: Vec<ReadObject>,
    /// The path of each object.
    pub(crate) paths: Vec<PathBuf>,
}

/// Reads all files on all cores.
///
/// # Errors
/// When threads cannot be started.
pub(crate) fn read_all(files: Vec<PathBuf>) -> anyhow::Result<Reading> {
    let pool = threads()?;
    let progress = progress(files.len());
    let results: Vec<(PathBuf, Result<ReadObject, Refused>)> = pool.install(|| {
        files
            .into_par_iter()
            .map(|path| {
                let result = read(&path);
                progress.inc(1);
                (path, result)
            })
            .collect()
    });
    progress.finish_and_clear();
    let mut reading = Reading::default();
    let mut seen = BTreeMap::new();
    for (path, result) in results {
        match result {
            Ok(object) => reading.take(path, object, &mut seen),
            Err(refused) => reading.refused.push(refused),
        }
    }
    Ok(reading)
}

/// Threads for all cores, each with the stack that a reader of an accepted object needs.
///
/// # Errors
/// When threads cannot be started.
pub(crate) fn threads() -> anyhow::Result<ThreadPool> {
    Ok(rayon::ThreadPoolBuilder::new().stack_size(guard::STACK_BYTES).build()?)
}

/// Shown on a terminal when there is something to wait for.
fn progress(files: usize) -> ProgressBar {
    const WORTH_SHOWING: usize = 500;
    if files < WORTH_SHOWING {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(files as u64);
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} files, {per_sec}, {eta} left");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn read(path: &Path) -> Result<ReadObject, Refused> {
    // A defect in reading one file must not lose the others.
    let caught = catch_unwind(AssertUnwindSafe(|| open(path)));
    let result =
        caught.unwrap_or_else(|_| Err(unreadable(path, "reading this file failed inside the program")));
    result.map_err(|refused| Refused { message: sentence(&refused.message), ..refused })
}

fn open(path: &Path) -> Result<ReadObject, Refused> {
    let read = File::open(path).and_then(|file| {
        let total = file.metadata()?.len();
        pipeline::read(file, total, Leniency::Tolerant, &Limits::DEFAULT)
    });
    let read = read.map_err(|error| cannot_read(path, &error))?;
    read.map_err(|error| Refused { code: error.code(), ..unreadable(path, &error.to_string()) })
}

/// The whole of a file that was read before; one that has grown past the limit is cut and then refused.
///
/// # Errors
/// When the system does not let it be read any more.
pub(crate) fn again(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(Limits::DEFAULT.file_bytes + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn cannot_read(path: &Path, error: &io::Error) -> Refused {
    unreadable(path, &format!("the system does not let it be read ({})", error.kind()))
}

impl Reading {
    /// Takes an object unless its SOP Instance UID was `seen`: the same object twice counts once, and another
    /// object under the same UID is refused, the first path stays.
    fn take(&mut self, path: PathBuf, object: ReadObject, seen: &mut BTreeMap<String, usize>) {
        let uid = object.header.identity.sop_instance.clone();
        let earlier = uid.as_ref().and_then(|uid| seen.get(uid)).map(|index| &self.paths[*index]);
        match earlier {
            Some(earlier) if digest(earlier) != digest(&path) => self.refused.push(Refused {
                path: path.to_string_lossy().into_owned(),
                code: "duplicate_instance",
                message: "Another file with other content has the same SOP Instance UID; the first by path is used \
                          and this one is not."
                    .to_owned(),
            }),
            Some(_) => {}
            None => {
                seen.extend(uid.map(|uid| (uid, self.paths.len())));
                self.paths.push(path);
                self.objects.push(object);
            }
        }
    }

    /// Hands the objects of one study out for good, so that each is only held until its study is analyzed.
    pub(crate) fn give(&mut self, study: &[usize]) -> Study {
        Study {
            objects: study.iter().map(|index| std::mem::take(&mut self.objects[*index])).collect(),
            paths: study.iter().map(|index| self.paths[*index].clone()).collect(),
        }
    }

    /// Refuses objects whose study occurs under two patients.
    pub(crate) fn refuse_mismatched(&mut self, indices: &[usize]) {
        for index in indices {
            self.refused.push(Refused {
                path: self.paths[*index].to_string_lossy().into_owned(),
                code: "patient_mismatch",
                message:
                    "The same Study Instance UID occurs under two Patient IDs; nothing of it is analyzed."
                        .to_owned(),
            });
        }
    }
}

/// Digest of the object in a file; `None` when it can no longer be read.
fn digest(path: &Path) -> Option<[u8; 32]> {
    let bytes = std::fs::read(path).ok()?;
    let object = guard::open(Input::whole(&bytes), Leniency::Tolerant, &Limits::DEFAULT).ok()?;
    Some(object.digest())
}
