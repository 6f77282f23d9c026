//! Density or gray → regions: where each bone is and where its region ends.

mod clip;
mod contour;
mod frame;
mod grid;
pub mod hip;
mod line_fit;
mod mirror;
mod relief;
