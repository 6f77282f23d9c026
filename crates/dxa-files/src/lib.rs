//! DICOM files of a machine as analyses: found, read on all cores, each object once, measured study by study.

mod analyze;
mod find;
mod read;

pub use analyze::{AnalyzeError, Analyzed, Request, analyze};
pub use find::{Missing, find};
pub use read::{Origin, Reading, read_all};
