//! The audit trail: who did what to which study, chained so that a change shows, and sent to a repository.

mod chain;
mod codes;
mod event;
mod forward;
mod listener;
mod message;
mod recorder;
mod syslog;

pub use chain::{Broken, verify};
pub use event::{Event, Kind, Outcome, Subject};
pub use forward::forward;
pub use listener::observer;
pub use message::{Source, message};
pub use recorder::{Audit, AuditError, start};
