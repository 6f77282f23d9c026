//! Studies are analyzed in processes of their own, many studies in each, so that a defect costs one study.
//!
//! The parent sends what the worker is to know, then one study after the other; the worker asks for the bytes of
//! the files it needs and answers with a record. Only the parent knows where files lie.

mod child;
mod pool;

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use child::{serve, setup};
pub(crate) use pool::Hands;

/// What a worker is told before the first study.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Setup {
    /// Profile of rules and tables.
    pub profile: String,
    /// `option` or `default`.
    pub profile_source: String,
    /// Folder of a clinic's own reference tables.
    pub tables: Option<PathBuf>,
    /// Tables that every region is scored against beside the profile's choice.
    pub references: Vec<String>,
    /// Conditions of the cohort.
    pub cohort: Vec<String>,
    /// Key of pseudonyms, where people are hidden.
    pub key: Option<[u8; 32]>,
    /// Address space that the worker may have, bytes; 0 for no limit.
    pub memory_bytes: u64,
}

/// The program that works, and for how long on one study.
#[derive(Clone, Debug)]
pub struct Workers {
    /// The program.
    pub program: PathBuf,
    /// What makes it call [`serve`].
    pub arguments: Vec<String>,
    /// How many at a time.
    pub jobs: usize,
    /// Longest time for one study.
    pub deadline: Duration,
}

/// First byte of a frame that asks for a file by its index.
const WANT_FILE: u8 = b'f';
/// First byte of a frame that holds a record.
const RECORD: u8 = b'r';
/// First byte of an answer that holds a file.
const FILE: u8 = 0;
/// First byte of an answer that says why there is none.
const NO_FILE: u8 = 1;
