//! `GET /api/v1/studies/{uid}`: the result of a study as JSON, `dxa.analysis/1`.

use axum::extract::{Path, Query as Parameters, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

use super::{entity, identity, list};
use crate::audit::Kind;
use crate::http::app::App;
use crate::http::caller::Requester;
use crate::http::problem::{Code, Problem};
use crate::store::{Error, ResultRow, StudyRow};

/// Which version.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Which {
    /// The newest unless said.
    pub(in crate::http) version: Option<i64>,
    /// Number of the picture, for `sc.dcm`.
    pub(in crate::http) n: Option<i64>,
    /// `en` or `zh-CN`, for reports.
    pub(in crate::http) lang: Option<String>,
    /// `physician` or `patient`, for `report.pdf`.
    pub(in crate::http) audience: Option<String>,
}

/// The result of a study.
///
/// The document `dxa.analysis/1`. Its `ETag` is what a change must name in `If-Match`.
#[utoipa::path(get, path = "/api/v1/studies/{uid}", tag = "studies",
    params(("uid" = String, Path, description = "Study Instance UID"),
        ("version" = Option<i64>, Query, description = "The newest unless said")),
    responses((status = 200, body = Object), (status = 304), (status = 404, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn study_result(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Path(uid): Path<String>,
    Parameters(which): Parameters<Which>,
) -> Result<Response, Problem> {
    let (study, result) = find(&app, &uid, which.version).await?;
    app.record(requester.event(Kind::Access).study(&study.uid)).await?;
    let tag = [(header::ETAG, entity::header_value(&study))];
    if which.version.is_none() && entity::is_known(&headers, &study) {
        return Ok((StatusCode::NOT_MODIFIED, tag).into_response());
    }
    let body = document(&result, requester.sees_no_identity())?;
    Ok((tag, [(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// A study and a version of its result.
///
/// # Errors
/// 404 with the code `not_analyzed` and the reason when there is no result.
pub(super) async fn find(
    app: &App,
    uid: &str,
    version: Option<i64>,
) -> Result<(StudyRow, ResultRow), Problem> {
    let study = list::study(app, uid).await?;
    match app.store().result(uid, version).await {
        Ok(result) => Ok((study, result)),
        Err(Error::NotFound(_)) if version.is_some() => {
            Err(Problem::new(Code::NotFound, "there is no such version"))
        }
        Err(Error::NotFound(_)) => {
            let failure = study.failure.as_deref().map(|failure| format!(": {failure}"));
            let sentence = format!("the study is {}{}", study.state, failure.unwrap_or_default());
            Err(Problem::new(Code::NotAnalyzed, sentence))
        }
        Err(error) => Err(error.into()),
    }
}

/// The document, with where the report stands in its life.
pub(super) fn document(result: &ResultRow, anonymous: bool) -> Result<String, Problem> {
    let study = if anonymous {
        let mut study = value(result)?;
        identity::remove(&mut study);
        study.to_string()
    } else {
        // Not read and written again: this is what most requests ask for.
        let rest = result.json.trim_start().strip_prefix('{').ok_or(Code::Damaged)?;
        let report = report(result);
        format!("{{\"report\":{report},{rest}")
    };
    Ok(format!("{{\"schema\":\"dxa.analysis/1\",\"studies\":[{study}],\"errors\":[]}}"))
}

/// The study of a result.
pub(super) fn value(result: &ResultRow) -> Result<Value, Problem> {
    serde_json::from_str(&result.json).map_err(|_| Code::Damaged.into())
}

fn report(result: &ResultRow) -> Value {
    let at = jiff::Timestamp::from_millisecond(result.created_at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    json!({
        "status": result.state.code(),
        "version": result.version,
        "by": result.author,
        "reason": result.reason,
        "at": at.to_string(),
    })
}
