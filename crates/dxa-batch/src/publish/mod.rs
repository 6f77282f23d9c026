//! From records to files: every table in every format in one pass, each file whole or not there.

mod atomic;
mod csv_file;
mod dictionary;
mod parquet_file;
mod workbook;

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::Path;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::column::Cell;
use crate::identities::hexadecimal;
use crate::journal::{self, Head};
use crate::record::Record;
use crate::tables::{TABLES, Table};

use atomic::Draft;
use csv_file::CsvFile;
use parquet_file::ParquetFile;
use workbook::Workbook;

/// A format of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Apache Parquet, a file for each table.
    Parquet,
    /// Comma-separated values, a file for each table.
    Csv,
    /// One workbook, a sheet for each table.
    Xlsx,
}

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "parquet" => Ok(Self::Parquet),
            "csv" => Ok(Self::Csv),
            "xlsx" => Ok(Self::Xlsx),
            other => Err(format!("the format `{other}` is not written; it writes parquet, csv, xlsx")),
        }
    }
}

/// What a run came to, which `run.json` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Studies in the tables.
    pub studies: u64,
    /// Studies that were looked at and are not of the cohort.
    pub left_out: u64,
    /// Files and studies that gave nothing.
    pub errors: u64,
    /// SHA-256 over the key of each study and the SHA-256 of its files, in the order of the tables.
    pub inputs_sha256: String,
    /// Files that were written, with their rows and SHA-256.
    pub files: Vec<Written>,
}

/// One file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Written {
    /// Its name.
    pub file: String,
    /// Rows, of all tables in it.
    pub rows: u64,
    /// SHA-256.
    pub sha256: String,
}

/// Something that takes the rows of one table.
trait Rows {
    fn put(&mut self, row: &[Cell]) -> io::Result<()>;
    /// Writes what is left.
    fn finish(self: Box<Self>) -> io::Result<(Draft, u64)>;
}

/// Writes tables, dictionary, the sorted journal and `run.json` to a folder, replacing those that were there.
///
/// # Errors
/// When a file cannot be written; then none of the new ones has its name.
pub(crate) fn publish(
    folder: &Path,
    formats: &BTreeSet<Format>,
    head: &Head,
    records: impl Iterator<Item = io::Result<Record>>,
    may_be_seen: &dyn Fn(&Record) -> io::Result<()>,
) -> io::Result<Summary> {
    let mut files = Files::new(folder, formats)?;
    let mut journal = Draft::new(folder, journal::FILE)?;
    journal.write_all(&journal::line(head)?)?;
    let mut summary = Summary::default();
    let mut inputs = Sha256::new();
    for record in records {
        let record = record?;
        may_be_seen(&record)?;
        journal.write_all(&journal::line(&record)?)?;
        summary.count(&record);
        if !record.input_sha256.is_empty() {
            inputs.update(format!("{} {}\n", record.key, record.input_sha256));
        }
        files.put(&record)?;
    }
    summary.inputs_sha256 = hexadecimal(&inputs.finalize());
    let mut drafts = files.finish()?;
    drafts.push(dictionary::draft(folder)?);
    summary.files = drafts.iter_mut().map(|(draft, rows)| draft.written(*rows)).collect::<io::Result<_>>()?;
    let run = run_file(folder, head, &summary)?;
    // What a reader of the tables needs comes last: with run.json there, everything is there.
    drafts.push((journal, 0));
    drafts.push((run, 0));
    for (draft, _) in drafts {
        draft.publish()?;
    }
    remove_others(folder, &summary)?;
    Ok(summary)
}

impl Summary {
    fn count(&mut self, record: &Record) {
        self.studies += u64::from(record.study().is_some());
        self.left_out += u64::from(!record.selected);
        let errors = record.rows.last().map_or(0, Vec::len);
        self.errors += errors as u64;
    }
}

type Finished = (Draft, u64);

/// The files that are being written.
struct Files {
    tables: Vec<Vec<Box<dyn Rows>>>,
    workbook: Option<Workbook>,
}

impl Files {
    fn new(folder: &Path, formats: &BTreeSet<Format>) -> io::Result<Self> {
        let of = |table: &Table| -> io::Result<Vec<Box<dyn Rows>>> {
            let mut files: Vec<Box<dyn Rows>> = Vec::new();
            if formats.contains(&Format::Csv) {
                files.push(Box::new(CsvFile::new(folder, table)?));
            }
            if formats.contains(&Format::Parquet) {
                files.push(Box::new(ParquetFile::new(folder, table)?));
            }
            Ok(files)
        };
        let workbook = formats.contains(&Format::Xlsx).then(|| Workbook::new(folder)).transpose()?;
        Ok(Self { tables: TABLES.iter().map(of).collect::<io::Result<_>>()?, workbook })
    }

    fn put(&mut self, record: &Record) -> io::Result<()> {
        for (place, (files, rows)) in self.tables.iter_mut().zip(&record.rows).enumerate() {
            for row in rows {
                files.iter_mut().try_for_each(|file| file.put(row))?;
                if let Some(workbook) = &mut self.workbook {
                    workbook.put(place, row)?;
                }
            }
        }
        Ok(())
    }

    fn finish(self) -> io::Result<Vec<Finished>> {
        let mut finished = Vec::new();
        for file in self.tables.into_iter().flatten() {
            finished.push(file.finish()?);
        }
        if let Some(workbook) = self.workbook {
            finished.push(workbook.finish()?);
        }
        Ok(finished)
    }
}

fn run_file(folder: &Path, head: &Head, summary: &Summary) -> io::Result<Draft> {
    #[derive(Serialize)]
    struct Run<'a> {
        #[serde(flatten)]
        head: &'a Head,
        #[serde(flatten)]
        summary: &'a Summary,
    }
    let mut draft = Draft::new(folder, RUN_FILE)?;
    serde_json::to_writer_pretty(&mut draft, &Run { head, summary })?;
    draft.write_all(b"\n")?;
    Ok(draft)
}

/// Says that a run is finished, and what it came to.
pub(crate) const RUN_FILE: &str = "run.json";

/// Files of an earlier run in formats that were not asked for this time would be about other rows.
fn remove_others(folder: &Path, summary: &Summary) -> io::Result<()> {
    let ours =
        TABLES.iter().flat_map(|table| [format!("{}.csv", table.name), format!("{}.parquet", table.name)]);
    for name in ours.chain([workbook::NAME.to_owned()]) {
        let path = folder.join(&name);
        if path.exists() && !summary.files.iter().any(|written| written.file == name) {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}
