//! Comments on a study: for those who read it here, never part of a report.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::list;
use crate::audit::Kind;
use crate::http::app::App;
use crate::http::body::JsonBody;
use crate::http::caller::Requester;
use crate::http::problem::{Code, Problem};
use crate::store::rfc3339;

/// A comment to keep.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewComment {
    /// The comment; lines are kept as they are.
    #[schema(min_length = 1, max_length = 2000)]
    text: String,
}

/// Comments on a study, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Comments {
    comments: Vec<Comment>,
}

/// A comment.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Comment {
    /// Version of the result that its author saw.
    version: i64,
    /// The comment.
    text: String,
    /// Account.
    by: String,
    /// When, RFC 3339.
    at: String,
}

/// Comments on a study.
#[utoipa::path(get, path = "/api/v1/studies/{uid}/comments", tag = "studies",
    params(("uid" = String, Path, description = "Study Instance UID")),
    responses((status = 200, body = Comments), (status = 404, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn list_comments(
    State(app): State<App>,
    requester: Requester,
    Path(uid): Path<String>,
) -> Result<Json<Comments>, Problem> {
    let study = list::study(&app, &uid).await?;
    app.record(requester.event(Kind::Access).study(&study.uid).detail("comments")).await?;
    found(&app, &study.uid).await
}

/// Comments on a study.
///
/// The comment is kept with its author, the time and the version that `If-Match` names. It changes no result and is in
/// no report.
#[utoipa::path(post, path = "/api/v1/studies/{uid}/comments", tag = "changes",
    params(("uid" = String, Path, description = "Study Instance UID"),
        ("If-Match" = Option<String>, Header, description = "ETag of the study")),
    request_body(content = NewComment),
    responses((status = 201, body = Comments), (status = 412, body = crate::http::openapi::ProblemBody),
        (status = 422, body = crate::http::openapi::ProblemBody),
        (status = 428, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn comment(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Path(uid): Path<String>,
    JsonBody(NewComment { text }): JsonBody<NewComment>,
) -> Result<(StatusCode, Json<Comments>), Problem> {
    let study = list::study_to_change(&app, &uid, &headers).await?;
    let text = text.trim();
    check_text("text", text)?;
    if text.is_empty() || text.chars().count() > LONGEST {
        return Err(Problem::new(Code::Invalid, "`text` must have 1 to 2000 letters"));
    }
    app.record(requester.event(Kind::Change).study(&uid).patient(&study.patient).detail("comment")).await?;
    app.store().add_comment(&study.uid, study.version, text, &requester.caller.name).await?;
    Ok((StatusCode::CREATED, found(&app, &study.uid).await?))
}

/// Longest comment, characters.
const LONGEST: usize = 2000;

/// Lines of letters.
///
/// # Errors
/// 422 for control characters, which neither database nor page can be given.
pub(super) fn check_text(field: &str, text: &str) -> Result<(), Problem> {
    if text.chars().any(|letter| letter.is_control() && letter != '\n' && letter != '\t') {
        return Err(Problem::new(Code::Invalid, format!("`{field}` holds a control character")));
    }
    Ok(())
}

async fn found(app: &App, uid: &str) -> Result<Json<Comments>, Problem> {
    let comments = app.store().comments(uid).await?.into_iter().map(|one| Comment {
        version: one.version,
        text: one.text,
        by: one.author,
        at: rfc3339(one.created_at),
    });
    Ok(Json(Comments { comments: comments.collect() }))
}
