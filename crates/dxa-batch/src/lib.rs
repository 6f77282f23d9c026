//! An archive of studies as tables: resumable, on all cores or many machines, the same bytes every time.
//!
//! **source → inventory → worker → journal → publish**: headers are read and sorted into studies, studies are
//! analyzed in worker processes, each leaves one line in the journal, and the sorted journal becomes the tables.

pub mod cohort;
pub mod column;
mod deidentify;
pub mod diff;
mod error;
pub mod identities;
mod inventory;
pub mod journal;
mod leak;
mod merge;
mod publish;
mod record;
mod run;
pub mod source;
mod study;
pub mod tables;
pub mod validate;
pub mod worker;

pub use error::BatchError;
pub use inventory::Shard;
pub use merge::{merge, records};
pub use publish::{Format, Summary, Written};
pub use record::Record;
pub use run::{Options, Progress, run};
