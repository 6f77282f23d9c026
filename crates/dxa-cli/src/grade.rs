//! `dxa grade`: six-point morphometry of vertebrae from coordinates in a CSV file.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use csv::ByteRecord;
use dxa_core::grade::Grader;
use dxa_exchange::csv as exchange;
use dxa_exchange::csv::grade::{EXPLANATION_HEADER, HEADER, Spines};

use crate::outcome::Outcome;
use crate::streams::{self, Sink};

/// The vertebrae.
#[derive(Args)]
pub(crate) struct Options {
    /// CSV file with the columns subject,level and x and y of the six points, optionally sex and age; `-` for stdin.
    file: PathBuf,
    /// Write to this file instead of stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write what each probability rests on to this file: measure, normal, and share of the log-odds.
    #[arg(long, value_name = "FILE")]
    explain: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// A missing file or a wrong header.
pub(crate) fn run(options: &Options) -> anyhow::Result<Outcome> {
    let name = options.file.display();
    let mut input = exchange::reader(streams::open(&options.file)?);
    let mut row = ByteRecord::new();
    let mut read =
        |row: &mut ByteRecord| input.read_byte_record(row).with_context(|| format!("cannot read {name}"));
    let has_header = read(&mut row)?;
    let mut spines = Spines::new(has_header.then_some(&row))
        .map_err(|problem| anyhow::anyhow!("{name} cannot be graded: {problem}"))?;
    while read(&mut row)? {
        spines.take(&row);
    }
    let grader = Grader::bundled();
    let graded = spines.grade(&grader);
    write(options.out.as_deref(), &HEADER, graded.cells())?;
    if let Some(path) = &options.explain {
        write(Some(path), &EXPLANATION_HEADER, graded.explanation(&grader))?;
    }
    Ok(Outcome::Done)
}

fn write(
    path: Option<&Path>,
    header: &[&str],
    rows: impl Iterator<Item = Vec<Vec<u8>>>,
) -> anyhow::Result<()> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(header)?;
    for row in rows {
        out.write_record(row)?;
    }
    let mut sink = Sink::open(path)?;
    sink.write(&out.into_inner()?)?;
    sink.finish()
}
