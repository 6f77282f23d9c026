//! How far the numbers of a run agree with others: what the devices printed, or what a reader decided.

mod bootstrap;
mod device;
mod plot;
mod ratings;
mod reader;

pub use device::{Group, device};
pub use plot::bland_altman;
pub use ratings::{Interval, Ratings};
pub use reader::{Judged, ReaderProblem, reader};
