//! Who asks: established once for each request, before any handler runs.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::problem::{Code, Problem};
use crate::audit::{Event, Kind};
use crate::auth::{self, By, Caller, Permission};

/// Who asks and from where, for handlers.
#[derive(Clone, Debug)]
pub(super) struct Requester {
    pub(super) caller: Caller,
    pub(super) address: Option<IpAddr>,
}

impl Requester {
    /// An event by this requester.
    pub(super) fn event(&self, kind: Kind) -> Event {
        let event = Event::new(kind, &self.caller.name);
        match self.address {
            Some(address) => event.from(address.to_string()),
            None => event,
        }
    }

    /// Whether identities are kept from this requester.
    pub(super) fn sees_no_identity(&self) -> bool {
        !self.caller.may(Permission::Read)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Requester {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or(Code::Unauthenticated.into())
    }
}

/// Establishes who asks. Whoever says nothing, or something that does not hold, goes on as nobody.
pub(super) async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let address = address(&request);
    let caller = match caller(&app, request.headers()).await {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    if let Some(caller) = caller {
        if let Err(problem) = check_forgery(&caller, request.method(), request.headers()) {
            return problem.into_response();
        }
        request.extensions_mut().insert(Requester { caller, address });
    }
    next.run(request).await
}

/// Lets a request through only when its caller holds one of the permissions.
pub(super) async fn require(
    State((app, permissions)): State<(App, &'static [Permission])>,
    request: Request,
    next: Next,
) -> Response {
    let Some(requester) = request.extensions().get::<Requester>() else {
        return Problem::from(Code::Unauthenticated).into_response();
    };
    if permissions.iter().any(|permission| requester.caller.may(*permission)) {
        return next.run(request).await;
    }
    let event = requester.event(Kind::SecurityAlert).failed().detail("forbidden");
    match app.record(event).await {
        Ok(()) => Problem::from(Code::Forbidden).into_response(),
        Err(problem) => problem.into_response(),
    }
}

/// The name of our cookie.
pub(super) const COOKIE: &str = "dxa_session";

/// The value of our cookie in a request.
pub(super) fn cookie(headers: &HeaderMap) -> Option<&str> {
    named_cookie(headers, COOKIE)
}

/// The value of a cookie.
pub(super) fn named_cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let pairs = all.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}

pub(super) fn address(request: &Request) -> Option<IpAddr> {
    let info = request.extensions().get::<ConnectInfo<SocketAddr>>();
    info.map(|ConnectInfo(address)| address.ip())
}

async fn caller(app: &App, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    if app.is_open() {
        return Ok(Some(Caller::local()));
    }
    let database = app.store().database();
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let bearer = value.to_str().ok().and_then(|value| value.split_once(' '));
        let token =
            bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token);
        return match token {
            Some(token) => Ok(auth::authenticate(database, token.trim()).await?),
            None => Ok(None),
        };
    }
    match cookie(headers) {
        Some(cookie) => Ok(auth::resume(database, cookie, app.config().auth.idle_minutes).await?),
        None => Ok(None),
    }
}

/// A page of another site can make a browser send a request with our cookie, or, where nobody logs in, without.
fn check_forgery(caller: &Caller, method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    match &caller.by {
        By::Token => Ok(()),
        By::Nothing => same_origin(headers),
        By::Session { csrf } => {
            let given = headers.get("x-csrf-token").and_then(|value| value.to_str().ok()).unwrap_or_default();
            if !bool::from(subtle::ConstantTimeEq::ct_eq(given.as_bytes(), csrf.as_bytes())) {
                return Err(Problem::new(Code::ForgedRequest, "send the session's token in X-CSRF-Token"));
            }
            same_origin(headers)
        }
    }
}

/// Browsers say from which site a request comes; programs say nothing.
pub(super) fn same_origin(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let foreign = || Err(Problem::new(Code::ForgedRequest, "the request comes from a page of another site"));
    if text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return foreign();
    }
    let Some(origin) = text("origin") else { return Ok(()) };
    let host = origin.split_once("://").map(|(_, host)| host);
    if host.is_some() && host == text("host") { Ok(()) } else { foreign() }
}
