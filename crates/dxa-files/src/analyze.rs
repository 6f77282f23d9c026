//! What was read as analyses: grouped into studies, told what DICOM does not know, measured on all cores.

use std::collections::BTreeSet;

use dxa_core::context::Context;
use dxa_core::decode::object::ReadObject;
use dxa_core::decode::studies;
use dxa_core::pipeline::{self, Source, Told};
use dxa_core::protocol::Protocol;
use dxa_core::report::{self, Analysis};
use dxa_exchange::Refused;
use dxa_exchange::corrections::{self, CorrectionsError, StudyCorrections};
use dxa_exchange::issue::Sources;
use rayon::ThreadPoolBuildError;
use rayon::prelude::*;

use crate::read::{Reading, Study, threads};

/// What every study of a run has in common.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Rules and tables.
    pub protocol: &'a Protocol<'a>,
    /// What is known of the one person that the files are about.
    pub context: Option<&'a Context>,
    /// What a user changed, by study.
    pub corrections: &'a [StudyCorrections],
}

/// Studies in the order of their first objects; the three lists have one entry for each.
#[derive(Debug)]
pub struct Analyzed<T> {
    /// Results, compared with one another.
    pub analyses: Vec<Analysis>,
    /// What each rests on.
    pub sources: Vec<Sources>,
    /// What the caller took from each while its objects were at hand.
    pub seen: Vec<T>,
    /// What made no object, and objects that no study can be made of.
    pub refused: Vec<Refused>,
}

/// Why nothing is analyzed: what was told does not fit the files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnalyzeError {
    /// Applied to another person, a context would be a wrong diagnosis.
    #[error("the context is about one person, and these files are about {0}")]
    SeveralPeople(usize),
    /// Corrections of a study that is not there would be lost without a word.
    #[error("`studies[{at}].study.instance_uid` is {uid}, and no study among the files has it")]
    UnknownStudy {
        /// Position among the corrections.
        at: usize,
        /// Its Study Instance UID, or `null`.
        uid: String,
    },
    /// Corrections that do not fit what was measured.
    #[error("the corrections do not fit the study: {0}")]
    Corrections(CorrectionsError),
    /// Threads cannot be started.
    #[error(transparent)]
    Threads(#[from] ThreadPoolBuildError),
}

/// Analyzes what was read; `seen` is asked of each study while its objects can be fetched again.
///
/// # Errors
/// A context for several people, corrections that do not fit, the first error of `seen`.
pub fn analyze<T: Send, E: From<AnalyzeError> + Send>(
    mut reading: Reading,
    request: Request<'_>,
    seen: impl Fn(&Analysis, Source<'_>) -> Result<T, E> + Sync,
) -> Result<Analyzed<T>, E> {
    let grouped = studies::studies(&reading.objects);
    reading.refuse_mismatched(&grouped.mismatched);
    request.fits(&reading.objects)?;
    let studies: Vec<Study> = grouped.studies.iter().map(|study| reading.give(study)).collect();
    let pool = threads().map_err(AnalyzeError::Threads)?;
    let one = |study| request.one(study, &seen);
    let analyzed: Vec<_> = pool.install(|| studies.into_par_iter().map(one).collect::<Result<_, E>>())?;
    let mut all = Analyzed {
        analyses: Vec::with_capacity(analyzed.len()),
        sources: Vec::with_capacity(analyzed.len()),
        seen: Vec::with_capacity(analyzed.len()),
        refused: reading.refused,
    };
    for (analysis, sources, seen) in analyzed {
        all.analyses.push(analysis);
        all.sources.push(sources);
        all.seen.push(seen);
    }
    report::mark_duplicates(&mut all.analyses);
    report::mark_area_changes(&mut all.analyses);
    Ok(all)
}

impl Request<'_> {
    fn fits(&self, objects: &[ReadObject]) -> Result<(), AnalyzeError> {
        let people: BTreeSet<_> = objects.iter().map(|object| &object.header.person.id).collect();
        if self.context.is_some() && people.len() > 1 {
            return Err(AnalyzeError::SeveralPeople(people.len()));
        }
        for (at, said) in self.corrections.iter().enumerate() {
            if objects.iter().all(|object| object.header.identity.study != said.study_instance_uid) {
                let uid = said.study_instance_uid.as_deref().unwrap_or("null").to_owned();
                return Err(AnalyzeError::UnknownStudy { at, uid });
            }
        }
        Ok(())
    }

    /// Analyzes one study, whose objects are let go of when it is done.
    fn one<T, E: From<AnalyzeError>>(
        &self,
        study: Study,
        seen: &impl Fn(&Analysis, Source<'_>) -> Result<T, E>,
    ) -> Result<(Analysis, Sources, T), E> {
        let sources = Sources::of(&study.objects);
        let source = |object: usize| study.origins[object].bytes();
        let uid = study.objects.first().and_then(|object| object.header.identity.study.clone());
        let said = self.corrections.iter().find(|said| said.study_instance_uid == uid);
        let corrections = said.map(|said| said.corrections.clone()).unwrap_or_default();
        let told = Told { context: self.context.cloned().unwrap_or_default(), corrections };
        let analysis = pipeline::analyze(study.objects, &source, &told, self.protocol);
        corrections::check(&told.corrections, &analysis).map_err(AnalyzeError::Corrections)?;
        let seen = seen(&analysis, &source)?;
        Ok((analysis, sources, seen))
    }
}
