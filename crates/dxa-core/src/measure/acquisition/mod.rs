//! How well a scan of a limb was taken, one record for each check (docs/quality-limbs.md).

mod check;
pub mod forearm;
pub mod hip;
mod motion;
pub mod spine;
