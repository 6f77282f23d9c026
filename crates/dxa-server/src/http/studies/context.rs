//! What DICOM does not know of a patient, told by people and record systems.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use dxa_exchange::context::{self, Answers, Conflict, Dates, Facts, Together};
use dxa_exchange::fhir;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::audit::Kind;
use crate::http::app::App;
use crate::http::body::RawJson;
use crate::http::caller::Requester;
use crate::http::problem::{Code, Problem};
use crate::store::{self, Error, rfc3339};
use crate::work::queue;

/// What a new context does.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Taken {
    /// Studies of the patient that are analyzed again.
    studies: Vec<String>,
}

/// What is known of a patient.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Known {
    /// The context that analyses use: of each key the newest value.
    #[schema(value_type = Object)]
    context: Map<String, Value>,
    /// Keys of which sources tell different values, with all of them.
    #[schema(value_type = Vec<Object>)]
    conflicts: Vec<Conflict>,
    /// Everything that was told, oldest first.
    entries: Vec<Entry>,
}

/// What one source told at one time.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Entry {
    /// The account, or `hl7:` and the system.
    source: String,
    /// When, RFC 3339.
    at: String,
    /// Keys and values.
    #[schema(value_type = Object)]
    context: Value,
}

/// The context of a patient.
///
/// Sources do not overwrite each other: of each the newest entry counts, and where they differ the newest value is
/// used and all are shown.
#[utoipa::path(get, path = "/api/v1/patients/{id}/context", tag = "studies",
    params(("id" = String, Path, description = "The service's own id of the patient")),
    responses((status = 200, body = Known), (status = 404, body = crate::http::openapi::ProblemBody)))]
pub(in crate::http) async fn patient_context(
    State(app): State<App>,
    requester: Requester,
    Path(id): Path<String>,
) -> Result<Json<Known>, Problem> {
    let entries = app.store().contexts(&id).await?;
    if entries.is_empty() {
        app.store().patient_number(&id).await?;
    }
    app.record(requester.event(Kind::Access).patient(&id).detail("context")).await?;
    let Together { facts, conflicts } = store::together(&entries);
    let entries = entries.into_iter().map(|entry| Entry {
        source: entry.author,
        at: rfc3339(entry.created_at),
        context: serde_json::from_str(&entry.body).unwrap_or_default(),
    });
    Ok(Json(Known { context: facts, conflicts, entries: entries.collect() }))
}

/// Gives the context of a patient.
///
/// The body is a context file (docs/context.md), or a QuestionnaireResponse whose `linkId`s are its keys; it takes the
/// place of what the same account told before, and the patient's studies are analyzed again. The id is the service's
/// own, as the list of studies gives it.
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
    let number = app.store().patient_number(&id).await?;
    let (text, dates) = told(&bytes, &id, &number)?;
    app.record(requester.event(Kind::Change).patient(&id).detail("context")).await?;
    let mut transaction = app.store().database().begin().await?;
    store::put_context(&mut transaction, &id, &text, &dates, &requester.caller.name).await?;
    let studies = queue::ask_all_of(&mut transaction, &id).await?;
    transaction.commit().await.map_err(Error::from)?;
    Ok((StatusCode::ACCEPTED, Json(Taken { studies })))
}

/// The context file of a body, checked, and when it was so, where that is not now.
fn told(bytes: &[u8], id: &str, number: &(String, String)) -> Result<(String, Dates), Problem> {
    // Its sentences name keys and codes; values of a patient are in none of them but what was sent just now.
    let refused = |error: context::ContextError| Problem::new(Code::Invalid, error.to_string());
    let document = serde_json::from_slice::<Value>(bytes).ok().filter(context::is_questionnaire);
    let (text, dates) = match document {
        Some(response) => {
            let answers = context::answered(&response).map_err(refused)?;
            check_subject(&answers, id, number)?;
            let facts = Facts::of(&answers.facts, &Dates::new(), answers.authored).until(store::now());
            (Value::Object(answers.facts).to_string(), facts.dates())
        }
        None => {
            let text = String::from_utf8(bytes.to_vec());
            (text.map_err(|_| Problem::new(Code::BadRequest, "the body is not UTF-8"))?, Dates::new())
        }
    };
    context::read(text.as_bytes()).map_err(refused)?;
    Ok((text, dates))
}

/// A questionnaire that names its subject is taken for nobody else. A reference into another server says nothing to us, and
/// the patient number beside it has to.
fn check_subject(answers: &Answers, id: &str, number: &(String, String)) -> Result<(), Problem> {
    let identifier = answers.subject_identifier.as_deref();
    let (number, issuer) = number;
    if identifier.is_some_and(|identifier| identifier != number) {
        return Err(Problem::new(Code::Invalid, "the questionnaire is about another patient number"));
    }
    let Some(reference) = answers.subject.as_deref() else { return Ok(()) };
    let is_foreign = reference.contains(':') || reference.starts_with('#');
    // Ours are known by the service's own id, and by the one under which FHIR reads them.
    let served = fhir::patient_id(number, issuer);
    let is_ours = [id, &served].iter().any(|id| reference == format!("Patient/{id}"));
    if is_ours || (is_foreign && identifier.is_some()) {
        return Ok(());
    }
    let sentence = if is_foreign {
        "the subject of the questionnaire is known to another server; name the patient number beside it"
    } else {
        "the subject of the questionnaire is another patient"
    };
    Err(Problem::new(Code::Invalid, sentence))
}
