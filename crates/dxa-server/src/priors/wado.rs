//! Earlier studies from an archive that answers QIDO-RS and WADO-RS.

use std::collections::HashSet;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;

use super::person::Person;
use crate::config::{Config, WebArchive};
use crate::deliver::{answer_json, web_client};
use crate::http::{Multipart, Piece, boundary};
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
    let web = web_client().ok_or("no secure connection can be made on this machine")?;
    let found = find(&web, archive, person).await?;
    for study in super::wanted(store, config, person, found, seen).await? {
        super::expect(store, &study, &person.study, &archive.name).await?;
        retrieve(&web, store, config, archive, &study).await?;
    }
    Ok(())
}

fn request(web: &reqwest::Client, archive: &WebArchive, path: &str, accept: &str) -> reqwest::RequestBuilder {
    let request = web.get(format!("{}{path}", archive.url.trim_end_matches('/'))).header(ACCEPT, accept);
    match &archive.authorization {
        Some(authorization) => request.header(AUTHORIZATION, authorization.expose()),
        None => request,
    }
}

async fn find(
    web: &reqwest::Client,
    archive: &WebArchive,
    person: &Person,
) -> Result<Vec<FoundStudy>, String> {
    let keys = [
        ("PatientID", person.id.as_str()),
        ("StudyDate", person.dates.as_str()),
        ("includefield", "00100021"),
        ("includefield", "00100030"),
        ("includefield", "00100040"),
        ("includefield", "00080061"),
    ];
    let keys = serde_urlencoded::to_string(keys).map_err(|error| error.to_string())?;
    let request = request(web, archive, &format!("/studies?{keys}"), "application/dicom+json");
    let answer = request.send().await.map_err(|_| "no connection".to_owned())?;
    match answer.status().as_u16() {
        204 => Ok(Vec::new()),
        200 => match answer_json(answer).await {
            Value::Array(rows) => Ok(rows.iter().filter_map(found_study).collect()),
            _ => Err("the archive did not answer with a list of studies".to_owned()),
        },
        status => Err(format!("the archive answered a search with HTTP {status}")),
    }
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
    web: &reqwest::Client,
    store: &Store,
    config: &Config,
    archive: &WebArchive,
    study: &str,
) -> Result<(), String> {
    let accept = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";
    let mut answer = request(web, archive, &format!("/studies/{study}"), accept)
        .send()
        .await
        .map_err(|_| "no connection".to_owned())?;
    if !answer.status().is_success() {
        return Err(format!("the archive answered a retrieval with HTTP {}", answer.status().as_u16()));
    }
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let boundary = boundary(kind).ok_or("the archive did not answer with objects")?;
    let mut reader = Multipart::new(&boundary).map_err(|error| error.to_string())?;
    let most = usize::try_from(config.dimse.object_bytes).unwrap_or(usize::MAX);
    let mut object = Vec::new();
    loop {
        match reader.next().map_err(|error| error.to_string())? {
            Piece::NeedMore => match answer.chunk().await.map_err(|_| "the connection broke".to_owned())? {
                Some(bytes) => reader.push(&bytes),
                None => reader.finish(),
            },
            Piece::Part(_) => {}
            Piece::Data(bytes) if object.len() + bytes.len() > most => {
                return Err("an object is larger than is taken".to_owned());
            }
            Piece::Data(bytes) => object.extend_from_slice(&bytes),
            Piece::PartEnd => {
                let incoming = Incoming {
                    bytes: std::mem::take(&mut object),
                    source: archive.name.clone(),
                    announced: None,
                    study: Some(study.to_owned()),
                };
                store.keep(incoming).await.map_err(|error| error.to_string())?;
            }
            Piece::End => break,
        }
    }
    let complete = [study.to_owned()];
    queue::complete(store.database(), &complete, now()).await.map_err(|error| error.to_string())
}
