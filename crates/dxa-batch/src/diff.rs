//! What two runs say differently, of whom, and why.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use crate::error::BatchError;
use crate::journal::{self, Head};
use crate::merge::finished;
use crate::record::Record;
use dxa_exchange::tables::column::Cell;
use dxa_exchange::tables::{TABLES, Table, place};

/// The columns of a difference.
pub const COLUMNS: [&str; 8] = ["study_key", "study_uid", "table", "row", "column", "before", "after", "why"];

/// How many studies differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// In the second run only.
    pub added: u64,
    /// In the first run only.
    pub removed: u64,
    /// In both, with other values.
    pub changed: u64,
    /// In both, with the same.
    pub same: u64,
}

/// Tells every difference between two finished runs, in the order of the studies.
///
/// # Errors
/// Runs that are not finished or whose pseudonyms are under different keys; what `tell` says.
pub fn diff(
    before: &Path,
    after: &Path,
    tell: &mut dyn FnMut([&str; 8]) -> io::Result<()>,
) -> Result<Counts, BatchError> {
    let heads = [finished(before)?, finished(after)?];
    if heads[0].deidentified != heads[1].deidentified {
        let sentence =
            "the pseudonyms of the two runs are under different keys, so their studies cannot be compared";
        return Err(BatchError::Refused(sentence.to_owned()));
    }
    let between = Between { why: reasons(&heads[0], &heads[1]), heads };
    let records = |folder: &Path| journal::records(&folder.join(journal::FILE));
    let mut both = || between.join(&mut records(before)?, &mut records(after)?, tell);
    both().map_err(BatchError::during("comparing the runs"))
}

struct Between {
    heads: [Head; 2],
    why: Vec<String>,
}

/// What can change a number, as far as the heads of two runs tell.
fn reasons(before: &Head, after: &Head) -> Vec<String> {
    let mut why = Vec::new();
    let mut differs = |what: &str, one: &str, other: &str| {
        if one != other {
            why.push(format!("{what} {one} → {other}"));
        }
    };
    differs("software", &before.software, &after.software);
    differs("profile", &before.profile, &after.profile);
    let of = |head: &Head| -> BTreeMap<String, String> { head.reference_tables.iter().cloned().collect() };
    let (one, other) = (of(before), of(after));
    let changed = other.iter().filter(|(id, sha)| one.get(*id).is_some_and(|before| before != *sha));
    why.extend(changed.map(|(id, _)| format!("reference table {id} changed")));
    why.extend(
        other.keys().filter(|id| !one.contains_key(*id)).map(|id| format!("reference table {id} is new")),
    );
    why.extend(
        one.keys().filter(|id| !other.contains_key(*id)).map(|id| format!("reference table {id} is gone")),
    );
    if before.references != after.references {
        why.push("other tables asked for by name".to_owned());
    }
    if why.is_empty() && before.protocol_sha256 != after.protocol_sha256 {
        why.push("rules or algorithms changed".to_owned());
    }
    why
}

type Records<'a> = &'a mut dyn Iterator<Item = io::Result<Record>>;
type Tell<'a> = &'a mut dyn FnMut([&str; 8]) -> io::Result<()>;

impl Between {
    fn join(&self, before: Records<'_>, after: Records<'_>, tell: Tell<'_>) -> io::Result<Counts> {
        let mut counts = Counts::default();
        let (mut one, mut other) = (before.next().transpose()?, after.next().transpose()?);
        loop {
            let order = match (&one, &other) {
                (None, None) => return Ok(counts),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(one), Some(other)) => (&one.order, &one.key).cmp(&(&other.order, &other.key)),
            };
            match order {
                Ordering::Less => {
                    counts.removed += 1;
                    self.whole(one.take(), "study", "", "the input has it no more", tell)?;
                    one = before.next().transpose()?;
                }
                Ordering::Greater => {
                    counts.added += 1;
                    self.whole(other.take(), "", "study", "new in the input", tell)?;
                    other = after.next().transpose()?;
                }
                Ordering::Equal => {
                    let pair = one.take().zip(other.take());
                    let changed = pair.map_or(Ok(false), |(one, other)| self.study(&one, &other, tell))?;
                    if changed {
                        counts.changed += 1
                    } else {
                        counts.same += 1
                    }
                    one = before.next().transpose()?;
                    other = after.next().transpose()?;
                }
            }
        }
    }

    fn whole(
        &self,
        record: Option<Record>,
        before: &str,
        after: &str,
        why: &str,
        tell: Tell<'_>,
    ) -> io::Result<()> {
        let Some(record) = record else { return Ok(()) };
        tell([&record.key, &uid(&record), "studies", "", "", before, after, why])
    }

    /// Whether anything of a study differs, after it was told.
    fn study(&self, before: &Record, after: &Record, tell: Tell<'_>) -> io::Result<bool> {
        let mut changed = false;
        for (table, (one, other)) in TABLES.iter().zip(before.rows.iter().zip(&after.rows)) {
            for difference in differences(table, one, other) {
                changed = true;
                let why = self.why(table, before, after, &difference);
                let Difference { row, column, before: was, after: is } = &difference;
                tell([&after.key, &uid(after), table.name, row, column, was, is, &why])?;
            }
        }
        Ok(changed)
    }

    fn why(&self, table: &Table, before: &Record, after: &Record, difference: &Difference) -> String {
        if before.input_sha256 != after.input_sha256 {
            return "the files of the study changed".to_owned();
        }
        if before.selected != after.selected {
            return format!("the cohort was `{}` and is `{}`", self.heads[0].cohort, self.heads[1].cohort);
        }
        // A score names the table that it rests on.
        let of_table =
            |why: &&String| difference.row.split('|').any(|part| why.contains(&format!(" {part} ")));
        let own: Vec<&String> = self.why.iter().filter(of_table).collect();
        let all: Vec<&String> =
            if table.name == "scores" && !own.is_empty() { own } else { self.why.iter().collect() };
        if all.is_empty() {
            return "nothing that the runs name".to_owned();
        }
        all.into_iter().cloned().collect::<Vec<_>>().join("; ")
    }
}

