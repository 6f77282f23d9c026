//! STOW-RS: objects come in, each is durable before it is said to be.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use futures_util::StreamExt;
use futures_util::future::try_join_all;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::multipart::{Event as Piece, Multipart, MultipartError};
use super::stow_answer::Answer;
use super::{DICOM_JSON, base};
use crate::audit::{Event, Kind};
use crate::http::app::App;
use crate::http::caller::Requester;
use crate::http::media::{self, Media};
use crate::http::problem::{Code, Problem};
use crate::store::{Early, Error, Incoming, Kept, Store, is_uid, now};
use crate::work::queue;

/// Stores objects.
///
/// The body is `multipart/related; type="application/dicom"`, or one object as `application/dicom`.
#[utoipa::path(post, path = "/dicom-web/studies", tag = "dicomweb",
    request_body(content = String, content_type = "multipart/related; type=\"application/dicom\""),
    responses((status = 200, content_type = "application/dicom+json", body = Object), (status = 202, body = Object),
        (status = 400, body = crate::http::openapi::ProblemBody), (status = 409, body = Object),
        (status = 415, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn store_instances(
    State(app): State<App>,
    requester: Requester,
    request: Request,
) -> Result<Response, Problem> {
    store(app, requester, None, request).await
}

/// Stores objects of one study; objects of another are refused.
#[utoipa::path(post, path = "/dicom-web/studies/{study}", tag = "dicomweb",
    params(("study" = String, Path, description = "Study Instance UID")),
    request_body(content = String, content_type = "multipart/related; type=\"application/dicom\""),
    responses((status = 200, content_type = "application/dicom+json", body = Object), (status = 202, body = Object),
        (status = 400, body = crate::http::openapi::ProblemBody), (status = 409, body = Object),
        (status = 415, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn store_instances_of(
    State(app): State<App>,
    requester: Requester,
    Path(study): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    if !is_uid(&study) {
        return Err(Problem::new(Code::BadRequest, "the path names no valid Study Instance UID"));
    }
    store(app, requester, Some(study), request).await
}

/// Requests that store at the same time; each holds a few objects in memory.
static TURNS: Semaphore = Semaphore::const_new(16);
/// Objects of one request that are written together.
const TOGETHER: usize = 16;
/// Bytes of one request that wait to be written.
const WAITING_BYTES: usize = 64 << 20;
/// A sender that says nothing for so long is let go.
const SILENCE: Duration = Duration::from_secs(20);
/// A sender must be faster than this, on the whole, bytes a second.
const LEAST_RATE: u64 = 2 << 10;

async fn store(
    app: App,
    requester: Requester,
    study: Option<String>,
    request: Request,
) -> Result<Response, Problem> {
    let headers = request.headers().clone();
    if !media::accepts(&media::accepted(&headers, None), &[DICOM_JSON, "application/json"]) {
        return Err(Problem::new(Code::NotAcceptable, "the answer is application/dicom+json"));
    }
    let form = Form::of(&headers)?;
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > app.config().http.request_bytes) {
        return Err(too_large());
    }
    let _turn = TURNS.try_acquire().map_err(|_| Problem::new(Code::Unavailable, "too many are sending"))?;
    let mut taken = Taken::new(app.store().clone(), requester.caller.name.clone(), study);
    let mut body = Incomings::new(request.into_body(), app.config().http.request_bytes);
    let received = receive(&mut body, form, &mut taken, object_bytes(&app)).await;
    let answer = taken.finish().await;
    complete(&app, &answer).await?;
    record(&app, &requester, &answer).await?;
    received?;
    answer.into_response(&base(&app, &headers))
}

fn object_bytes(app: &App) -> usize {
    usize::try_from(app.config().dimse.object_bytes).unwrap_or(usize::MAX)
}

/// How the body holds objects.
enum Form {
    One,
    Many(Multipart),
}

impl Form {
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let refuse = |why: &str| Problem::new(Code::UnsupportedMediaType, why);
        if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
            return Err(refuse("bodies are taken uncompressed"));
        }
        let expected = "the body must be multipart/related; type=\"application/dicom\" or application/dicom";
        let media = Media::of_body(headers).ok_or_else(|| refuse(expected))?;
        match media.essence.as_str() {
            "application/dicom" => Ok(Self::One),
            "multipart/related" => {
                let root = media.parameter("type");
                if root.is_some_and(|root| !root.eq_ignore_ascii_case("application/dicom")) {
                    return Err(refuse(expected));
                }
                let boundary = media.parameter("boundary").ok_or(MultipartError::Boundary);
                let reader = boundary.and_then(Multipart::new);
                reader.map(Self::Many).map_err(|error| Problem::new(Code::BadRequest, error.to_string()))
            }
            _ => Err(refuse(expected)),
        }
    }
}

/// The body, with its patience and its limit.
struct Incomings {
    stream: axum::body::BodyDataStream,
    begun: Instant,
    read: u64,
    most: u64,
}

impl Incomings {
    fn new(body: Body, most: u64) -> Self {
        Self { stream: body.into_data_stream(), begun: Instant::now(), read: 0, most }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let next = timeout(SILENCE, self.stream.next()).await.map_err(|_| Code::RequestTimeout)?;
        let Some(bytes) = next.transpose().map_err(|_| broken())? else { return Ok(None) };
        self.read += bytes.len() as u64;
        if self.read > self.most {
            return Err(too_large());
        }
        let seconds = self.begun.elapsed().as_secs();
        if seconds > SILENCE.as_secs() && self.read / seconds < LEAST_RATE {
            return Err(Code::RequestTimeout.into());
        }
        Ok(Some(bytes))
    }
}

fn broken() -> Problem {
    Problem::new(Code::BadRequest, "the body ends before it is complete")
}

fn too_large() -> Problem {
    Problem::new(Code::TooLarge, "send fewer objects in one request")
}

async fn receive(
    body: &mut Incomings,
    form: Form,
    taken: &mut Taken,
    object_bytes: usize,
) -> Result<(), Problem> {
    match form {
        Form::One => {
            let mut object = taken.begin();
            while let Some(bytes) = body.next().await? {
                object.append(&bytes, object_bytes).await?;
            }
            taken.take(object).await;
            Ok(())
        }
        Form::Many(mut reader) => {
            let mut object = taken.begin();
            loop {
                let piece = reader.next().map_err(|error| match error {
                    MultipartError::Parts => too_large(),
                    other => Problem::new(Code::BadRequest, other.to_string()),
                })?;
                match piece {
                    Piece::NeedMore => match body.next().await? {
                        Some(bytes) => reader.push(bytes),
                        None => reader.finish(),
                    },
                    Piece::Part(head) => check_part(&head.content_type)?,
                    Piece::Data(bytes) => object.append(&bytes, object_bytes).await?,
                    Piece::PartEnd => {
                        let whole = std::mem::replace(&mut object, taken.begin());
                        taken.take(whole).await;
                    }
                    Piece::End => return Ok(()),
                }
            }
        }
    }
}

fn check_part(content_type: &str) -> Result<(), Problem> {
    let is_dicom = |media: Media| media.essence == "application/dicom";
    if content_type.is_empty() || Media::read(content_type).is_some_and(is_dicom) {
        return Ok(());
    }
    Err(Problem::new(Code::UnsupportedMediaType, "each part must be application/dicom"))
}

/// An object as far as it has come.
struct Coming {
    bytes: Vec<u8>,
    early: Early,
}

impl Coming {
    async fn append(&mut self, bytes: &[u8], most: usize) -> Result<(), Problem> {
        if self.bytes.len() + bytes.len() > most {
            return Err(Problem::new(Code::TooLarge, "an object is larger than is taken"));
        }
        self.bytes.extend_from_slice(bytes);
        self.early.along(&mut self.bytes).await;
        Ok(())
    }
}

/// Objects of one request on their way into the store.
struct Taken {
    store: Store,
    source: String,
    study: Option<String>,
    waiting: VecDeque<(usize, JoinHandle<Result<Kept, Error>>)>,
    bytes: usize,
    answer: Answer,
}

impl Taken {
    fn new(store: Store, source: String, study: Option<String>) -> Self {
        let answer = Answer::default();
        Self { store, source, study, waiting: VecDeque::new(), bytes: 0, answer }
    }

    fn begin(&self) -> Coming {
        Coming { bytes: Vec::new(), early: self.store.early() }
    }

    /// Takes one more, when there is room.
    async fn take(&mut self, object: Coming) {
        let Coming { bytes, early } = object;
        let length = bytes.len();
        while self.waiting.len() >= TOGETHER
            || (self.bytes + length > WAITING_BYTES && !self.waiting.is_empty())
        {
            self.wait().await;
        }
        let (source, study) = (self.source.clone(), self.study.clone());
        let incoming = Incoming { bytes, source, announced: None, study };
        let store = self.store.clone();
        self.bytes += length;
        self.waiting
            .push_back((length, tokio::spawn(async move { store.keep_early(incoming, early).await })));
    }

    async fn wait(&mut self) {
        let Some((length, task)) = self.waiting.pop_front() else { return };
        self.bytes -= length;
        self.answer.add(task.await.unwrap_or(Err(Error::Closing)));
    }

    async fn finish(mut self) -> Answer {
        while !self.waiting.is_empty() {
            self.wait().await;
        }
        self.answer
    }
}

/// The sender has finished: its studies are complete after the quiet time.
async fn complete(app: &App, answer: &Answer) -> Result<(), Problem> {
    let studies = answer.new_studies();
    if !studies.is_empty() {
        let quiet = (app.config().study.quiet_seconds * 1000.0) as i64;
        queue::complete(app.store().database(), &studies, now() + quiet).await?;
    }
    Ok(())
}

async fn record(app: &App, requester: &Requester, answer: &Answer) -> Result<(), Problem> {
    // Together, because those that wait at the same time are synced as one.
    let events = answer.studies().into_iter().map(|study| requester.event(Kind::Receive).study(study));
    try_join_all(events.map(|event| app.record(event))).await?;
    for study in answer.conflicts() {
        let event: Event = requester.event(Kind::SecurityAlert).failed().study(study).detail("uid_conflict");
        app.record(event).await?;
    }
    Ok(())
}
