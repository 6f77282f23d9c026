//! `/api/v1/expected`: what worklists and orders know of studies before they are here.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::App;
use super::body::JsonBody;
use super::caller::Requester;
use super::problem::{Code, Problem};
use crate::audit::Kind;
use crate::store::{self, Error, is_uid, now, rfc3339};
use crate::work::queue;

/// The objects that a study will have.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Expected {
    /// How many.
    #[schema(minimum = 1, maximum = 10000)]
    instances: Option<i64>,
    /// SOP Instance UIDs.
    instance_uids: Vec<String>,
}

/// Says which objects a study will have.
///
/// A study is analyzed as soon as all of them are here and its sender has finished, and not before, unless they do not
/// come for `study.expected_seconds`.
#[utoipa::path(put, path = "/api/v1/expected/{uid}", tag = "changes",
    params(("uid" = String, Path, description = "Study Instance UID")),
    request_body(content = Expected),
    responses((status = 204), (status = 400, body = super::openapi::ProblemBody),
        (status = 422, body = super::openapi::ProblemBody)))]
pub(super) async fn expect(
    State(app): State<App>,
    requester: Requester,
    Path(uid): Path<String>,
    JsonBody(said): JsonBody<Expected>,
) -> Result<StatusCode, Problem> {
    if !is_uid(&uid) {
        return Err(Problem::new(Code::BadRequest, "the path names no valid Study Instance UID"));
    }
    let Expected { instances, instance_uids } = said;
    if instances.is_none() && instance_uids.is_empty() {
        return Err(Problem::new(Code::Invalid, "`instances` or `instance_uids` must say something"));
    }
    if instances.is_some_and(|count| !(1..=MOST).contains(&count)) || instance_uids.len() > MOST as usize {
        return Err(Problem::new(Code::Invalid, "`instances` must be between 1 and 10000"));
    }
    if !instance_uids.iter().all(|uid| is_uid(uid)) {
        return Err(Problem::new(Code::Invalid, "`instance_uids` must be UIDs"));
    }
    app.record(requester.event(Kind::Change).study(&uid).detail("expected")).await?;
    let source = requester.caller.name.clone();
    let expected = store::Expected { study: uid.clone(), instances, uids: instance_uids, source };
    let database = app.store().database();
    let mut transaction = database.begin().await?;
    store::expect(&mut transaction, &expected).await?;
    transaction.commit().await.map_err(Error::from)?;
    if store::is_met(database, &uid).await? == Some(true) {
        queue::complete(database, &[uid], now()).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Objects of one study.
const MOST: i64 = 10_000;

/// Studies that are expected.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Awaited {
    expected: Vec<AwaitedStudy>,
}

/// A study that is ordered or announced, and of which nothing is here.
#[derive(Debug, Serialize, ToSchema)]
struct AwaitedStudy {
    /// Study Instance UID, where it is known.
    study: Option<String>,
    accession_number: Option<String>,
    /// Code of what is ordered.
    procedure: Option<String>,
    /// When it is to be, as the order has it.
    scheduled: Option<String>,
    /// How many objects it will have, where somebody knows.
    instances: Option<i64>,
    /// An account, or the sender of the order.
    source: String,
    /// RFC 3339.
    updated_at: String,
}

/// Lists studies that are ordered or announced and not here, the latest word first, 500 at most.
#[utoipa::path(get, path = "/api/v1/expected", tag = "studies", responses((status = 200, body = Awaited)))]
pub(super) async fn list_expected(
    State(app): State<App>,
    requester: Requester,
) -> Result<Json<Awaited>, Problem> {
    const LONGEST: i64 = 500;
    app.record(requester.event(Kind::Query).detail("expected")).await?;
    let rows = app.store().expected(LONGEST).await?;
    let expected = rows.into_iter().map(|row| AwaitedStudy {
        study: row.study,
        accession_number: row.accession,
        procedure: row.procedure,
        scheduled: row.scheduled,
        instances: row.instances,
        source: row.source,
        updated_at: rfc3339(row.updated_at),
    });
    Ok(Json(Awaited { expected: expected.collect() }))
}
