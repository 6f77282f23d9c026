//! From a field to the outlines of bones and the regions of a scan.

mod contour;
mod distance;
pub mod edge;
pub mod forearm;
mod grid;
pub mod hip;
mod limb;
pub mod metal;
pub(crate) mod partial_pixels;
mod pieces;
mod plateau;
pub mod spine;
mod surface;
pub mod vertebrae;
