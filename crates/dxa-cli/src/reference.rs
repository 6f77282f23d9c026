//! `dxa reference`: the tables with their provenance, checks of a clinic's own, and inference from an archive.

mod check;
mod infer;
mod list;

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args, Subcommand};
use dxa_core::reference::Library;

use crate::outcome::{Outcome, complain};

pub(crate) use check::TableFolder;

/// What to do with reference tables.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List every table: id, status, maker, sites, people, population.
    List(Own),
    /// Show one table with its whole provenance and all rows.
    Show {
        /// Id of the table.
        id: String,
        #[command(flatten)]
        own: Own,
    },
    /// Check the built-in tables and profiles, or the tables of a folder; every fault is one sentence.
    Check {
        /// Folder with ID.csv and ID.toml for each table.
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// Infer a device's own reference from printed densities and scores.
    Infer(infer::Options),
}

/// A clinic's own tables.
#[derive(Args)]
pub(crate) struct Own {
    /// A folder of the clinic's own tables, beside those of the program.
    #[arg(long, value_name = "DIR")]
    tables: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// A missing path, an unknown table, a refused table where tables are to be used.
pub(crate) fn run(command: &Command) -> anyhow::Result<Outcome> {
    match command {
        Command::List(own) => list::list(&own_tables(own.tables.as_deref())?),
        Command::Show { id, own } => {
            let library = own_tables(own.tables.as_deref())?;
            list::show(library.named(id)?)
        }
        Command::Check { folder } => check::run(folder.as_deref()),
        Command::Infer(options) => infer::run(options),
    }
}

/// The built-in tables, and those of a clinic's folder; one that is refused ends the work, for nobody
/// should score against less than was asked for.
///
/// # Errors
/// A folder that cannot be read, or a table in it that is refused.
pub(crate) fn own_tables(folder: Option<&Path>) -> anyhow::Result<Library> {
    let mut library = Library::bundled().clone();
    if let Some(folder) = folder {
        let files = TableFolder::read(folder)?;
        let refused = library.add(&files.sources());
        refused.iter().for_each(|error| complain(&anyhow::anyhow!("{error}")));
        if !refused.is_empty() {
            bail!("{} of the tables in {} cannot be used", refused.len(), folder.display());
        }
    }
    Ok(library)
}
