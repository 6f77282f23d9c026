//! `dxa simulate`: synthetic scans from a seed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use crate::outcome::Outcome;

/// What to simulate.
#[derive(Args)]
pub(crate) struct Options {
    /// Kind of scan.
    kind: String,
    /// Folder to write to.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Seed; the same seed gives the same bytes.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Settings as key=value.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("a setting is written key=value")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

/// Runs the command.
///
/// # Errors
/// An unknown kind or setting, or a folder that cannot be written.
pub(crate) fn run(options: &Options) -> anyhow::Result<Outcome> {
    let settings: BTreeMap<String, String> = options.settings.iter().cloned().collect();
    let files = dxa_sim::simulate(&options.kind, options.seed, &settings)?;
    for file in files {
        let path = options.out.join(&file.name);
        let folder = path.parent().unwrap_or(&options.out);
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        std::fs::write(&path, &file.bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(Outcome::Done)
}
