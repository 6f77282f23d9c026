//! Density or gray → regions: where each bone is and where its region ends.

pub mod hip;
mod limb;
