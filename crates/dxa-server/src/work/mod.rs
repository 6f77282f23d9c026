//! Work that waits: claimed by one process at a time, tried again, set aside when it fails too often.

pub mod analysis;
mod child;
mod corrected;
pub mod documents;
mod earlier;
mod gather;
mod making;
mod printing;
pub mod queue;
mod runner;

pub use child::{Analyst, serve_one};
pub use earlier::visits as earlier_visits;
pub use making::Making;
pub use printing::{Printing, drawn, is_drawn};
pub use runner::{Outbox, Runner, Workshop};
