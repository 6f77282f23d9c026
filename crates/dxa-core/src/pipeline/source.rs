//! The pixels of objects that were read long ago: fetched when they are needed, and let go of again.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::decode::header::Header;
use crate::decode::object::ReadObject;
use crate::decode::quantitative;
use crate::findings::{Refusal, RefusalCode};
use crate::guard::{self, Input, Leniency, Limits, Object};

/// Gives the whole of an object's file again, by the object's index among those of its study.
///
/// Thousands of objects wait for their studies without their pixels; only the scan at hand has them.
pub type Source<'a> = &'a (dyn Fn(usize) -> io::Result<Vec<u8>> + Sync);

/// Fetches the objects of one scan, walks them again and hands them to `read`.
///
/// # Errors
/// A file that cannot be read any more, or that is another than the one that was read first; what `read` says.
pub(super) fn with_objects<T>(
    source: Source<'_>,
    wanted: &[(usize, &ReadObject)],
    read: impl FnOnce(&[Object<'_>]) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let mut files = Vec::with_capacity(wanted.len());
    for (index, _) in wanted {
        files.push(source(*index).map_err(|error| gone(error.kind()))?);
    }
    let mut objects = Vec::with_capacity(wanted.len());
    for (file, (_, before)) in files.iter().zip(wanted) {
        let walked = guard::open(Input::whole(file), Leniency::Tolerant, &Limits::DEFAULT);
        objects.push(walked.ok().filter(|walked| is_same(walked, before)).ok_or_else(changed)?);
    }
    read(&objects)
}

/// Runs what reads pixels, so that a defect in it, or in a decoder, refuses one scan and loses no other.
///
/// # Errors
/// What `look` says; a refusal when it did not come back.
pub(super) fn contained<T>(look: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    let message =
        "Looking at the pixels of this scan failed inside the program; nothing is computed from them.";
    catch_unwind(AssertUnwindSafe(look))
        .unwrap_or_else(|_| Err(Refusal::new(RefusalCode::NotEvaluable, message)))
}

/// The file still holds what was read from it, as far as its header and the kind of its pixels say.
fn is_same(walked: &Object<'_>, before: &ReadObject) -> bool {
    let header = Header::read(walked);
    header == before.header && quantitative::pixels(&header, walked.root()) == before.pixels
}

pub(super) fn gone(kind: io::ErrorKind) -> Refusal {
    let message = format!("The pixels cannot be read any more: the file gave an error ({kind}).");
    Refusal::new(RefusalCode::NoPixelData, message)
}

pub(super) fn changed() -> Refusal {
    let message = "The file was changed while it was analyzed; nothing is computed from its pixels.";
    Refusal::new(RefusalCode::NotEvaluable, message)
}
