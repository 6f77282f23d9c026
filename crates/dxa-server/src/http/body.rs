//! JSON bodies, with our own errors.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::media::Media;
use super::problem::{Code, Problem};

/// A JSON body.
pub(super) struct JsonBody<T>(pub(super) T);

/// A JSON body that may be left out.
pub(super) struct OptionalJson<T>(pub(super) T);

/// A JSON body as it was sent.
pub(super) struct RawJson(pub(super) Bytes);

/// A body of a few kilobytes arrives at once.
const PATIENCE: Duration = Duration::from_secs(20);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        check_json(request.headers())?;
        read(&bytes(request, state).await?).map(Self)
    }
}

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let bytes = bytes(request, state).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        check_json(&headers)?;
        read(&bytes).map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for RawJson {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        check_json(request.headers())?;
        bytes(request, state).await.map(Self)
    }
}

/// Whether a request says that its body is JSON.
fn check_json(headers: &HeaderMap) -> Result<(), Problem> {
    let is_json = |media: Media| media.essence == "application/json" || media.essence.ends_with("+json");
    if Media::of_body(headers).is_some_and(is_json) {
        return Ok(());
    }
    Err(Problem::new(Code::UnsupportedMediaType, "the body must be application/json"))
}

/// The whole body, if it comes in time.
///
/// # Errors
/// 408, 413, 400.
pub(super) async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    let read = timeout(PATIENCE, Bytes::from_request(request, state)).await;
    let read = read.map_err(|_| Problem::from(Code::RequestTimeout))?;
    read.map_err(|rejection| match rejection.into_response().status() {
        axum::http::StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge.into(),
        _ => Problem::new(Code::BadRequest, "the body ends before it is complete"),
    })
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        // The reader's own sentence may quote what was sent.
        let code = if error.is_data() { Code::Invalid } else { Code::BadRequest };
        let place = format!("the body is not the JSON that is expected, at line {}", error.line());
        Problem::new(code, place)
    })
}
