//! `dxa score`: T- and Z-scores of numbers in a CSV file, a row out for each row and reference.

use std::path::PathBuf;

use clap::Args;
use dxa_core::reference::Profile;
use dxa_exchange::csv::score::{Scheme, Scored};

use crate::outcome::Outcome;
use crate::reference::own_tables;
use crate::streams::{self, Sink};

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

/// Runs the command.
///
/// # Errors
/// A missing file, a wrong header, an unknown profile or table, a refused table of the clinic.
pub(crate) fn run(options: &Options) -> anyhow::Result<Outcome> {
    let library = own_tables(options.tables.as_deref())?;
    let scheme = Scheme::chosen(&options.profile, &options.references, &library)?;
    let unusable = |problem| streams::unusable(&options.file, "scored", problem);
    let scored = Scored::of(streams::open(&options.file)?, scheme).map_err(unusable)?;
    let mut sink = Sink::open(options.out.as_deref())?;
    for piece in scored {
        if !sink.write(&piece.map_err(unusable)?)? {
            break;
        }
    }
    sink.finish()?;
    Ok(Outcome::Done)
}
