//! `GET /api/v1/messages`: what became of the messages of record systems.

use axum::Json;
use axum::extract::{Query as Parameters, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::app::App;
use super::caller::Requester;
use super::problem::{Code, Problem};
use crate::audit::Kind;
use crate::store::{MessageRow, rfc3339};

/// Filters and the page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// `taken`, `waiting` or `refused`.
    state: Option<String>,
    /// Rows, 50 unless said, 500 at most.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// Rows before the page.
    #[param(maximum = 100_000_000)]
    offset: Option<u32>,
}

/// A page of messages.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Messages {
    messages: Vec<Message>,
    /// Whether there are more.
    more: bool,
}

/// One message; nothing in it names a patient.
#[derive(Debug, Serialize, ToSchema)]
struct Message {
    id: i64,
    /// MSH-3 and MSH-4.
    sender: String,
    /// MSH-10.
    control_id: String,
    /// MSH-9.
    #[serde(rename = "type")]
    kind: String,
    /// `taken`, `waiting` for the first study of its patient, or `refused`.
    state: String,
    /// Why, and which parts were left.
    reason: Option<String>,
    /// RFC 3339.
    received_at: String,
    /// RFC 3339.
    updated_at: String,
}

/// Lists messages, newest first.
#[utoipa::path(get, path = "/api/v1/messages", tag = "operations", params(Which),
    responses((status = 200, body = Messages), (status = 400, body = super::openapi::ProblemBody)))]
pub(super) async fn list_messages(
    State(app): State<App>,
    requester: Requester,
    parameters: Result<Parameters<Which>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Messages>, Problem> {
    let Parameters(which) = parameters
        .map_err(|_| Problem::new(Code::BadRequest, "a query parameter is not known or not valid"))?;
    let limit = which.limit.unwrap_or(50);
    if !(1..=500).contains(&limit) {
        return Err(Problem::new(Code::BadRequest, "the limit is between 1 and 500"));
    }
    app.record(requester.event(Kind::Query).detail("messages")).await?;
    let offset = which.offset.unwrap_or(0).into();
    let page = app.store().messages(which.state.as_ref(), limit.into(), offset).await?;
    Ok(Json(Messages { messages: page.rows.into_iter().map(Message::of).collect(), more: page.more }))
}

impl Message {
    fn of(row: MessageRow) -> Self {
        Self {
            id: row.id,
            sender: row.sender,
            control_id: row.control_id,
            kind: row.kind,
            state: row.state,
            reason: row.reason,
            received_at: rfc3339(row.created_at),
            updated_at: rfc3339(row.updated_at),
        }
    }
}
