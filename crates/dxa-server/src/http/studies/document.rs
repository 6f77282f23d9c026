//! The result of a study in the forms of other systems.

use axum::extract::{Path, Query as Parameters, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::{Which, csv, entity, page, result};
use crate::audit::Kind;
use crate::http::app::App;
use crate::http::caller::Requester;
use crate::http::problem::{Code, Problem};
use crate::store::ResultRow;

/// A form of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// A page for people.
    Html,
    /// The regions as a table.
    Csv,
    /// One that was made with the result: its kind in the store.
    Kept(&'static str),
}

impl Form {
    fn of(name: &str) -> Option<Self> {
        match name {
            "report.html" => Some(Self::Html),
            "csv" => Some(Self::Csv),
            "report.pdf" => Some(Self::Kept("pdf")),
            "sr.dcm" => Some(Self::Kept("sr")),
            "sc.dcm" => Some(Self::Kept("sc")),
            "fhir.json" => Some(Self::Kept("fhir")),
            "hl7.txt" => Some(Self::Kept("hl7")),
            _ => None,
        }
    }
}

/// A document of a study.
///
/// `report.html` and `csv` are made from the result; the others are those that were made with it and sent to other
/// systems, byte for byte. `sc.dcm` takes the number of the picture, `?n=`.
#[utoipa::path(get, path = "/api/v1/studies/{uid}/{document}", tag = "studies",
    params(("uid" = String, Path, description = "Study Instance UID"),
        ("document" = String, Path,
            description = "report.html, report.pdf, sr.dcm, sc.dcm, fhir.json, hl7.txt or csv", example = "csv"),
        Which),
    responses((status = 200, body = Vec<u8>), (status = 304),
        (status = 404, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn study_document(
    State(app): State<App>,
    requester: Requester,
    headers: HeaderMap,
    Path((uid, name)): Path<(String, String)>,
    Parameters(which): Parameters<Which>,
) -> Result<Response, Problem> {
    let form = Form::of(&name).ok_or_else(|| Problem::new(Code::NotFound, "there is no such document"))?;
    if requester.sees_no_identity() && form != Form::Csv {
        return Err(Problem::new(Code::Forbidden, "documents with an identity are not for this account"));
    }
    let (study, result) = result::find(&app, &uid, which.version).await?;
    app.record(requester.event(Kind::Export).study(&study.uid).detail(&*name)).await?;
    if which.version.is_none() && entity::is_known(&headers, &study) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, entity::header_value(&study))]).into_response());
    }
    let mut response = match form {
        Form::Html => page::report(&result, which.lang.as_deref())?,
        Form::Csv => csv_of(&result)?,
        Form::Kept(kind) => kept(&app, &result, kind, &name, &which).await?,
    };
    response.headers_mut().insert(header::ETAG, entity::header_value(&study));
    Ok(response)
}

fn csv_of(result: &ResultRow) -> Result<Response, Problem> {
    let table = csv::regions(&result::value(result)?)?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"regions.csv\""),
    ];
    Ok((headers, table).into_response())
}

async fn kept(
    app: &App,
    result: &ResultRow,
    kind: &str,
    name: &str,
    which: &Which,
) -> Result<Response, Problem> {
    let number = which.n.unwrap_or(0);
    let language = match which.lang.as_deref() {
        None | Some("en") => "en",
        Some("zh-CN") => "zh-CN",
        Some(_) => return Err(Problem::new(Code::BadRequest, "the language is en or zh-CN")),
    };
    let store = app.store();
    let document = store.document(&result.study, result.version, kind, number, language).await?;
    let document =
        document.ok_or_else(|| Problem::new(Code::NotFound, "this document was not made of this version"))?;
    let media_type = HeaderValue::from_str(&document.media_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let mut response = (StatusCode::OK, document.body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    if name.ends_with(".dcm") || name.ends_with(".pdf") {
        let file = format!("attachment; filename=\"{name}\"");
        if let Ok(file) = HeaderValue::from_str(&file) {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, file);
        }
    }
    Ok(response)
}
