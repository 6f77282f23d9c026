//! `dxa batch count`: what a source holds, before days are spent on it.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context as _;
use clap::Args;
use dxa_batch::Counted;

use super::progress::Shown;
use crate::outcome::{self, Outcome};

/// What to count.
#[derive(Args)]
pub(super) struct Options {
    /// What `dxa batch` would read.
    #[arg(value_name = "SRC")]
    source: PathBuf,
    /// Headers that are read at a time; without it, one for each core.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
}

/// Reads every header and says what there is.
///
/// # Errors
/// A missing source.
pub(super) fn run(options: &Options) -> anyhow::Result<Outcome> {
    let remote = super::remote(&options.source)?;
    let room = tempfile::tempdir().context("cannot make a folder for what does not stay in memory")?;
    let source = super::source(&options.source, remote, room.path())?;
    let jobs = options.jobs.map_or_else(super::cores, usize::from);
    let (shown, stop) = (Shown::default(), super::stopped_by_signal()?);
    let began = Instant::now();
    let counted = dxa_batch::count(source.as_ref(), room.path(), jobs, &|step| shown.step(step), &stop);
    let seconds = began.elapsed().as_secs_f64();
    shown.clear();
    match counted {
        Ok(Counted { files, studies, problems }) => {
            let rate = files as f64 / seconds.max(1e-6);
            outcome::print(&format!(
                "{files} files of {studies} studies, {problems} that give nothing; {seconds:.2} s, {rate:.0} files/s\n"
            ))?;
            Ok(Outcome::Done)
        }
        Err(error) => super::ended(error, "the count", super::BEGIN_AGAIN),
    }
}
