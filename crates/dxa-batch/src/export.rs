//! A finished run as the tables of a template.

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::BatchError;
use crate::identities::hexadecimal;
use crate::merge::records;
use crate::publish::{self, Exported, Format, RUN_FILE};
use crate::record::Record;
use crate::template::Template;

/// Writes tables with chosen columns of the run in a folder to another, with a dictionary of their own.
///
/// The same run and template give the same bytes.
///
/// # Errors
/// A run that is not finished; a folder that holds a run or an export already; a disk that is full.
pub fn export(
    run: &Path,
    out: &Path,
    template: &Template,
    formats: &BTreeSet<Format>,
) -> Result<Exported, BatchError> {
    let records = records(run)?;
    let said = std::fs::read(run.join(RUN_FILE)).map_err(BatchError::during("reading the run"))?;
    std::fs::create_dir_all(out).map_err(BatchError::during("making the folder"))?;
    publish::check_unused(out)?;
    let run_sha256 = hexadecimal(&Sha256::digest(&said));
    export_records(records, run_sha256, out, template, formats).map_err(BatchError::during("writing tables"))
}

/// Writes tables with chosen columns of records, from wherever they come, in their order.
///
/// # Errors
/// When a record does not come or a file cannot be written; then none of the new files has its name.
pub fn export_records<R: Borrow<Record>>(
    records: impl Iterator<Item = io::Result<R>>,
    run_sha256: String,
    out: &Path,
    template: &Template,
    formats: &BTreeSet<Format>,
) -> io::Result<Exported> {
    publish::publish_export(out, formats, &template.layouts, records, run_sha256)
}
