//! Errors as an OperationOutcome, which is what clients of FHIR read.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::http::problem::{Code, Problem};
use crate::store;

/// A problem as FHIR says it.
#[derive(Debug)]
pub(super) struct Outcome(Problem);

impl From<Problem> for Outcome {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<store::Error> for Outcome {
    fn from(error: store::Error) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Outcome {
    fn into_response(self) -> Response {
        let problem = self.0.body();
        let sentence = problem.get("detail").or_else(|| problem.get("title")).cloned();
        let body = json!({
            "resourceType": "OperationOutcome",
            "issue": [{
                "severity": "error",
                "code": issue(self.0.code()),
                "details": { "text": sentence },
                "diagnostics": self.0.code().name(),
            }],
        });
        // Status and headers are those of the problem.
        let (mut head, _) = self.0.into_response().into_parts();
        head.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/fhir+json"));
        head.headers.remove(header::CONTENT_LENGTH);
        (head, body.to_string()).into_response()
    }
}

/// <http://hl7.org/fhir/R4/valueset-issue-type.html>
fn issue(code: Code) -> &'static str {
    match code {
        Code::BadRequest | Code::Invalid => "invalid",
        Code::Unauthenticated => "login",
        Code::Forbidden | Code::ForgedRequest => "forbidden",
        Code::NotFound | Code::NotAnalyzed => "not-found",
        Code::MethodNotAllowed
        | Code::NotAcceptable
        | Code::UnsupportedMediaType
        | Code::NotImplemented => "not-supported",
        Code::Conflict | Code::Stale | Code::PreconditionRequired => "conflict",
        Code::TooLarge => "too-long",
        Code::RequestTimeout => "timeout",
        Code::TooManyRequests => "throttled",
        Code::Internal | Code::Damaged => "exception",
        Code::Unavailable => "transient",
    }
}
