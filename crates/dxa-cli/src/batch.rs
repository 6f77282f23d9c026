//! `dxa batch`: an archive as tables.

mod count;
mod progress;
mod remote;
mod runs;

use std::collections::BTreeSet;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use clap::{Args, Subcommand};
use dxa_batch::source::{Local, Source};
use dxa_batch::worker::{self, Setup, Workers};
use dxa_batch::{BatchError, Format, Shard, Summary};
use dxa_core::protocol::Protocol;
use tokio_util::sync::CancellationToken;

use crate::outcome::{self, Outcome};
use crate::reference::own_tables;
use crate::scoring::{Scoring, protocol};

use progress::Shown;
use remote::Remote;

/// What to reprocess and how.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: Option<RunOptions>,
    // Not within the options of a run: clap then could not tell whether those are given.
    #[command(flatten)]
    scoring: Scoring,
}

/// What to do with runs.
#[derive(Subcommand)]
enum Command {
    /// Read every header and say how many files and studies there are; nothing is analyzed.
    Count(count::Options),
    /// Put finished runs over parts of an archive together.
    Merge(runs::MergeOptions),
    /// Say what two finished runs say differently, of whom, and why.
    Diff(runs::DiffOptions),
    /// Write tables with chosen columns of a finished run.
    Export(runs::ExportOptions),
    /// Analyze studies from standard input to standard output; the batch calls this itself.
    #[command(hide = true)]
    Worker,
}

/// A run over a source.
#[derive(Args)]
struct RunOptions {
    /// A folder, a tar or zip archive, one file, a list of paths (a file that ends in .txt or .list), s3://bucket/prefix,
    /// or the address of a DICOMweb service, with a query behind /studies? where not all is wanted.
    #[arg(value_name = "SRC")]
    source: PathBuf,
    /// Folder of the run: tables, dictionary, journal and run.json.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Formats of the tables: parquet, csv, xlsx.
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', default_value = "parquet,csv")]
    formats: Vec<Format>,
    /// Studies that are analyzed at a time; without it, one for each core.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Do part I of N of the studies; the parts are put together by `dxa batch merge`.
    #[arg(long, value_name = "I/N", default_value = "1/1")]
    shard: Shard,
    /// Go on with the run in the folder; what is finished there is not done again.
    #[arg(long)]
    resume: bool,
    /// Take studies that meet these conditions only, as `sex = F and age >= 50`; may be given several times.
    #[arg(long = "where", value_name = "CONDITIONS")]
    conditions: Vec<String>,
    /// Replace identifiers by keyed pseudonyms, shift dates, remove what names people.
    #[arg(long)]
    deidentify: bool,
    /// Key of the pseudonyms; made when it is not there. Without it, a file beside the folder of the run.
    #[arg(long, value_name = "FILE", requires = "deidentify")]
    key: Option<PathBuf>,
    /// Longest time for one study, seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    timeout: u64,
    /// Address space of each worker process, MiB; 0 for no limit.
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    memory: u64,
}

/// Runs the command.
///
/// # Errors
/// A missing source, a folder that holds another run, an unknown profile, table or condition.
pub(crate) fn run(options: &Options) -> anyhow::Result<Outcome> {
    match (&options.command, &options.run) {
        (Some(Command::Count(options)), _) => count::run(options),
        (Some(Command::Merge(options)), _) => runs::merge(options),
        (Some(Command::Diff(options)), _) => runs::diff(options),
        (Some(Command::Export(options)), _) => runs::export(options),
        (Some(Command::Worker), _) => work(),
        (None, Some(run)) => batch(run, &options.scoring),
        (None, None) => anyhow::bail!("name a source and, with --out, a folder for the tables"),
    }
}

fn batch(options: &RunOptions, scoring: &Scoring) -> anyhow::Result<Outcome> {
    let setup = setup(options, scoring)?;
    let remote = remote(&options.source)?;
    std::fs::create_dir_all(&options.out)
        .with_context(|| format!("cannot make the folder {}", options.out.display()))?;
    let source = source(&options.source, remote, &options.out)?;
    let jobs = options.jobs.map_or_else(cores, usize::from);
    let workers = Workers {
        program: std::env::current_exe()?,
        arguments: vec!["batch".to_owned(), "worker".to_owned()],
        jobs,
        deadline: Duration::from_secs(options.timeout),
    };
    let run = dxa_batch::Options {
        out: &options.out,
        formats: options.formats.iter().copied().collect::<BTreeSet<_>>(),
        shard: options.shard,
        resume: options.resume,
        workers,
        setup,
    };
    let shown = Shown::default();
    let stop = stopped_by_signal()?;
    let done = with_protocol(&run.setup, |protocol| {
        Ok(dxa_batch::run(source.as_ref(), &run, protocol, &|step| shown.step(step), &stop))
    })?;
    shown.clear();
    match done {
        Ok(summary) => report(&summary, &options.out, options.shard),
        Err(error) => ended(error, "the batch", "what is finished is kept, and --resume goes on"),
    }
}

