//! `GET /studies/{uid}/reading`: where a second physician reads a study.

use axum::extract::{Path, State};
use axum::response::Response;

use super::study::{find, images};
use super::{page, problem, reader};
use crate::http::app::App;
use crate::http::caller::Requester;
use crate::http::problem::{Code, Problem};
use crate::http::studies::entity_tag;
use crate::pages::{Frame, ReadingPage};
use crate::store::is_independent;

/// The images of a study with a form, for a physician who had no part in its report.
pub(in crate::http) async fn reading(
    State(app): State<App>,
    requester: Result<Requester, Problem>,
    frame: Frame,
    Path(uid): Path<String>,
) -> Response {
    let requester = match reader(&app, &frame, requester).await {
        Ok(requester) if frame.may_sign => requester,
        Ok(_) => return problem(&frame, &Code::Forbidden.into()),
        Err(answer) => return answer,
    };
    match shown(&app, &frame, &requester, &uid).await {
        Ok(answer) => answer,
        Err(error) => problem(&frame, &error),
    }
}

async fn shown(app: &App, frame: &Frame, requester: &Requester, uid: &str) -> Result<Response, Problem> {
    let row = find(app, requester, uid).await?;
    let study = app.result(&row.uid, row.version).await?;
    let (store, name) = (app.store(), &requester.caller.name);
    let given = store.readings(&row.uid).await?;
    let again = given.iter().any(|one| one.version == row.version && one.author == *name);
    let (corrections, signatures) = (store.corrections(&row.uid).await?, store.signatures(&row.uid).await?);
    if again || !is_independent(name, &corrections, &signatures) {
        return Err(Problem::new(Code::Conflict, frame.words().second_not_you));
    }
    let images = images(app, &row.uid).await?;
    Ok(page(frame, &ReadingPage::of(frame, &study, &row.uid, entity_tag(&row), &images)))
}
