//! The pages for people; so far the list of studies and the login.

use askama::Template;
use axum::extract::{Query as Parameters, State};
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::app::App;
use super::caller::Requester;
use super::problem::{Code, Problem};
use super::studies::{Listed, listed};
use crate::audit::Kind;
use crate::store::Query;

#[derive(Template)]
#[template(path = "worklist.html")]
struct Worklist {
    studies: Vec<Listed>,
    next: Option<i64>,
    version: &'static str,
}

#[derive(Template)]
#[template(path = "login.html")]
struct Login<'e> {
    error: Option<&'e str>,
}

/// Which page of the list.
#[derive(Deserialize)]
pub(super) struct Page {
    #[serde(default)]
    offset: u32,
}

const ROWS: i64 = 50;

/// The newest studies.
pub(super) async fn worklist(
    State(app): State<App>,
    requester: Result<Requester, Problem>,
    Parameters(page): Parameters<Page>,
) -> Result<Response, Problem> {
    let Ok(requester) = requester else { return Ok(Redirect::to("/login").into_response()) };
    if requester.sees_no_identity() {
        return Err(Problem::new(Code::Forbidden, "this list shows identities; use /api/v1/studies"));
    }
    app.record(requester.event(Kind::Query)).await?;
    let offset = i64::from(page.offset);
    let (studies, more) = listed(&app, &Query { limit: ROWS, offset, ..Query::default() }).await?;
    let page = Worklist { studies, next: more.then_some(offset + ROWS), version: env!("CARGO_PKG_VERSION") };
    Ok(Html(page.render().map_err(|_| Problem::from(Code::Internal))?).into_response())
}

/// The page for logging in, with what went wrong before.
pub(super) fn login(error: Option<&str>) -> Response {
    match (Login { error }).render() {
        Ok(page) => Html(page).into_response(),
        Err(_) => Problem::from(Code::Internal).into_response(),
    }
}

/// The style of all pages.
pub(super) async fn style() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/css"), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, include_str!("../../assets/dxa.css")).into_response()
}

/// The address of this service, as configured or as the client reached it.
pub(super) fn base(app: &App, headers: &HeaderMap) -> String {
    let http = &app.config().http;
    if let Some(url) = &http.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.filter(|host| host.parse::<axum::http::uri::Authority>().is_ok());
    let host = host.map_or_else(|| http.listen.to_string(), str::to_owned);
    let scheme = if http.tls.is_some() { "https" } else { "http" };
    format!("{scheme}://{host}")
}
