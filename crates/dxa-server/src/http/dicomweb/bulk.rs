//! WADO-RS bulk data: the values that metadata gives by address.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use dxa_core::guard::{self, Input, Leniency, Limits};

use super::frames::octets;
use super::metadata::little;
use super::query;
use super::retrieve::{Named, read_one};
use crate::http::app::App;
use crate::http::caller::Requester;
use crate::http::media;
use crate::http::problem::{Code, Problem};

/// The value of one attribute of an object.
///
/// As `multipart/related; type="application/octet-stream"`, or plain when only that is accepted.
#[utoipa::path(get,
    path = "/dicom-web/studies/{study}/series/{series}/instances/{instance}/bulkdata/{tag}", tag = "dicomweb",
    params(("study" = String, Path, description = "Study Instance UID"),
        ("series" = String, Path, description = "Series Instance UID"),
        ("instance" = String, Path, description = "SOP Instance UID"),
        ("tag" = String, Path, description = "Eight hexadecimal digits")),
    responses((status = 200, content_type = "multipart/related; type=\"application/octet-stream\"", body = Vec<u8>),
        (status = 404, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn bulk_data(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Path((study, series, instance, tag)): Path<(String, String, String, String)>,
) -> Result<Response, Problem> {
    let accepted = media::accepted(&headers, None);
    let tag =
        query::tag(&tag).ok_or_else(|| Problem::new(Code::BadRequest, "the path names no attribute"))?;
    let (_, bytes) = read_one(&app, &requester, &Named::instance((study, series, instance))).await?;
    let value = {
        let object = guard::open(Input::whole(&bytes), Leniency::Strict, &Limits::DEFAULT);
        let object = object.map_err(|_| Problem::from(Code::Damaged))?;
        let element = object.root().get(tag).ok_or(Code::NotFound)?;
        little(&element, object.syntax().big_endian)
    };
    if accepted.first().is_some_and(|media| media.essence == "application/octet-stream") {
        return Ok(([(header::CONTENT_TYPE, "application/octet-stream")], value).into_response());
    }
    octets(&accepted, vec![value])
}
