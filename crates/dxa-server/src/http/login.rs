//! Logging in and out, by password or through the identity provider.

use axum::extract::{Query as Parameters, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::App;
use super::body;
use super::caller::{self, COOKIE, Requester, address};
use super::media::Media;
use super::pages;
use super::problem::{Code, Problem};
use crate::audit::{Event, Kind};
use crate::auth::{self, Account, By, LoginError, OidcError};
use crate::config::AuthMode;
use crate::pages::Frame;

/// Name and password.
#[derive(Deserialize, ToSchema)]
pub(super) struct Credentials {
    name: String,
    #[schema(format = Password)]
    password: String,
}

/// What browsers send of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// Who is logged in.
#[derive(Serialize, ToSchema)]
pub(super) struct Session {
    name: String,
    /// What may be done.
    permissions: String,
    /// What `X-CSRF-Token` must say in requests that change something; null without a session.
    csrf: Option<String>,
}

/// The page for logging in.
#[utoipa::path(get, path = "/login", tag = "session", security(()),
    responses((status = 200, content_type = "text/html", body = String), (status = 303)))]
pub(super) async fn login_page(State(app): State<App>, frame: Frame) -> Response {
    match app.config().auth.mode {
        AuthMode::None => Redirect::to("/").into_response(),
        AuthMode::Accounts => pages::login(&frame, None),
        AuthMode::Oidc => Redirect::to("/login/oidc").into_response(),
    }
}

/// Logs in with name and password.
///
/// Sets the cookie of a session; `GET /api/v1/session` then says the token for `X-CSRF-Token`.
#[utoipa::path(post, path = "/login", tag = "session", security(()),
    request_body(content = Credentials, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303), (status = 401, content_type = "text/html", body = String), (status = 429)))]
pub(super) async fn login(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    if app.config().auth.mode != AuthMode::Accounts {
        return Err(Problem::new(Code::NotFound, "nobody logs in with a password here"));
    }
    caller::same_origin(request.headers())?;
    let frame = pages::frame(request.uri(), request.headers(), request.extensions());
    let address = address(&request);
    if address.is_some_and(|address| !app.limiter().admits_login(address)) {
        return Err(Code::TooManyRequests.into());
    }
    let as_form = |_| Problem::new(Code::BadRequest, "send name and password as a form");
    if Media::of_body(request.headers()).is_none_or(|media| media.essence != FORM) {
        return Err(as_form(()));
    }
    let given = body::bytes(request, &app).await?;
    let given: Credentials = serde_urlencoded::from_bytes(&given).map_err(|_| as_form(()))?;
    let event = |name: &str| {
        let event = Event::new(Kind::Login, name).account(name);
        address.map_or(event.clone(), |address| event.from(address.to_string()))
    };
    match auth::login(app.store().database(), &given.name, given.password).await {
        Ok(account) => {
            app.record(event(&account.name)).await?;
            enter(&app, &account).await
        }
        Err(LoginError::Store(error)) => Err(error.into()),
        Err(error) => {
            app.record(event(&shown(&given.name)).failed()).await?;
            Ok((StatusCode::UNAUTHORIZED, pages::login(&frame, Some(&error.to_string()))).into_response())
        }
    }
}

/// Logs out.
#[utoipa::path(post, path = "/logout", tag = "session",
    params(("X-CSRF-Token" = Option<String>, Header)), responses((status = 204)))]
pub(super) async fn logout(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(cookie) = caller::cookie(&headers) {
        auth::close(app.store().database(), cookie).await?;
    }
    app.record(requester.event(Kind::Logout).account(&requester.caller.name)).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, set(&app, COOKIE, "", 0))]).into_response())
}

/// Who is logged in.
#[utoipa::path(get, path = "/api/v1/session", tag = "session", responses((status = 200, body = Session)))]
pub(super) async fn session(requester: Requester) -> axum::Json<Session> {
    let csrf = match requester.caller.by {
        By::Session { csrf } => Some(csrf),
        By::Nothing | By::Token => None,
    };
    let permissions = requester.caller.permissions.scopes();
    axum::Json(Session { name: requester.caller.name, permissions, csrf })
}

