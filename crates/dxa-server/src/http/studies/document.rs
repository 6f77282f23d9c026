//! The result of a study in the forms of other systems.

use axum::extract::{Path, Query as Parameters, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use dxa_exchange::issue::{Standing, Status};
use dxa_exchange::record::Study;
use dxa_exchange::text::Language;
use dxa_report::{PrintError, Printed};

use super::{Which, csv, entity, life, page, result};
use crate::audit::Kind;
use crate::http::app::App;
use crate::http::caller::Requester;
use crate::http::media::accepted;
use crate::http::pages;
use crate::http::problem::{Code, Problem};
use crate::pages::Frame;
use crate::store::{self, ResultRow, ResultState};
use crate::work::{drawn, earlier_visits, is_drawn};

/// A form of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// A page for people.
    Html,
    /// The regions as a table.
    Csv,
    /// The printed report, or the sheet for the patient.
    Pdf,
    /// One that was made with the result: its kind in the store.
    Kept(&'static str),
}

impl Form {
    fn of(name: &str) -> Option<Self> {
        match name {
            "report.html" => Some(Self::Html),
            "csv" => Some(Self::Csv),
            "report.pdf" => Some(Self::Pdf),
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
/// `report.html`, `report.pdf` and `csv` are made from the result; the others are those that were made with it and
/// sent to other systems, byte for byte. `sc.dcm` takes the number of the picture, `?n=`; `report.pdf` takes the
/// language, `?lang=`, and with `?audience=patient` is the sheet for the patient.
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
    frame: Frame,
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
        Form::Pdf => match pdf(&app, &result, &which).await {
            Ok(response) => response,
            Err(unmade) => return unmade.answer(&frame, &headers),
        },
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

/// Why there is no PDF.
enum Unmade {
    /// As for every other document.
    Problem(Problem),
    /// It cannot be printed.
    Unprintable(PrintError),
}

impl From<Problem> for Unmade {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<store::Error> for Unmade {
    fn from(error: store::Error) -> Self {
        Self::Problem(error.into())
    }
}

impl Unmade {
    /// A person who follows a link reads a page; a program reads its problem.
    fn answer(self, frame: &Frame, headers: &HeaderMap) -> Result<Response, Problem> {
        let error = match self {
            Self::Problem(problem) => return Err(problem),
            Self::Unprintable(error) => error,
        };
        let is_person = accepted(headers, None).iter().any(|media| media.essence == "text/html");
        if is_person {
            return Ok(pages::unprintable(frame, error.said(frame.language)));
        }
        Err(Problem::new(Code::Unavailable, error.to_string()))
    }
}

/// The printed report of a result, or the sheet for its patient.
async fn pdf(app: &App, result: &ResultRow, which: &Which) -> Result<Response, Unmade> {
    let is_sheet = match which.audience.as_deref() {
        None | Some("physician") => false,
        Some("patient") => true,
        Some(_) => return Err(Problem::new(Code::BadRequest, "the audience is physician or patient").into()),
    };
    let language = language(which)?;
    let study: Study = serde_json::from_str(&result.json).map_err(|_| Problem::from(Code::Damaged))?;
    let standing = standing(result);
    // The sheet shows no pictures.
    let wanted = |kind: &str, number| !is_sheet && is_drawn(kind, number);
    let kept = app.store().documents(&result.study, result.version, wanted).await?;
    let visits = if is_sheet { Vec::new() } else { earlier_visits(app.store(), &result.study).await? };
    let app = app.clone();
    // Setting pages takes a tenth of a second of a processor.
    let printed = tokio::task::spawn_blocking(move || {
        let pictures = drawn(kept.iter().map(|kept| (kept.number, &kept.body)));
        let printed =
            Printed { study: &study, standing: &standing, language, pictures: &pictures, visits: &visits };
        let printer =
            app.printer().as_ref().map_err(|sentence| Problem::new(Code::Unavailable, sentence.clone()))?;
        let made = if is_sheet { printer.sheet(&printed) } else { printer.report(&printed) };
        made.map_err(Unmade::Unprintable)
    });
    let bytes = printed.await.map_err(|_| Problem::from(Code::Damaged))??;
    let name = if is_sheet { "patient.pdf" } else { "report.pdf" };
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")),
    ];
    Ok((headers, bytes).into_response())
}

/// How far people stand behind a result: a signature is a version of its own.
fn standing(result: &ResultRow) -> Standing {
    let status = match result.state {
        ResultState::Preliminary => Status::Preliminary,
        ResultState::Final => Status::Final,
        ResultState::Amended => Status::Amended,
    };
    let is_signed = status != Status::Preliminary;
    let signature = is_signed.then(|| life::signature(&result.author, result.created_at));
    Standing { status, signature, replaces: Vec::new() }
}

/// The language that was asked for.
fn language(which: &Which) -> Result<Language, Problem> {
    let asked = which.lang.as_deref().unwrap_or("en");
    asked.parse().map_err(|_| Problem::new(Code::BadRequest, "the language is en or zh-CN"))
}

async fn kept(
    app: &App,
    result: &ResultRow,
    kind: &str,
    name: &str,
    which: &Which,
) -> Result<Response, Problem> {
    let number = which.n.unwrap_or(0);
    let language = language(which)?.of("en", "zh-CN");
    let store = app.store();
    let document = store.document(&result.study, result.version, kind, number, language).await?;
    let document =
        document.ok_or_else(|| Problem::new(Code::NotFound, "this document was not made of this version"))?;
    let media_type = HeaderValue::from_str(&document.media_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let mut response = (StatusCode::OK, document.body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    if name.ends_with(".dcm") {
        let file = format!("attachment; filename=\"{name}\"");
        if let Ok(file) = HeaderValue::from_str(&file) {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, file);
        }
    }
    Ok(response)
}
