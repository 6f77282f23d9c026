//! `dxa batch merge`, `dxa batch diff` and `dxa batch export`: what is done with runs that are finished.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use dxa_batch::template::{Entry, Template};
use dxa_batch::{Format, Shard, diff};

use crate::outcome::{self, Outcome};
use crate::streams::{Sink, cell};

/// What to put together.
#[derive(Args)]
pub(super) struct MergeOptions {
    /// Folders of finished runs.
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Folder of the merged run.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Formats of the tables: parquet, csv, xlsx.
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', default_value = "parquet,csv")]
    formats: Vec<Format>,
}

/// What to compare.
#[derive(Args)]
pub(super) struct DiffOptions {
    /// Folder of the earlier run.
    #[arg(value_name = "RUN1")]
    before: PathBuf,
    /// Folder of the later run.
    #[arg(value_name = "RUN2")]
    after: PathBuf,
    /// Write the differences to this CSV file instead of stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What to export.
#[derive(Args)]
pub(super) struct ExportOptions {
    /// Folder of a finished run.
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// Folder of the exported tables.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// A TOML file with the tables, their columns, names and order.
    #[arg(long, value_name = "FILE", required_unless_present = "fields", conflicts_with = "fields")]
    template: Option<PathBuf>,
    /// A table and its columns, as `regions:studies.patient_id,site,bmd_g_cm2 as bmd`; may be given several times.
    #[arg(long, value_name = "TABLE:COLUMNS")]
    fields: Vec<String>,
    /// Formats of the tables: parquet, csv, xlsx.
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', default_value = "parquet,csv")]
    formats: Vec<Format>,
}

/// Puts finished runs together.
///
/// # Errors
/// Runs that do not belong together.
pub(super) fn merge(options: &MergeOptions) -> anyhow::Result<Outcome> {
    let formats = options.formats.iter().copied().collect();
    match dxa_batch::merge(&options.folders, &options.out, &formats) {
        Ok(summary) => super::report(&summary, &options.out, Shard::WHOLE),
        Err(error) => super::ended(error, "the merge", super::BEGIN_AGAIN),
    }
}

/// Says what two runs say differently.
///
/// # Errors
/// Runs that cannot be compared, or a file that cannot be written.
pub(super) fn diff(options: &DiffOptions) -> anyhow::Result<Outcome> {
    let mut sink = Sink::open(options.out.as_deref())?;
    sink.write(&row(diff::COLUMNS)?)?;
    let told = diff::diff(&options.before, &options.after, &mut |cells| {
        sink.write(&row(cells)?).map_err(std::io::Error::other)?;
        Ok(())
    });
    let counts = match told {
        Ok(counts) => counts,
        Err(error) => return super::ended(error, "the comparison", super::BEGIN_AGAIN),
    };
    sink.finish()?;
    let diff::Counts { added, removed, changed, same } = counts;
    let counts = format!("{changed} changed, {added} added, {removed} removed, {same} the same");
    outcome::complain(&anyhow::anyhow!("{counts} (studies, and files that gave nothing)"));
    Ok(Outcome::Done)
}

/// Writes chosen columns of a finished run.
///
/// # Errors
/// A template that is none, or a folder without a finished run.
pub(super) fn export(options: &ExportOptions) -> anyhow::Result<Outcome> {
    let template = match &options.template {
        Some(file) => {
            let text =
                std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
            Template::read(&text).with_context(|| format!("{} is no template", file.display()))?
        }
        None => {
            let entries = options.fields.iter().map(|text| text.parse::<Entry>());
            Template::of(&entries.collect::<Result<Vec<_>, _>>()?)?
        }
    };
    let formats = options.formats.iter().copied().collect();
    match dxa_batch::export(&options.run, &options.out, &template, &formats) {
        Ok(exported) => {
            let (files, out) = (exported.files.len(), options.out.join("export.json"));
            outcome::print(&format!("{files} files: {}\n", out.display()))?;
            Ok(Outcome::Done)
        }
        Err(error) => super::ended(error, "the export", super::BEGIN_AGAIN),
    }
}

fn row(cells: [&str; 8]) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells.map(|text| cell(text).into_owned()))?;
    writer.into_inner().map_err(|error| error.into_error())
}
