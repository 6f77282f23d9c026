//! How well a scan was taken, one record for each check (docs/quality.md).

pub mod hip;
mod motion;
pub mod spine;
