//! The Comprehensive SR of a study: DICOM's form of a result, TID 1500.
//!
//! The tree and every code of it are in `docs/sr.md`.

pub(crate) mod concept;
mod content;
mod document;
mod frame;
mod group;
mod images;
mod qualitative;
mod read;

use crate::issue::{Issue, WrittenObject};
use crate::record::Study;

pub use read::{ReadReport, SrError, read};

/// Series of our structured reports in the study `study_uid`.
#[must_use]
pub fn series_uid(study_uid: &str) -> String {
    crate::uid::derived(&[document::SERIES.kind.as_bytes(), study_uid.as_bytes()])
}

/// Writes the report of a study; `None` for a study without a UID, to which nothing can be added.
///
/// The same result, sources and standing give the same bytes.
#[must_use]
pub fn encode(study: &Study, issue: &Issue<'_>) -> Option<WrittenObject> {
    study.study.instance_uid.as_deref().filter(|uid| !uid.is_empty())?;
    document::write(study, issue)
}
