//! `dxa analyze`: files and folders in, one result per study out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use dxa_core::assess::SitePrecision;
use dxa_core::context::Context;
use dxa_core::decode::object::ReadObject;
use dxa_core::decode::studies;
use dxa_core::pipeline;
use dxa_core::protocol::Protocol;
use dxa_core::reference::Profile;
use dxa_core::report::{self, Analysis};
use dxa_exchange::Refused;
use dxa_exchange::context;
use dxa_exchange::csv::site_precision;
use dxa_exchange::json::{self, Run};
use dxa_exchange::table::{self, Page};
use dxa_exchange::text::Language;

use crate::outcome::{Outcome, print, print_by};
use crate::reference::own_tables;
use crate::score::named;
use crate::{files, read, streams};

/// What to analyze and how to show it.
#[derive(Args)]
pub(crate) struct Options {
    /// Files and folders.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Rules and reference tables to apply.
    #[arg(long, value_name = "P")]
    profile: Option<String>,
    /// Score every region against this table too, beside the profile's choice; may be given several times.
    #[arg(long = "reference", value_name = "ID")]
    references: Vec<String>,
    /// A folder of the clinic's own tables, beside those of the program.
    #[arg(long, value_name = "DIR")]
    tables: Option<PathBuf>,
    /// The scanner's own precision, as `dxa precision` writes it, to judge changes by.
    #[arg(long, value_name = "FILE")]
    precision: Option<PathBuf>,
    /// What DICOM does not know of the one person these files are about: see docs/context.md.
    #[arg(long, value_name = "FILE")]
    context: Option<PathBuf>,
    /// Print one JSON document instead of the table.
    #[arg(long)]
    json: bool,
    /// Write DIR/<study_uid>/analysis.json for each study.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// What to write to DIR.
    #[arg(long, value_name = "FORMATS", requires = "out", value_delimiter = ',', default_value = "json")]
    formats: Vec<String>,
    /// Language of the table: en or zh-CN.
    #[arg(long, value_name = "LANG", default_value = "en")]
    lang: Language,
}

/// The profile of the contract when none is named.
pub(crate) const DEFAULT_PROFILE: &str = "iscd-2023";

/// Runs the command.
///
/// # Errors
/// A missing path, an unknown profile, table or format, a refused table of the clinic, a folder that
/// cannot be written.
pub(crate) fn run(options: &Options) -> anyhow::Result<Outcome> {
    let profile = profile(options)?;
    let library = own_tables(options.tables.as_deref())?;
    let tables = options.references.iter().map(|id| named(&library, id));
    let protocol = Protocol::beside(profile, &library, tables.collect::<anyhow::Result<_>>()?);
    check_formats(&options.formats)?;
    let precision = precision(options)?;
    let profile_source = if options.profile.is_some() { "option" } else { "default" };
    let run = Run { profile_source, precision: &precision };
    let context = context(options)?;
    let (found, unusable) = files::find(&options.paths)?;
    let mut reading = read::read_all(found)?;
    reading.refused.extend(unusable);
    let grouped = studies::studies(&reading.objects);
    reading.refuse_mismatched(&grouped.mismatched);
    if options.context.is_some() {
        one_person(&reading.objects)?;
    }
    let mut analyses: Vec<Analysis> = grouped
        .studies
        .iter()
        .map(|study| pipeline::analyze(reading.give(study), &context, &protocol))
        .collect();
    report::mark_duplicates(&mut analyses);
    if let Some(folder) = &options.out {
        write(folder, &analyses, run)?;
    }
    show(options, &analyses, &reading.refused, run)?;
    Ok(if analyses.is_empty() { Outcome::NothingRead } else { Outcome::Done })
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

fn profile(options: &Options) -> anyhow::Result<&'static Profile> {
    profile_by_id(options.profile.as_deref().unwrap_or(DEFAULT_PROFILE))
}

/// The profile with this id, or a sentence that lists the ids.
///
/// # Errors
/// No such profile.
pub(crate) fn profile_by_id(id: &str) -> anyhow::Result<&'static Profile> {
    Profile::bundled(id).with_context(|| {
        let known: Vec<&str> = Profile::bundled_ids().collect();
        format!("there is no profile `{id}`; known are {}", known.join(", "))
    })
}

fn check_formats(formats: &[String]) -> anyhow::Result<()> {
    match formats.iter().find(|format| *format != "json") {
        Some(format) => bail!("the format `{format}` is not written by this version; it writes json"),
        None => Ok(()),
    }
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

fn write(folder: &Path, analyses: &[Analysis], run: Run<'_>) -> anyhow::Result<()> {
    for analysis in analyses {
        let uid = analysis.study_instance_uid.as_deref().filter(|uid| is_uid(uid));
        let Some(uid) = uid else {
            bail_softly("a study without a valid Study Instance UID was not written to the output folder");
            continue;
        };
        let folder = folder.join(uid);
        let mut document = Vec::new();
        json::write_study(&mut document, analysis, analyses, &run)?;
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let file = folder.join("analysis.json");
        std::fs::write(&file, document).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// Digits and single dots between them: safe as a folder name.
fn is_uid(uid: &str) -> bool {
    let parts = || uid.split('.');
    uid.len() <= 128
        && parts().count() > 1
        && parts().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}
