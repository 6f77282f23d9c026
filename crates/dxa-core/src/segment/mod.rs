//! From a field to the outlines of bones.

mod contour;
mod distance;
pub mod edge;
mod edge_height;
mod grid;
mod pieces;
mod plateau;
pub mod spine;
mod surface;
