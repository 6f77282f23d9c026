//! From regions to area, content and density.

pub mod acquisition;
mod coverage;
pub mod hip_geometry;
mod partial_pixels;
pub mod region;
pub mod received;
pub mod morphometry;
pub mod reported;
pub mod totals;
