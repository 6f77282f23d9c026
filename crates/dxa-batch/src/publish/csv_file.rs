//! A table as CSV: null is empty, and no cell is a formula for a spreadsheet.

use std::io;
use std::path::Path;

use dxa_exchange::csv::regions::harmless;

use super::Rows;
use super::atomic::Draft;
use crate::layout::Layout;
use dxa_exchange::tables::column::{Cell, Kind};

pub(super) struct CsvFile {
    writer: csv::Writer<Draft>,
    kinds: Vec<Kind>,
    rows: u64,
}

impl CsvFile {
    pub(super) fn new(folder: &Path, layout: &Layout) -> io::Result<Self> {
        let draft = Draft::new(folder, &format!("{}.csv", layout.name))?;
        let mut writer = csv::Writer::from_writer(draft);
        writer.write_record(layout.fields.iter().map(|field| &field.name))?;
        let kinds = layout.fields.iter().map(|field| field.column.content.kind()).collect();
        Ok(Self { writer, kinds, rows: 0 })
    }
}

impl Rows for CsvFile {
    fn put(&mut self, row: &[Cell]) -> io::Result<()> {
        for (kind, cell) in self.kinds.iter().zip(row) {
            let text = cell.as_deref().unwrap_or_default();
            if *kind == Kind::Text {
                self.writer.write_field(harmless(text).as_bytes())?;
            } else {
                self.writer.write_field(text)?;
            }
        }
        self.writer.write_record(None::<&[u8]>)?;
        self.rows += 1;
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<(Draft, u64)> {
        let draft = self.writer.into_inner().map_err(|error| error.into_error())?;
        Ok((draft, self.rows))
    }
}
