//! `dxa analyze`: files and folders in, one result per study out.

mod out;

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use dxa_core::assess::SitePrecision;
use dxa_core::context::Context;
use dxa_core::decode::object::ReadObject;
use dxa_core::decode::studies;
use dxa_core::pipeline::{self, Told};
use dxa_core::protocol::Protocol;
use dxa_core::report::{self, Analysis};
use dxa_exchange::Refused;
use dxa_exchange::context;
use dxa_exchange::corrections::{self, StudyCorrections};
use dxa_exchange::csv::site_precision;
use dxa_exchange::hl7::Mapping;
use dxa_exchange::issue::Sources;
use dxa_exchange::json::{self, Run};
use dxa_exchange::table::{self, Page};
use dxa_exchange::text::Language;
use dxa_files::{Origin, Study, read_all};
use dxa_report::{Layout, Printer};
use rayon::prelude::*;

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
    let grouped = studies::studies(&reading.objects);
    reading.refuse_mismatched(&grouped.mismatched);
    if options.context.is_some() {
        one_person(&reading.objects)?;
    }
    known_studies(&corrections, &reading.objects)?;
    let studies: Vec<Study> = grouped.studies.iter().map(|study| reading.give(study)).collect();
    let job = Job { protocol, context: &context, corrections: &corrections, out: &out };
    let (mut analyses, sources): (Vec<Analysis>, Vec<Sources>) = job.analyze(studies)?.into_iter().unzip();
    report::mark_duplicates(&mut analyses);
    report::mark_area_changes(&mut analyses);
    out.documents(&analyses, &sources, run, options.lang)?;
    show(options, &analyses, &reading.refused, run)?;
    Ok(if analyses.is_empty() { Outcome::NothingRead } else { Outcome::Done })
}

/// What every study of a run has in common.
struct Job<'a> {
    protocol: Protocol<'a>,
    context: &'a Context,
    corrections: &'a [StudyCorrections],
    out: &'a Out<'a>,
}

impl Job<'_> {
    /// Analyzes the studies on all cores; each is let go of when it is done.
    fn analyze(&self, studies: Vec<Study>) -> anyhow::Result<Vec<(Analysis, Sources)>> {
        dxa_files::threads()?.install(|| studies.into_par_iter().map(|study| self.one(study)).collect())
    }

    fn one(&self, study: Study) -> anyhow::Result<(Analysis, Sources)> {
        let sources = Sources::of(&study.objects);
        let source = |object: usize| study.origins[object].bytes();
        let uid = study.objects.first().and_then(|object| object.header.identity.study.clone());
        let said = self.corrections.iter().find(|said| said.study_instance_uid == uid);
        let corrections = said.map(|said| said.corrections.clone()).unwrap_or_default();
        let told = Told { context: self.context.clone(), corrections };
        let analysis = pipeline::analyze(study.objects, &source, &told, &self.protocol);
        corrections::check(&told.corrections, &analysis).context("the corrections do not fit the study")?;
        self.out.pictures(&analysis, &source)?;
        Ok((analysis, sources))
    }
}

fn corrections(options: &Options) -> anyhow::Result<Vec<StudyCorrections>> {
    let Some(path) = &options.corrections else { return Ok(Vec::new()) };
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    corrections::read(&bytes).with_context(|| format!("{} is not a corrections file", path.display()))
}

/// Corrections of a study that is not there would otherwise be lost without a word.
fn known_studies(corrections: &[StudyCorrections], objects: &[ReadObject]) -> anyhow::Result<()> {
    for (at, said) in corrections.iter().enumerate() {
        if objects.iter().all(|object| object.header.identity.study != said.study_instance_uid) {
            let uid = said.study_instance_uid.as_deref().unwrap_or("null");
            bail!("`studies[{at}].study.instance_uid` is {uid}, and no study among the files has it");
        }
    }
    Ok(())
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

fn context(options: &Options) -> anyhow::Result<Context> {
    let Some(path) = &options.context else { return Ok(Context::default()) };
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    context::read(&bytes).with_context(|| format!("{} is not a context file", path.display()))
}

/// The scanner's own precision; what is left out of it is told.
fn precision(options: &Options) -> anyhow::Result<Vec<SitePrecision>> {
    let Some(path) = &options.precision else { return Ok(Vec::new()) };
    let (precision, left_out) = site_precision::read(streams::open(path)?)
        .with_context(|| format!("{} is no table of precision", path.display()))?;
    left_out.iter().for_each(|sentence| bail_softly(sentence));
    Ok(precision)
}

/// A context is about one person; applied to another it would be a wrong diagnosis.
fn one_person(objects: &[ReadObject]) -> anyhow::Result<()> {
    let people: BTreeSet<_> = objects.iter().map(|object| &object.header.person.id).collect();
    if people.len() > 1 {
        bail!("the context is about one person, and these files are about {}", people.len());
    }
    Ok(())
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
