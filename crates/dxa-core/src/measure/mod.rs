//! From regions to area, content and density.

pub mod acquisition;
mod coverage;
pub mod region;
pub mod reported;
