//! Studies of a service that speaks DICOMweb: found by QIDO-RS, fetched by WADO-RS, one object at a time.

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;

use super::{ArchiveError, Listed};
use crate::deliver::{answer_json, web_client};
use crate::http::{Multipart, Piece, boundary};

/// A service and which of its studies are wanted.
#[derive(Debug)]
pub struct Web {
    client: reqwest::Client,
    base: String,
    query: String,
    authorization: Option<String>,
}

/// Entries that are asked for at a time.
const PAGE: usize = 200;
/// Bytes of one object at most; what is longer would be refused later.
const LONGEST: usize = 257 << 20;

impl Web {
    pub(super) fn open(url: &str) -> Result<Self, ArchiveError> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let base = base.trim_end_matches('/').trim_end_matches("/studies").to_owned();
        let client = web_client().ok_or_else(|| wrong("no secure connection can be made on this machine"))?;
        let authorization = std::env::var("DXA_DICOMWEB_AUTHORIZATION").ok();
        Ok(Self { client, base, query: query.to_owned(), authorization })
    }

    pub(super) async fn list(&self, tell: &mut dyn FnMut(Listed)) -> Result<(), ArchiveError> {
        let mut from = 0;
        loop {
            let studies = self.page("studies", &self.query, from).await?;
            for study in studies.iter().filter_map(|study| text(study, "0020000D")) {
                self.study(&study, tell).await?;
            }
            if studies.len() < PAGE {
                return Ok(());
            }
            from += PAGE;
        }
    }

    async fn study(&self, study: &str, tell: &mut dyn FnMut(Listed)) -> Result<(), ArchiveError> {
        let mut from = 0;
        loop {
            let objects = self.page(&format!("studies/{study}/instances"), "", from).await?;
            for object in &objects {
                if let Some((series, instance)) = text(object, "0020000E").zip(text(object, "00080018")) {
                    let path = format!("studies/{study}/series/{series}/instances/{instance}");
                    tell(Listed { path, size: 0, changed: 0 });
                }
            }
            if objects.len() < PAGE {
                return Ok(());
            }
            from += PAGE;
        }
    }

    async fn page(&self, path: &str, query: &str, from: usize) -> Result<Vec<Value>, ArchiveError> {
        let join = if query.is_empty() { "" } else { "&" };
        let url = format!("{}/{path}?{query}{join}limit={PAGE}&offset={from}", self.base);
        let answer =
            self.request(&url, "application/dicom+json").send().await.map_err(|_| no_connection())?;
        match answer.status().as_u16() {
            204 => Ok(Vec::new()),
            200 => match answer_json(answer).await {
                Value::Array(rows) => Ok(rows),
                _ => Err(wrong("the archive did not answer a search with a list")),
            },
            status => Err(ArchiveError::Web(format!("the archive answered a search with HTTP {status}"))),
        }
    }

    fn request(&self, url: &str, accept: &str) -> reqwest::RequestBuilder {
        let request = self.client.get(url).header(ACCEPT, accept);
        match &self.authorization {
            Some(authorization) => request.header(AUTHORIZATION, authorization),
            None => request,
        }
    }

    /// The whole of one object.
    pub(super) async fn read(&self, path: &str) -> Result<Vec<u8>, ArchiveError> {
        let accept = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";
        let url = format!("{}/{path}", self.base);
        let mut answer = self.request(&url, accept).send().await.map_err(|_| no_connection())?;
        if !answer.status().is_success() {
            let status = answer.status().as_u16();
            return Err(ArchiveError::Web(format!("the archive answered a retrieval with HTTP {status}")));
        }
        let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let boundary = boundary(kind).ok_or_else(|| wrong("the archive did not answer with objects"))?;
        let mut reader = Multipart::new(&boundary).map_err(|error| ArchiveError::Web(error.to_string()))?;
        let mut object = Vec::new();
        loop {
            match reader.next().map_err(|error| ArchiveError::Web(error.to_string()))? {
                Piece::NeedMore => match answer.chunk().await.map_err(|_| no_connection())? {
                    Some(bytes) => reader.push(&bytes),
                    None => reader.finish(),
                },
                Piece::Part(_) => {}
                Piece::Data(bytes) if object.len() + bytes.len() > LONGEST => {
                    return Err(wrong("an object is larger than is taken"));
                }
                Piece::Data(bytes) => object.extend_from_slice(&bytes),
                Piece::PartEnd | Piece::End => return Ok(object),
            }
        }
    }
}

fn text(row: &Value, tag: &str) -> Option<String> {
    let value = row.get(tag)?.pointer("/Value/0")?.as_str()?.trim();
    // A UID is part of an address that is asked next.
    let plain = value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (plain && !value.is_empty()).then(|| value.to_owned())
}

fn wrong(what: &str) -> ArchiveError {
    ArchiveError::Web(what.to_owned())
}

fn no_connection() -> ArchiveError {
    wrong("the connection to the archive broke or never came")
}
