//! Everything an analysis takes: objects, context, corrections, and the digest over all of it.

use std::collections::BTreeMap;

use dxa_core::decode::form;
use dxa_core::guard::{self, Input, Leniency, Limits};
use dxa_exchange::context::{Conflict, Together};
use dxa_exchange::hl7::{self, SenderResult};
use dxa_exchange::text::Language;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::analysis::{Note, Task};
use super::{corrected, earlier};
use crate::config::{self, Config};
use crate::store::{
    ContextEntry, Correction, Error, ReportedRow, ResultRow, ResultState, Store, hexadecimal,
};
use crate::{ingest, store};

/// A study ready to be analyzed.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) task: Task,
    pub(super) objects: Vec<Vec<u8>>,
    /// SHA-256 over the digests of the objects and what is told beside them.
    pub(super) inputs_sha256: String,
    /// The newest version there is, 0 without one.
    pub(super) newest: i64,
    /// The newest result was made from the same inputs.
    pub(super) same_inputs: bool,
    /// Protocol of the newest result.
    pub(super) protocol_sha256: Option<String>,
    /// Its objects name two patients.
    pub(super) patient_mismatch: bool,
    /// Why there is something new to analyze, and whose doing it is.
    pub(super) cause: Cause,
}

/// What led to an analysis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cause {
    /// `new_study`, `correction`, `context`, `message`, `earlier_study` or `late_objects`.
    pub(super) reason: &'static str,
    /// The account, `dxa` where it was nobody's decision.
    pub(super) author: String,
}

/// Reads everything that is known of a study now.
pub(super) async fn gather(store: &Store, config: &Config, study: &str) -> Result<Gathered, Error> {
    let row = store.study(study).await?;
    let newest = match store.result(study, None).await {
        Ok(result) => Some(result),
        Err(Error::NotFound(_)) => None,
        Err(error) => return Err(error),
    };
    ingest::take_waiting(store, &row.patient, study).await?;
    let mut entries = store.contexts(&row.patient).await?;
    let together = store::together(&entries);
    let notes = notes(store, study, &together).await?;
    let told = entries.pop();
    let context = told.is_some().then_some(Value::Object(together.facts));
    let said = store.corrections(study).await?;
    let mut corrected: Vec<Value> = corrected::together(study, &said).into_iter().collect();
    let messages = store.reported(study).await?;
    let cause = cause(newest.as_ref(), row.arrived_at, &said, (told.as_ref(), messages.last()));
    let mut reported = BTreeMap::new();
    tell(&mut reported, &config.hl7, study, messages);
    let mut hash = Sha256::new();
    let mut objects = read(store, study, &mut hash).await?;
    let own = objects.len();
    for earlier in earlier::of(store, study).await? {
        objects.extend(read(store, &earlier, &mut hash).await?);
        corrected.extend(corrected::together(&earlier, &store.corrections(&earlier).await?));
        tell(&mut reported, &config.hl7, &earlier, store.reported(&earlier).await?);
    }
    let corrections = (!corrected.is_empty()).then(|| json!({ "studies": corrected }));
    hash.update(context.as_ref().map(Value::to_string).unwrap_or_default());
    hash.update(corrections.as_ref().map(Value::to_string).unwrap_or_default());
    notes.iter().for_each(|note| hash.update(&note.message));
    if !reported.is_empty() {
        hash.update(json!(reported).to_string());
    }
    let orders = store.orders_of(study).await?;
    if !orders.is_empty() {
        hash.update(json!(orders).to_string());
    }
    let making = config.making();
    let visits = if making.printing.is_some() { earlier::results(store, study).await? } else { Vec::new() };
    let profile = &config.study.profile;
    hash.update(profile);
    let inputs_sha256 = hexadecimal(&hash.finalize());
    let is_default = *profile == config::Study::default().profile;
    Ok(Gathered {
        task: Task {
            study: study.to_owned(),
            profile: profile.clone(),
            profile_source: if is_default { "default" } else { "config" }.to_owned(),
            context,
            notes,
            corrections,
            version: row.version + 1,
            state: ResultState::Preliminary.code().to_owned(),
            predecessor: predecessor(store, study, row.version).await?,
            reported,
            orders,
            making,
            visits: visits.iter().filter_map(|visit| serde_json::from_str(visit).ok()).collect(),
            earlier: objects.len() - own,
        },
        objects,
        same_inputs: newest.as_ref().is_some_and(|result| result.inputs_sha256 == inputs_sha256),
        protocol_sha256: newest.map(|result| result.protocol_sha256),
        inputs_sha256,
        newest: row.version,
        patient_mismatch: row.patient_mismatch,
        cause,
    })
}

