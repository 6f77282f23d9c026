//! From regions to area, content and density.

pub mod acquisition;
pub mod hip_geometry;
pub mod reported;
