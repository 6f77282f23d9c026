//! Bone densitometry as pure functions: bytes in, an analysed study out.

pub mod findings;
pub mod patient;
pub mod reference;
pub mod reported;
pub mod score;
pub mod site;
pub mod units;