/// Adds what scanners told of a study.
fn tell(
    reported: &mut BTreeMap<String, Vec<SenderResult>>,
    config: &config::Hl7,
    study: &str,
    messages: Vec<ReportedRow>,
) {
    let told = messages.into_iter().map(|row| {
        let measured = row.result.measured.into_iter().map(|measured| measured.by(&config.results));
        (row.sender, measured.collect())
    });
    let mut senders = hl7::together(told);
    for sender in &mut senders {
        if let Some(scanner) = config.scanners.iter().find(|scanner| scanner.sender == sender.sender) {
            sender.manufacturer = Some(scanner.manufacturer.clone());
            sender.model.clone_from(&scanner.model);
        }
    }
    if !senders.is_empty() {
        reported.insert(study.to_owned(), senders);
    }
}

/// What is to be said of a study beside what its objects give.
async fn notes(store: &Store, study: &str, together: &Together) -> Result<Vec<Note>, Error> {
    let mut notes = Vec::new();
    if !together.conflicts.is_empty() {
        // A finding belongs to the patient as the result does; it is written to no log.
        let of = |conflict: &Conflict| {
            let said = conflict.values.iter().map(|said| said.in_words(&conflict.key, Language::English));
            format!("{}: {}", conflict.key, said.collect::<Vec<_>>().join(", "))
        };
        let all: Vec<String> = together.conflicts.iter().map(of).collect();
        let message =
            format!("Sources tell different values, and the newest of each is used. {}.", all.join("; "));
        notes.push(Note { code: "context_conflict".to_owned(), message });
    }
    if store.contradicts_order(study).await? {
        let message = "The order with this accession number is of another patient number.".to_owned();
        notes.push(Note { code: "order_mismatch".to_owned(), message });
    }
    if store::is_met(store.database(), study).await? == Some(false) {
        let message = "Objects that are expected of this study are not here.".to_owned();
        notes.push(Note { code: "study_incomplete".to_owned(), message });
    }
    Ok(notes)
}

/// The objects of a study that can be read, in the order of the index.
async fn read(store: &Store, study: &str, hash: &mut Sha256) -> Result<Vec<Vec<u8>>, Error> {
    let mut objects = Vec::new();
    for instance in store.instances_of(study).await? {
        match store.read(&instance).await {
            // A result of ours that an archive sends back is no part of what it is a result of.
            Ok(bytes) if is_ours(&bytes) => {}
            Ok(bytes) => {
                hash.update(&instance.uid);
                hash.update(&instance.digest);
                objects.push(bytes);
            }
            // Damaged bytes are marked and never analyzed; the rest of the study is.
            Err(Error::Damaged) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(objects)
}

fn cause(
    newest: Option<&ResultRow>,
    arrived_at: i64,
    said: &[Correction],
    (told, message): (Option<&ContextEntry>, Option<&ReportedRow>),
) -> Cause {
    let of = |reason, author: &str| Cause { reason, author: author.to_owned() };
    let Some(newest) = newest else { return of("new_study", PROGRAM) };
    // Whoever corrected saw the newest version, because a change names the version that it is of.
    if let Some(correction) = said.last().filter(|last| last.base_version >= newest.version) {
        return of("correction", &correction.author);
    }
    if let Some(message) = message.filter(|message| message.updated_at > newest.created_at) {
        return of("message", &ingest::author(&message.sender));
    }
    match told.filter(|entry| entry.created_at > newest.created_at) {
        Some(entry) => of("context", &entry.author),
        None if arrived_at <= newest.created_at => of("earlier_study", PROGRAM),
        None => of("late_objects", PROGRAM),
    }
}

/// Author of what the program makes by itself.
const PROGRAM: &str = "dxa";

async fn predecessor(store: &Store, study: &str, version: i64) -> Result<Option<String>, Error> {
    let before = store.document(study, version, "sr", 0, "en").await?;
    Ok(before.and_then(|document| document.uid))
}

/// Whether this software wrote an object.
fn is_ours(bytes: &[u8]) -> bool {
    let object = guard::open(Input::whole(bytes), Leniency::Strict, &Limits::DEFAULT);
    let maker = object.ok().and_then(|object| {
        let element = object.root().get(dicom_dictionary_std::tags::MANUFACTURER)?;
        Some(element.text_bytes() == form::OURS.as_bytes())
    });
    maker.unwrap_or(false)
}
