//! `GET /studies/{uid}`: a study.

use std::collections::HashMap;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as Parameters, State};
use axum::response::Response;
use dxa_core::context::Treatment;
use dxa_exchange::context;
use dxa_exchange::view::trend::Visit;
use serde::Deserialize;

use super::{page, problem, reader, with_status};
use crate::audit::Kind;
use crate::http::app::App;
use crate::http::caller::Requester;
use crate::http::problem::{Code, Problem};
use crate::http::studies::entity_tag;
use crate::pages::{Behind, Frame, Given, ProblemPage, Read, StudyPage, failure};
use crate::store::{self, Query, StudyRow, is_uid};
use crate::work::documents::UNPRINTED;

/// What of it.
#[derive(Default, Deserialize)]
pub(in crate::http) struct Which {
    scan: Option<usize>,
    site: Option<String>,
}

/// A study with everything that was found in it.
pub(in crate::http) async fn study(
    State(app): State<App>,
    requester: Result<Requester, Problem>,
    frame: Frame,
    Path(uid): Path<String>,
    which: Result<Parameters<Which>, QueryRejection>,
) -> Response {
    let requester = match reader(&app, &frame, requester).await {
        Ok(requester) => requester,
        Err(answer) => return answer,
    };
    let row = match find(&app, &requester, &uid).await {
        Ok(row) => row,
        Err(error) if error.code() == Code::NotFound => return nothing(&frame),
        Err(error) => return problem(&frame, &error),
    };
    let which = which.map(|Parameters(which)| which).unwrap_or_default();
    match shown(&app, &frame, &row, which, &requester.caller.name).await {
        Ok(Some(answer)) => answer,
        Ok(None) => waiting(&frame, &row),
        Err(error) => problem(&frame, &error),
    }
}

pub(super) async fn find(app: &App, requester: &Requester, uid: &str) -> Result<StudyRow, Problem> {
    if !is_uid(uid) {
        return Err(Code::NotFound.into());
    }
    let row = app.store().study(uid).await?;
    app.record(requester.event(Kind::Access).study(&row.uid)).await?;
    Ok(row)
}

/// The page; `None` without a result.
async fn shown(
    app: &App,
    frame: &Frame,
    row: &StudyRow,
    which: Which,
    reader: &str,
) -> Result<Option<Response>, Problem> {
    if row.version == 0 {
        return Ok(None);
    }
    let store = app.store();
    let study = app.result(&row.uid, row.version).await?;
    let beside = store.beside(row, UNPRINTED).await?;
    let given = Given {
        frame,
        study: &study,
        uid: &row.uid,
        tag: entity_tag(row),
        unprinted: if beside.documents { unprinted(app, row).await? } else { None },
        behind: match row.state.as_str() {
            "failed" => Some(Behind::Failed(row.failure.clone())),
            "analyzing" => Some(Behind::Waits),
            _ => None,
        },
        patient: &row.patient,
        versions: store.standings(&row.uid).await?,
        images: images(app, &row.uid).await?,
        scan: which.scan,
        site: which.site,
        visits: if beside.visits { visits(app, row).await? } else { Vec::new() },
        treatments: if beside.contexts { treatments(app, &row.patient).await? } else { Vec::new() },
        signatures: if beside.signatures { store.signatures(&row.uid).await? } else { Vec::new() },
        corrections: if beside.corrections { store.corrections(&row.uid).await? } else { Vec::new() },
        comments: if beside.comments { store.comments(&row.uid).await? } else { Vec::new() },
        readings: if beside.readings { readings(app, &row.uid).await? } else { Vec::new() },
        reader,
    };
    Ok(Some(page(frame, &StudyPage::of(&given))))
}

/// Why the report of a version is not printed, where it should have been.
async fn unprinted(app: &App, row: &StudyRow) -> Result<Option<String>, Problem> {
    let kept = app.store().document(&row.uid, row.version, UNPRINTED, 0, "en").await?;
    Ok(kept.map(|kept| String::from_utf8_lossy(&kept.body).into_owned()))
}

/// Where the image of each object is that has one.
pub(super) async fn images(app: &App, uid: &str) -> Result<HashMap<String, String>, Problem> {
    let rows = app.store().instances_of(uid).await?;
    let images = rows.into_iter().filter(|row| row.has_image()).map(|row| {
        let address =
            format!("/dicom-web/studies/{}/series/{}/instances/{}/rendered", row.study, row.series, row.uid);
        (row.uid, address)
    });
    Ok(images.collect())
}

/// Readings of second physicians, each with the version that was read.
async fn readings(app: &App, uid: &str) -> Result<Vec<Read>, Problem> {
    let mut readings = Vec::new();
    for given in app.store().readings(uid).await? {
        let version = app.result(uid, given.version).await?;
        readings.push(Read { given, version });
    }
    Ok(readings)
}

/// Treatments that were told of the patient.
async fn treatments(app: &App, patient: &str) -> Result<Vec<Treatment>, Problem> {
    let facts = store::together(&app.store().contexts(patient).await?).facts;
    let context = context::read(serde_json::Value::Object(facts).to_string().as_bytes());
    // What was told was checked when it was kept; what an older program kept may say less.
    Ok(context.map(|context| context.treatments).unwrap_or_default())
}

/// Visits that a trend shows at most.
const VISITS: i64 = 12;

/// The newest results of the other visits of the patient. A patient without an identifier has none.
async fn visits(app: &App, row: &StudyRow) -> Result<Vec<Visit>, Problem> {
    let query = Query { patient: Some(row.patient.clone()), limit: VISITS, ..Query::default() };
    let mut visits = Vec::new();
    for other in app.store().studies(&query).await?.rows {
        if other.uid == row.uid || other.version == 0 || other.patient_mismatch {
            continue;
        }
        // A result that cannot be read is no reason to show nothing of this study.
        if let Ok(study) = app.result(&other.uid, other.version).await {
            visits.push(Visit { study });
        }
    }
    Ok(visits)
}

fn nothing(frame: &Frame) -> Response {
    let w = frame.words();
    let shown = ProblemPage {
        frame,
        w,
        title: w.problem_no_study,
        detail: None,
        uid: None,
        mark: None,
        waits: false,
    };
    with_status(Code::NotFound.status(), page(frame, &shown))
}

/// A study without a result: why, and the page looks again by itself unless there will be none.
fn waiting(frame: &Frame, row: &StudyRow) -> Response {
    let w = frame.words();
    let title = match row.state.as_str() {
        "failed" => w.problem_failed,
        "receiving" => w.problem_receiving,
        _ => w.problem_analyzing,
    };
    let shown = ProblemPage {
        frame,
        w,
        title,
        detail: row.failure.as_deref().map(|why| failure(why, frame.language)),
        uid: Some(row.uid.clone()),
        mark: Some(entity_tag(row)),
        waits: true,
    };
    page(frame, &shown)
}
