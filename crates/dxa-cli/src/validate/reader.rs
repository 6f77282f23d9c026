//! Against a reader: kappa, sensitivity and specificity with their intervals.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use anyhow::Context;
use dxa_batch::Record;
use dxa_batch::validate::{self, Interval, Ratings};

use crate::outcome::{self, Outcome};
use crate::streams;

use super::{number, table};

const HEADER: [&str; 8] = ["what", "unit", "measure", "value", "low_95", "high_95", "n", "studies"];

/// Compares and writes `reader.csv`.
///
/// # Errors
/// A file that is no reader's, a run that cannot be read, a folder that cannot be written.
pub(super) fn compare(
    records: impl Iterator<Item = io::Result<Record>>,
    file: &Path,
    out: &Path,
) -> anyhow::Result<Outcome> {
    let judged = validate::reader(records, streams::open(file)?)
        .with_context(|| format!("{} cannot be compared with", file.display()))?;
    let mut rows = Vec::new();
    measures(&mut rows, "grade", "vertebra", &judged.grades, &[1, 2]);
    measures(&mut rows, "grade", "study", &judged.grades.by_study(), &[1, 2]);
    measures(&mut rows, "category", "study", &judged.categories, &[1, 2]);
    table(&out.join("reader.csv"), &HEADER, &rows)?;
    let mut text = String::new();
    for row in &rows {
        let _ = writeln!(
            text,
            "{} by {}: {} {} ({} to {}), n {}",
            row[0], row[1], row[2], row[3], row[4], row[5], row[6]
        );
    }
    let _ = writeln!(
        text,
        "{} vertebrae of the reader are not evaluable here; {} studies of the reader are not in the run",
        judged.not_evaluable, judged.unknown_studies
    );
    outcome::print(&text)?;
    Ok(Outcome::Done)
}

fn measures(rows: &mut Vec<Vec<String>>, what: &str, unit: &str, ratings: &Ratings, cuts: &[usize]) {
    let mut add = |measure: String, found: Option<Interval>| {
        let Some(Interval { value, interval }) = found else { return };
        let limits = [interval.map(|one| one[0]), interval.map(|one| one[1])].map(number);
        let mut row = vec![what.to_owned(), unit.to_owned(), measure, number(Some(value))];
        row.extend(limits);
        row.extend([ratings.len().to_string(), ratings.studies().to_string()]);
        rows.push(row);
    };
    add("kappa_linear".to_owned(), ratings.kappa());
    for cut in cuts {
        add(format!("sensitivity_from_{cut}"), ratings.sensitivity(*cut));
        add(format!("specificity_from_{cut}"), ratings.specificity(*cut));
    }
}
