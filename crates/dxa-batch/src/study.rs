//! One study: its files in, its record out. What the worker process does.

use std::io;
use std::sync::Mutex;

use dxa_core::decode::object::ReadObject;
use dxa_core::decode::studies;
use dxa_core::guard::{Leniency, Limits};
use dxa_core::pipeline::{self, Told};
use dxa_core::protocol::Protocol;
use dxa_exchange::json::{self, Run};
use dxa_exchange::{record, sentence};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::cohort::Cohort;
use crate::deidentify::Deidentifier;
use crate::identities::{Identities, hexadecimal};
use crate::record::{Record, order};
use dxa_exchange::tables::{Problem, Studied};

/// Which study, before anything of it is read but headers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// Study Instance UID.
    pub(crate) study: Option<String>,
    /// Patient ID.
    pub(crate) patient: Option<String>,
    /// Path of each file.
    pub(crate) paths: Vec<String>,
    /// Files that hold the same objects again.
    pub(crate) copies: u64,
    /// Digest of which files these are.
    pub(crate) objects: String,
    /// Identifiers that headers named.
    pub(crate) identifiers: Vec<String>,
}

/// What is the same for every study of a run.
pub(crate) struct Setting<'a> {
    /// Profile and tables.
    pub(crate) protocol: &'a Protocol<'a>,
    /// `option` or `default`.
    pub(crate) profile_source: &'a str,
    /// Who is hidden.
    pub(crate) identities: &'a Identities,
    /// Which studies are wanted.
    pub(crate) cohort: &'a Cohort,
}

/// Gives the bytes of a file of the study.
pub(crate) type Fetch<'a> = &'a (dyn Fn(usize) -> io::Result<Vec<u8>> + Sync);

/// Analyzes one study.
pub(crate) fn record(asked: &Asked, fetch: Fetch<'_>, setting: &Setting<'_>) -> Record {
    let files = Files { fetch, kept: Mutex::new(Vec::new()), left: Mutex::new(KEPT_BYTES) };
    let mut studied = Studied { copies: Some(asked.copies), ..Studied::default() };
    let first = asked.paths.first().map(String::as_str).unwrap_or_default();
    studied.key = setting.identities.study_key(asked.study.as_deref(), asked.patient.as_deref(), first);
    let read = read(asked, &files, &mut studied);
    studied.study = analysis(read, &files, setting, &mut studied.problems);
    let selected = studied.study.as_ref().map_or(!setting.cohort.asks(), |study| setting.cohort.has(study));
    let hidden = Deidentifier::new(setting.identities, asked, studied.study.as_ref());
    // What a file did not give today it may give tomorrow: the next run tries again.
    let objects = if studied.incomplete { String::new() } else { asked.objects.clone() };
    let record = Record { objects, ..Record::of(&studied) };
    let record = if selected { hidden.apply(record) } else { record.left_out() };
    let (study, patient) = hidden.shown(asked.study.as_deref(), asked.patient.as_deref());
    Record { order: order(study.as_deref(), patient.as_deref(), &setting.identities.path(first)), ..record }
}

/// The record of a study whose analysis did not come back.
///
/// Nothing tells which files it was made from, so that the next run tries again.
pub(crate) fn failed(asked: &Asked, code: &str, message: &str, identities: &Identities) -> Record {
    let first = asked.paths.first().cloned().unwrap_or_default();
    let key = identities.study_key(asked.study.as_deref(), asked.patient.as_deref(), &first);
    let problem = Problem { path: first.clone(), code: code.to_owned(), message: sentence(message) };
    let studied = Studied { key, problems: vec![problem], ..Studied::default() };
    let hidden = Deidentifier::new(identities, asked, None);
    let record = hidden.apply(Record::of(&studied));
    let (study, patient) = hidden.shown(asked.study.as_deref(), asked.patient.as_deref());
    Record { order: order(study.as_deref(), patient.as_deref(), &identities.path(&first)), ..record }
}

/// Files of a study; small ones are kept for the pixels, which are asked for later.
struct Files<'a> {
    fetch: Fetch<'a>,
    kept: Mutex<Vec<(usize, Vec<u8>)>>,
    left: Mutex<usize>,
}

/// What is kept of the files of one study at most.
const KEPT_BYTES: usize = 64 << 20;

impl Files<'_> {
    fn keep(&self, index: usize, bytes: Vec<u8>) {
        if let (Ok(mut left), Ok(mut kept)) = (self.left.lock(), self.kept.lock())
            && let Some(rest) = left.checked_sub(bytes.len())
        {
            *left = rest;
            kept.push((index, bytes));
        }
    }

    fn again(&self, index: usize) -> io::Result<Vec<u8>> {
        let kept = self.kept.lock().ok();
        let found =
            kept.and_then(|kept| kept.iter().find(|(at, _)| *at == index).map(|(_, bytes)| bytes.clone()));
        found.map_or_else(|| (self.fetch)(index), Ok)
    }
}

/// Objects of a study, and where each lies among its files.
type Read = (Vec<ReadObject>, Vec<usize>);

fn read(asked: &Asked, files: &Files<'_>, studied: &mut Studied) -> Read {
    let (mut objects, mut places) = (Vec::new(), Vec::new());
    let mut input = Sha256::new();
    for (index, path) in asked.paths.iter().enumerate() {
        let mut refuse = |code: &str, reason: &str| {
            let (path, code, message) = (path.clone(), code.to_owned(), sentence(reason));
            studied.problems.push(Problem { path, code, message });
        };
        let bytes = match (files.fetch)(index) {
            Ok(bytes) => bytes,
            Err(error) => {
                refuse("unreadable", &crate::source::not_given(&error));
                studied.incomplete = true;
                continue;
            }
        };
        input.update(Sha256::digest(&bytes));
        let read = pipeline::read(bytes.as_slice(), bytes.len() as u64, Leniency::Tolerant, &Limits::DEFAULT);
        match read {
            Ok(Ok(object)) => {
                objects.push(object);
                places.push(index);
                files.keep(index, bytes);
            }
            Ok(Err(error)) => refuse(error.code(), &error.to_string()),
            Err(error) => refuse("unreadable", &crate::source::not_given(&error)),
        }
    }
    studied.files = Some(objects.len() as u64);
    studied.input_sha256 = hexadecimal(&input.finalize());
    (objects, places)
}

fn analysis(
    (objects, places): Read,
    files: &Files<'_>,
    setting: &Setting<'_>,
    problems: &mut Vec<Problem>,
) -> Option<record::Study> {
    let grouped = studies::studies(&objects);
    if objects.is_empty() || grouped.studies.len() != 1 {
        if !objects.is_empty() {
            problems.push(changed());
        }
        return None;
    }
    let source = |object: usize| files.again(places[object]);
    let analysis = pipeline::analyze(objects, &source, &Told::default(), setting.protocol);
    let run = Run { profile_source: setting.profile_source, precision: &[] };
    let mut document = Vec::new();
    let written = json::write_study(&mut document, &analysis, std::slice::from_ref(&analysis), &run);
    written.ok()?;
    record::read(&document).ok()?.into_iter().next()
}

/// The files say something else than they did when the inventory was taken.
fn changed() -> Problem {
    Problem {
        path: String::new(),
        code: "unreadable".to_owned(),
        message: "The files of this study were changed while the run went on; run it again.".to_owned(),
    }
}
