//! A change of a study: made when nobody was faster, together with the work it asks for.

use std::time::Duration;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{entity, list, result};
use crate::http::app::App;
use crate::http::problem::{Code, Problem};
use crate::store::{Error, ResultRow, StudyRow, now};
use crate::work::queue::{self, ANALYZE};

/// Runs `write` and asks for an analysis, in one transaction, unless the study has changed since it was read.
pub(super) async fn change<F>(app: &App, study: &StudyRow, write: F) -> Result<(), Problem>
where
    F: AsyncFnOnce(&mut sqlx::AnyConnection) -> Result<(), Error>,
{
    let mut transaction = app.store().database().begin().await?;
    let changed = sqlx::query(
        "UPDATE studies SET revision = revision + 1 WHERE uid = $1 AND version = $2 AND revision = $3",
    )
    .bind(&study.uid)
    .bind(study.version)
    .bind(study.revision)
    .execute(&mut *transaction)
    .await
    .map_err(Error::from)?;
    if changed.rows_affected() == 0 {
        return Err(Problem::new(Code::Stale, "read the study again, and decide again"));
    }
    write(&mut transaction).await?;
    queue::ask(&mut transaction, ANALYZE, &study.uid, now()).await?;
    transaction.commit().await.map_err(Error::from)?;
    Ok(())
}

/// How long an answer waits for the new version.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(50);

/// The new version as 200 when it comes soon, else 202 and the study to look at.
pub(super) async fn answer(app: &App, before: &StudyRow) -> Result<Response, Problem> {
    let until = Instant::now() + PATIENCE;
    loop {
        let study = list::study(app, &before.uid).await?;
        if study.version > before.version {
            let (study, newest) = result::find(app, &before.uid, None).await?;
            return shown(&study, &newest);
        }
        if is_done(app, &study).await? {
            // The same objects, corrections and tables gave the same result, and no new version.
            let (study, newest) = result::find(app, &before.uid, None).await?;
            return shown(&study, &newest);
        }
        if study.state == "failed" || Instant::now() >= until {
            let body = json!({ "study": study.uid, "state": study.state, "version": study.version });
            let tag = [(header::ETAG, entity::header_value(&study))];
            return Ok((StatusCode::ACCEPTED, tag, axum::Json(body)).into_response());
        }
        sleep(LOOK).await;
    }
}

fn shown(study: &StudyRow, result: &ResultRow) -> Result<Response, Problem> {
    let tag = [(header::ETAG, entity::header_value(study))];
    let body = result::document(result, false)?;
    Ok((tag, [(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// Whether the work that was asked for is done.
async fn is_done(app: &App, study: &StudyRow) -> Result<bool, Problem> {
    let state: Option<String> = sqlx::query_scalar("SELECT state FROM jobs WHERE kind = $1 AND subject = $2")
        .bind(ANALYZE)
        .bind(&study.uid)
        .fetch_optional(app.store().database().read())
        .await
        .map_err(Error::from)?;
    Ok(study.version > 0 && state.as_deref() == Some("done"))
}
