//! `dxa score`: T- and Z-scores of numbers in a CSV file, a row out for each row and reference.

mod row;

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use csv::ByteRecord;
use dxa_core::reference::{Library, Profile};
use dxa_exchange::csv as exchange;
use dxa_exchange::csv::score::{HEADER, RowReader};
use rayon::prelude::*;

use crate::outcome::Outcome;
use crate::reference::own_tables;
use crate::streams::{self, Sink};
use row::Scheme;

/// What to score and against what.
#[derive(Args)]
pub(crate) struct Options {
    /// CSV file with the columns id,sex,age,ethnicity,manufacturer,site,laterality,bmd and optionally menopause; `-` for stdin.
    file: PathBuf,
    /// Profile that chooses the references.
    #[arg(long, value_name = "P", default_value = Profile::DEFAULT)]
    profile: String,
    /// Score against this table instead; may be given several times.
    #[arg(long = "reference", value_name = "ID")]
    references: Vec<String>,
    /// A folder of the clinic's own tables, beside those of the program.
    #[arg(long, value_name = "DIR")]
    tables: Option<PathBuf>,
    /// Write to this file instead of stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Rows that are read before they are scored together.
const ROWS_A_CHUNK: usize = 16_384;
/// Rows that one thread takes at a time.
const ROWS_A_TASK: usize = 512;

/// Runs the command.
///
/// # Errors
/// A missing file, a wrong header, an unknown profile or table, a refused table of the clinic.
pub(crate) fn run(options: &Options) -> anyhow::Result<Outcome> {
    let library = own_tables(options.tables.as_deref())?;
    let scheme = scheme(options, &library)?;
    let mut input = exchange::reader(streams::open(&options.file)?);
    let mut header = ByteRecord::new();
    let has_header = read(&mut input, &mut header, options)?;
    let reader = RowReader::new(has_header.then_some(&header))
        .map_err(|problem| anyhow::anyhow!("{} cannot be scored: {problem}", options.file.display()))?;
    let mut sink = Sink::open(options.out.as_deref())?;
    let mut going = sink.write(format!("{}\n", HEADER.join(",")).as_bytes())?;
    let mut rows = vec![ByteRecord::new(); ROWS_A_CHUNK];
    while going {
        let mut filled = 0;
        while filled < rows.len() && read(&mut input, &mut rows[filled], options)? {
            filled += 1;
        }
        let scored: Vec<Vec<u8>> =
            rows[..filled].par_chunks(ROWS_A_TASK).map(|rows| row::score(rows, &reader, &scheme)).collect();
        for bytes in scored {
            going = going && sink.write(&bytes)?;
        }
        going = going && filled == rows.len();
    }
    sink.finish()?;
    Ok(Outcome::Done)
}

fn read<R: std::io::Read>(
    input: &mut csv::Reader<R>,
    row: &mut ByteRecord,
    options: &Options,
) -> anyhow::Result<bool> {
    input.read_byte_record(row).with_context(|| format!("cannot read {}", options.file.display()))
}

fn scheme<'l>(options: &Options, library: &'l Library) -> anyhow::Result<Scheme<'l>> {
    if options.references.is_empty() {
        return Ok(Scheme::Profile(Profile::named(&options.profile)?, library));
    }
    let named = options.references.iter().map(|id| library.named(id));
    Ok(Scheme::Named(named.collect::<Result<_, _>>()?))
}
