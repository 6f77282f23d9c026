//! `dxa grade`: six-point morphometry of vertebrae from coordinates in a CSV file.

use std::path::{Path, PathBuf};

use clap::Args;
use dxa_core::grade::Grader;
use dxa_exchange::csv::grade::graded;

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
    let grader = Grader::bundled();
    let graded = graded(streams::open(&options.file)?, &grader)
        .map_err(|problem| streams::unusable(&options.file, "graded", problem))?;
    write(options.out.as_deref(), &graded.csv())?;
    if let Some(path) = &options.explain {
        write(Some(path), &graded.explanation_csv(&grader))?;
    }
    Ok(Outcome::Done)
}

fn write(path: Option<&Path>, table: &[u8]) -> anyhow::Result<()> {
    let mut sink = Sink::open(path)?;
    sink.write(table)?;
    sink.finish()
}
