//! One study analyzed, and every document made of it: a pure function of its objects and of what is told beside them.

use std::collections::BTreeMap;
use std::io;

use dxa_core::corrections::Corrections;
use dxa_core::decode::object::ReadObject;
use dxa_core::decode::studies;
use dxa_core::findings::{Finding, Severity};
use dxa_core::guard::{self, Leniency, Limits};
use dxa_core::pipeline::{self, Told};
use dxa_core::protocol::Protocol;
use dxa_core::reference::{Library, Profile};
use dxa_core::report::{self, Analysis};
use dxa_exchange::corrections::StudyCorrections;
use dxa_exchange::hl7::SenderResult;
use dxa_exchange::issue::{OrderNumbers, Sources};
use dxa_exchange::json::{self, Run};
use dxa_exchange::record::Study;
use dxa_exchange::view::trend::Visit;
use dxa_exchange::{context, corrections, sc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Making, documents};

/// What is told beside the objects.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Study Instance UID.
    pub study: String,
    /// Profile of rules and tables.
    pub profile: String,
    /// `option`, `config` or `default`.
    pub profile_source: String,
    /// A context file, where somebody gave one.
    pub context: Option<Value>,
    /// What is to be said beside what the objects give.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// A corrections file, where somebody corrected something.
    pub corrections: Option<Value>,
    /// The version that the result will have.
    pub version: i64,
    /// `preliminary`, `final` or `amended`.
    pub state: String,
    /// SOP Instance UID of the structured report of the version before.
    pub predecessor: Option<String>,
    /// What scanners told in messages, by Study Instance UID.
    #[serde(default)]
    pub reported: BTreeMap<String, Vec<SenderResult>>,
    /// The orders that the study was made for.
    #[serde(default)]
    pub orders: Vec<OrderNumbers>,
    /// How documents are made.
    #[serde(default)]
    pub making: Making,
    /// Results of earlier visits, for the curves of a printed report.
    #[serde(default)]
    pub visits: Vec<Value>,
    /// How many of the objects, the last ones, are of earlier studies of the patient, to be compared with.
    pub earlier: usize,
}

/// A finding that does not come from the objects: it asks a person to look.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// `context_conflict`, `order_mismatch` or `study_incomplete`.
    pub code: String,
    /// A sentence that names nobody.
    pub message: String,
}

impl Note {
    fn finding(&self) -> Option<Finding> {
        let codes = ["context_conflict", "order_mismatch", "study_incomplete"];
        let code = codes.into_iter().find(|code| *code == self.code)?;
        Some(Finding::new(code, Severity::Review, self.message.clone()))
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// One element of `studies` of `dxa.analysis/1`.
    pub study: Value,
    /// Documents made of it.
    pub documents: Vec<Encoded>,
}

/// One document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encoded {
    /// `sr`, `sc`, `pdf`, …
    pub kind: String,
    /// Which, where there are several of a kind.
    pub number: i64,
    /// `en` or `zh-CN`.
    pub language: String,
    /// Media type.
    pub media_type: String,
    /// SOP Class UID of a DICOM object.
    pub sop_class: Option<String>,
    /// SOP Instance UID of a DICOM object.
    pub uid: Option<String>,
    /// Its bytes.
    #[serde(skip)]
    pub body: Vec<u8>,
}

/// Why there is no result. The sentences are shown to users and name no patient.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanalyzed {
    /// None of the objects can be read as part of a study.
    #[error("none of the objects of this study can be read")]
    NothingReadable,
    /// The contract's `patient_mismatch`.
    #[error("the same Study Instance UID occurs under two Patient IDs; nothing of it is analyzed")]
    PatientMismatch,
    /// A profile, context or corrections that do not fit.
    #[error("{0}")]
    Told(String),
}

/// The digest of everything that changes a number beside the objects.
///
/// # Errors
/// A profile that does not exist.
pub fn protocol_sha256(profile: &str) -> Result<String, Unanalyzed> {
    let profile = named(profile)?;
    Ok(Protocol::new(profile, Library::bundled()).sha256().to_owned())
}

