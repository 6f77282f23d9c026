//! An archive of studies as tables: resumable, on all cores or many machines, the same bytes every time.
//!
//! **source → inventory → worker → journal → publish**: headers are read and sorted into studies, studies are
//! analyzed in worker processes, each leaves one line in the journal, and the sorted journal becomes the tables.

pub mod cohort;
mod count;
mod deidentify;
pub mod diff;
mod error;
mod export;
pub mod identities;
mod inventory;
pub mod journal;
mod layout;
mod leak;
mod merge;
mod publish;
mod record;
mod run;
pub mod source;
mod study;
pub mod template;
pub mod validate;
pub mod worker;

pub use count::{Counted, count};
pub use error::BatchError;
pub use export::{export, export_records};
pub use inventory::Shard;
pub use merge::{merge, records};
pub use publish::{Exported, Format, Summary, Written};
pub use record::Record;
pub use run::{Options, Progress, run};
