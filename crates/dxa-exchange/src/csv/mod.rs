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

/// Why the rows of a file cannot be worked on.
#[derive(Debug, thiserror::Error)]
pub enum TableProblem {
    /// Its first line.
    #[error(transparent)]
    Header(#[from] HeaderProblem),
    /// The file, or the disk it lies on.
    #[error("it cannot be read: {0}")]
    Csv(#[from] csv::Error),
}

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

/// A header and rows as CSV.
#[must_use]
pub fn written<R>(header: &[&str], rows: impl IntoIterator<Item = R>) -> Vec<u8>
where
    R: IntoIterator<Item: AsRef<[u8]>>,
{
    let mut out = csv::Writer::from_writer(Vec::new());
    // Writing rows of one length to memory cannot fail.
    let _ = out.write_record(header);
    for row in rows {
        let _ = out.write_record(row);
    }
    out.into_inner().unwrap_or_default()
}
