//! Bytes to facts: what an object is, whom it shows, and what its device reported.

pub mod anatomy;
mod content_tree;
pub mod device;
pub mod device_result;
pub mod form;
pub mod header;
pub mod maker;
pub mod object;
pub mod person;
pub mod phantom;
pub mod pixels;
pub mod quantitative;
pub mod scans;
pub mod spacing;
pub mod studies;
pub mod text;
