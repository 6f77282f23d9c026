//! From density, or gray, to regions: where each bone is and where its region ends.

pub mod spine;
