//! The data dictionary: every column of every table, from the same calls that fill them.

use std::io;
use std::path::Path;

use serde::Serialize;

use super::atomic::Draft;
use crate::layout::Layout;

/// Name of the file.
const NAME: &str = "dictionary.csv";

const COLUMNS: [&str; 7] = ["table", "column", "type", "unit", "key", "meaning", "when_deidentified"];

/// The dictionary as CSV.
pub(super) fn draft(folder: &Path, layouts: &[Layout]) -> io::Result<(Draft, u64)> {
    let mut writer = csv::Writer::from_writer(Draft::new(folder, NAME)?);
    let mut rows = 0;
    writer.write_record(COLUMNS)?;
    for layout in layouts {
        for field in &layout.fields {
            let (column, key) = (field.column, if field.key { "true" } else { "false" });
            let (kind, hidden) = (column.content.type_name(), column.content.when_deidentified());
            let place = [layout.name.as_str(), &field.name];
            writer.write_record(place.into_iter().chain([kind, column.unit, key, column.meaning, hidden]))?;
            rows += 1;
        }
    }
    Ok((writer.into_inner().map_err(|error| error.into_error())?, rows))
}

/// The columns of one table as JSON, for formats that carry notes.
pub(super) fn json(layout: &Layout) -> io::Result<String> {
    #[derive(Serialize)]
    struct Entry<'a> {
        column: &'a str,
        unit: &'static str,
        meaning: &'static str,
    }
    let fields = layout.fields.iter();
    let entries: Vec<Entry<'_>> = fields
        .map(|field| Entry { column: &field.name, unit: field.column.unit, meaning: field.column.meaning })
        .collect();
    Ok(serde_json::to_string(&entries)?)
}
