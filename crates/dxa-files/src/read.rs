//! Reading files: the head first, the rest only where the head does not suffice; each on a bounded stack.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dxa_core::decode::object::ReadObject;
use dxa_core::guard::{self, Input, Leniency, Limits};
use dxa_core::pipeline;
use dxa_exchange::{Refused, sentence};
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuildError};

use crate::find::unreadable;

/// Where the bytes of an object come from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A file, read again when it is needed.
    File(PathBuf),
    /// Bytes that somebody holds, under the name they are spoken of by.
    Memory(String, Arc<[u8]>),
}

impl Origin {
    /// What errors call it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path.to_string_lossy().into_owned(),
            Self::Memory(name, _) => name.clone(),
        }
    }

    /// The whole object; one that has grown past the limit is cut and then refused.
    ///
    /// # Errors
    /// When the system does not let it be read any more.
    pub fn bytes(&self) -> io::Result<Vec<u8>> {
        match self {
            Self::Memory(_, bytes) => Ok(bytes.to_vec()),
            Self::File(path) => {
                let mut bytes = Vec::new();
                File::open(path)?.take(Limits::DEFAULT.file_bytes + 1).read_to_end(&mut bytes)?;
                Ok(bytes)
            }
        }
    }

    fn refused(&self, reason: &str) -> Refused {
        unreadable(Path::new(&self.name()), reason)
    }
}

/// The objects read, in the order of their origins, and what made none.
#[derive(Debug, Default)]
pub struct Reading {
    /// Objects.
    pub objects: Vec<ReadObject>,
    /// Where each is from.
    pub origins: Vec<Origin>,
    /// What made none.
    pub refused: Vec<Refused>,
}

/// The objects of one study and where each can be read again.
pub(crate) struct Study {
    pub(crate) objects: Vec<ReadObject>,
    pub(crate) origins: Vec<Origin>,
}

/// Reads everything on all cores; `done` is called after each.
///
/// # Errors
/// When threads cannot be started.
pub fn read_all(origins: Vec<Origin>, done: &(impl Fn() + Sync)) -> Result<Reading, ThreadPoolBuildError> {
    let results: Vec<(Origin, Result<ReadObject, Refused>)> = threads()?.install(|| {
        let read = |origin: Origin| {
            let result = read(&origin);
            done();
            (origin, result)
        };
        origins.into_par_iter().map(read).collect()
    });
    let mut reading = Reading::default();
    let mut seen = BTreeMap::new();
    for (origin, result) in results {
        match result {
            Ok(object) => reading.take(origin, object, &mut seen),
            Err(refused) => reading.refused.push(refused),
        }
    }
    Ok(reading)
}

/// Threads for all cores, each with the stack that a reader of an accepted object needs.
pub(crate) fn threads() -> Result<ThreadPool, ThreadPoolBuildError> {
    rayon::ThreadPoolBuilder::new().stack_size(guard::STACK_BYTES).build()
}

fn read(origin: &Origin) -> Result<ReadObject, Refused> {
    // A defect in reading one file must not lose the others.
    let caught = catch_unwind(AssertUnwindSafe(|| open(origin)));
    let result =
        caught.unwrap_or_else(|_| Err(origin.refused("reading this file failed inside the program")));
    result.map_err(|refused| Refused { message: sentence(&refused.message), ..refused })
}

fn open(origin: &Origin) -> Result<ReadObject, Refused> {
    let read = match origin {
        Origin::Memory(_, bytes) => {
            pipeline::read(&bytes[..], bytes.len() as u64, Leniency::Tolerant, &Limits::DEFAULT)
        }
        Origin::File(path) => File::open(path).and_then(|file| {
            let total = file.metadata()?.len();
            pipeline::read(file, total, Leniency::Tolerant, &Limits::DEFAULT)
        }),
    };
    let cannot_read =
        |error: io::Error| origin.refused(&format!("the system does not let it be read ({})", error.kind()));
    let read = read.map_err(cannot_read)?;
    read.map_err(|error| Refused { code: error.code(), ..origin.refused(&error.to_string()) })
}

impl Reading {
    /// Takes an object unless its SOP Instance UID was `seen`: the same object twice counts once, and another
    /// object under the same UID is refused, the first path stays.
    fn take(&mut self, origin: Origin, object: ReadObject, seen: &mut BTreeMap<String, usize>) {
        let uid = object.header.identity.sop_instance.clone();
        let earlier = uid.as_ref().and_then(|uid| seen.get(uid)).map(|index| &self.origins[*index]);
        match earlier {
            Some(earlier) if digest(earlier) != digest(&origin) => self.refused.push(Refused {
                path: origin.name(),
                code: "duplicate_instance",
                message: "Another file with other content has the same SOP Instance UID; the first by path is used \
                          and this one is not."
                    .to_owned(),
            }),
            Some(_) => {}
            None => {
                seen.extend(uid.map(|uid| (uid, self.origins.len())));
                self.origins.push(origin);
                self.objects.push(object);
            }
        }
    }

    /// Hands the objects of one study out for good, so that each is only held until its study is analyzed.
    pub(crate) fn give(&mut self, study: &[usize]) -> Study {
        Study {
            objects: study.iter().map(|index| std::mem::take(&mut self.objects[*index])).collect(),
            origins: study.iter().map(|index| self.origins[*index].clone()).collect(),
        }
    }

    /// Refuses objects whose study occurs under two patients.
    pub(crate) fn refuse_mismatched(&mut self, indices: &[usize]) {
        for index in indices {
            self.refused.push(Refused {
                path: self.origins[*index].name(),
                code: "patient_mismatch",
                message:
                    "The same Study Instance UID occurs under two Patient IDs; nothing of it is analyzed."
                        .to_owned(),
            });
        }
    }
}

/// Digest of an object; `None` when it can no longer be read.
fn digest(origin: &Origin) -> Option<[u8; 32]> {
    let bytes = origin.bytes().ok()?;
    let object = guard::open(Input::whole(&bytes), Leniency::Tolerant, &Limits::DEFAULT).ok()?;
    Some(object.digest())
}
