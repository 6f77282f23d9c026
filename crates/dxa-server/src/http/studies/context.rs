//! What DICOM does not know of a patient, given by people.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::audit::Kind;
use crate::http::app::App;
use crate::http::body::RawJson;
use crate::http::caller::Requester;
use crate::http::problem::{Code, Problem};
use crate::store::{ContextEntry, Error, Query, now};
use crate::work::queue::{self, ANALYZE};

/// What a new context does.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Taken {
    /// Studies of the patient that are analyzed again.
    studies: Vec<String>,
}

/// Gives the context of a patient.
///
/// The body is a context file (docs/context.md); it takes the place of the one before, and the patient's studies are
/// analyzed again. The id is the service's own, as the list of studies gives it.
#[utoipa::path(post, path = "/api/v1/patients/{id}/context", tag = "changes",
    params(("id" = String, Path, description = "The service's own id of the patient")),
    request_body(content = Object),
    responses((status = 202, body = Taken), (status = 404, body = crate::http::openapi::ProblemBody),
        (status = 422, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn give_context(
    State(app): State<App>,
    requester: Requester,
    Path(id): Path<String>,
    RawJson(bytes): RawJson,
) -> Result<(StatusCode, Json<Taken>), Problem> {
    // Its sentences name keys and codes; values of a patient are in none of them but what was sent just now.
    dxa_exchange::context::read(&bytes).map_err(|error| Problem::new(Code::Invalid, error.to_string()))?;
    let text = String::from_utf8(bytes.to_vec())
        .map_err(|_| Problem::new(Code::BadRequest, "the body is not UTF-8"))?;
    let query = Query { patient: Some(id.clone()), limit: 10_000, ..Query::default() };
    let studies: Vec<String> =
        app.store().studies(&query).await?.rows.into_iter().map(|study| study.uid).collect();
    if studies.is_empty() {
        return Err(Problem::new(Code::NotFound, "there is no such patient"));
    }
    app.record(requester.event(Kind::Change).patient(&id).detail("context")).await?;
    let author = requester.caller.name.clone();
    app.store().add_context(&ContextEntry { patient: id, body: text, author, created_at: 0 }).await?;
    let mut transaction = app.store().database().begin().await?;
    for study in &studies {
        sqlx::query("UPDATE studies SET revision = revision + 1 WHERE uid = $1")
            .bind(study)
            .execute(&mut *transaction)
            .await
            .map_err(Error::from)?;
        queue::ask(&mut transaction, ANALYZE, study, now()).await?;
    }
    transaction.commit().await.map_err(Error::from)?;
    Ok((StatusCode::ACCEPTED, Json(Taken { studies })))
}
