//! Earlier studies from an archive that answers QIDO-RS and WADO-RS.

use std::collections::HashSet;

use serde_json::Value;

use super::person::Person;
use crate::archive::dicomweb::DicomWeb;
use crate::config::{Config, WebArchive};
use crate::scu::FoundStudy;
use crate::store::{Incoming, Store, is_uid, now};
use crate::work::queue;

/// Finds and retrieves.
pub(super) async fn fetch(
    store: &Store,
    config: &Config,
    archive: &WebArchive,
    person: &Person,
    seen: &mut HashSet<String>,
) -> Result<(), String> {
    let authorization = archive.authorization.as_ref().map(|secret| secret.expose().to_owned());
    let service = DicomWeb::at(&archive.url, authorization)?;
    let found = find(&service, person).await?;
    for study in super::wanted(store, config, person, found, seen).await? {
        super::expect(store, &study, &person.study, &archive.name).await?;
        retrieve(&service, store, config, archive, &study).await?;
    }
    Ok(())
}

async fn find(service: &DicomWeb, person: &Person) -> Result<Vec<FoundStudy>, String> {
    let keys = [
        ("PatientID", person.id.as_str()),
        ("StudyDate", person.dates.as_str()),
        ("includefield", "00100021"),
        ("includefield", "00100030"),
        ("includefield", "00100040"),
        ("includefield", "00080061"),
    ];
    let keys = serde_urlencoded::to_string(keys).map_err(|error| error.to_string())?;
    let rows = service.search(&format!("/studies?{keys}")).await?;
    Ok(rows.iter().filter_map(found_study).collect())
}

fn found_study(row: &Value) -> Option<FoundStudy> {
    let text = |tag: &str| {
        let value = row.get(tag)?.pointer("/Value/0")?.as_str()?.trim().to_owned();
        Some(value).filter(|value| !value.is_empty())
    };
    let modalities = row.pointer("/00080061/Value").and_then(Value::as_array).cloned().unwrap_or_default();
    Some(FoundStudy {
        study: text("0020000D").filter(|uid| is_uid(uid))?,
        id: text("00100020")?,
        issuer: text("00100021"),
        birth_date: text("00100030"),
        sex: text("00100040"),
        date: text("00080020").unwrap_or_default(),
        modalities: modalities.iter().filter_map(|modality| Some(modality.as_str()?.to_owned())).collect(),
    })
}

/// Keeps every object of a study, one after the other as they come.
async fn retrieve(
    service: &DicomWeb,
    store: &Store,
    config: &Config,
    archive: &WebArchive,
    study: &str,
) -> Result<(), String> {
    let most = usize::try_from(config.dimse.object_bytes).unwrap_or(usize::MAX);
    let mut objects = service.objects(&format!("/studies/{study}"), most).await?;
    while let Some(bytes) = objects.next().await? {
        let incoming =
            Incoming { bytes, source: archive.name.clone(), announced: None, study: Some(study.to_owned()) };
        store.keep(incoming).await.map_err(|error| error.to_string())?;
    }
    let complete = [study.to_owned()];
    queue::complete(store.database(), &complete, now()).await.map_err(|error| error.to_string())
}
