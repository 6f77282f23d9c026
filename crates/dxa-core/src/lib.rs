//! Bone densitometry as pure functions: bytes in, an analysed study out.

pub mod decode;
pub mod findings;
pub mod patient;
pub mod reported;
pub mod site;
pub mod units;
