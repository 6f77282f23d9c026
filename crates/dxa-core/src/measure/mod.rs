//! From regions to area, content and density.

pub mod received;
pub mod reported;
