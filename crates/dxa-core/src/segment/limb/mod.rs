//! What the search for limbs rests on: an even grid, edges, axes, outlines and cuts.

pub(super) mod bone;
pub(super) mod clip;
pub(super) mod frame;
pub(super) mod grid;
pub(super) mod line_fit;
pub(super) mod mirror;
pub(super) mod relief;
pub(super) mod runs;
