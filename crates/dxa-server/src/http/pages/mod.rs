//! The pages for people: who asks, in which language, and what of the store each page shows.

mod assets;
mod context;
mod marks;
mod quality;
mod reading;
mod study;
mod worklist;

pub(super) use assets::asset;
pub(super) use context::context;
pub(super) use marks::changes;
pub(super) use quality::quality;
pub(super) use reading::reading;
pub(super) use study::study;
pub(super) use worklist::worklist;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use dxa_exchange::text::Language;

use super::app::App;
use super::caller::{Requester, named_cookie};
use super::problem::{Code, Problem};
use crate::auth::{By, Permission};
use crate::pages::{Frame, LoginPage, ProblemPage, tag};

/// The frame of a page as a request asks for it.
impl<S: Send + Sync> FromRequestParts<S> for Frame {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(frame(&parts.uri, &parts.headers, &parts.extensions))
    }
}

/// The same from the parts of a request.
pub(super) fn frame(uri: &Uri, headers: &HeaderMap, extensions: &Extensions) -> Frame {
    let requester = extensions.get::<Requester>();
    let may = |permission| requester.is_some_and(|requester| requester.caller.may(permission));
    let (address, asked) = without_language(uri);
    let kept = named_cookie(headers, COOKIE).and_then(|cookie| cookie.parse().ok());
    let (user, csrf) = match requester.map(|requester| (&requester.caller.name, &requester.caller.by)) {
        Some((name, By::Session { csrf })) => (Some(name.clone()), Some(csrf.clone())),
        Some((name, By::Token)) => (Some(name.clone()), None),
        Some((_, By::Nothing)) | None => (None, None),
    };
    Frame {
        language: asked.or(kept).unwrap_or_else(|| preferred(headers)),
        keeps_language: asked.is_some(),
        user,
        csrf,
        may_correct: may(Permission::Correct),
        may_sign: may(Permission::Sign),
        address,
        version: env!("CARGO_PKG_VERSION"),
    }
}

/// The cookie that keeps the language; it says nothing of anybody.
const COOKIE: &str = "dxa_language";

fn without_language(uri: &Uri) -> (String, Option<Language>) {
    let mut asked = None;
    let rest: Vec<&str> = uri
        .query()
        .into_iter()
        .flat_map(|query| query.split('&'))
        .filter(|pair| match pair.strip_prefix("lang=") {
            Some(language) => {
                asked = language.parse().ok();
                false
            }
            None => !pair.is_empty(),
        })
        .collect();
    let joint = if rest.is_empty() { "" } else { "?" };
    (format!("{}{joint}{}", uri.path(), rest.join("&")), asked)
}

/// The first language that the browser asks for and that is spoken here.
fn preferred(headers: &HeaderMap) -> Language {
    let asked =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let tags = asked.split(',').filter_map(|one| one.split(';').next());
    tags.filter_map(|tag| tag.trim().parse().ok()).next().unwrap_or(Language::English)
}

/// A page as an answer.
fn page(frame: &Frame, template: &impl Template) -> Response {
    let Ok(html) = template.render() else { return Problem::from(Code::Internal).into_response() };
    let mut response = Html(html).into_response();
    if frame.keeps_language {
        let cookie = format!("{COOKIE}={}; Path=/; SameSite=Lax; Max-Age=31536000", tag(frame.language));
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// Who looks at a page with identities.
///
/// # Errors
/// The way to the login; a page for those who may not see identities.
async fn reader(
    app: &App,
    frame: &Frame,
    requester: Result<Requester, Problem>,
) -> Result<Requester, Response> {
    let Ok(requester) = requester else { return Err(Redirect::to("/login").into_response()) };
    if requester.sees_no_identity() {
        let refused = requester.event(crate::audit::Kind::SecurityAlert).failed().detail("forbidden");
        return Err(match app.record(refused).await {
            Ok(()) => problem(frame, &Code::Forbidden.into()),
            Err(error) => problem(frame, &error),
        });
    }
    Ok(requester)
}

/// What is not there, as a page.
fn problem(frame: &Frame, problem: &Problem) -> Response {
    let w = frame.words();
    let title = match problem.code() {
        Code::Forbidden => w.problem_forbidden,
        Code::NotFound => w.problem_not_found,
        _ => w.problem_other,
    };
    let detail = problem.body().get("detail").and_then(|detail| detail.as_str()).map(str::to_owned);
    let shown = ProblemPage { frame, w, title, detail, uid: None, mark: None, waits: false };
    with_status(problem.code().status(), page(frame, &shown))
}

/// A report that cannot be printed, and why.
pub(super) fn unprintable(frame: &Frame, why: String) -> Response {
    let w = frame.words();
    let (title, detail) = (w.problem_unprintable, Some(why));
    let shown = ProblemPage { frame, w, title, detail, uid: None, mark: None, waits: false };
    with_status(Code::Unavailable.status(), page(frame, &shown))
}

fn with_status(status: StatusCode, mut response: Response) -> Response {
    *response.status_mut() = status;
    response
}

/// The page for logging in, with what went wrong before.
pub(super) fn login(frame: &Frame, error: Option<&str>) -> Response {
    page(frame, &LoginPage { frame, w: frame.words(), error })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(uri: &str, headers: &[(&'static str, &str)]) -> Frame {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        frame(&uri.parse().unwrap(), &map, &Extensions::new())
    }

    #[test]
    fn the_language_is_asked_for_then_kept_then_preferred() {
        let browser = ("accept-language", "fr, zh-CN;q=0.9, en;q=0.8");
        assert_eq!(shown("/", &[]).language, Language::English);
        assert_eq!(shown("/", &[browser]).language, Language::Chinese);
        assert_eq!(shown("/", &[browser, ("cookie", "a=b; dxa_language=en")]).language, Language::English);
        let asked = shown("/?status=failed&lang=zh-CN", &[("cookie", "dxa_language=en")]);
        assert_eq!(asked.language, Language::Chinese);
        assert!(asked.keeps_language);
        assert_eq!(asked.address, "/?status=failed");
        assert_eq!(asked.other_language_address(), "/?status=failed&lang=en");
        assert_eq!(shown("/?lang=klingon", &[]).language, Language::English);
    }
}
