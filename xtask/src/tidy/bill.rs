//! The bill of materials is that of the lock file.

use super::{Tree, Violation};
use crate::sbom;
use serde_json::Value;

/// `sbom.cdx.json` is what `cargo xtask sbom` would write.
pub(super) fn is_of_the_lock_file(tree: &Tree, metadata: &Value) -> Vec<Violation> {
    let text = |path: &str| tree.file(path).and_then(|file| file.text()).unwrap_or_default();
    match sbom::text(metadata, text("Cargo.lock")) {
        Ok(expected) if expected == text(sbom::FILE) => Vec::new(),
        Ok(_) => vec![Violation::new(sbom::FILE, 1, "is not of this Cargo.lock; run `cargo xtask sbom`")],
        Err(error) => vec![Violation::new("Cargo.lock", 1, format!("{error:#}"))],
    }
}
