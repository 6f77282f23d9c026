//! `GET /patients/{id}/context`: the form for what DICOM does not know of a patient.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as Parameters, State};
use axum::response::Response;
use dxa_exchange::context::Together;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{page, problem, reader};
use crate::audit::Kind;
use crate::http::app::App;
use crate::http::caller::Requester;
use crate::http::problem::{Code, Problem};
use crate::pages::{ContextPage, Frame};
use crate::store::{self, is_uid};

/// Where to go back to.
#[derive(Default, Deserialize)]
pub(in crate::http) struct Back {
    study: Option<String>,
}

/// The form with what is known.
pub(in crate::http) async fn context(
    State(app): State<App>,
    requester: Result<Requester, Problem>,
    frame: Frame,
    Path(id): Path<String>,
    back: Result<Parameters<Back>, QueryRejection>,
) -> Response {
    let requester = match reader(&app, &frame, requester).await {
        Ok(requester) if frame.may_correct => requester,
        Ok(_) => return problem(&frame, &Code::Forbidden.into()),
        Err(answer) => return answer,
    };
    let study = back.ok().and_then(|Parameters(back)| back.study).filter(|study| is_uid(study));
    let back = study.map_or_else(|| "/".to_owned(), |study| format!("/studies/{study}"));
    match known(&app, &requester, &id).await {
        Ok((known, withdrawn)) => page(&frame, &ContextPage::of(&frame, &id, back, &known, withdrawn)),
        Err(error) => problem(&frame, &error),
    }
}

/// What is known, and the keys that the reader withdrew and nobody told since.
async fn known(app: &App, requester: &Requester, id: &str) -> Result<(Together, Vec<String>), Problem> {
    app.store().patient_number(id).await?;
    app.record(requester.event(Kind::Access).patient(id).detail("context")).await?;
    let entries = app.store().contexts(id).await?;
    let known = store::together(&entries);
    let own = entries.iter().rfind(|entry| entry.author == requester.caller.name);
    let own: Map<String, Value> =
        own.and_then(|own| serde_json::from_str(&own.body).ok()).unwrap_or_default();
    let withdrawn = own.into_iter().filter(|(key, value)| value.is_null() && !known.facts.contains_key(key));
    let withdrawn = withdrawn.map(|(key, _)| key).collect();
    Ok((known, withdrawn))
}
