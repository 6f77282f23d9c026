//! From bytes and content trees to the nouns of densitometry.

pub mod device;
