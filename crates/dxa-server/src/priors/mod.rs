//! Earlier studies of a patient, fetched from archives when a study has its first result.
//!
//! What is fetched is kept like everything else, and analyzed; it is not sent anywhere.

mod c_move;
mod person;
mod wado;

use std::collections::HashSet;

use sqlx::AnyConnection;

use self::person::{Person, has_one_of};
use crate::config::Config;
use crate::scu::FoundStudy;
use crate::store::{Error, Store, now};
use crate::work::queue;

/// Kind of work: the subject is the study that needs earlier ones.
pub(crate) const FETCH: &str = "priors";

/// Asks for the earlier studies of a study, unless it was fetched as an earlier one itself.
///
/// # Errors
/// When the index does not answer.
pub(crate) async fn ask(connection: &mut AnyConnection, config: &Config, study: &str) -> Result<(), Error> {
    if !config.priors.is_configured() || is_fetched(connection, study).await? {
        return Ok(());
    }
    queue::ask(connection, FETCH, study, now()).await
}

/// Whether a study is here because it was fetched.
///
/// # Errors
/// When the index does not answer.
pub(crate) async fn is_fetched(connection: &mut AnyConnection, study: &str) -> Result<bool, Error> {
    let found =
        sqlx::query("SELECT 1 FROM fetched WHERE study = $1").bind(study).fetch_optional(connection).await?;
    Ok(found.is_some())
}

/// Fetches what archives have of the patient of a study.
///
/// # Errors
/// One sentence for the operator; it is tried again.
pub(crate) async fn fetch(store: &Store, config: &Config, study: &str) -> Result<(), String> {
    let said = |error: Error| error.to_string();
    let Some(person) = Person::of(store, study, &config.priors).await.map_err(said)? else { return Ok(()) };
    let mut seen = HashSet::from([study.to_owned()]);
    let mut failures = Vec::new();
    for archive in &config.priors.dicom {
        if let Err(why) = c_move::fetch(store, config, archive, &person, &mut seen).await {
            failures.push(format!("{}: {why}", archive.name));
        }
    }
    for archive in &config.priors.web {
        if let Err(why) = wado::fetch(store, config, archive, &person, &mut seen).await {
            failures.push(format!("{}: {why}", archive.name));
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("; ")) }
}

/// The studies to fetch of those that an archive found: of the same person, of the kinds asked for, the latest first,
/// and none that is here.
async fn wanted(
    store: &Store,
    config: &Config,
    person: &Person,
    mut found: Vec<FoundStudy>,
    seen: &mut HashSet<String>,
) -> Result<Vec<String>, String> {
    found.retain(|study| person.is(study) && has_one_of(study, &config.priors.modalities));
    found.sort_by(|one, other| other.date.cmp(&one.date));
    let mut studies = Vec::new();
    for candidate in found.into_iter().take(config.priors.studies) {
        if !seen.insert(candidate.study.clone()) {
            continue;
        }
        match store.study(&candidate.study).await {
            Err(Error::NotFound(_)) => studies.push(candidate.study),
            Ok(_) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(studies)
}

/// Notes that a study comes because we asked for it.
async fn expect(store: &Store, study: &str, for_study: &str, archive: &str) -> Result<(), String> {
    let noted = sqlx::query(
        "INSERT INTO fetched (study, for_study, archive, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (study) DO NOTHING",
    )
    .bind(study)
    .bind(for_study)
    .bind(archive)
    .bind(now())
    .execute(store.database().write())
    .await;
    noted.map(|_| ()).map_err(|error| error.to_string())
}
