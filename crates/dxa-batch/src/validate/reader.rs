//! Our grades and categories against those of a reader.

use std::collections::BTreeMap;
use std::io;

use csv::ByteRecord;
use dxa_core::vertebra::Level;
use dxa_exchange::csv::{Columns, HeaderProblem};

use super::device::Rows;
use super::ratings::Ratings;
use crate::record::Record;

const COLUMNS: [&[&str]; 4] =
    [&["study_uid", "study_key"], &["level"], &["grade"], &["who_category", "category"]];
const STUDY: usize = 0;
const LEVEL: usize = 1;
const GRADE: usize = 2;
const CATEGORY: usize = 3;

/// What a reader's file and a run have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// Grades of vertebrae that both judged.
    pub grades: Ratings,
    /// Vertebrae that the reader graded and the run calls not evaluable, or has not.
    pub not_evaluable: u64,
    /// Categories of studies that both gave: 0 normal, 1 low bone mass, 2 osteoporosis.
    pub categories: Ratings,
    /// Studies of the reader that the run has not.
    pub unknown_studies: u64,
}

/// Why a file of a reader cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReaderProblem {
    /// Its first line.
    #[error("{0}")]
    Header(#[from] HeaderProblem),
    /// Neither grades nor categories.
    #[error("its header has neither `level` and `grade` nor `who_category`")]
    NothingToCompare,
    /// One of its rows.
    #[error("line {line}: {what}")]
    Row {
        /// Line, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// The run or the file cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
}

#[derive(Default)]
struct Read {
    grades: BTreeMap<Level, usize>,
    category: Option<usize>,
}

/// Compares the records of a run with the rows of a reader's file.
///
/// # Errors
/// [`ReaderProblem`].
pub fn reader(
    records: impl Iterator<Item = io::Result<Record>>,
    file: impl io::Read,
) -> Result<Judged, ReaderProblem> {
    let mut studies = read(file)?;
    let mut judged = Judged::default();
    for record in records {
        let record = record?;
        let rows = Rows::of(&record);
        let Some(study) = rows.each("studies").next() else { continue };
        let uid = study.text("study_uid").unwrap_or_default();
        let Some(theirs) = studies.remove(uid).or_else(|| studies.remove(&record.key)) else { continue };
        let ours: BTreeMap<&str, usize> = rows
            .each("vertebrae")
            .filter_map(|row| Some((row.text("level")?, row.text("grade")?.parse().ok()?)))
            .collect();
        for (level, grade) in theirs.grades {
            match ours.get(level.code()) {
                Some(own) => judged.grades.add(&record.key, *own, grade),
                None => judged.not_evaluable += 1,
            }
        }
        if let Some((own, their)) = study.text("who_category").and_then(category).zip(theirs.category) {
            judged.categories.add(&record.key, own, their);
        }
    }
    judged.unknown_studies = studies.len() as u64;
    Ok(judged)
}

fn read(file: impl io::Read) -> Result<BTreeMap<String, Read>, ReaderProblem> {
    let mut reader = dxa_exchange::csv::reader(file);
    let mut row = ByteRecord::new();
    let not_csv = |error: csv::Error| ReaderProblem::Io(io::Error::other(error.to_string()));
    let has_header = reader.read_byte_record(&mut row).map_err(not_csv)?;
    let columns = Columns::find(has_header.then_some(&row), COLUMNS, 1)?;
    let has_grades = columns.has(LEVEL) && columns.has(GRADE);
    if !has_grades && !columns.has(CATEGORY) {
        return Err(ReaderProblem::NothingToCompare);
    }
    let mut studies: BTreeMap<String, Read> = BTreeMap::new();
    while reader.read_byte_record(&mut row).map_err(not_csv)? {
        let line = row.position().map_or(0, csv::Position::line);
        let wrong = |what: &str| ReaderProblem::Row { line, what: what.to_owned() };
        let uid = columns.text(&row, STUDY).ok_or_else(|| wrong("the study is missing"))?;
        let study = studies.entry(uid.to_owned()).or_default();
        if let Some(level) = columns.text(&row, LEVEL).filter(|_| has_grades) {
            let level = level.parse().map_err(|_| wrong("the level is none of T4 to L5"))?;
            // No grade: the reader could not judge it either.
            let Some(grade) = columns.text(&row, GRADE) else { continue };
            let grade = grade
                .parse()
                .ok()
                .filter(|grade| *grade <= 3)
                .ok_or_else(|| wrong("the grade is none of 0 to 3"))?;
            if study.grades.insert(level, grade).is_some() {
                return Err(wrong("the level of this study stands there twice"));
            }
        }
        if let Some(text) = columns.text(&row, CATEGORY) {
            study.category = Some(category(text).ok_or_else(|| {
                wrong("the category is none of normal, low_bone_mass, osteoporosis, severe_osteoporosis")
            })?);
        }
    }
    Ok(studies)
}

fn category(text: &str) -> Option<usize> {
    match text {
        "normal" => Some(0),
        "low_bone_mass" => Some(1),
        "osteoporosis" | "severe_osteoporosis" => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_in_a_readers_file_is_named() {
        for (file, says) in [
            ("", "empty"),
            ("study_uid\n1\n", "neither"),
            ("study_uid,level,grade\n1,T20,1\n", "T4 to L5"),
            ("study_uid,level,grade\n1,T8,4\n", "0 to 3"),
            ("study_uid,level,grade\n1,T8,1\n1,T8,2\n", "twice"),
            ("study_uid,category\n1,fine\n", "low_bone_mass"),
            ("study_uid,level,grade\n,T8,1\n", "missing"),
        ] {
            let error = reader(std::iter::empty(), file.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(says), "{file}: {error}");
        }
        let judged = reader(std::iter::empty(), &b"study_uid,level,grade\n1,T8,\n2,L1,1\n"[..]).unwrap();
        assert_eq!((judged.unknown_studies, judged.grades.len()), (2, 0));
    }
}
