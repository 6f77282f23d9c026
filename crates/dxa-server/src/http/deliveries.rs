//! `/api/v1/deliveries`: what was sent where, how it went, and sending it again.

use axum::Json;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::any::AnyRow;
use utoipa::{IntoParams, ToSchema};

use super::app::App;
use super::caller::Requester;
use super::problem::{Code, Problem};
use crate::audit::Kind;
use crate::deliver::{self, Again};
use crate::store::{Error, is_uid};

/// Which deliveries.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Filters {
    /// Study Instance UID.
    study: Option<String>,
    /// Name of the destination.
    destination: Option<String>,
    /// `queued`, `sending`, `delivered`, `failed` or `dead`.
    state: Option<String>,
    /// Rows, 100 unless said, 1000 at most.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

/// The ledger.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Deliveries {
    deliveries: Vec<Delivery>,
}

/// One document on its way to one destination.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Delivery {
    id: String,
    study: String,
    /// Version of the result.
    version: i64,
    /// Name of the destination.
    destination: String,
    /// `dicom`, `stow`, `hl7` or `fhir`.
    protocol: String,
    /// What is sent: `sr`, `sc`, …
    document: String,
    number: i64,
    /// `queued`, `sending`, `delivered`, `failed` or `dead`.
    state: String,
    attempts: i64,
    last_answer: Option<String>,
    created_at: Option<String>,
    first_attempt_at: Option<String>,
    last_attempt_at: Option<String>,
    next_attempt_at: Option<String>,
    delivered_at: Option<String>,
    committed_at: Option<String>,
}

/// Lists deliveries.
#[utoipa::path(get, path = "/api/v1/deliveries", tag = "operations", params(Filters),
    responses((status = 200, body = Deliveries), (status = 400, body = super::openapi::ProblemBody)))]
pub(super) async fn list_deliveries(
    State(app): State<App>,
    requester: Requester,
    parameters: Result<Parameters<Filters>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Deliveries>, Problem> {
    let Parameters(filters) = parameters
        .map_err(|_| Problem::new(Code::BadRequest, "a query parameter is not known or not valid"))?;
    if filters.study.as_deref().is_some_and(|study| !is_uid(study)) {
        return Err(Problem::new(Code::BadRequest, "the study is no valid UID"));
    }
    let limit = filters.limit.unwrap_or(100);
    if !(1..=1000).contains(&limit) {
        return Err(Problem::new(Code::BadRequest, "the limit is between 1 and 1000"));
    }
    app.record(requester.event(Kind::Query).detail("deliveries")).await?;
    let given = [("study", filters.study), ("destination", filters.destination), ("state", filters.state)];
    let given: Vec<(&str, String)> =
        given.into_iter().filter_map(|(column, value)| Some((column, value?))).collect();
    let conditions: Vec<String> =
        given.iter().enumerate().map(|(at, (column, _))| format!("{column} = ${}", at + 1)).collect();
    let conditions =
        if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    let text = format!(
        "SELECT * FROM deliveries {conditions} ORDER BY created_at DESC, destination, kind, number LIMIT {limit}"
    );
    let mut select = sqlx::query(sqlx::AssertSqlSafe(text));
    for (_, value) in given {
        select = select.bind(value);
    }
    let rows = select.fetch_all(app.store().database().read()).await.map_err(Error::from)?;
    let deliveries = rows.iter().map(read).collect::<Result<_, _>>().map_err(Error::from)?;
    Ok(Json(Deliveries { deliveries }))
}

/// How many deliveries wait anew.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Resent {
    resent: u64,
}

/// Whose dead deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct To {
    /// Name of the destination.
    destination: String,
}

/// Sends a delivery that is dead or delivered again, with a new budget of tries.
///
/// A record system is never sent what a newer version took the place of.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/resend", tag = "operations",
    params(("id" = String, Path, description = "Of the ledger")),
    responses((status = 202, body = Resent), (status = 404, body = super::openapi::ProblemBody),
        (status = 409, body = super::openapi::ProblemBody)))]
pub(super) async fn resend(
    State(app): State<App>,
    requester: Requester,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Resent>), Problem> {
    let row = sqlx::query("SELECT study, destination FROM deliveries WHERE id = $1")
        .bind(&id)
        .fetch_optional(app.store().database().read())
        .await
        .map_err(Error::from)?;
    let row = row.ok_or(Code::NotFound)?;
    let text = |column: &str| row.try_get::<String, _>(column).map_err(Error::from);
    is_configured(&app, &text("destination")?)?;
    app.record(requester.event(Kind::Change).study(&text("study")?).detail("resend")).await?;
    let resent = deliver::send_again(app.store(), Again::One(&id)).await?;
    if resent == 0 {
        let why = "it is on its way, or a newer version took its place";
        return Err(Problem::new(Code::Conflict, why));
    }
    Ok((StatusCode::ACCEPTED, Json(Resent { resent })))
}

/// Sends everything of a destination again that is dead, as after it was down for longer than is tried.
#[utoipa::path(post, path = "/api/v1/deliveries/resend", tag = "operations", params(To),
    responses((status = 202, body = Resent), (status = 400, body = super::openapi::ProblemBody),
        (status = 409, body = super::openapi::ProblemBody)))]
pub(super) async fn resend_dead(
    State(app): State<App>,
    requester: Requester,
    parameters: Result<Parameters<To>, axum::extract::rejection::QueryRejection>,
) -> Result<(StatusCode, Json<Resent>), Problem> {
    let Parameters(To { destination }) =
        parameters.map_err(|_| Problem::new(Code::BadRequest, "`destination` names whose deliveries"))?;
    is_configured(&app, &destination)?;
    app.record(requester.event(Kind::Change).detail("resend")).await?;
    let resent = deliver::send_again(app.store(), Again::Dead(&destination)).await?;
    Ok((StatusCode::ACCEPTED, Json(Resent { resent })))
}

/// What nobody carries would wait for ever.
fn is_configured(app: &App, destination: &str) -> Result<(), Problem> {
    let known = deliver::destinations(&app.config().deliver).iter().any(|name| name == destination);
    if known {
        Ok(())
    } else {
        Err(Problem::new(Code::Conflict, "no destination of this name is configured"))
    }
}

fn read(row: &AnyRow) -> Result<Delivery, sqlx::Error> {
    let time = |column: &str| {
        let at: Option<i64> = row.try_get(column)?;
        let at = at.and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
        Ok::<_, sqlx::Error>(at.map(|at| at.to_string()))
    };
    let state: String = row.try_get("state")?;
    let waits = state == "queued" || state == "failed";
    Ok(Delivery {
        id: row.try_get("id")?,
        study: row.try_get("study")?,
        version: row.try_get("version")?,
        destination: row.try_get("destination")?,
        protocol: row.try_get("protocol")?,
        document: row.try_get("kind")?,
        number: row.try_get("number")?,
        attempts: row.try_get("attempts")?,
        last_answer: row.try_get("last_answer")?,
        created_at: time("created_at")?,
        first_attempt_at: time("first_attempt_at")?,
        last_attempt_at: time("last_attempt_at")?,
        next_attempt_at: if waits { time("next_at")? } else { None },
        delivered_at: time("delivered_at")?,
        committed_at: time("committed_at")?,
        state,
    })
}
