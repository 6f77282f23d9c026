//! A study as rows of long tables: one module each, in the order in which they are written.

mod body_composition;
pub mod column;
pub mod document;
pub mod errors;
mod findings;
pub mod key;
mod quality;
mod refusals;
mod regions;
mod scans;
mod scores;
mod studies;
mod vertebrae;

use std::sync::OnceLock;

use crate::record::{self, Study};
use serde::Deserialize;

use column::{Cell, Column, Row};

/// What a table is and how the rows of a study come into it.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name, which files and sheets have.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// How many of its first columns tell its rows apart.
    pub keys: usize,
    columns: fn() -> Vec<Column>,
    rows: fn(&Studied) -> Vec<Vec<Cell>>,
}

/// Every table.
pub const TABLES: [Table; 10] = [
    studies::TABLE,
    scans::TABLE,
    regions::TABLE,
    scores::TABLE,
    body_composition::TABLE,
    vertebrae::TABLE,
    quality::TABLE,
    findings::TABLE,
    refusals::TABLE,
    errors::TABLE,
];

/// Place of a table among [`TABLES`].
#[must_use]
pub fn place(name: &str) -> Option<usize> {
    TABLES.iter().position(|table| table.name == name)
}

impl Table {
    /// Its columns.
    #[must_use]
    pub fn columns(&self) -> &'static [Column] {
        static ALL: [OnceLock<Vec<Column>>; TABLES.len()] = [const { OnceLock::new() }; TABLES.len()];
        let place = place(self.name).unwrap_or_default();
        ALL[place].get_or_init(self.columns)
    }

    /// Place of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns().iter().position(|column| column.name == name)
    }

    /// The rows of a study.
    #[must_use]
    pub fn rows(&self, of: &Studied) -> Vec<Vec<Cell>> {
        (self.rows)(of)
    }
}

/// A file of a study that gave nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Problem {
    /// Where it lies in the source.
    pub path: String,
    /// Error code of the contract.
    pub code: String,
    /// One sentence.
    pub message: String,
}

/// What came of the files of one study.
#[derive(Clone, Debug, Default)]
pub struct Studied {
    /// Its key.
    pub key: String,
    /// Its result, where at least one of its files could be read.
    pub study: Option<Study>,
    /// Files that were read; `None` where only their result is at hand.
    pub files: Option<u64>,
    /// Files that are copies of others and were not; `None` likewise.
    pub copies: Option<u64>,
    /// SHA-256 over the SHA-256 of each file; empty likewise.
    pub input_sha256: String,
    /// Files that gave nothing.
    pub problems: Vec<Problem>,
    /// A file was there at the inventory and could not be read later.
    pub incomplete: bool,
}

/// The columns that every table but `errors` begins with.
fn of_study(row: &mut Row, studied: &Studied) {
    let uid = studied.study.as_ref().and_then(|study| study.study.instance_uid.as_deref());
    row.key(
        "study_key",
        "Key of the study, the same in every table and every run over the same study.",
        &studied.key,
    );
    row.uid("study_uid", "Study Instance UID; null where the files have none.", uid);
}

/// The scan a row is about, with what most questions about it need.
fn of_scan(row: &mut Row, studied: &Studied, scan: Option<usize>) {
    let found = studied.study.as_ref().zip(scan).and_then(|(study, at)| study.scans.get(at));
    row.integer(
        "scan",
        "Index of the scan in the study, from 0; null where the row is about the study.",
        index(scan),
    );
    row.code(
        "scan_kind",
        "ap_spine, hip, forearm, whole_body, knee, lateral_spine, report_page, structured_report, document or unsupported.",
        found.map(|scan| scan.kind.as_str()),
    );
}

fn index(scan: Option<usize>) -> Option<i64> {
    scan.and_then(|scan| i64::try_from(scan).ok())
}

/// The rows of one list of a study.
fn each<T>(studied: &Studied, list: fn(&Study) -> &[T], fill: fn(&mut Row, &Studied, &T)) -> Vec<Vec<Cell>> {
    let all = studied.study.as_ref().map(list).unwrap_or_default();
    all.iter().map(|one| Row::filled(|row| fill(row, studied, one))).collect()
}

/// The columns that are filled from one list of a study.
fn described<T: Default>(fill: fn(&mut Row, &Studied, &T)) -> Vec<Column> {
    Row::columns(|row| fill(row, &Studied::default(), &T::default()))
}

/// The columns of a reference population.
fn reference(row: &mut Row, reference: &record::Reference) {
    row.code("reference", "Id of the reference table.", Some(&reference.id));
    row.code("reference_version", "Version of the reference table.", Some(&reference.version));
    row.code(
        "reference_status",
        "How far the table can be trusted: verified, derived, secondary or site-inferred.",
        Some(&reference.status),
    );
    row.code("population", "Who was measured for the reference table.", Some(&reference.population));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn columns_have_names_of_their_own_and_a_sentence_each() {
        let mut seen = 0;
        for table in &TABLES {
            let columns = table.columns();
            let names: BTreeSet<&str> = columns.iter().map(|column| column.name).collect();
            assert_eq!(names.len(), columns.len(), "{}", table.name);
            assert!(table.keys <= columns.len() && table.keys > 0, "{}", table.name);
            for column in columns {
                let plain = column
                    .name
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
                assert!(plain && column.meaning.ends_with('.'), "{} {}", table.name, column.name);
                seen += 1;
            }
        }
        assert!(seen > 100, "{seen}");
    }
}
