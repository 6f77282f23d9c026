//! Whether something has changed since a page was made: asked every few seconds, so as little as possible.

use axum::Json;
use axum::extract::{Query as Parameters, State};
use serde::{Deserialize, Serialize};

use crate::http::app::App;
use crate::http::caller::Requester;
use crate::http::problem::{Code, Problem};
use crate::http::studies::entity_tag;
use crate::store::is_uid;

/// Of what.
#[derive(Deserialize)]
pub(in crate::http) struct Of {
    /// A study; the whole list without it.
    study: Option<String>,
}

/// How something is now.
#[derive(Default, Serialize)]
pub(in crate::http) struct Mark {
    /// Another one when something has changed.
    mark: String,
    /// Of a study: state, newest version, where its report stands and who made it.
    state: Option<String>,
    version: Option<i64>,
    status: Option<&'static str>,
    by: Option<String>,
}

/// How the list or a study is now. It holds nothing of a patient and is no access to one.
pub(in crate::http) async fn changes(
    State(app): State<App>,
    requester: Requester,
    Parameters(of): Parameters<Of>,
) -> Result<Json<Mark>, Problem> {
    if requester.sees_no_identity() {
        return Err(Code::Forbidden.into());
    }
    let Some(uid) = of.study else {
        return Ok(Json(Mark { mark: app.store().mark().await?, ..Mark::default() }));
    };
    if !is_uid(&uid) {
        return Err(Code::BadRequest.into());
    }
    let study = app.store().study(&uid).await?;
    let newest = app.store().standings(&uid).await?.pop();
    Ok(Json(Mark {
        mark: entity_tag(&study),
        state: Some(study.state),
        version: Some(study.version),
        status: newest.as_ref().map(|newest| newest.state.code()),
        by: newest.map(|newest| newest.author),
    }))
}
