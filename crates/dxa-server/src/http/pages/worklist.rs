//! `GET /`: the list of studies.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query as Parameters, State};
use axum::response::Response;

use super::{page, problem, reader};
use crate::audit::Kind;
use crate::http::app::App;
use crate::http::caller::Requester;
use crate::http::problem::Problem;
use crate::http::studies::{self, Filters, listed};
use crate::pages::{Asked, Frame, Listed, ROWS, WorklistPage};

/// The newest studies, or those that were asked for.
pub(in crate::http) async fn worklist(
    State(app): State<App>,
    requester: Result<Requester, Problem>,
    frame: Frame,
    asked: Result<Parameters<Asked>, QueryRejection>,
) -> Response {
    let requester = match reader(&app, &frame, requester).await {
        Ok(requester) => requester,
        Err(answer) => return answer,
    };
    let asked = asked.map(|Parameters(asked)| asked).unwrap_or_default();
    match found(&app, &requester, &asked).await {
        Ok((rows, more, mark)) => page(&frame, &WorklistPage::of(&frame, &asked, rows, more, mark)),
        Err(error) => problem(&frame, &error),
    }
}

async fn found(
    app: &App,
    requester: &Requester,
    asked: &Asked,
) -> Result<(Vec<Listed>, bool, String), Problem> {
    let query = filters(asked).query()?;
    app.record(requester.event(Kind::Query)).await?;
    let mark = app.store().mark().await?;
    let (rows, more) = listed(app, &query).await?;
    Ok((rows.into_iter().map(of).collect(), more, mark))
}

fn filters(asked: &Asked) -> Filters {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    // Whoever types a part of a name looks for names that have it.
    let part = |text: &str| {
        given(text).map(|text| if text.contains(['*', '?']) { text } else { format!("*{text}*") })
    };
    let is_report = matches!(asked.status.as_str(), "preliminary" | "final" | "amended");
    let (report, state) = if is_report { (given(&asked.status), None) } else { (None, given(&asked.status)) };
    Filters {
        name: part(&asked.name),
        patient_id: part(&asked.patient_id),
        from: given(&asked.from),
        to: given(&asked.to),
        report,
        state,
        urgent: given(&asked.urgent),
        limit: Some(ROWS),
        offset: Some(asked.offset),
        ..Filters::default()
    }
}

fn of(listed: studies::Listed) -> Listed {
    let newest = listed.result;
    let (report, summary) = newest.map_or((None, None), |newest| (Some(newest.status), newest.summary));
    Listed {
        uid: listed.instance_uid,
        name: listed.patient.name,
        sex: listed.patient.sex,
        birth_date: listed.patient.birth_date,
        patient_id: listed.patient.patient_id,
        date: listed.date,
        modalities: listed.modalities,
        state: listed.state,
        failure: listed.failure,
        report,
        summary: summary.and_then(|summary| serde_json::from_value(summary).ok()),
    }
}
