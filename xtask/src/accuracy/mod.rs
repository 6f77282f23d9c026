//! `cargo xtask accuracy WHAT`: validation figures with confidence intervals, as docs/accuracy.md keeps them.

mod checks;
mod density;
mod grade;
mod scan;

use std::path::Path;

use anyhow::{Result, bail};

/// Prints the figures that are asked for.
///
/// # Errors
/// An unknown subject, or data that cannot be read.
pub(crate) fn run(repository: &Path, arguments: &[String]) -> Result<()> {
    let rest = arguments.get(1..).unwrap_or_default();
    match arguments.first().map(String::as_str) {
        Some("checks") => checks::run(rest),
        Some("density") => density::run(rest),
        Some("grade") => grade::run(repository, rest),
        _ => bail!(
            "usage: cargo xtask accuracy <density [SCANS [SEED]] | checks [SCANS [SEED [ID]]] | grade [DIR]>"
        ),
    }
}
