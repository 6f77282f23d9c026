//! The life of a report: preliminary, signed, amended; and analyzed again.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use dxa_exchange::issue::Signature;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{change, list, result};
use crate::audit::Kind;
use crate::deliver;
use crate::http::app::App;
use crate::http::body::OptionalJson;
use crate::http::caller::Requester;
use crate::http::problem::{Code, Problem};
use crate::store::{NewResult, ResultState, Store, StudyRow, now};
use crate::work::documents;

/// What is said with a signature.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::http) struct Words {
    /// Why; an amendment needs it.
    #[schema(max_length = 1000)]
    reason: Option<String>,
}

/// Signs the report.
///
/// The newest result becomes the final report. A report that was signed before is amended instead.
#[utoipa::path(post, path = "/api/v1/studies/{uid}/sign", tag = "changes",
    params(("uid" = String, Path, description = "Study Instance UID"),
        ("If-Match" = Option<String>, Header, description = "ETag of the study")),
    request_body(content = Option<Words>),
    responses((status = 200, body = Object), (status = 409, body = crate::http::openapi::ProblemBody),
        (status = 412, body = crate::http::openapi::ProblemBody),
        (status = 428, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn sign(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Path(uid): Path<String>,
    OptionalJson(words): OptionalJson<Words>,
) -> Result<Response, Problem> {
    let study = list::study_to_change(&app, &uid, &headers).await?;
    if !app.store().signatures(&uid).await?.is_empty() {
        return Err(Problem::new(Code::Conflict, "the report was signed before; amend it and say why"));
    }
    finish(app, requester, study, ResultState::Final, words.reason).await
}

/// Amends a signed report.
///
/// The newest result takes the place of the report that was signed; the reason is kept with it.
#[utoipa::path(post, path = "/api/v1/studies/{uid}/amend", tag = "changes",
    params(("uid" = String, Path, description = "Study Instance UID"),
        ("If-Match" = Option<String>, Header, description = "ETag of the study")),
    request_body(content = Words),
    responses((status = 200, body = Object), (status = 409, body = crate::http::openapi::ProblemBody),
        (status = 412, body = crate::http::openapi::ProblemBody),
        (status = 422, body = crate::http::openapi::ProblemBody),
        (status = 428, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn amend(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Path(uid): Path<String>,
    OptionalJson(words): OptionalJson<Words>,
) -> Result<Response, Problem> {
    let study = list::study_to_change(&app, &uid, &headers).await?;
    if app.store().signatures(&uid).await?.is_empty() {
        return Err(Problem::new(Code::Conflict, "the report was never signed; sign it"));
    }
    if words.reason.as_deref().is_none_or(|reason| reason.trim().is_empty()) {
        return Err(Problem::new(Code::Invalid, "`reason` must say why a signed report is amended"));
    }
    finish(app, requester, study, ResultState::Amended, words.reason).await
}

/// Analyzes the study again.
///
/// The answer is the new version when it comes within ten seconds, else 202.
#[utoipa::path(post, path = "/api/v1/studies/{uid}/reanalyze", tag = "changes",
    params(("uid" = String, Path, description = "Study Instance UID"),
        ("If-Match" = Option<String>, Header, description = "ETag of the study")),
    responses((status = 200, body = Object), (status = 202, body = Object),
        (status = 412, body = crate::http::openapi::ProblemBody),
        (status = 428, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn reanalyze(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Path(uid): Path<String>,
) -> Result<Response, Problem> {
    let study = list::study_to_change(&app, &uid, &headers).await?;
    app.record(requester.event(Kind::Change).study(&uid).detail("reanalyze")).await?;
    change::change(&app, &study, async |_| Ok(())).await?;
    change::answer(&app, &study).await
}

/// A signature as documents tell of it.
pub(super) fn signature(name: &str, created_at: i64) -> Signature {
    let at = jiff::Timestamp::from_millisecond(created_at).unwrap_or_default();
    Signature { name: name.to_owned(), organization: None, at: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string() }
}

/// Longest reason, characters.
const LONGEST: usize = 1000;

async fn finish(
    app: App,
    requester: Requester,
    study: StudyRow,
    state: ResultState,
    reason: Option<String>,
) -> Result<Response, Problem> {
    if reason.as_ref().is_some_and(|reason| reason.chars().count() > LONGEST) {
        return Err(Problem::new(Code::Invalid, "`reason` is too long"));
    }
    let action = if state == ResultState::Amended { "amend" } else { "sign" };
    let (_, newest) = result::find(&app, &study.uid, None).await?;
    if newest.version != study.version {
        return Err(Problem::new(Code::Stale, "read the study again, and decide again"));
    }
    let author = requester.caller.name.clone();
    app.record(requester.event(Kind::Sign).study(&study.uid).patient(&study.patient).detail(action)).await?;
    let signed = NewResult {
        study: study.uid.clone(),
        state,
        json: result::value(&newest)?,
        inputs_sha256: newest.inputs_sha256,
        protocol_sha256: newest.protocol_sha256,
        author: author.clone(),
        reason: action.to_owned(),
        summary: newest.summary,
        created_at: now(),
        after: newest.version,
    };
    let signature = signature(&author, signed.created_at);
    let amended = state == ResultState::Amended;
    let before = (study.uid.as_str(), study.version);
    let making = app.config().making();
    let made = documents::signed(app.store(), &signed.json, before, amended, signature, making).await?;
    let uid = study.uid.clone();
    let write = async |connection: &mut sqlx::AnyConnection, version: i64| {
        sqlx::query(
            "INSERT INTO signatures (study, version, action, author, reason, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&uid)
        .bind(version)
        .bind(action)
        .bind(&author)
        .bind(&reason)
        .bind(now())
        .execute(&mut *connection)
        .await?;
        for document in made {
            Store::put_document(&mut *connection, &document.of_result(&uid, version)).await?;
        }
        deliver::enqueue(connection, &app.config().deliver, &uid, version).await
    };
    app.store().add_result(signed, write).await?;
    change::answer(&app, &study).await
}
