//! `dxa analyze`: files and folders in, one result per study out.

mod out;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use dxa_core::assess::SitePrecision;
use dxa_core::context::Context;
use dxa_core::report::Analysis;
use dxa_exchange::Refused;
use dxa_exchange::context;
use dxa_exchange::corrections::{self, StudyCorrections};
use dxa_exchange::csv::site_precision;
use dxa_exchange::hl7::Mapping;
use dxa_exchange::json::{self, Run};
use dxa_exchange::table::{self, Page};
use dxa_exchange::text::Language;
use dxa_files::{Origin, Request, read_all};
use dxa_report::{Layout, Printer};

use crate::outcome::{Outcome, print, print_by};
use crate::reference::own_tables;
use crate::scoring::{Scoring, protocol};
use crate::{progress, streams};

use out::Out;

/// What to analyze and how to show it.
#[derive(Args)]
pub(crate) struct Options {
    /// Files and folders.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    scoring: Scoring,
    /// The scanner's own precision, as `dxa precision` writes it, to judge changes by.
    #[arg(long, value_name = "FILE")]
    precision: Option<PathBuf>,
    /// What DICOM does not know of the one person these files are about: see docs/context.md.
    #[arg(long, value_name = "FILE")]
    context: Option<PathBuf>,
    /// What a user changed in the JSON of these studies; they are measured again with it.
    #[arg(long, value_name = "FILE")]
    corrections: Option<PathBuf>,
    /// Print one JSON document instead of the table.
    #[arg(long)]
    json: bool,
    /// Write DIR/<study_uid>/ with analysis.json, sr.dcm and the other formats, for each study.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// What to write to DIR: json, sr, sc, gsps, seg, pdf, fhir, hl7, csv.
    #[arg(long, value_name = "FORMATS", requires = "out", value_delimiter = ',', default_value = "json")]
    formats: Vec<String>,
    /// What the clinic wants of HL7 messages: see docs/hl7.md.
    #[arg(long, value_name = "FILE")]
    hl7_mapping: Option<PathBuf>,
    /// What the clinic wants of its PDF reports: see docs/report.md.
    #[arg(long, value_name = "FILE")]
    report_layout: Option<PathBuf>,
    /// Language of the table and of sentences in documents: en or zh-CN.
    #[arg(long, value_name = "LANG", default_value = "en")]
    lang: Language,
}

/// Runs the command.
///
/// # Errors
/// A missing path, an unknown profile, table or format, a refused table of the clinic, a folder that
/// cannot be written.
pub(crate) fn run(options: &Options) -> anyhow::Result<Outcome> {
    let Scoring { references, tables, .. } = &options.scoring;
    let library = own_tables(tables.as_deref())?;
    let protocol = protocol(options.scoring.profile(), references, &library)?;
    let (mapping, printer) = (mapping(options)?, printer(options)?);
    let out = Out::new(options.out.as_deref(), &options.formats, &mapping, &printer)?;
    let precision = precision(options)?;
    let run = Run { profile_source: options.scoring.profile_source(), precision: &precision };
    let (context, corrections) = (context(options)?, corrections(options)?);
    let (found, unusable) = dxa_files::find(&options.paths)?;
    let bar = progress::bar(found.len());
    let mut reading = read_all(found.into_iter().map(Origin::File).collect(), &|| bar.inc(1))?;
    bar.finish_and_clear();
    reading.refused.extend(unusable);
    let request = Request { protocol: &protocol, context: context.as_ref(), corrections: &corrections };
    let analyzed = dxa_files::analyze(reading, request, |analysis, source| out.pictures(analysis, source))?;
    out.documents(&analyzed, run, options.lang)?;
    show(options, &analyzed.analyses, &analyzed.refused, run)?;
    Ok(if analyzed.analyses.is_empty() { Outcome::NothingRead } else { Outcome::Done })
}

fn corrections(options: &Options) -> anyhow::Result<Vec<StudyCorrections>> {
    let Some(path) = &options.corrections else { return Ok(Vec::new()) };
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    corrections::read(&bytes).with_context(|| format!("{} is not a corrections file", path.display()))
}

fn mapping(options: &Options) -> anyhow::Result<Mapping> {
    let Some(path) = &options.hl7_mapping else { return Ok(Mapping::default()) };
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Mapping::from_toml(&text).with_context(|| format!("{} is no mapping", path.display()))
}

fn printer(options: &Options) -> anyhow::Result<Printer> {
    let layout = match &options.report_layout {
        None => Layout::default(),
        Some(path) => {
            let text =
                std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            toml::from_str(&text).with_context(|| format!("{} is no layout of reports", path.display()))?
        }
    };
    Ok(Printer::new(layout)?)
}

fn context(options: &Options) -> anyhow::Result<Option<Context>> {
    let Some(path) = &options.context else { return Ok(None) };
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    context::read(&bytes).map(Some).with_context(|| format!("{} is not a context file", path.display()))
}

/// The scanner's own precision; what is left out of it is told.
fn precision(options: &Options) -> anyhow::Result<Vec<SitePrecision>> {
    let Some(path) = &options.precision else { return Ok(Vec::new()) };
    let (precision, left_out) = site_precision::read(streams::open(path)?)
        .with_context(|| format!("{} is no table of precision", path.display()))?;
    left_out.iter().for_each(|sentence| bail_softly(sentence));
    Ok(precision)
}

fn show(options: &Options, analyses: &[Analysis], refused: &[Refused], run: Run<'_>) -> anyhow::Result<()> {
    if options.json {
        return print_by(|out| {
            json::write(&mut *out, analyses, refused, &run)?;
            Ok(writeln!(out)?)
        });
    }
    if analyses.is_empty() && refused.is_empty() {
        bail_softly("there are no files to analyze");
    }
    let page = Page { language: options.lang, width: terminal_width(), precision: run.precision };
    print(&table::render(analyses, refused, &page))
}

fn bail_softly(sentence: &str) {
    crate::outcome::complain(&anyhow::anyhow!("{sentence}"));
}

/// Columns of the terminal; a page that is not shown on one gets room for every column.
fn terminal_width() -> u16 {
    terminal_size::terminal_size().map_or(160, |(width, _)| width.0.max(80))
}
