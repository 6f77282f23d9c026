//! The same object in several files, and different objects under one identifier.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;

use dxa_core::guard::{self, Input, Leniency, Limits};
use rayon::prelude::*;

use super::header::{Entry, problem};
use crate::source::{self, Location, Source};
use dxa_exchange::tables::Problem;

/// What is known of files whose SOP Instance UID occurs more than once.
#[derive(Debug, Default)]
pub(super) struct Duplicates {
    /// Files that hold the same object as an earlier one.
    copies: BTreeSet<Vec<u8>>,
    /// Files that hold another object under the same identifier.
    pub(super) contradicting: BTreeMap<Vec<u8>, Problem>,
}

/// How a file stands to others of its identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is the only one, or the first by path.
    First,
    /// It is the same object again.
    Copy,
    /// It is another object.
    Contradicting,
}

impl Duplicates {
    /// Compares the files of each identifier with the first of them by path.
    pub(super) fn among(entries: Vec<Entry>, source: &dyn Source) -> Self {
        let mut by_instance: HashMap<String, Vec<Location>> = HashMap::new();
        for entry in entries {
            if let Some(instance) = entry.instance {
                by_instance.entry(instance).or_default().push(entry.location);
            }
        }
        let repeated = by_instance.into_par_iter().filter(|(_, files)| files.len() > 1);
        let judged: Vec<(Location, bool)> =
            repeated.flat_map_iter(|(_, files)| judge(files, source)).collect();
        let mut duplicates = Self::default();
        for (location, same) in judged {
            if same {
                duplicates.copies.insert(location.path);
            } else {
                let problem = problem(&location, "duplicate_instance", OTHER_CONTENT);
                duplicates.contradicting.insert(location.path, problem);
            }
        }
        duplicates
    }

    /// How one file stands to the others.
    pub(super) fn standing(&self, path: &[u8]) -> Standing {
        if self.copies.contains(path) {
            Standing::Copy
        } else if self.contradicting.contains_key(path) {
            Standing::Contradicting
        } else {
            Standing::First
        }
    }
}

const OTHER_CONTENT: &str = "another file with other content has the same SOP Instance UID; the first by path is used and this one is not";

/// Every file but the first by path, and whether it holds the same object.
fn judge(mut files: Vec<Location>, source: &dyn Source) -> Vec<(Location, bool)> {
    files.sort();
    let mut files = files.into_iter();
    let first = files.next().and_then(|first| digest(&first, source).ok());
    files
        .map(|file| {
            let same = first.is_some() && digest(&file, source).ok() == first;
            (file, same)
        })
        .collect()
}

fn digest(location: &Location, source: &dyn Source) -> io::Result<Option<[u8; 32]>> {
    let bytes = source::read_whole(source, location, Limits::DEFAULT.file_bytes)?;
    let object = guard::open(Input::whole(&bytes), Leniency::Tolerant, &Limits::DEFAULT);
    Ok(object.ok().map(|object| object.digest()))
}
