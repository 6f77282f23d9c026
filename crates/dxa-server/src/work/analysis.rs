//! One study analyzed, and every document made of it: a pure function of its objects and of what is told beside them.

use dxa_core::decode::studies;
use dxa_core::guard::{self, Leniency, Limits};
use dxa_core::pipeline::{self, Told};
use dxa_core::protocol::Protocol;
use dxa_core::reference::{Library, Profile};
use dxa_exchange::issue::Sources;
use dxa_exchange::json::{self, Run};
use dxa_exchange::{context, corrections, sc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::documents;

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
    /// A corrections file, where somebody corrected something.
    pub corrections: Option<Value>,
    /// The version that the result will have.
    pub version: i64,
    /// `preliminary`, `final` or `amended`.
    pub state: String,
    /// SOP Instance UID of the structured report of the version before.
    pub predecessor: Option<String>,
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
    let mut read = Vec::new();
    let mut places = Vec::new();
    for (place, bytes) in objects.iter().enumerate() {
        let total = bytes.len() as u64;
        // What makes no part of a study is kept and not analyzed.
        if let Ok(Ok(object)) = pipeline::read(bytes.as_slice(), total, Leniency::Strict, &Limits::DEFAULT) {
            read.push(object);
            places.push(place);
        }
    }
    let grouped = studies::studies(&read);
    if !grouped.mismatched.is_empty() {
        return Err(Unanalyzed::PatientMismatch);
    }
    let own = grouped.studies.first().filter(|own| !own.is_empty()).ok_or(Unanalyzed::NothingReadable)?;
    let places: Vec<usize> = own.iter().map(|index| places[*index]).collect();
    let own: Vec<_> = own.iter().map(|index| std::mem::take(&mut read[*index])).collect();
    let sources = Sources::of(&own);
    let source = |object: usize| Ok(objects[places[object]].clone());
    let told = told(task)?;
    let analysis = pipeline::analyze(own, &source, &told, &protocol);
    corrections::check(&told.corrections, &analysis)
        .map_err(|error| Unanalyzed::Told(format!("the corrections do not fit the study: {error}")))?;
    let run = Run { profile_source: &task.profile_source, precision: &[] };
    let mut document = Vec::new();
    let analyses = [analysis];
    json::write_study(&mut document, &analyses[0], &analyses, &run)
        .map_err(|error| Unanalyzed::Told(error.to_string()))?;
    let mut document: Value =
        serde_json::from_slice(&document).map_err(|error| Unanalyzed::Told(error.to_string()))?;
    let study = document.pointer_mut("/studies/0").map(Value::take).unwrap_or_default();
    let standing = documents::draft(task.version, task.predecessor.as_deref());
    let mut made = documents::of(&study, task.version, &sources, &standing);
    let pictures = (0..analyses[0].scans.len()).filter_map(|scan| {
        // A scan without an image to draw has no picture; its refusal is in the result.
        Some(documents::picture(scan, sc::encode(&analyses[0], scan, &source)?))
    });
    made.extend(pictures);
    Ok(Outcome { study, documents: made })
}

/// Stack that whoever calls [`run`] gives it.
pub const STACK_BYTES: usize = guard::STACK_BYTES;

fn named(profile: &str) -> Result<&'static Profile, Unanalyzed> {
    Profile::bundled(profile).ok_or_else(|| Unanalyzed::Told(format!("there is no profile `{profile}`")))
}

fn told(task: &Task) -> Result<Told, Unanalyzed> {
    let mut told = Told::default();
    if let Some(said) = &task.context {
        told.context = context::read(said.to_string().as_bytes())
            .map_err(|error| Unanalyzed::Told(format!("the context of the patient is refused: {error}")))?;
    }
    if let Some(said) = &task.corrections {
        let read = corrections::read(said.to_string().as_bytes())
            .map_err(|error| Unanalyzed::Told(format!("the corrections are refused: {error}")))?;
        let own =
            read.into_iter().find(|study| study.study_instance_uid.as_deref() == Some(task.study.as_str()));
        told.corrections = own.map(|study| study.corrections).unwrap_or_default();
    }
    Ok(told)
}
