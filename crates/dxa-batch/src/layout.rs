//! Which columns of which table a file has, under which names and in which order.

use std::borrow::Cow;

use crate::record::Record;
use dxa_exchange::tables::column::{Cell, Column};
use dxa_exchange::tables::{TABLES, Table};

/// A table as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Name of its file or sheet.
    pub(crate) name: String,
    /// Its columns.
    pub(crate) fields: Vec<Field>,
    /// Place of the table whose rows it has.
    place: usize,
}

/// A column as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// Its name.
    pub(crate) name: String,
    /// What it holds.
    pub(crate) column: &'static Column,
    /// One of the columns that tell the rows of its table apart.
    pub(crate) key: bool,
    /// Place of its table, which is that of the rows or that of the study, and its own there.
    from: (usize, usize),
}

/// Place of the table that has one row a study, so that its columns stand beside the rows of any other.
pub(crate) const STUDIES: usize = 0;

impl Field {
    /// A column of a table under a name of its own.
    pub(crate) fn of(place: usize, at: usize, name: String) -> Self {
        let column = &TABLES[place].columns()[at];
        Self { name, column, key: at < TABLES[place].keys, from: (place, at) }
    }
}

impl Layout {
    /// Every table, whole.
    pub(crate) fn all() -> Vec<Self> {
        let whole = |(place, table): (usize, &Table)| {
            let columns = table.columns().iter().enumerate();
            let fields = columns.map(|(at, column)| Field::of(place, at, column.name.to_owned())).collect();
            Self { name: table.name.to_owned(), fields, place }
        };
        TABLES.iter().enumerate().map(whole).collect()
    }

    /// Some columns of the rows of the table at a place.
    pub(crate) fn chosen(name: String, place: usize, fields: Vec<Field>) -> Self {
        Self { name, fields, place }
    }

    /// The rows of a record.
    pub(crate) fn rows<'r>(&self, record: &'r Record) -> impl Iterator<Item = Cow<'r, [Cell]>> {
        let width = TABLES[self.place].columns().len();
        let own = |(at, field): (usize, &Field)| field.from == (self.place, at);
        let whole = self.fields.len() == width && self.fields.iter().enumerate().all(own);
        let study = record.study();
        let rows = record.rows.get(self.place).map(Vec::as_slice).unwrap_or_default();
        rows.iter().map(move |row| {
            if whole {
                return Cow::Borrowed(row.as_slice());
            }
            let cell = |field: &Field| match field.from {
                (place, at) if place == self.place => row.get(at).cloned().flatten(),
                (_, at) => study.and_then(|study| study.get(at)).cloned().flatten(),
            };
            Cow::Owned(self.fields.iter().map(cell).collect())
        })
    }
}
