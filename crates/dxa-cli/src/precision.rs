//! `dxa precision`: precision error and least significant change of each site from repeat scans.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use csv::ByteRecord;
use dxa_exchange::csv as exchange;
use dxa_exchange::csv::precision::{HEADER, RepeatScans};

use crate::outcome::{Outcome, complain};
use crate::streams::{self, Sink};

/// The repeat scans.
#[derive(Args)]
pub(crate) struct Options {
    /// CSV file with the columns subject,site,bmd and optionally laterality, a row a scan; `-` for stdin.
    file: PathBuf,
    /// Write to this file instead of stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Rows left out that are told one by one.
const TOLD_ONE_BY_ONE: usize = 10;

/// Runs the command.
///
/// # Errors
/// A missing file or a wrong header.
pub(crate) fn run(options: &Options) -> anyhow::Result<Outcome> {
    let name = options.file.display();
    let mut input = exchange::reader(streams::open(&options.file)?);
    let mut row = ByteRecord::new();
    let mut read = |row: &mut ByteRecord| {
        let more = input.read_byte_record(row).with_context(|| format!("cannot read {name}"))?;
        anyhow::Ok(more.then(|| row.position().map_or(0, csv::Position::line)))
    };
    let has_header = read(&mut row)?.is_some();
    let mut scans = RepeatScans::new(has_header.then_some(&row))
        .map_err(|problem| anyhow::anyhow!("{name} cannot be used: {problem}"))?;
    let mut left_out = 0;
    while let Some(line) = read(&mut row)? {
        if let Err(why) = scans.take(&row) {
            left_out += 1;
            if left_out <= TOLD_ONE_BY_ONE {
                complain(&anyhow::anyhow!("line {line} is left out: {why}"));
            }
        }
    }
    if left_out > TOLD_ONE_BY_ONE {
        complain(&anyhow::anyhow!("{left_out} rows in all are left out"));
    }
    for (site, subjects) in scans.scanned_once() {
        complain(&anyhow::anyhow!(
            "subjects with a single scan at {site}, which says nothing about precision: {subjects}"
        ));
    }
    write(&scans, options)?;
    Ok(Outcome::Done)
}

fn write(scans: &RepeatScans, options: &Options) -> anyhow::Result<()> {
    let mut sink = Sink::open(options.out.as_deref())?;
    sink.write(&exchange::written(&HEADER, scans.rows()))?;
    sink.finish()
}
