//! One simulated scan, analyzed: what is true of it, and what the analysis says.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, anyhow};
use dxa_core::guard::{Leniency, Limits};
use dxa_core::pipeline::{self, Told};
use dxa_core::protocol::Protocol;
use dxa_core::reference::{Library, Profile};
use dxa_core::report::Analysis;
use dxa_sim::SimFile;
use serde_json::Value;

/// A kind with its settings, as `dxa simulate` takes them.
#[derive(Clone, Debug)]
pub(super) struct Recipe {
    pub(super) kind: &'static str,
    pub(super) settings: BTreeMap<String, String>,
}

impl Recipe {
    /// `settings` as `key=value` separated by spaces.
    pub(super) fn new(kind: &'static str, settings: &str) -> Self {
        let pairs = settings.split_whitespace().filter_map(|pair| pair.split_once('='));
        Self { kind, settings: pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect() }
    }

    /// The same with further settings.
    pub(super) fn with(&self, settings: &str) -> Self {
        let mut changed = self.clone();
        changed.settings.extend(Self::new(self.kind, settings).settings);
        changed
    }
}

/// Truth and analysis of one scan.
#[derive(Debug)]
pub(super) struct Scan {
    /// `scene` of the truth.
    pub(super) truth: Value,
    pub(super) analysis: Analysis,
}

/// Simulates and analyzes one seed.
///
/// # Errors
/// A setting that the simulator does not take; a file that the reader does not.
pub(super) fn scan(recipe: &Recipe, seed: u64) -> Result<Scan> {
    let files = dxa_sim::simulate(recipe.kind, seed, &recipe.settings)
        .with_context(|| format!("{} {:?}", recipe.kind, recipe.settings))?;
    let (pixels, truth): (Vec<&SimFile>, Vec<&SimFile>) =
        files.iter().partition(|file| file.name.ends_with(".dcm"));
    let truth = truth.first().ok_or_else(|| anyhow!("the simulation has no truth"))?;
    let truth: Value = serde_json::from_slice(&truth.bytes)?;
    Ok(Scan { truth: scene(&truth).cloned().unwrap_or_default(), analysis: analyze(&pixels)? })
}

/// The first `scene` in the truth, wherever it stands.
fn scene(truth: &Value) -> Option<&Value> {
    match truth {
        Value::Object(entries) => entries.get("scene").or_else(|| entries.values().find_map(scene)),
        Value::Array(items) => items.iter().find_map(scene),
        _ => None,
    }
}

fn analyze(files: &[&SimFile]) -> Result<Analysis> {
    let read = |file: &&SimFile| {
        let total = file.bytes.len() as u64;
        pipeline::read(file.bytes.as_slice(), total, Leniency::Tolerant, &Limits::DEFAULT)?
            .map_err(|error| anyhow!("{}: {error}", file.name))
    };
    let objects = files.iter().map(read).collect::<Result<Vec<_>>>()?;
    let profile = Profile::bundled("iscd-2023").ok_or_else(|| anyhow!("no default profile"))?;
    let protocol = Protocol::new(profile, Library::bundled());
    let source = |index: usize| Ok(files.get(index).map(|file| file.bytes.clone()).unwrap_or_default());
    Ok(pipeline::analyze(objects, &source, &Told::default(), &protocol))
}

/// Simulates and analyzes many, on all cores, in the order asked for.
///
/// # Errors
/// The first scan that could not be made.
pub(super) fn scans(wanted: &[(Recipe, u64)]) -> Result<Vec<Scan>> {
    use rayon::prelude::*;
    wanted.par_iter().map(|(recipe, seed)| scan(recipe, *seed)).collect()
}
