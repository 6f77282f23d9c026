//! `cargo xtask accuracy grade [DIR]`: fracture probabilities of vertebrae whose person the model never saw.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::reference_data::vertebra;

/// Prints the cross-validated table.
///
/// # Errors
/// Readings that cannot be read.
pub(super) fn run(repository: &Path, arguments: &[String]) -> Result<()> {
    let folder = arguments.first().map_or_else(|| repository.join(vertebra::DEFAULT_READINGS), PathBuf::from);
    print!("{}", vertebra::accuracy(&folder)?.markdown());
    Ok(())
}
