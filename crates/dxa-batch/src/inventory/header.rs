//! What the header of a file says of where it belongs; nothing else of it is kept.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use dxa_core::decode::header::Header;
use dxa_core::guard::{self, Leniency, Limits, Rejection};

use crate::source::{Location, Source, not_given};
use dxa_exchange::tables::Problem;

/// A file that is DICOM, and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Where it lies.
    pub(crate) location: Location,
    /// Study Instance UID.
    pub(crate) study: Option<String>,
    /// Patient ID.
    pub(crate) patient: Option<String>,
    /// SOP Instance UID.
    pub(crate) instance: Option<String>,
    /// Accession Number, to look for it where it must not be.
    pub(crate) accession: Option<String>,
}

/// Reads the header of a file, from its first bytes where they suffice.
pub(super) fn read(source: &dyn Source, location: Location) -> Result<Entry, Problem> {
    // A defect in reading one file must not lose the others.
    let caught = catch_unwind(AssertUnwindSafe(|| identity(source, &location)));
    let failed = |code: &str, reason: &str| problem(&location, code, reason);
    match caught {
        Ok(Ok(Ok(entry))) => Ok(entry),
        Ok(Ok(Err(rejection))) => Err(failed(rejection.code(), &rejection.to_string())),
        Ok(Err(error)) => Err(failed("unreadable", &not_given(&error))),
        Err(_) => Err(failed("unreadable", "reading this file failed inside the program")),
    }
}

fn identity(source: &dyn Source, location: &Location) -> io::Result<Result<Entry, Rejection>> {
    let file = source.open(location)?;
    guard::open_head_first(file.bytes, file.total, Leniency::Tolerant, &Limits::DEFAULT, |object| {
        let header = Header::read(object);
        Ok(Entry {
            location: location.clone(),
            study: header.identity.study,
            patient: header.person.id,
            instance: header.identity.sop_instance,
            accession: header.identity.accession,
        })
    })
}

/// A file that gave nothing, and why, as the end of a sentence.
pub(crate) fn problem(location: &Location, code: &str, reason: &str) -> Problem {
    Problem { path: location.shown(), code: code.to_owned(), message: dxa_exchange::sentence(reason) }
}
