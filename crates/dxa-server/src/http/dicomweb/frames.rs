//! WADO-RS frames: pixel values without compression, as the device stored them.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use dicom_dictionary_std::tags;
use dxa_core::decode::pixels;
use dxa_core::guard::{self, Input, Leniency, Limits, Object};

use super::metadata::little;
use super::retrieve::{Named, read_one};
use crate::http::app::App;
use crate::http::caller::Requester;
use crate::http::media::{self, Media};
use crate::http::problem::{Code, Problem};
use crate::store::{Error, opaque_id};

/// Frames of an object, numbered from 1.
///
/// Uncompressed, little endian, each a part of `multipart/related; type="application/octet-stream"`.
#[utoipa::path(get, path = "/dicom-web/studies/{study}/series/{series}/instances/{instance}/frames/{frames}",
    tag = "dicomweb",
    params(("study" = String, Path, description = "Study Instance UID"),
        ("series" = String, Path, description = "Series Instance UID"),
        ("instance" = String, Path, description = "SOP Instance UID"),
        ("frames" = String, Path, description = "Numbers of frames, separated by commas")),
    responses((status = 200, content_type = "multipart/related; type=\"application/octet-stream\"", body = Vec<u8>),
        (status = 400, body = crate::http::openapi::ProblemBody),
        (status = 404, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn retrieve_frames(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Path((study, series, instance, frames)): Path<(String, String, String, String)>,
) -> Result<Response, Problem> {
    let numbers: Option<Vec<usize>> = frames.split(',').map(|number| number.trim().parse().ok()).collect();
    let numbers = numbers.filter(|numbers| numbers.len() <= MOST && numbers.iter().all(|number| *number > 0));
    let numbers = numbers.ok_or_else(|| Problem::new(Code::BadRequest, "frames are numbers from 1"))?;
    let accepted = media::accepted(&headers, None);
    let (_, bytes) = read_one(&app, &requester, &Named::instance((study, series, instance))).await?;
    let frames = tokio::task::spawn_blocking(move || read(&bytes, &numbers));
    octets(&accepted, frames.await.map_err(|_| Error::Closing)??)
}

/// Frames in one request.
const MOST: usize = 1000;

fn read(bytes: &[u8], numbers: &[usize]) -> Result<Vec<Vec<u8>>, Problem> {
    let object = guard::open(Input::whole(bytes), Leniency::Strict, &Limits::DEFAULT);
    let object = object.map_err(|_| Problem::from(Code::Damaged))?;
    let root = object.root();
    let pixels = root.get(tags::PIXEL_DATA).ok_or(Code::NotFound)?;
    let count = number(&object, tags::NUMBER_OF_FRAMES).unwrap_or(1).max(1);
    if numbers.iter().any(|number| *number > count) {
        return Err(Problem::new(Code::NotFound, "there is no such frame"));
    }
    if pixels.has_fragments() {
        let frame = decompress(&object)?;
        return Ok(numbers.iter().map(|_| frame.clone()).collect());
    }
    let value = little(&pixels, object.syntax().big_endian);
    let bits = |tag| root.get(tag).and_then(|element| element.u16()).map(usize::from);
    let samples = bits(tags::SAMPLES_PER_PIXEL).unwrap_or(1);
    let size = (|| {
        let pixels = bits(tags::ROWS)? * bits(tags::COLUMNS)?;
        (pixels * samples).checked_mul(bits(tags::BITS_ALLOCATED)?)?.checked_div(8)
    })();
    let size = size.filter(|size| *size > 0).ok_or(Code::NotFound)?;
    let frame = |number: &usize| value.get((number - 1) * size..number * size).map(<[u8]>::to_vec);
    let frames: Option<Vec<Vec<u8>>> = numbers.iter().map(frame).collect();
    frames.ok_or_else(|| Code::NotFound.into())
}

pub(super) fn number(object: &Object<'_>, tag: dicom_core::Tag) -> Option<usize> {
    let element = object.root().get(tag)?;
    std::str::from_utf8(element.text_bytes()).ok()?.trim().parse().ok()
}

/// One gray frame; other compressed pixels are not decoded.
fn decompress(object: &Object<'_>) -> Result<Vec<u8>, Problem> {
    let stored = pixels::read(object);
    let stored = stored.map_err(|refusal| Problem::new(Code::NotAcceptable, refusal.message))?;
    let is_wide = object.root().get(tags::BITS_ALLOCATED).and_then(|element| element.u16()) == Some(16);
    let words = stored.words().iter();
    Ok(if is_wide {
        words.flat_map(|word| word.to_le_bytes()).collect()
    } else {
        words.map(|word| *word as u8).collect()
    })
}

/// Parts of bytes.
pub(super) fn octets(accepted: &[Media], parts: Vec<Vec<u8>>) -> Result<Response, Problem> {
    let fits = |media: &Media| {
        let root = media.parameter("type").unwrap_or("application/octet-stream");
        media.covers("multipart/related")
            && (root.eq_ignore_ascii_case("application/octet-stream") || root == "*/*")
    };
    if !accepted.iter().any(fits) {
        let sentence = "pixels are given as multipart/related; type=\"application/octet-stream\"";
        return Err(Problem::new(Code::NotAcceptable, sentence));
    }
    let boundary = opaque_id()?;
    let mut body = Vec::new();
    for part in parts {
        body.extend_from_slice(format!("\r\n--{boundary}\r\n").as_bytes());
        body.extend_from_slice(b"Content-Type: application/octet-stream\r\n\r\n");
        body.extend_from_slice(&part);
    }
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    let kind = format!("multipart/related; type=\"application/octet-stream\"; boundary={boundary}");
    Ok(([(header::CONTENT_TYPE, kind)], body).into_response())
}
