//! One call: everything that is named, read, grouped into studies and analyzed on all cores.

use std::path::PathBuf;

use dxa_core::pipeline::Source;
use dxa_core::protocol::Protocol;
use dxa_core::reference::{Library, Profile};
use dxa_core::report::Analysis;
use dxa_exchange::json::{self, Run};
use dxa_exchange::{context, corrections};
use dxa_files::{AnalyzeError, Analyzed, Origin, Request, read_all};

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

impl From<AnalyzeError> for Wrong {
    fn from(error: AnalyzeError) -> Self {
        Self::because(error)
    }
}

/// Analyzes; `seen` is asked of each study while its files are at hand.
pub(crate) fn run<T: Send>(
    call: Call,
    seen: impl Fn(&Analysis, Source<'_>) -> T + Sync,
) -> Result<Analyzed<T>, Wrong> {
    let profile = call.profile.as_deref().unwrap_or(Profile::DEFAULT);
    let profile = Profile::named(profile).map_err(Wrong::because)?;
    let tables = call.references.iter().map(|id| Library::bundled().named(id)).collect::<Result<_, _>>();
    let tables = tables.map_err(Wrong::because)?;
    let protocol = Protocol::beside(profile, Library::bundled(), tables);
    let context = call.context.as_deref().map(|text| context::read(text.as_bytes()));
    let context = context.transpose().map_err(Wrong::because)?;
    let said = call.corrections.as_deref().map(|text| corrections::read(text.as_bytes()));
    let said = said.transpose().map_err(Wrong::because)?.unwrap_or_default();
    let (found, unusable) = dxa_files::find(&call.paths).map_err(Wrong::because)?;
    let held = call.objects.into_iter().map(|(name, bytes)| Origin::Memory(name, bytes.into()));
    let origins = found.into_iter().map(Origin::File).chain(held).collect();
    let mut reading = read_all(origins, &|| {}).map_err(Wrong::because)?;
    reading.refused.extend(unusable);
    let request = Request { protocol: &protocol, context: context.as_ref(), corrections: &said };
    dxa_files::analyze(reading, request, |analysis, source| Ok(seen(analysis, source)))
}

/// The document of a call.
pub(crate) fn document(call: Call) -> Result<String, Wrong> {
    let source = if call.profile.is_some() { "option" } else { "default" };
    let Analyzed { analyses, refused, .. } = run(call, |_, _| ())?;
    let mut document = Vec::new();
    let run = Run { profile_source: source, precision: &[] };
    json::write(&mut document, &analyses, &refused, &run).map_err(Wrong::because)?;
    String::from_utf8(document).map_err(Wrong::because)
}
