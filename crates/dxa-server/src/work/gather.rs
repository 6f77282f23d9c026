//! Everything an analysis takes: objects, context, corrections, and the digest over all of it.

use dxa_core::decode::form;
use dxa_core::guard::{self, Input, Leniency, Limits};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::analysis::Task;
use crate::config;
use crate::store::{Error, ResultState, Store, hexadecimal};

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
}

/// Reads everything that is known of a study now.
pub(super) async fn gather(store: &Store, config: &config::Study, study: &str) -> Result<Gathered, Error> {
    let row = store.study(study).await?;
    let newest = match store.result(study, None).await {
        Ok(result) => Some(result),
        Err(Error::NotFound(_)) => None,
        Err(error) => return Err(error),
    };
    let context = store.contexts(&row.patient).await?.pop();
    let context: Option<Value> = context.and_then(|entry| serde_json::from_str(&entry.body).ok());
    let corrections = corrections(store, study).await?;
    let mut hash = Sha256::new();
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
    hash.update(context.as_ref().map(Value::to_string).unwrap_or_default());
    hash.update(corrections.as_ref().map(Value::to_string).unwrap_or_default());
    hash.update(&config.profile);
    let inputs_sha256 = hexadecimal(&hash.finalize());
    let is_default = config.profile == config::Study::default().profile;
    Ok(Gathered {
        task: Task {
            study: study.to_owned(),
            profile: config.profile.clone(),
            profile_source: if is_default { "default" } else { "config" }.to_owned(),
            context,
            corrections,
            version: row.version + 1,
            state: ResultState::Preliminary.code().to_owned(),
            predecessor: predecessor(store, study, row.version).await?,
        },
        objects,
        same_inputs: newest.as_ref().is_some_and(|result| result.inputs_sha256 == inputs_sha256),
        protocol_sha256: newest.map(|result| result.protocol_sha256),
        inputs_sha256,
        newest: row.version,
        patient_mismatch: row.patient_mismatch,
    })
}

/// All corrections as one file; of two about the same part, the later holds.
///
/// The first word of a target is the array of the analysis that its body is an element of.
async fn corrections(store: &Store, study: &str) -> Result<Option<Value>, Error> {
    let all = store.corrections(study).await?;
    let mut newest: Vec<(&str, &str)> = Vec::new();
    for correction in &all {
        newest.retain(|(target, _)| *target != correction.target);
        newest.push((&correction.target, &correction.body));
    }
    if newest.is_empty() {
        return Ok(None);
    }
    let mut said = Map::new();
    said.insert("study".to_owned(), json!({ "instance_uid": study }));
    for (target, body) in newest {
        let array = target.split('/').next().unwrap_or_default().to_owned();
        let Ok(body) = serde_json::from_str::<Value>(body) else { continue };
        if let Value::Array(elements) = said.entry(array).or_insert_with(|| Value::Array(Vec::new())) {
            elements.push(body);
        }
    }
    Ok(Some(json!({ "studies": [said] })))
}

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
