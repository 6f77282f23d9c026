//! DICOM files of a machine as studies that wait to be analyzed: found, read on all cores, each object once.

mod find;
mod read;

pub use find::{Missing, find};
pub use read::{Origin, Reading, Study, read_all, threads};
