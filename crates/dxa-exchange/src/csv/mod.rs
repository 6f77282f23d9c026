//! Tables of numbers as CSV: what `dxa score`, `dxa grade`, `dxa precision` and `dxa reference infer` read and write.

mod columns;
pub mod grade;
pub mod precision;
pub mod printed;
pub mod reference_table;
pub mod regions;
pub mod score;
pub mod site_precision;

pub use columns::{Columns, HeaderProblem};

use std::io::Read;

/// A reader of CSV as spreadsheets write it: byte order mark, CRLF, quotes, rows of unequal length.
#[must_use]
pub fn reader<R: Read>(input: R) -> csv::Reader<R> {
    csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(input)
}

/// A number with a fixed count of decimals, rounded half away from zero and never −0.
#[must_use]
pub fn fixed(value: f64, decimals: u8) -> String {
    let rounded = dxa_core::units::round_half_away(value, i32::from(decimals));
    format!("{rounded:.*}", usize::from(decimals))
}
