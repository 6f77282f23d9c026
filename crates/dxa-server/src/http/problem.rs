//! Errors as `application/problem+json` (RFC 9457) with a code that never changes its meaning.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::store;

/// What went wrong, as clients may branch on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The request cannot be understood.
    BadRequest,
    /// Nobody is logged in, or the token is not known.
    Unauthenticated,
    /// The caller may not do this.
    Forbidden,
    /// The request may have been forged by another site.
    ForgedRequest,
    /// There is no such thing.
    NotFound,
    /// The study has no result yet.
    NotAnalyzed,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// No representation that the client accepts.
    NotAcceptable,
    /// The request took too long to arrive.
    RequestTimeout,
    /// The request contradicts the state of the study.
    Conflict,
    /// The study has changed since the client read it.
    Stale,
    /// More bytes than are taken.
    TooLarge,
    /// A body of another type than the path takes.
    UnsupportedMediaType,
    /// The body is well formed and says something that cannot be.
    Invalid,
    /// `If-Match` is missing.
    PreconditionRequired,
    /// Too many requests from this address.
    TooManyRequests,
    /// A defect of the service.
    Internal,
    /// A stored object is not what was stored.
    Damaged,
    /// This program was built without that.
    NotImplemented,
    /// Not now: the disk is at its reserve, the index does not answer, or the service stops.
    Unavailable,
}

impl Code {
    /// All codes.
    pub const ALL: [Self; 20] = [
        Self::BadRequest,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::ForgedRequest,
        Self::NotFound,
        Self::NotAnalyzed,
        Self::MethodNotAllowed,
        Self::NotAcceptable,
        Self::RequestTimeout,
        Self::Conflict,
        Self::Stale,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::Invalid,
        Self::PreconditionRequired,
        Self::TooManyRequests,
        Self::Internal,
        Self::Damaged,
        Self::NotImplemented,
        Self::Unavailable,
    ];

    /// The code as clients see it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// The status that goes with it.
    #[must_use]
    pub fn status(self) -> StatusCode {
        self.row().0
    }

    /// Status, name, and the title for people.
    fn row(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, "bad_request", "The request cannot be understood"),
            Self::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated", "Log in first"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "Not allowed for this account"),
            Self::ForgedRequest => {
                (StatusCode::FORBIDDEN, "forged_request", "The request may come from another site")
            }
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found", "Not found"),
            Self::NotAnalyzed => (StatusCode::NOT_FOUND, "not_analyzed", "There is no result yet"),
            Self::MethodNotAllowed => {
                (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "The path does not take this method")
            }
            Self::NotAcceptable => {
                (StatusCode::NOT_ACCEPTABLE, "not_acceptable", "Not available in an accepted form")
            }
            Self::RequestTimeout => {
                (StatusCode::REQUEST_TIMEOUT, "request_timeout", "The request took too long to arrive")
            }
            Self::Conflict => (StatusCode::CONFLICT, "conflict", "Not possible in the present state"),
            Self::Stale => {
                (StatusCode::PRECONDITION_FAILED, "stale", "The study has changed since it was read")
            }
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large", "More than is taken at once"),
            Self::UnsupportedMediaType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "The body is of another type")
            }
            Self::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The body says what cannot be"),
            Self::PreconditionRequired => (
                StatusCode::PRECONDITION_REQUIRED,
                "precondition_required",
                "Say which version is changed, with If-Match",
            ),
            Self::TooManyRequests => {
                (StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Too many requests from this address")
            }
            Self::Internal => {
                (StatusCode::INTERNAL_SERVER_ERROR, "internal", "The service made an error of its own")
            }
            Self::Damaged => {
                (StatusCode::INTERNAL_SERVER_ERROR, "damaged", "A stored object is damaged and was set aside")
            }
            Self::NotImplemented => (StatusCode::NOT_IMPLEMENTED, "not_implemented", "Not available here"),
            Self::Unavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not possible now, try later")
            }
        }
    }
}

/// An answer that is an error. The detail never holds a value from a patient's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    code: Code,
    detail: Option<String>,
}

impl Problem {
    /// An error with a sentence of what to do.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: Some(detail.into()) }
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> Value {
        let (status, name, title) = self.code.row();
        let mut body =
            json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "code": name });
        if let Some(detail) = &self.detail {
            body["detail"] = detail.as_str().into();
        }
        body
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self { code, detail: None }
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        match &error {
            store::Error::Full(_)
            | store::Error::Busy
            | store::Error::Closing
            | store::Error::Newer { .. } => Self::new(Code::Unavailable, error.to_string()),
            store::Error::Refused(_) => Self::new(Code::BadRequest, error.to_string()),
            store::Error::NotFound(_) => Self::new(Code::NotFound, error.to_string()),
            store::Error::Stale { .. } => Self::new(Code::Stale, error.to_string()),
            store::Error::Damaged => Code::Damaged.into(),
            store::Error::Database(_) | store::Error::Io(_) | store::Error::Bucket(_) => {
                // The sentence of a driver may quote what was asked; it stays here.
                tracing::error!(kind = error_kind(&error), "the store does not answer");
                Code::Unavailable.into()
            }
        }
    }
}

fn error_kind(error: &store::Error) -> &'static str {
    match error {
        store::Error::Database(_) => "database",
        store::Error::Io(_) => "disk",
        store::Error::Bucket(_) => "bucket",
        store::Error::Full(_)
        | store::Error::Busy
        | store::Error::Closing
        | store::Error::Newer { .. }
        | store::Error::Refused(_)
        | store::Error::NotFound(_)
        | store::Error::Stale { .. }
        | store::Error::Damaged => "store",
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = self.body().to_string();
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (self.code.status(), kind, body).into_response();
        let headers = response.headers_mut();
        match self.code {
            Code::Unauthenticated => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"dxa\""));
            }
            Code::Unavailable => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            }
            Code::TooManyRequests => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Code::BadRequest
            | Code::Forbidden
            | Code::ForgedRequest
            | Code::NotFound
            | Code::NotAnalyzed
            | Code::MethodNotAllowed
            | Code::NotAcceptable
            | Code::RequestTimeout
            | Code::Conflict
            | Code::Stale
            | Code::TooLarge
            | Code::UnsupportedMediaType
            | Code::Invalid
            | Code::PreconditionRequired
            | Code::Internal
            | Code::Damaged
            | Code::NotImplemented => {}
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_differ_and_are_errors() {
        let names: BTreeSet<&str> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.status().is_client_error() || code.status().is_server_error(), "{code:?}");
        }
    }

    #[test]
    fn a_problem_says_its_code_twice_for_people_and_once_for_programs() {
        let body = Problem::new(Code::Stale, "read it again").body();
        assert_eq!(body["code"], "stale");
        assert_eq!(body["status"], 412);
        assert_eq!(body["detail"], "read it again");
    }
}
