//! `dxa validate`: how far the numbers of a run agree with those of the devices, or of a reader.

mod device;
mod reader;

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use crate::outcome::Outcome;
use crate::streams::cell;

/// What to compare with what.
#[derive(Args)]
pub(crate) struct Options {
    /// Folder of a finished run of `dxa batch`.
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// `device`, or a CSV file of a reader with study_uid, level and grade, or study_uid and who_category.
    #[arg(long, value_name = "device|FILE")]
    against: PathBuf,
    /// Folder for the table and the plots; without it, `validation` in the folder of the run.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// A run that is not finished, a file that is no reader's, a folder that cannot be written.
pub(crate) fn run(options: &Options) -> anyhow::Result<Outcome> {
    let records = dxa_batch::records(&options.run)?;
    let out = options.out.clone().unwrap_or_else(|| options.run.join("validation"));
    std::fs::create_dir_all(&out).with_context(|| format!("cannot make the folder {}", out.display()))?;
    if options.against == Path::new("device") {
        device::compare(records, &out)
    } else {
        reader::compare(records, &options.against, &out)
    }
}

/// Writes rows with their header as a CSV file.
///
/// # Errors
/// A file that cannot be written.
fn table(path: &Path, header: &[&str], rows: &[Vec<String>]) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row.iter().map(|text| cell(text).into_owned()))?;
    }
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// A number with four decimals, or nothing.
fn number(value: Option<f64>) -> String {
    value.map(|value| dxa_exchange::csv::fixed(value, 4)).unwrap_or_default()
}
