//! WADO-RS: objects as they came.

use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};

use crate::audit::Kind;
use crate::http::app::App;
use crate::http::caller::Requester;
use crate::http::media::{self, Media};
use crate::http::problem::{Code, Problem};
use crate::store::{InstanceRow, Query, is_uid, opaque_id};

/// Which instances a path names.
#[derive(Clone, Debug, Default)]
pub(super) struct Named {
    pub(super) study: String,
    pub(super) series: Option<String>,
    pub(super) instance: Option<String>,
}

impl Named {
    pub(super) fn instance((study, series, instance): (String, String, String)) -> Self {
        Self { study, series: Some(series), instance: Some(instance) }
    }
}

/// A study.
///
/// All objects of the study, each as it came, as parts of `multipart/related; type="application/dicom"`.
#[utoipa::path(get, path = "/dicom-web/studies/{study}", tag = "dicomweb",
    params(("study" = String, Path, description = "Study Instance UID")),
    responses((status = 200, content_type = "multipart/related; type=\"application/dicom\"", body = Vec<u8>),
        (status = 404, body = crate::http::openapi::ProblemBody),
        (status = 406, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn retrieve_study(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    Path(study): Path<String>,
) -> Result<Response, Problem> {
    retrieve(app, requester, headers, query, Named { study, ..Named::default() }).await
}

/// A series.
#[utoipa::path(get, path = "/dicom-web/studies/{study}/series/{series}", tag = "dicomweb",
    params(("study" = String, Path, description = "Study Instance UID"),
        ("series" = String, Path, description = "Series Instance UID")),
    responses((status = 200, content_type = "multipart/related; type=\"application/dicom\"", body = Vec<u8>),
        (status = 404, body = crate::http::openapi::ProblemBody),
        (status = 406, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn retrieve_series(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    Path((study, series)): Path<(String, String)>,
) -> Result<Response, Problem> {
    retrieve(app, requester, headers, query, Named { study, series: Some(series), instance: None }).await
}

/// An instance.
///
/// As `multipart/related`, or as plain `application/dicom` when only that is accepted.
#[utoipa::path(get, path = "/dicom-web/studies/{study}/series/{series}/instances/{instance}", tag = "dicomweb",
    params(("study" = String, Path, description = "Study Instance UID"),
        ("series" = String, Path, description = "Series Instance UID"),
        ("instance" = String, Path, description = "SOP Instance UID")),
    responses((status = 200, content_type = "multipart/related; type=\"application/dicom\"", body = Vec<u8>),
        (status = 404, body = crate::http::openapi::ProblemBody),
        (status = 406, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn retrieve_instance(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    Path(path): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    retrieve(app, requester, headers, query, Named::instance(path)).await
}

/// The instances that a path names, damaged ones too.
///
/// # Errors
/// 404 when there are none, 400 for what is no UID.
pub(super) async fn find(app: &App, named: &Named) -> Result<Vec<InstanceRow>, Problem> {
    let all = [Some(&named.study), named.series.as_ref(), named.instance.as_ref()];
    if all.into_iter().flatten().any(|uid| !is_uid(uid)) {
        return Err(Problem::new(Code::BadRequest, "the path names no valid UID"));
    }
    let query = Query {
        studies: vec![named.study.clone()],
        series: named.series.iter().cloned().collect(),
        instances: named.instance.iter().cloned().collect(),
        limit: 100_000,
        ..Query::default()
    };
    let rows = app.store().instances(&query).await?.rows;
    if rows.is_empty() { Err(Code::NotFound.into()) } else { Ok(rows) }
}

/// The one instance that a path names, and its bytes; the reading of it is written down.
pub(super) async fn read_one(
    app: &App,
    requester: &Requester,
    named: &Named,
) -> Result<(InstanceRow, Vec<u8>), Problem> {
    let row = find(app, named).await?.pop().ok_or(Code::NotFound)?;
    app.record(requester.event(Kind::Access).study(&row.study)).await?;
    let bytes = app.store().read(&row).await?;
    Ok((row, bytes))
}

/// The value of `?accept=`.
pub(super) fn accept_of(query: Option<&str>) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query.unwrap_or_default()).ok()?;
    pairs.into_iter().find(|(key, _)| key == "accept").map(|(_, value)| value)
}

async fn retrieve(
    app: App,
    requester: Requester,
    headers: HeaderMap,
    query: Option<String>,
    named: Named,
) -> Result<Response, Problem> {
    let accepted = media::accepted(&headers, accept_of(query.as_deref()).as_deref());
    let wanted = wanted(&accepted, named.instance.is_some())?;
    let found = find(&app, &named).await?;
    let damaged = found.iter().any(|row| row.damaged);
    let rows: Vec<InstanceRow> = found.into_iter().filter(|row| !row.damaged).collect();
    if rows.is_empty() {
        return Err(Code::Damaged.into());
    }
    let fits =
        |row: &InstanceRow| wanted.syntax.as_deref().is_none_or(|syntax| syntax == row.transfer_syntax);
    if !rows.iter().all(fits) {
        return Err(Problem::new(
            Code::NotAcceptable,
            "objects are given in the transfer syntax in which they came",
        ));
    }
    app.record(requester.event(Kind::Access).study(&named.study)).await?;
    if wanted.single {
        let bytes = app.store().read(&rows[0]).await?;
        return Ok(([(header::CONTENT_TYPE, "application/dicom")], bytes).into_response());
    }
    let boundary = opaque_id()?;
    let kind = format!("multipart/related; type=\"application/dicom\"; boundary={boundary}");
    let end = Bytes::from(format!("\r\n--{boundary}--\r\n"));
    let parts = stream::iter(rows).then(move |row| part(app.clone(), row, boundary.clone()));
    let body = Body::from_stream(parts.chain(stream::once(async move { Ok(end) })));
    let status = if damaged { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    Ok((status, [(header::CONTENT_TYPE, kind)], body).into_response())
}

/// A part with one object. When it cannot be read, the answer breaks off: a client must not take it for whole.
async fn part(app: App, row: InstanceRow, boundary: String) -> Result<Bytes, crate::store::Error> {
    let object = app.store().read(&row).await?;
    let head = format!(
        "\r\n--{boundary}\r\nContent-Type: application/dicom; transfer-syntax={}\r\nContent-Length: {}\r\n\r\n",
        row.transfer_syntax,
        object.len()
    );
    Ok([head.into_bytes(), object].concat().into())
}

/// How objects are wanted.
struct Wanted {
    single: bool,
    /// Only in this transfer syntax.
    syntax: Option<String>,
}

fn wanted(accepted: &[Media], one: bool) -> Result<Wanted, Problem> {
    for media in accepted {
        let root = media.parameter("type").unwrap_or("application/dicom");
        let is_dicom = root.eq_ignore_ascii_case("application/dicom") || root == "*/*";
        let syntax = media.parameter("transfer-syntax").filter(|syntax| *syntax != "*").map(str::to_owned);
        if media.covers("multipart/related") && is_dicom {
            return Ok(Wanted { single: false, syntax });
        }
        if one && media.covers("application/dicom") {
            return Ok(Wanted { single: true, syntax });
        }
    }
    let sentence = "objects are given as multipart/related; type=\"application/dicom\"";
    Err(Problem::new(Code::NotAcceptable, sentence))
}
