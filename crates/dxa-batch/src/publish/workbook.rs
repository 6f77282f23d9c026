//! All tables as one workbook; a table that is longer than a sheet may be goes on in another.

use std::io;
use std::path::Path;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Worksheet, XlsxError};

use super::atomic::Draft;
use crate::layout::Layout;
use dxa_exchange::tables::column::{Cell, Column, Kind};

/// Name of the file.
pub(super) const NAME: &str = "tables.xlsx";

/// Rows that a sheet can have.
const SHEET_ROWS: u32 = 1_048_576;
/// Letters that a cell can have.
const CELL_LETTERS: usize = 32_767;

pub(super) struct Workbook<'a> {
    book: rust_xlsxwriter::Workbook,
    draft: Draft,
    layouts: &'a [Layout],
    sheets: Vec<Sheet>,
    rows: u64,
    most: u32,
}

/// Where the next row of a table goes.
#[derive(Clone, Copy)]
struct Sheet {
    index: usize,
    next: u32,
    number: u32,
}

impl<'a> Workbook<'a> {
    pub(super) fn new(folder: &Path, layouts: &'a [Layout]) -> io::Result<Self> {
        Self::with_rows(folder, layouts, SHEET_ROWS)
    }

    fn with_rows(folder: &Path, layouts: &'a [Layout], most: u32) -> io::Result<Self> {
        let draft = Draft::new(folder, NAME)?;
        let mut book = rust_xlsxwriter::Workbook::new();
        book.set_tempdir(folder).map_err(other)?;
        // Without a date of its own a workbook has that of the clock.
        let date = ExcelDateTime::from_ymd(2000, 1, 1).map_err(other)?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&date));
        let mut workbook = Self { book, draft, layouts, sheets: Vec::new(), rows: 0, most };
        for layout in layouts {
            let sheet = workbook.sheet(layout, 1)?;
            workbook.sheets.push(sheet);
        }
        Ok(workbook)
    }

    fn sheet(&mut self, layout: &Layout, number: u32) -> io::Result<Sheet> {
        let name = if number == 1 { layout.name.clone() } else { format!("{} {number}", layout.name) };
        let index = self.book.worksheets().len();
        let sheet = self.book.add_worksheet_with_constant_memory().map_err(other)?;
        sheet.set_name(name).map_err(other)?;
        sheet.set_freeze_panes(1, 0).map_err(other)?;
        let bold = Format::new().set_bold();
        for (at, field) in (0..).zip(&layout.fields) {
            sheet.write_string_with_format(0, at, &field.name, &bold).map_err(other)?;
        }
        Ok(Sheet { index, next: 1, number })
    }

    /// Writes a row of the table at a place of the layouts.
    pub(super) fn put(&mut self, place: usize, row: &[Cell]) -> io::Result<()> {
        let layout = &self.layouts[place];
        if self.sheets[place].next == self.most {
            self.sheets[place] = self.sheet(layout, self.sheets[place].number + 1)?;
        }
        let Sheet { index, next, .. } = self.sheets[place];
        let sheet = self.book.worksheet_from_index(index).map_err(other)?;
        for (at, (field, cell)) in (0..).zip(layout.fields.iter().zip(row)) {
            if let Some(text) = cell {
                write(sheet, next, at, field.column, text).map_err(other)?;
            }
        }
        self.sheets[place].next += 1;
        self.rows += 1;
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<(Draft, u64)> {
        self.book.save_to_writer(&mut self.draft).map_err(other)?;
        Ok((self.draft, self.rows))
    }
}

/// Texts are written as texts, so that none is a formula; dates too, for a spreadsheet has none before 1900.
fn write(sheet: &mut Worksheet, row: u32, at: u16, column: &Column, text: &str) -> Result<(), XlsxError> {
    match column.content.kind() {
        Kind::Number | Kind::Integer => match text.parse::<f64>() {
            Ok(number) => sheet.write_number(row, at, number)?,
            Err(_) => sheet.write_string(row, at, text)?,
        },
        Kind::Flag => sheet.write_boolean(row, at, text == "true")?,
        Kind::Text | Kind::Date => sheet.write_string(row, at, cut(text))?,
    };
    Ok(())
}

fn cut(text: &str) -> String {
    if text.len() <= CELL_LETTERS {
        text.to_owned()
    } else {
        text.chars().take(CELL_LETTERS - 1).chain(['…']).collect()
    }
}

fn other(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(io) => io,
        other => io::Error::other(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_is_too_long_goes_on_in_another_sheet() {
        let folder = tempfile::tempdir().unwrap();
        let layouts = Layout::all();
        let mut workbook = Workbook::with_rows(folder.path(), &layouts, 3).unwrap();
        let errors = layouts.len() - 1;
        let row: Vec<Cell> = vec![None, Some("=1+1".to_owned()), Some("unreadable".to_owned()), None];
        for _ in 0..5 {
            workbook.put(errors, &row).unwrap();
        }
        let names: Vec<String> = workbook.book.worksheets().iter().map(Worksheet::name).collect();
        assert_eq!(names[errors..], ["errors", "errors 2", "errors 3"]);
        let (mut draft, rows) = workbook.finish().unwrap();
        assert_eq!(rows, 5);
        let first = draft.written(rows).unwrap();
        draft.publish().unwrap();
        assert_eq!(first.file, NAME);
        assert!(std::fs::metadata(folder.path().join(NAME)).unwrap().len() > 1000);
    }
}
