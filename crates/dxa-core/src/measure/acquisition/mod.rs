//! How well a scan was taken, one record for each check (docs/quality.md).

pub mod spine;
