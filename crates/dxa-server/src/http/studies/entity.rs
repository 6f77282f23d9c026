//! The entity tag of a study: which version of it a client has seen.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::http::problem::{Code, Problem};
use crate::store::StudyRow;

/// The tag of a study as it is.
pub(in crate::http) fn tag(study: &StudyRow) -> String {
    format!("\"{}.{}\"", study.version, study.revision)
}

/// The tag as a header.
pub(super) fn header_value(study: &StudyRow) -> HeaderValue {
    // Digits, a dot and quotation marks are a header value.
    HeaderValue::from_str(&tag(study)).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Whether the client already has the study as it is.
pub(super) fn is_known(headers: &HeaderMap, study: &StudyRow) -> bool {
    listed(headers, &header::IF_NONE_MATCH).any(|given| given == "*" || given == tag(study))
}

/// A change must name what it changes.
///
/// # Errors
/// 428 without `If-Match`, 412 when the study has changed since.
pub(super) fn check(headers: &HeaderMap, study: &StudyRow) -> Result<(), Problem> {
    if !headers.contains_key(header::IF_MATCH) {
        return Err(Problem::new(Code::PreconditionRequired, "send the ETag of the study in If-Match"));
    }
    // `*` would accept whatever there is, which is what the condition must prevent.
    if listed(headers, &header::IF_MATCH).any(|given| given == tag(study)) {
        return Ok(());
    }
    Err(Problem::new(Code::Stale, "read the study again, and decide again"))
}

fn listed<'h>(headers: &'h HeaderMap, name: &header::HeaderName) -> impl Iterator<Item = String> + 'h {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|value| value.trim().trim_start_matches("W/").to_owned())
}
