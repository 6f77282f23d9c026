//! `GET /fhir/{type}/{id}`.

use axum::extract::{Path, Query as Parameters, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::outcome::Outcome;
use super::{allowed, answer, check_accepted, kind};
use crate::audit::Kind;
use crate::auth::Access;
use crate::http::app::App;
use crate::http::caller::Requester;
use crate::http::problem::{Code, Problem};
use crate::store::ResourceRow;

/// One resource; its version is the tag.
pub(super) async fn read(
    State(app): State<App>,
    requester: Result<Requester, Problem>,
    headers: HeaderMap,
    Path((name, id)): Path<(String, String)>,
    Parameters(parameters): Parameters<Vec<(String, String)>>,
) -> Result<Response, Outcome> {
    let kind = kind(&name)?;
    let requester = allowed(requester, Access::Read, kind)?;
    let mut format = None;
    for (parameter, value) in &parameters {
        match parameter.as_str() {
            "_format" => format = Some(value.as_str()),
            "_pretty" => {}
            _ => return Err(Problem::new(Code::BadRequest, "a read takes no such parameter").into()),
        }
    }
    check_accepted(&headers, format)?;
    let found = app.store().resource(kind, &id).await?;
    app.record(requester.event(Kind::Access).study(&found.study)).await?;
    let tag = version(&found);
    let known = headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    let mut response = if known.is_some_and(|known| known.split(',').any(|known| known.trim() == tag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        answer(found.body)
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

fn version(row: &ResourceRow) -> String {
    format!("W/\"{}\"", row.updated_at)
}
