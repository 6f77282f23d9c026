//! `dxa reference infer`: a device's own reference from what it printed, as a report and as tables.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use csv::ByteRecord;
use dxa_core::reference::infer::{self, Inferred, YoungPeriod};
use dxa_core::reference::{Library, SourceFile};
use dxa_exchange::csv as exchange;
use dxa_exchange::csv::fixed;
use dxa_exchange::csv::printed::{Archive, PrintedResults};
use dxa_exchange::csv::reference_table::{TableFiles, table_files};

use crate::outcome::{Outcome, complain, print};
use crate::streams;

/// The archive.
#[derive(Args)]
pub(crate) struct Options {
    /// CSV file with sex,site,bmd and t or z; also device,manufacturer,model,software,reference,ethnicity,date,age; `-` for stdin.
    file: PathBuf,
    /// Write the tables that can be inferred to this folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

const HEADER: &str = "device,software,reference,sex,site,score,from,to,scans,mean,sd,mean_low,mean_high,sd_low,\
                      sd_high,max_residual,table,message";

/// Runs the command.
///
/// # Errors
/// A missing file, a wrong header, a folder that cannot be written, a table of the same name in it.
pub(super) fn run(options: &Options) -> anyhow::Result<Outcome> {
    let archives = read(&options.file)?;
    let mut report = csv::Writer::from_writer(Vec::new());
    report.write_record(HEADER.split(','))?;
    let mut written = 0;
    for archive in &archives {
        let inferred: Vec<Inferred> = archive.series.iter().map(|(series, _)| infer::infer(series)).collect();
        let files = table(archive, &inferred);
        let id = files.as_ref().map(|files| files.id.clone()).unwrap_or_default();
        for (found, (series, dates)) in inferred.iter().zip(&archive.series) {
            rows(archive, found, series.scans.len(), dates, &id)
                .iter()
                .try_for_each(|row| report.write_record(row))?;
        }
        written += usize::from(files.is_some());
        if let (Some(folder), Some(files)) = (&options.out, &files) {
            write(folder, files)?;
        }
    }
    print(&String::from_utf8(report.into_inner()?)?)?;
    Ok(if written == 0 { Outcome::NothingRead } else { Outcome::Done })
}

fn read(path: &Path) -> anyhow::Result<Vec<Archive>> {
    let name = path.display();
    let mut input = exchange::reader(streams::open(path)?);
    let mut row = ByteRecord::new();
    let has_header = input.read_byte_record(&mut row).with_context(|| format!("cannot read {name}"))?;
    let mut results = PrintedResults::new(has_header.then_some(&row))
        .map_err(|problem| anyhow::anyhow!("{name} cannot be used: {problem}"))?;
    let mut left_out = Vec::new();
    while input.read_byte_record(&mut row).with_context(|| format!("cannot read {name}"))? {
        if let Err(why) = results.take(&row) {
            left_out
                .push(format!("line {} is left out: {why}", row.position().map_or(0, csv::Position::line)));
        }
    }
    left_out.iter().take(10).for_each(|sentence| complain(&anyhow::anyhow!("{sentence}")));
    if left_out.len() > 10 {
        complain(&anyhow::anyhow!("{} rows in all are left out", left_out.len()));
    }
    Ok(results.archives())
}

/// The table of an archive, if one can be made that the loader takes.
fn table(archive: &Archive, inferred: &[Inferred]) -> Option<TableFiles> {
    let dates = || archive.series.iter().flat_map(|(_, dates)| dates);
    let range = dates().min().zip(dates().max());
    let files = table_files(&archive.source, inferred, range.map(|(a, b)| (a.as_str(), b.as_str())))?;
    let (csv, toml) = (format!("{}.csv", files.id), format!("{}.toml", files.id));
    let (_, refused) = Library::load(&[
        SourceFile { name: &csv, bytes: files.csv.as_bytes() },
        SourceFile { name: &toml, bytes: files.toml.as_bytes() },
    ]);
    refused.iter().for_each(|error| complain(&anyhow::anyhow!("{error}")));
    refused.is_empty().then_some(files)
}

/// The report of one series: a row a period of T, and one for Z.
fn rows(archive: &Archive, found: &Inferred, scans: usize, dates: &[String], id: &str) -> Vec<Vec<String>> {
    let source = &archive.source;
    let start = |score: &str| -> Vec<String> {
        let texts = [&source.device, &source.software, &source.reference];
        let codes = [found.sex.code().to_owned(), found.site.to_string(), score.to_owned()];
        texts.into_iter().cloned().chain(codes).collect()
    };
    let date = |at: usize| dates.get(at).cloned().unwrap_or_default();
    let last = found.young.len().saturating_sub(1);
    let mut all: Vec<Vec<String>> = Vec::new();
    for (at, period) in found.young.iter().enumerate() {
        let ends = [date(period.span.from), date(period.span.to.saturating_sub(1).max(period.span.from))];
        let table = if at == last { id } else { "" };
        all.push(start("T").into_iter().chain(ends).chain(young_cells(period, table)).collect());
    }
    if let Some(curve) = &found.curve {
        let ends = [date(0), date(scans.saturating_sub(1))];
        let (scans, residual, table, message) = match curve {
            Ok(curve) => (curve.scans.to_string(), fixed(curve.max_residual, 4), id, String::new()),
            Err(problem) => (String::new(), String::new(), "", problem.to_string()),
        };
        let empty = std::iter::repeat_n(String::new(), 6);
        let tail = [residual, table.to_owned(), message];
        all.push(start("Z").into_iter().chain(ends).chain([scans]).chain(empty).chain(tail).collect());
    }
    all
}

fn young_cells(period: &YoungPeriod, table: &str) -> Vec<String> {
    let scans = (period.span.to - period.span.from).to_string();
    match &period.found {
        Ok(young) => {
            let numbers = [
                young.mean,
                young.sd,
                young.mean_range.0,
                young.mean_range.1,
                young.sd_range.0,
                young.sd_range.1,
                young.max_residual,
            ];
            let numbers = numbers.map(|number| fixed(number, 4));
            std::iter::once(scans).chain(numbers).chain([table.to_owned(), String::new()]).collect()
        }
        Err(problem) => {
            let empty = std::iter::repeat_n(String::new(), 8);
            std::iter::once(scans).chain(empty).chain([problem.to_string()]).collect()
        }
    }
}

fn write(folder: &Path, files: &TableFiles) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for (ending, text) in [("csv", &files.csv), ("toml", &files.toml)] {
        let path = folder.join(format!("{}.{ending}", files.id));
        if path.exists() {
            bail!("{} is already there; name another folder", path.display());
        }
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
