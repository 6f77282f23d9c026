//! `dxa reference check`: every fault of a folder of tables in one sentence each.

use std::path::Path;

use anyhow::Context;
use dxa_core::reference::{Library, SourceFile, check_bundled};

use crate::outcome::{Outcome, complain, print};

/// The files of a folder of tables.
pub(crate) struct TableFolder(Vec<(String, Vec<u8>)>);

impl TableFolder {
    /// Reads all `.csv` and `.toml` files of a folder, or of `tables` in it where there is one.
    ///
    /// # Errors
    /// A folder or file that cannot be read.
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Self> {
        let inner = folder.join("tables");
        let folder = if inner.is_dir() { &inner } else { folder };
        let entries = std::fs::read_dir(folder)
            .with_context(|| format!("cannot read the folder {}", folder.display()))?;
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.with_context(|| format!("cannot read the folder {}", folder.display()))?.path();
            let table = path.extension().is_some_and(|ending| ending == "csv" || ending == "toml");
            if table && path.is_file() {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let bytes =
                    std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                files.push((name, bytes));
            }
        }
        files.sort();
        Ok(Self(files))
    }

    /// The files as the loader takes them.
    pub(crate) fn sources(&self) -> Vec<SourceFile<'_>> {
        self.0.iter().map(|(name, bytes)| SourceFile { name, bytes }).collect()
    }
}

/// Checks the built-in data, or a folder.
pub(super) fn run(folder: Option<&Path>) -> anyhow::Result<Outcome> {
    let (faults, good) = match folder {
        None => (check_bundled(), Library::bundled().iter().count()),
        Some(folder) => of_folder(folder)?,
    };
    faults.iter().for_each(|fault| complain(&anyhow::anyhow!("{fault}")));
    let tables = if good == 1 { "table is" } else { "tables are" };
    print(&format!("{good} {tables} good, {} refused.\n", faults.len()))?;
    Ok(if faults.is_empty() { Outcome::Done } else { Outcome::NothingRead })
}

fn of_folder(folder: &Path) -> anyhow::Result<(Vec<String>, usize)> {
    let files = TableFolder::read(folder)?;
    let (library, refused) = Library::load(&files.sources());
    let mut faults: Vec<String> = refused.iter().map(ToString::to_string).collect();
    for table in library.iter() {
        let built_in = Library::bundled().get(table.id());
        if built_in.is_some_and(|built_in| built_in != table) {
            let id = table.id();
            faults.push(format!("reference table `{id}` has the id of a built-in table; rename it"));
        }
    }
    let good = library.iter().count() + refused.len() - faults.len();
    if library.iter().count() == 0 && faults.is_empty() {
        faults.push(format!("there are no tables in {}", folder.display()));
    }
    Ok((faults, good))
}
