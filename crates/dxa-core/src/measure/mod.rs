//! From regions to area, content and density.

mod coverage;
mod partial_pixels;
pub mod region;
pub mod received;
pub mod reported;
