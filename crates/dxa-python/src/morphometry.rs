//! Six-point morphometry of a CSV text, as `dxa grade` has it.

use csv::ByteRecord;
use dxa_core::grade::Grader;
use dxa_exchange::csv as exchange;
use dxa_exchange::csv::grade::{HEADER, Spines};

use crate::analysis::Wrong;

/// The table with heights, losses, grades and probabilities.
pub(crate) fn graded(text: &str) -> Result<String, Wrong> {
    let mut input = exchange::reader(text.as_bytes());
    let mut row = ByteRecord::new();
    let has_header = input.read_byte_record(&mut row).map_err(Wrong::because)?;
    let mut spines = Spines::new(has_header.then_some(&row)).map_err(Wrong::because)?;
    while input.read_byte_record(&mut row).map_err(Wrong::because)? {
        spines.take(&row);
    }
    let graded = spines.grade(&Grader::bundled());
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(HEADER).map_err(Wrong::because)?;
    for cells in graded.cells() {
        out.write_record(cells).map_err(Wrong::because)?;
    }
    String::from_utf8(out.into_inner().map_err(Wrong::because)?).map_err(Wrong::because)
}
