//! From records to files: every table in every format in one pass, each file whole or not there.

mod atomic;
mod csv_file;
mod dictionary;
mod parquet_file;
mod workbook;

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::Path;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::BatchError;
use crate::identities::hexadecimal;
use crate::journal::{self, Head};
use crate::layout::Layout;
use crate::record::Record;
use dxa_exchange::tables::TABLES;
use dxa_exchange::tables::column::Cell;

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

/// What an export came to, which `export.json` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// SHA-256 of the `run.json` of the run it is of.
    pub run_sha256: String,
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
    let layouts = Layout::all();
    let mut files = Files::new(folder, formats, &layouts)?;
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
    let (mut drafts, written) = files.finish(folder)?;
    summary.files = written;
    // What a reader of the tables needs comes last: with run.json there, everything is there.
    drafts.push(journal);
    drafts.push(json_file(folder, RUN_FILE, &Run { head, summary: &summary })?);
    drafts.into_iter().try_for_each(Draft::publish)?;
    remove_others(folder, &summary)?;
    Ok(summary)
}

/// Writes the tables of a template, their dictionary and `export.json` to a folder.
///
/// # Errors
/// When a file cannot be written; then none of the new ones has its name.
pub(crate) fn publish_export<R: Borrow<Record>>(
    folder: &Path,
    formats: &BTreeSet<Format>,
    layouts: &[Layout],
    records: impl Iterator<Item = io::Result<R>>,
    run_sha256: String,
) -> io::Result<Exported> {
    let mut files = Files::new(folder, formats, layouts)?;
    for record in records {
        files.put(record?.borrow())?;
    }
    let (mut drafts, files) = files.finish(folder)?;
    let exported = Exported { run_sha256, files };
    drafts.push(json_file(folder, EXPORT_FILE, &exported)?);
    drafts.into_iter().try_for_each(Draft::publish)?;
    Ok(exported)
}

impl Summary {
    fn count(&mut self, record: &Record) {
        self.studies += u64::from(record.study().is_some());
        self.left_out += u64::from(!record.selected);
        let errors = record.rows.last().map_or(0, Vec::len);
        self.errors += errors as u64;
    }
}

/// The files that are being written.
struct Files<'a> {
    layouts: &'a [Layout],
    tables: Vec<Vec<Box<dyn Rows>>>,
    workbook: Option<Workbook<'a>>,
}

impl<'a> Files<'a> {
    fn new(folder: &Path, formats: &BTreeSet<Format>, layouts: &'a [Layout]) -> io::Result<Self> {
        let of = |layout: &Layout| -> io::Result<Vec<Box<dyn Rows>>> {
            let mut files: Vec<Box<dyn Rows>> = Vec::new();
            if formats.contains(&Format::Csv) {
                files.push(Box::new(CsvFile::new(folder, layout)?));
            }
            if formats.contains(&Format::Parquet) {
                files.push(Box::new(ParquetFile::new(folder, layout)?));
            }
            Ok(files)
        };
        let xlsx = formats.contains(&Format::Xlsx);
        let workbook = xlsx.then(|| Workbook::new(folder, layouts)).transpose()?;
        Ok(Self { layouts, tables: layouts.iter().map(of).collect::<io::Result<_>>()?, workbook })
    }

    fn put(&mut self, record: &Record) -> io::Result<()> {
        for (place, (files, layout)) in self.tables.iter_mut().zip(self.layouts).enumerate() {
            for row in layout.rows(record) {
                files.iter_mut().try_for_each(|file| file.put(&row))?;
                if let Some(workbook) = &mut self.workbook {
                    workbook.put(place, &row)?;
                }
            }
        }
        Ok(())
    }

    /// Ends every file and adds the dictionary: the drafts, and what is in them.
    fn finish(self, folder: &Path) -> io::Result<(Vec<Draft>, Vec<Written>)> {
        let mut finished = Vec::new();
        for file in self.tables.into_iter().flatten() {
            finished.push(file.finish()?);
        }
        if let Some(workbook) = self.workbook {
            finished.push(workbook.finish()?);
        }
        finished.push(dictionary::draft(folder, self.layouts)?);
        let written =
            finished.iter_mut().map(|(draft, rows)| draft.written(*rows)).collect::<io::Result<_>>()?;
        Ok((finished.into_iter().map(|(draft, _)| draft).collect(), written))
    }
}

fn json_file(folder: &Path, name: &str, said: &impl Serialize) -> io::Result<Draft> {
    let mut draft = Draft::new(folder, name)?;
    serde_json::to_writer_pretty(&mut draft, said)?;
    draft.write_all(b"\n")?;
    Ok(draft)
}

/// What `run.json` says.
#[derive(Serialize)]
struct Run<'a> {
    #[serde(flatten)]
    head: &'a Head,
    #[serde(flatten)]
    summary: &'a Summary,
}

/// Says that a run is finished, and what it came to.
pub(crate) const RUN_FILE: &str = "run.json";
/// Says that an export is whole, and of which run it is.
pub(crate) const EXPORT_FILE: &str = "export.json";

/// # Errors
/// A folder that holds a run or an export: its tables would take the place of theirs.
pub(crate) fn check_unused(folder: &Path) -> Result<(), BatchError> {
    for (name, what) in [(journal::FILE, "a run"), (EXPORT_FILE, "an export")] {
        if folder.join(name).exists() {
            let sentence = format!("{} holds {what} already; name another folder", folder.display());
            return Err(BatchError::Refused(sentence));
        }
    }
    Ok(())
}

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
