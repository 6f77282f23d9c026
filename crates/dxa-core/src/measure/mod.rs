//! From regions to area, content and density.

pub mod acquisition;
mod coverage;
mod partial_pixels;
pub mod region;
pub mod reported;
