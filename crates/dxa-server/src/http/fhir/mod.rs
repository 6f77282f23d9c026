//! `/fhir`: the results as resources of FHIR R4, to read and to search.

mod capability;
mod date;
mod everything;
mod outcome;
mod parameters;
mod reading;
mod searching;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::app::App;
use super::caller::Requester;
use super::pages;
use super::problem::{Code, Problem};
use crate::auth::Access;
use outcome::Outcome;

/// The types that there are, and what each may be searched by.
const KINDS: [(&str, &[&str]); 6] = [
    ("DiagnosticReport", &["patient", "identifier", "date", "code", "status"]),
    ("Observation", &["patient", "identifier", "date", "code", "status"]),
    ("ImagingStudy", &["patient", "identifier", "started", "status"]),
    ("Patient", &["identifier"]),
    ("Device", &[]),
    ("Provenance", &[]),
];

/// All routes; who may read what is checked by each, because it depends on the type.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/fhir/metadata", get(capability::statement))
        .route("/fhir/.well-known/smart-configuration", get(capability::smart))
        .route("/fhir/OperationDefinition/{id}", get(everything::definition))
        .route("/fhir/DiagnosticReport/{id}/$everything", get(everything::everything))
        .route("/fhir/{kind}", get(searching::by_query))
        .route("/fhir/{kind}/_search", post(searching::by_form))
        .route("/fhir/{kind}/{id}", get(reading::read))
}

/// The type that a path names.
fn kind(name: &str) -> Result<&'static str, Outcome> {
    let known = KINDS.iter().find(|(kind, _)| *kind == name).map(|(kind, _)| *kind);
    known.ok_or_else(|| Problem::new(Code::NotFound, "there are no resources of this type").into())
}

/// Who asks, if they may have resources of a type so.
fn allowed(requester: Result<Requester, Problem>, access: Access, kind: &str) -> Result<Requester, Outcome> {
    let requester = requester?;
    if requester.caller.records.may(access, kind) {
        return Ok(requester);
    }
    Err(Problem::new(Code::Forbidden, "the scopes of this token do not hold this type").into())
}

/// JSON is the only form.
fn check_accepted(headers: &HeaderMap, format: Option<&str>) -> Result<(), Outcome> {
    let accepts = |text: &str| ["json", "*/*", "application/*"].iter().any(|form| text.contains(form));
    let asked = format.or_else(|| headers.get(header::ACCEPT)?.to_str().ok());
    match asked {
        Some(asked) if !accepts(asked) => {
            Err(Problem::new(Code::NotAcceptable, "resources are given as application/fhir+json").into())
        }
        _ => Ok(()),
    }
}

/// The address under which this request reached the resources.
fn base(app: &App, headers: &HeaderMap) -> String {
    format!("{}/fhir", pages::base(app, headers))
}

fn answer(body: String) -> Response {
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/fhir+json"))];
    (kind, body).into_response()
}
