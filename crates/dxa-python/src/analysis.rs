//! One call: everything that is named, read, grouped into studies and analyzed on all cores.

use std::path::PathBuf;

use dxa_core::context::Context;
use dxa_core::decode::studies;
use dxa_core::pipeline::{self, Told};
use dxa_core::protocol::Protocol;
use dxa_core::reference::{Library, Profile};
use dxa_core::report::{self, Analysis};
use dxa_exchange::corrections::{self, StudyCorrections};
use dxa_exchange::json::{self, Run};
use dxa_exchange::{Refused, context};
use dxa_files::{Origin, Study, read_all, threads};
use rayon::prelude::*;

/// What was asked for.
pub(crate) struct Call {
    pub(crate) paths: Vec<PathBuf>,
    pub(crate) objects: Vec<(String, Vec<u8>)>,
    pub(crate) profile: Option<String>,
    pub(crate) references: Vec<String>,
    pub(crate) context: Option<String>,
    pub(crate) corrections: Option<String>,
}

/// What is wrong with a call: a sentence.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Wrong(String);

impl Wrong {
    pub(crate) fn because(reason: impl std::fmt::Display) -> Self {
        Self(reason.to_string())
    }
}

/// The profile of the contract when none is named.
const DEFAULT_PROFILE: &str = "iscd-2023";

/// What became of a call.
pub(crate) struct Analyzed {
    pub(crate) analyses: Vec<Analysis>,
    pub(crate) refused: Vec<Refused>,
}

/// Analyzes; `seen` is asked of each study while its files are at hand.
pub(crate) fn run<T: Send>(
    call: Call,
    seen: impl Fn(&Analysis, &Study) -> T + Sync,
) -> Result<(Analyzed, Vec<T>), Wrong> {
    let profile = call.profile.as_deref().unwrap_or(DEFAULT_PROFILE);
    let profile = Profile::bundled(profile).ok_or_else(|| {
        let known: Vec<&str> = Profile::bundled_ids().collect();
        Wrong(format!("there is no profile `{profile}`; known are {}", known.join(", ")))
    })?;
    let named = |id: &String| {
        Library::bundled().get(id).ok_or_else(|| Wrong(format!("there is no reference table `{id}`")))
    };
    let tables = call.references.iter().map(named).collect::<Result<_, _>>()?;
    let protocol = Protocol::beside(profile, Library::bundled(), tables);
    let context = call.context.as_deref().map(|text| context::read(text.as_bytes()));
    let context = context.transpose().map_err(Wrong::because)?.unwrap_or_default();
    let said = call.corrections.as_deref().map(|text| corrections::read(text.as_bytes()));
    let said = said.transpose().map_err(Wrong::because)?.unwrap_or_default();
    let (found, unusable) = dxa_files::find(&call.paths).map_err(Wrong::because)?;
    let held = call.objects.into_iter().map(|(name, bytes)| Origin::Memory(name, bytes.into()));
    let origins = found.into_iter().map(Origin::File).chain(held).collect();
    let mut reading = read_all(origins, &|| {}).map_err(Wrong::because)?;
    reading.refused.extend(unusable);
    let grouped = studies::studies(&reading.objects);
    reading.refuse_mismatched(&grouped.mismatched);
    let studies: Vec<Study> = grouped.studies.iter().map(|study| reading.give(study)).collect();
    let one = |study: Study| one(study, &protocol, &context, &said, &seen);
    let pool = threads().map_err(Wrong::because)?;
    let analyzed: Vec<(Analysis, T)> =
        pool.install(|| studies.into_par_iter().map(one).collect::<Result<_, _>>())?;
    let (mut analyses, seen): (Vec<Analysis>, Vec<T>) = analyzed.into_iter().unzip();
    report::mark_duplicates(&mut analyses);
    report::mark_area_changes(&mut analyses);
    Ok((Analyzed { analyses, refused: reading.refused }, seen))
}

fn one<T>(
    mut study: Study,
    protocol: &Protocol<'_>,
    context: &Context,
    said: &[StudyCorrections],
    seen: &impl Fn(&Analysis, &Study) -> T,
) -> Result<(Analysis, T), Wrong> {
    let objects = std::mem::take(&mut study.objects);
    let uid = objects.first().and_then(|object| object.header.identity.study.clone());
    let own = said.iter().find(|said| said.study_instance_uid == uid);
    let corrections = own.map(|said| said.corrections.clone()).unwrap_or_default();
    let told = Told { context: context.clone(), corrections };
    let source = |object: usize| study.origins[object].bytes();
    let analysis = pipeline::analyze(objects, &source, &told, protocol);
    dxa_exchange::corrections::check(&told.corrections, &analysis).map_err(Wrong::because)?;
    let seen = seen(&analysis, &study);
    Ok((analysis, seen))
}

/// The document of a call.
pub(crate) fn document(call: Call) -> Result<String, Wrong> {
    let source = if call.profile.is_some() { "option" } else { "default" };
    let (Analyzed { analyses, refused }, _) = run(call, |_, _| ())?;
    let mut document = Vec::new();
    let run = Run { profile_source: source, precision: &[] };
    json::write(&mut document, &analyses, &refused, &run).map_err(Wrong::because)?;
    String::from_utf8(document).map_err(Wrong::because)
}
