//! `errors`: one row a file or study that gave nothing.

use super::column::{Cell, Row};
use super::{Problem, Table};

pub(super) const TABLE: Table = Table {
    name: "errors",
    about: "One row a file that gave nothing, or a study that could not be finished, and why.",
    keys: 3,
    columns: || Row::columns(|row| fill(row, None, &Problem::default())),
    rows: |studied| studied.problems.iter().map(|problem| row_of(Some(&studied.key), problem)).collect(),
};

/// The row of one problem; a file that belongs to no study has no key.
#[must_use]
pub fn row_of(key: Option<&str>, problem: &Problem) -> Vec<Cell> {
    Row::filled(|row| fill(row, key, problem))
}

fn fill(row: &mut Row, key: Option<&str>, problem: &Problem) {
    row.key(
        "study_key",
        "Key of the study the file would belong to; null where that is unknown.",
        key.unwrap_or_default(),
    );
    row.path("path", "Where the file lies, from the source of the run; a member of an archive is behind the name of the archive.", Some(&problem.path));
    row.code(
        "code",
        "unreadable, limits_exceeded, patient_mismatch or duplicate_instance.",
        Some(&problem.code),
    );
    row.text("message", "One sentence: what, where, what to do.", Some(&problem.message));
}