fn uid(record: &Record) -> String {
    let rows = record.rows.iter().flatten();
    let with_uid = rows.filter(|row| row.len() > 4);
    with_uid.map(|row| row[1].clone().unwrap_or_default()).next().unwrap_or_default()
}

/// One cell, or one row where `column` is empty.
struct Difference {
    row: String,
    column: &'static str,
    before: String,
    after: String,
}

/// Columns that differ whenever anything may, and say so in the heads.
const OF_THE_RUN: [&str; 3] = ["software", "protocol_sha256", "input_sha256"];

fn differences(table: &Table, before: &[Vec<Cell>], after: &[Vec<Cell>]) -> Vec<Difference> {
    let (one, other) = (by_row(table, before), by_row(table, after));
    let mut all = Vec::new();
    let mut add = |row: &str, column, before: &str, after: &str| {
        let text = str::to_owned;
        all.push(Difference { row: text(row), column, before: text(before), after: text(after) });
    };
    for (row, was) in &one {
        match other.get(row) {
            None => add(row, "", "row", ""),
            Some(is) => {
                for ((column, was), is) in table.columns().iter().zip(was.iter()).zip(is.iter()) {
                    if was != is && !OF_THE_RUN.contains(&column.name) {
                        add(
                            row,
                            column.name,
                            was.as_deref().unwrap_or_default(),
                            is.as_deref().unwrap_or_default(),
                        );
                    }
                }
            }
        }
    }
    other.keys().filter(|row| !one.contains_key(*row)).for_each(|row| add(row, "", "", "row"));
    all
}

/// Rows by what tells them apart, without the columns that name the study; a number stands behind where they repeat.
fn by_row<'r>(table: &Table, rows: &'r [Vec<Cell>]) -> BTreeMap<String, &'r Vec<Cell>> {
    let of_study = if place(table.name) == place("errors") { 1 } else { 2 };
    let mut found: BTreeMap<String, &Vec<Cell>> = BTreeMap::new();
    for row in rows {
        let cells = row.iter().take(table.keys).skip(of_study);
        let name = cells.map(|cell| cell.as_deref().unwrap_or_default()).collect::<Vec<_>>().join("|");
        let mut number = 1;
        let mut own = name.clone();
        while found.contains_key(&own) {
            number += 1;
            own = format!("{name} ({number})");
        }
        found.insert(own, row);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Vec<Cell> {
        cells.iter().map(|cell| (!cell.is_empty()).then(|| (*cell).to_owned())).collect()
    }

    #[test]
    fn rows_are_matched_by_their_keys_and_cells_compared() {
        let table = &TABLES[TABLES.len() - 1];
        let before = [row(&["k", "a", "unreadable", "x."]), row(&["k", "b", "unreadable", "y."])];
        let after = [row(&["k", "b", "unreadable", "z."]), row(&["k", "c", "unreadable", ""])];
        let told: Vec<String> = differences(table, &before, &after)
            .iter()
            .map(|one| format!("{} {} {}→{}", one.row, one.column, one.before, one.after))
            .collect();
        assert_eq!(told, ["a|unreadable  row→", "b|unreadable message y.→z.", "c|unreadable  →row"]);
    }
}