/// Sends the browser to the identity provider.
pub(super) async fn oidc_start(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let provider = app.provider().ok_or(Code::NotFound)?;
    if address(&request).is_some_and(|address| !app.limiter().admits_login(address)) {
        return Err(Code::TooManyRequests.into());
    }
    let started = provider.start(&redirect(&app, request.headers())).await.map_err(refused)?;
    let cookie = [(header::SET_COOKIE, set(&app, PENDING, &started.kept, PENDING_SECONDS))];
    Ok((cookie, Redirect::to(&started.address)).into_response())
}

/// What the provider sends the browser back with.
#[derive(Deserialize)]
pub(super) struct Returned {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

/// Takes the browser back from the identity provider.
pub(super) async fn oidc_return(
    State(app): State<App>,
    Parameters(returned): Parameters<Returned>,
    request: Request,
) -> Result<Response, Problem> {
    let provider = app.provider().ok_or(Code::NotFound)?;
    let (address, headers) = (address(&request), request.into_parts().0.headers);
    let kept = caller::named_cookie(&headers, PENDING).unwrap_or_default();
    let redirect = redirect(&app, &headers);
    let database = app.store().database();
    let event = |name: &str| {
        let event = Event::new(Kind::Login, name).detail("oidc");
        address.map_or(event.clone(), |address| event.from(address.to_string()))
    };
    match provider.finish(database, &redirect, kept, &returned.state, returned.code).await {
        Ok(account) => {
            app.record(event(&account.name).account(&account.name)).await?;
            let mut response = enter(&app, &account).await?;
            response.headers_mut().append(header::SET_COOKIE, set(&app, PENDING, "", 0));
            Ok(response)
        }
        Err(error) => {
            app.record(event("unknown").failed()).await?;
            Err(refused(error))
        }
    }
}

/// The login that the browser is on its way with.
const PENDING: &str = "dxa_login";
const PENDING_SECONDS: u32 = 600;

fn refused(error: OidcError) -> Problem {
    match error {
        OidcError::Provider => Problem::new(Code::Unavailable, error.to_string()),
        OidcError::Account(LoginError::Store(error)) => error.into(),
        OidcError::Mixed | OidcError::Unproven | OidcError::NoRole | OidcError::Account(_) => {
            Problem::new(Code::Forbidden, error.to_string())
        }
    }
}

fn redirect(app: &App, headers: &HeaderMap) -> String {
    format!("{}/login/oidc/return", pages::base(app, headers))
}

async fn enter(app: &App, account: &Account) -> Result<Response, Problem> {
    let opened = auth::open(app.store().database(), account).await?;
    let cookie = [(header::SET_COOKIE, set(app, COOKIE, &opened.cookie, SESSION_SECONDS))];
    Ok((StatusCode::SEE_OTHER, cookie, [(header::LOCATION, "/")]).into_response())
}

/// The store ends a session; the browser forgets it after the longest one can last.
const SESSION_SECONDS: u32 = 12 * 3600;

/// A cookie that scripts cannot read and that only comes from our own pages. The one for the way to the identity
/// provider must survive coming back from there.
fn set(app: &App, name: &str, value: &str, seconds: u32) -> HeaderValue {
    let secure = if app.config().http.tls.is_some() { "; Secure" } else { "" };
    let site = if name == PENDING { "Lax" } else { "Strict" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite={site}; Max-Age={seconds}{secure}");
    // Our values are letters, digits and dots.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

/// What was typed as a name, for the audit trail: it may have been a password.
fn shown(name: &str) -> String {
    let is_name = name.chars().count() <= 64
        && name.chars().all(|letter| letter.is_alphanumeric() || ".-_@".contains(letter));
    if is_name && !name.is_empty() { name.to_owned() } else { "unknown".to_owned() }
}
