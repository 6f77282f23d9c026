//! Hand-made pictures of exact geometry.
