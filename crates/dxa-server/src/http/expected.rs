//! `PUT /api/v1/expected/{uid}`: what a worklist knows of a study before it is here.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::app::App;
use super::body::JsonBody;
use super::caller::Requester;
use super::problem::{Code, Problem};
use crate::audit::Kind;
use crate::store::{self, Error, is_uid, now};
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
