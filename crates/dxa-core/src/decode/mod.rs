//! Bytes to facts: what an object is, whom it shows, and what its device reported.

pub mod header;
pub mod text;
