//! The data dictionary: every column of every table, from the same calls that fill them.

use std::io;
use std::path::Path;

use serde::Serialize;

use super::atomic::Draft;
use crate::tables::{TABLES, Table};

/// Name of the file.
const NAME: &str = "dictionary.csv";

const COLUMNS: [&str; 7] = ["table", "column", "type", "unit", "key", "meaning", "when_deidentified"];

/// The dictionary as CSV.
pub(super) fn draft(folder: &Path) -> io::Result<(Draft, u64)> {
    let mut writer = csv::Writer::from_writer(Draft::new(folder, NAME)?);
    let mut rows = 0;
    writer.write_record(COLUMNS)?;
    for table in &TABLES {
        for (at, column) in table.columns().iter().enumerate() {
            let key = if at < table.keys { "true" } else { "false" };
            let content = column.content;
            let (kind, hidden) = (content.type_name(), content.when_deidentified());
            writer.write_record([table.name, column.name, kind, column.unit, key, column.meaning, hidden])?;
            rows += 1;
        }
    }
    Ok((writer.into_inner().map_err(|error| error.into_error())?, rows))
}

/// The columns of one table as JSON, for formats that carry notes.
pub(super) fn json(table: &Table) -> io::Result<String> {
    #[derive(Serialize)]
    struct Entry {
        column: &'static str,
        unit: &'static str,
        meaning: &'static str,
    }
    let columns = table.columns().iter();
    let entries: Vec<Entry> = columns
        .map(|column| Entry { column: column.name, unit: column.unit, meaning: column.meaning })
        .collect();
    Ok(serde_json::to_string(&entries)?)
}
