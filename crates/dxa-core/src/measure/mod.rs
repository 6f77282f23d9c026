//! From regions to area, content and density.

pub mod reported;
pub mod totals;
