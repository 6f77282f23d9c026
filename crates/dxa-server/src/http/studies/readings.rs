//! Readings of a second physician: given without the first one's, held against it afterwards, settled by a signature.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use dxa_exchange::reading::Reading;
use dxa_exchange::record;
use serde_json::{Value, json};

use super::comments::check_text;
use super::corrections::invalid;
use super::{list, result};
use crate::audit::Kind;
use crate::http::app::App;
use crate::http::body::JsonBody;
use crate::http::caller::Requester;
use crate::http::problem::{Code, Problem};
use crate::store::{ResultRow, StudyRow, is_independent, rfc3339};

/// Readings of a study by a second physician.
///
/// Each with what it says, where the version that was read says something else, and the signature that settled it.
#[utoipa::path(get, path = "/api/v1/studies/{uid}/readings", tag = "studies",
    params(("uid" = String, Path, description = "Study Instance UID")),
    responses((status = 200, body = Object), (status = 404, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn list_readings(
    State(app): State<App>,
    requester: Requester,
    Path(uid): Path<String>,
) -> Result<Json<Value>, Problem> {
    let study = list::study(&app, &uid).await?;
    app.record(requester.event(Kind::Access).study(&study.uid).detail("readings")).await?;
    found(&app, &study.uid).await
}

/// Reads a study a second time.
///
/// The body is `{"vertebrae": [{"scan", "level", "grade", "fracture"}], "regions": [{"scan", "site", "laterality",
/// "excluded"}], "remark"}`; `grade` is null for a vertebra that cannot be evaluated, and what is left out is not
/// compared. It is about the version that `If-Match` names and changes nothing of it. Whoever corrected or signed the
/// study cannot be its second reader, and nobody is twice for one version.
#[utoipa::path(post, path = "/api/v1/studies/{uid}/readings", tag = "changes",
    params(("uid" = String, Path, description = "Study Instance UID"),
        ("If-Match" = Option<String>, Header, description = "ETag of the study")),
    request_body(content = Object),
    responses((status = 201, body = Object), (status = 409, body = crate::http::openapi::ProblemBody),
        (status = 412, body = crate::http::openapi::ProblemBody),
        (status = 422, body = crate::http::openapi::ProblemBody),
        (status = 428, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn give_reading(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Path(uid): Path<String>,
    JsonBody(reading): JsonBody<Reading>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let study = list::study_to_change(&app, &uid, &headers).await?;
    let (_, newest) = result::find(&app, &uid, None).await?;
    reading.check(&record_of(&newest)?).map_err(|(field, why)| invalid(field, why))?;
    check_text("remark", reading.remark.as_deref().unwrap_or_default())?;
    check_independence(&app, &study, &requester).await?;
    app.record(requester.event(Kind::Change).study(&uid).patient(&study.patient).detail("reading")).await?;
    let author = &requester.caller.name;
    if !app.store().add_reading(&study.uid, newest.version, &reading, author).await? {
        return Err(Problem::new(Code::Conflict, "you read this version before"));
    }
    Ok((StatusCode::CREATED, found(&app, &study.uid).await?))
}

/// # Errors
/// 409 for whoever had a part in the report.
async fn check_independence(app: &App, study: &StudyRow, requester: &Requester) -> Result<(), Problem> {
    let (corrections, signatures) =
        (app.store().corrections(&study.uid).await?, app.store().signatures(&study.uid).await?);
    if !is_independent(&requester.caller.name, &corrections, &signatures) {
        return Err(Problem::new(Code::Conflict, "who corrected or signed a study is not its second reader"));
    }
    Ok(())
}

fn record_of(row: &ResultRow) -> Result<record::Study, Problem> {
    serde_json::from_str(&row.json).map_err(|_| Code::Damaged.into())
}

async fn found(app: &App, uid: &str) -> Result<Json<Value>, Problem> {
    let signatures = app.store().signatures(uid).await?;
    let mut readings = Vec::new();
    for given in app.store().readings(uid).await? {
        let read = record_of(&app.store().result(uid, Some(given.version)).await?)?;
        let settled = given.settled_by(&signatures).map(|signature| {
            json!({ "version": signature.version, "by": signature.author, "at": rfc3339(signature.created_at) })
        });
        readings.push(json!({
            "version": given.version, "by": given.author, "at": rfc3339(given.created_at),
            "differences": given.reading.differences(&read), "settled": settled, "reading": given.reading,
        }));
    }
    Ok(Json(json!({ "readings": readings })))
}
