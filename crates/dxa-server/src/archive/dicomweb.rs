//! What is asked of a service that speaks DICOMweb: by batches, and for earlier studies.

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;

use crate::deliver::{answer_json, web_client};
use crate::http::{Multipart, Piece, boundary};

/// A service. Its sentences of what went wrong name no patient.
#[derive(Debug)]
pub(crate) struct DicomWeb {
    client: reqwest::Client,
    base: String,
    authorization: Option<String>,
}

impl DicomWeb {
    /// A service at an address.
    ///
    /// # Errors
    /// A machine without what secure connections need.
    pub(crate) fn at(base: &str, authorization: Option<String>) -> Result<Self, String> {
        let client = web_client(None).map_err(|_| "no secure connection can be made on this machine")?;
        Ok(Self { client, base: base.trim_end_matches('/').to_owned(), authorization })
    }

    async fn get(&self, path: &str, accept: &str) -> Result<reqwest::Response, String> {
        let request = self.client.get(format!("{}{path}", self.base)).header(ACCEPT, accept);
        let request = match &self.authorization {
            Some(authorization) => request.header(AUTHORIZATION, authorization),
            None => request,
        };
        request.send().await.map_err(|_| "no connection".to_owned())
    }

    /// The rows of a search, QIDO-RS.
    ///
    /// # Errors
    /// No connection, or another answer than a list.
    pub(crate) async fn search(&self, path: &str) -> Result<Vec<Value>, String> {
        let answer = self.get(path, "application/dicom+json").await?;
        match answer.status().as_u16() {
            204 => Ok(Vec::new()),
            200 => match answer_json(answer).await {
                Value::Array(rows) => Ok(rows),
                _ => Err("the archive did not answer a search with a list".to_owned()),
            },
            status => Err(format!("the archive answered a search with HTTP {status}")),
        }
    }

    /// The objects below a path, WADO-RS, none of them longer than `most` bytes.
    ///
    /// # Errors
    /// No connection, or another answer than objects.
    pub(crate) async fn objects(&self, path: &str, most: usize) -> Result<Objects, String> {
        let answer =
            self.get(path, "multipart/related; type=\"application/dicom\"; transfer-syntax=*").await?;
        if !answer.status().is_success() {
            return Err(format!("the archive answered a retrieval with HTTP {}", answer.status().as_u16()));
        }
        let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let boundary = boundary(kind.unwrap_or_default()).ok_or("the archive did not answer with objects")?;
        let reader = Multipart::new(&boundary).map_err(|error| error.to_string())?;
        Ok(Objects { answer, reader, most })
    }
}

/// Objects as they come.
pub(crate) struct Objects {
    answer: reqwest::Response,
    reader: Multipart,
    most: usize,
}

impl Objects {
    /// The next object; none after the last.
    ///
    /// # Errors
    /// A connection that broke, an answer that is not whole, an object that is too long.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>, String> {
        let mut object = Vec::new();
        loop {
            match self.reader.next().map_err(|error| error.to_string())? {
                Piece::NeedMore => {
                    match self.answer.chunk().await.map_err(|_| "the connection broke".to_owned())? {
                        Some(bytes) => self.reader.push(bytes),
                        None => self.reader.finish(),
                    }
                }
                Piece::Part(_) => {}
                Piece::Data(bytes) if object.len() + bytes.len() > self.most => {
                    return Err("an object is larger than is taken".to_owned());
                }
                Piece::Data(bytes) => object.extend_from_slice(&bytes),
                Piece::PartEnd => return Ok(Some(object)),
                Piece::End => return Ok(None),
            }
        }
    }
}
