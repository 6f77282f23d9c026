//! What is kept of a study, or of a file that belongs to none: one line of the journal.

use serde::{Deserialize, Serialize};

use dxa_exchange::tables::column::Cell;
use dxa_exchange::tables::{Problem, Studied, TABLES, errors, place};

/// The rows of a study in every table, and what tells whether they still hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Key of the study.
    pub key: String,
    /// What records are sorted by.
    pub order: String,
    /// Digest of which files these are; another means that the study is done anew.
    pub objects: String,
    /// SHA-256 over the files of the study; empty where nothing was read.
    pub input_sha256: String,
    /// Whether the study is part of the cohort that was asked for.
    pub selected: bool,
    /// Rows by table, in the order of [`TABLES`].
    pub rows: Vec<Vec<Vec<Cell>>>,
}

impl Record {
    /// The record of a study.
    #[must_use]
    pub fn of(studied: &Studied) -> Self {
        Self {
            key: studied.key.clone(),
            input_sha256: studied.input_sha256.clone(),
            selected: true,
            rows: TABLES.iter().map(|table| table.rows(studied)).collect(),
            ..Self::default()
        }
    }

    /// The record of a file that belongs to no study.
    #[must_use]
    pub fn of_file(key: String, problem: &Problem) -> Self {
        let mut rows = vec![Vec::new(); TABLES.len()];
        if let Some(place) = place("errors") {
            rows[place] = vec![errors::row_of(None, problem)];
        }
        Self { order: after_studies(&problem.path), key, selected: true, rows, ..Self::default() }
    }

    /// Its row of the table `studies`.
    #[must_use]
    pub fn study(&self) -> Option<&[Cell]> {
        self.rows.first()?.first().map(Vec::as_slice)
    }

    /// Leaves nothing of a study but that it was looked at.
    #[must_use]
    pub fn left_out(self) -> Self {
        Self { selected: false, rows: vec![Vec::new(); TABLES.len()], ..self }
    }
}

/// Files that belong to no study stand behind all studies, by path.
fn after_studies(path: &str) -> String {
    format!("\u{10ffff}{path}")
}

/// What studies are sorted by: Study Instance UID, then Patient ID, then the first file.
#[must_use]
pub(crate) fn order(uid: Option<&str>, patient: Option<&str>, path: &str) -> String {
    let path = if uid.is_some() { "" } else { path };
    format!("{}\u{0}{}\u{0}{path}", uid.unwrap_or_default(), patient.unwrap_or_default())
}
