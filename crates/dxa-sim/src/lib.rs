//! Synthetic scans with exact truth beside them.