/// Analyzes one study. The objects are whole DICOM files, in the order of the index.
///
/// # Errors
/// [`Unanalyzed`].
pub fn run(task: &Task, objects: &[Vec<u8>]) -> Result<Outcome, Unanalyzed> {
    let protocol = Protocol::new(named(&task.profile)?, Library::bundled());
    let (own, earlier) = objects.split_at(objects.len().saturating_sub(task.earlier));
    let Read { read, places } = read(own);
    let grouped = studies::studies(&read);
    if !grouped.mismatched.is_empty() {
        return Err(Unanalyzed::PatientMismatch);
    }
    let first = grouped.studies.first().filter(|first| !first.is_empty());
    let (objects_of_it, places) = Read { read, places }.take(first.ok_or(Unanalyzed::NothingReadable)?);
    let sources = Sources { orders: task.orders.clone(), ..Sources::of(&objects_of_it) };
    let source = |object: usize| of_place(own, places.get(object));
    let objects_of_it = with_messages(objects_of_it, &task.reported);
    let said = said(task)?;
    let told = told(task, &said)?;
    let mut analysis = pipeline::analyze(objects_of_it, &source, &told, &protocol);
    analysis.findings.extend(task.notes.iter().filter_map(Note::finding));
    corrections::check(&told.corrections, &analysis)
        .map_err(|error| Unanalyzed::Told(format!("the corrections do not fit the study: {error}")))?;
    let run = Run { profile_source: &task.profile_source, precision: &[] };
    let mut document = Vec::new();
    let mut analyses = vec![analysis];
    analyses.extend(earlier_studies(earlier, task, &said, &protocol));
    report::mark_area_changes(&mut analyses);
    json::write_study(&mut document, &analyses[0], &analyses, &run)
        .map_err(|error| Unanalyzed::Told(error.to_string()))?;
    let mut document: Value =
        serde_json::from_slice(&document).map_err(|error| Unanalyzed::Told(error.to_string()))?;
    let study = document.pointer_mut("/studies/0").map(Value::take).unwrap_or_default();
    let standing = documents::draft(task.version, task.predecessor.as_deref());
    let pictures = (0..analyses[0].scans.len()).filter_map(|scan| {
        // A scan without an image to draw has no picture; its refusal is in the result.
        Some(documents::picture(scan, sc::encode(&analyses[0], scan, &source)?))
    });
    let pictures = pictures.collect();
    let visit =
        |visit: &Value| Study::deserialize(visit).ok().map(|study: Study| Visit { study: study.into() });
    let visits: Vec<Visit> = task.visits.iter().filter_map(visit).collect();
    let documents = documents::of(&study, task.version, &sources, &standing, pictures, &visits, &task.making);
    Ok(Outcome { study, documents })
}

/// Objects that make part of a study, and where each lies among those that were given.
struct Read {
    read: Vec<ReadObject>,
    places: Vec<usize>,
}

/// What makes no part of a study is kept and not analyzed.
fn read(objects: &[Vec<u8>]) -> Read {
    let object = |bytes: &Vec<u8>| {
        let total = bytes.len() as u64;
        pipeline::read(bytes.as_slice(), total, Leniency::Strict, &Limits::DEFAULT).ok()?.ok()
    };
    let read = objects.iter().enumerate().filter_map(|(place, bytes)| Some((place, object(bytes)?)));
    let (places, read) = read.unzip();
    Read { read, places }
}

impl Read {
    /// The objects of one study, with their places.
    fn take(mut self, indices: &[usize]) -> (Vec<ReadObject>, Vec<usize>) {
        let taken = indices.iter().map(|index| (std::mem::take(&mut self.read[*index]), self.places[*index]));
        taken.unzip()
    }
}

/// The bytes of an object; what came in a message has none.
fn of_place(objects: &[Vec<u8>], place: Option<&usize>) -> io::Result<Vec<u8>> {
    let bytes = place.and_then(|place| objects.get(*place)).cloned();
    bytes.ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// The objects of a study, and behind them what scanners told of it in messages.
fn with_messages(
    mut objects: Vec<ReadObject>,
    reported: &BTreeMap<String, Vec<SenderResult>>,
) -> Vec<ReadObject> {
    let Some(first) = objects.first().map(|object| object.header.clone()) else { return objects };
    let told = first.identity.study.as_ref().and_then(|study| reported.get(study));
    objects.extend(told.into_iter().flatten().map(|sender| sender.object(&first)));
    objects
}

/// Earlier studies as they would be analyzed by themselves; one that cannot be is none to compare with.
fn earlier_studies(
    objects: &[Vec<u8>],
    task: &Task,
    said: &[StudyCorrections],
    protocol: &Protocol<'_>,
) -> Vec<Analysis> {
    let Read { mut read, places } = self::read(objects);
    let grouped = studies::studies(&read);
    let analyzed = grouped.studies.iter().filter(|study| !study.is_empty()).map(|study| {
        let own: Vec<_> = study.iter().map(|index| std::mem::take(&mut read[*index])).collect();
        let place = |object: usize| places.get(*study.get(object)?);
        let source = |object: usize| of_place(objects, place(object));
        let own = with_messages(own, &task.reported);
        let uid = own.first().and_then(|object| object.header.identity.study.as_deref());
        let told = Told { corrections: of_study(said, uid), ..Told::default() };
        pipeline::analyze(own, &source, &told, protocol)
    });
    analyzed.collect()
}

/// Stack that whoever calls [`run`] gives it.
pub const STACK_BYTES: usize = guard::STACK_BYTES;

fn named(profile: &str) -> Result<&'static Profile, Unanalyzed> {
    Profile::named(profile).map_err(|error| Unanalyzed::Told(error.to_string()))
}

/// Corrections of the study and of the earlier ones.
fn said(task: &Task) -> Result<Vec<StudyCorrections>, Unanalyzed> {
    let Some(said) = &task.corrections else { return Ok(Vec::new()) };
    corrections::read(said.to_string().as_bytes())
        .map_err(|error| Unanalyzed::Told(format!("the corrections are refused: {error}")))
}

fn of_study(said: &[StudyCorrections], uid: Option<&str>) -> Corrections {
    let own = said.iter().find(|study| study.study_instance_uid.as_deref() == uid);
    own.map(|study| study.corrections.clone()).unwrap_or_default()
}

fn told(task: &Task, said: &[StudyCorrections]) -> Result<Told, Unanalyzed> {
    let mut told = Told { corrections: of_study(said, Some(&task.study)), ..Told::default() };
    if let Some(said) = &task.context {
        told.context = context::read(said.to_string().as_bytes())
            .map_err(|error| Unanalyzed::Told(format!("the context of the patient is refused: {error}")))?;
    }
    Ok(told)
}
