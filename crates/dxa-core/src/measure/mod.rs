//! From regions to area, content and density.

pub mod acquisition;
mod coverage;
pub mod hip_geometry;
pub mod morphometry;
pub mod received;
pub mod region;
pub mod reported;
pub mod totals;
