//! From regions to area, content and density.

pub mod morphometry;
pub mod reported;
