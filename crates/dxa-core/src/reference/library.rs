//! A set of validated tables, bundled or a clinic's own: one loader, no files touched.

use std::collections::BTreeMap;

use super::error::{ReferenceError, TableProblem, UnknownId};
use super::table::ReferenceTable;

/// A file as it was found: name without folder, and bytes.
#[derive(Clone, Copy, Debug)]
pub struct SourceFile<'a> {
    /// File name, e.g. `nhanes3-us-nhw.csv`.
    pub name: &'a str,
    /// Content.
    pub bytes: &'a [u8],
}

/// Validated tables by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Library {
    tables: BTreeMap<String, ReferenceTable>,
}

impl Library {
    /// The tables among these files, and why the others were refused. A table is `<id>.csv` with
    /// `<id>.toml` beside it; files with other endings are no tables.
    #[must_use]
    pub fn load(files: &[SourceFile<'_>]) -> (Self, Vec<ReferenceError>) {
        let mut library = Self::default();
        let refused = library.add(files);
        (library, refused)
    }

    /// Adds a clinic's own tables and returns why some were refused. No table takes the place of
    /// one that is already there.
    pub fn add(&mut self, files: &[SourceFile<'_>]) -> Vec<ReferenceError> {
        let mut refused = Vec::new();
        for (id, pair) in pairs(files) {
            let loaded = match pair {
                _ if pair.repeated || self.tables.contains_key(id) => Err(TableProblem::DuplicateId),
                Pair { csv: Some(csv), sidecar: Some(sidecar), .. } => ReferenceTable::load(id, csv, sidecar),
                Pair { csv: None, .. } => Err(TableProblem::MissingRows),
                Pair { sidecar: None, .. } => Err(TableProblem::MissingSidecar),
            };
            match loaded {
                Ok(table) => {
                    self.tables.insert(id.to_owned(), table);
                }
                Err(problem) => refused.push(ReferenceError { table: id.to_owned(), problem }),
            }
        }
        refused
    }

    /// Both libraries in one; where an id is in both, this one's table stays.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        for (id, table) in other.tables {
            self.tables.entry(id).or_insert(table);
        }
        self
    }

    /// The table with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&ReferenceTable> {
        self.tables.get(id)
    }

    /// The table with this id.
    ///
    /// # Errors
    /// There is none; the sentence lists the ids.
    pub fn named(&self, id: &str) -> Result<&ReferenceTable, UnknownId> {
        self.get(id).ok_or_else(|| UnknownId {
            what: "reference table",
            id: id.to_owned(),
            known: self.tables.keys().cloned().collect(),
        })
    }

    /// All tables, by id.
    pub fn iter(&self) -> impl Iterator<Item = &ReferenceTable> {
        self.tables.values()
    }
}

#[derive(Default)]
struct Pair<'a> {
    csv: Option<&'a [u8]>,
    sidecar: Option<&'a [u8]>,
    repeated: bool,
}

fn pairs<'a>(files: &[SourceFile<'a>]) -> BTreeMap<&'a str, Pair<'a>> {
    let mut pairs = BTreeMap::<&str, Pair<'_>>::new();
    for file in files {
        if let Some(id) = file.name.strip_suffix(".csv") {
            let pair = pairs.entry(id).or_default();
            pair.repeated |= pair.csv.replace(file.bytes).is_some();
        } else if let Some(id) = file.name.strip_suffix(".toml") {
            let pair = pairs.entry(id).or_default();
            pair.repeated |= pair.sidecar.replace(file.bytes).is_some();
        }
    }
    pairs
}
