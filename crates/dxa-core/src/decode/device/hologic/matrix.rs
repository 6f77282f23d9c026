//! `ResultsTable…[ r][ c] = "text"` cells to tables.

use std::collections::BTreeMap;

use super::super::markup::plain_text;
use super::super::table::Grid;

/// Largest table that is believed; cells beyond are kept as unknown items.
const ROWS: usize = 512;
const COLUMNS: usize = 64;

type Cells = BTreeMap<(usize, usize), String>;

/// Result matrices by name, in the order in which they appear.
#[derive(Default)]
pub(super) struct Matrices {
    tables: Vec<(String, Cells)>,
    places: BTreeMap<String, usize>,
    stray: Vec<(String, String)>,
}

impl Matrices {
    /// Takes a cell; false when the key is none of a result matrix.
    pub(super) fn take(&mut self, key: &str, value: &str) -> bool {
        if !key.to_ascii_lowercase().contains("resultstable") {
            return false;
        }
        match cell_of(key) {
            Some((name, row, column)) if row < ROWS && column < COLUMNS => {
                self.put(name, (row, column), value)
            }
            _ => self.stray.push((key.to_owned(), value.to_owned())),
        }
        true
    }

    fn put(&mut self, name: String, at: (usize, usize), value: &str) {
        let value = plain_text(value);
        let index = *self.places.entry(name.clone()).or_insert_with(|| {
            self.tables.push((name.clone(), Cells::new()));
            self.tables.len() - 1
        });
        let cells = &mut self.tables[index].1;
        match cells.get(&at) {
            // The same cell twice with different texts: the second is kept aside and the first is not trusted either.
            Some(known) if *known != value => {
                let first = cells.remove(&at).unwrap_or_default();
                for text in [first, value] {
                    self.stray.push((format!("{name}[ {}][ {}]", at.0, at.1), text));
                }
            }
            Some(_) => {}
            None => {
                cells.insert(at, value);
            }
        }
    }

    /// The tables as grids, and the cells that fit none.
    pub(super) fn into_grids(self) -> (Vec<Grid>, Vec<(String, String)>) {
        let grids = self.tables.iter().map(|(_, cells)| grid(cells)).collect();
        (grids, self.stray)
    }
}

fn grid(cells: &Cells) -> Grid {
    let height = cells.keys().map(|(row, _)| row + 1).max().unwrap_or(0);
    let width = cells.keys().map(|(_, column)| column + 1).max().unwrap_or(0);
    let text = |row, column| cells.get(&(row, column)).cloned().unwrap_or_default();
    let rows: Vec<Vec<String>> =
        (0..height).map(|row| (0..width).map(|column| text(row, column)).collect()).collect();
    // A text may count its rows from one.
    let first =
        rows.iter().position(|row: &Vec<String>| row.iter().any(|cell| !cell.is_empty())).unwrap_or(0);
    Grid { title: String::new(), rows: rows.into_iter().skip(first).collect(), nameable: true }
}

/// Table name, row and column of `ResultsTable1[ 3][ 5]`, `ResultsTable [3,5]` or `ResultsTable[1][3][5]`.
fn cell_of(key: &str) -> Option<(String, usize, usize)> {
    let (name, indices) = key.split_once('[')?;
    let numbers: Vec<usize> = indices
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .map(|digits| digits.parse().ok())
        .collect::<Option<_>>()?;
    let [before @ .., row, column] = numbers.as_slice() else { return None };
    let mut name = name.trim().to_owned();
    for number in before {
        name.push_str(&format!("[ {number}]"));
    }
    Some((name, *row, *column))
}
