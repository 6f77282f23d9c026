//! From regions to area, content and density.

mod coverage;
pub mod region;
pub mod reported;
pub mod totals;