/// What to do where nothing is kept of what did not come to its end.
const BEGIN_AGAIN: &str = "begin it again";

/// The exit code of what did not come to its end, after the reason was said, and what to do then.
fn ended(error: BatchError, what: &str, then: &str) -> anyhow::Result<Outcome> {
    let (outcome, sentence) = match error {
        BatchError::Stopped | BatchError::Ended { .. } => {
            (Outcome::EndedEarly, anyhow::anyhow!("{what} {error}; {then}"))
        }
        BatchError::Nothing => (Outcome::NothingRead, error.into()),
        BatchError::Refused(_) => return Err(error.into()),
    };
    outcome::complain(&sentence);
    Ok(outcome)
}

/// The service or bucket that a source is, where it is one.
///
/// # Errors
/// An address that cannot be used, or a path where nothing is.
fn remote(source: &Path) -> anyhow::Result<Option<Remote>> {
    let address = source.to_str().map(Remote::at).transpose()?.flatten();
    if address.is_none() && !source.exists() {
        anyhow::bail!("there is no file or folder {}", source.display());
    }
    Ok(address)
}

/// Where the files are; `out` is a folder that is no part of them.
fn source(path: &Path, remote: Option<Remote>, out: &Path) -> anyhow::Result<Box<dyn Source>> {
    if let Some(remote) = remote {
        return Ok(Box::new(remote));
    }
    Ok(Box::new(Local::at(path, out).with_context(|| format!("cannot read {}", path.display()))?))
}

fn setup(options: &RunOptions, scoring: &Scoring) -> anyhow::Result<Setup> {
    let key = options.deidentify.then(|| key(options)).transpose()?;
    Ok(Setup {
        profile: scoring.profile().to_owned(),
        profile_source: scoring.profile_source().to_owned(),
        // A worker may be told from another folder than the one this path was written in.
        tables: scoring.tables.as_deref().map(std::path::absolute).transpose()?,
        references: scoring.references.clone(),
        cohort: options.conditions.clone(),
        key,
        memory_bytes: options.memory << 20,
    })
}

fn key(options: &RunOptions) -> anyhow::Result<[u8; 32]> {
    let path = options.key.clone().unwrap_or_else(|| beside(&options.out));
    dxa_batch::identities::key_file(&path)
        .with_context(|| format!("cannot use {} as the key of pseudonyms", path.display()))
}

/// `runs/a` → `runs/a.key`: not inside, so that the folder can be handed on.
fn beside(out: &Path) -> PathBuf {
    let mut name = out.file_name().map(ToOwned::to_owned).unwrap_or_else(|| "run".into());
    name.push(".key");
    out.with_file_name(name)
}

/// The worker's side; the parent says everything over standard input.
fn work() -> anyhow::Result<Outcome> {
    let mut input = BufReader::new(std::io::stdin());
    let setup = worker::setup(&mut input)?;
    let output = BufWriter::new(std::io::stdout());
    with_protocol(&setup, |protocol| Ok(worker::serve(&setup, protocol, input, output)?))?;
    Ok(Outcome::Done)
}

fn with_protocol<T>(
    setup: &Setup,
    then: impl FnOnce(&Protocol<'_>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let library = own_tables(setup.tables.as_deref())?;
    then(&protocol(&setup.profile, &setup.references, &library)?)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Becomes true at the first interrupt, so that what is in hand is still finished.
fn stopped_by_signal() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let stopped = stop.clone();
    std::thread::spawn(move || {
        runtime.block_on(crate::serve::interrupted(CancellationToken::new()));
        stopped.store(true, Ordering::Relaxed);
    });
    Ok(stop)
}

fn report(summary: &Summary, out: &Path, shard: Shard) -> anyhow::Result<Outcome> {
    let left_out = match summary.left_out {
        0 => String::new(),
        left_out => format!(", {left_out} studies are not of the cohort"),
    };
    let (studies, errors) = (summary.studies, summary.errors);
    outcome::print(&format!(
        "{studies} studies, {errors} files or studies in `errors`{left_out}: {}\n",
        out.join("run.json").display()
    ))?;
    let nothing = studies + summary.left_out == 0 && shard == Shard::WHOLE;
    Ok(if nothing { Outcome::NothingRead } else { Outcome::Done })
}
