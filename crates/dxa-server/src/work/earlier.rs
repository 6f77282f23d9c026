//! Earlier studies of the same patient that are here: what a study is compared with.

use dxa_exchange::record::Study;
use dxa_exchange::view::trend::Visit;
use sqlx::{AnyConnection, Row as _};

use super::queue::{self, ANALYZE};
use crate::store::{Error, Store, now};

/// Studies that one is compared with at most; each is analyzed beside it.
const MOST: i64 = 2;

/// The latest studies of the patient before a study, oldest last. The same patient is the same identifier of the same
/// issuer; whether birth date and sex agree is looked at where studies are compared.
pub(super) async fn of(store: &Store, study: &str) -> Result<Vec<String>, Error> {
    before(store, study, MOST).await
}

/// Earlier visits on the curves of a printed report at most.
const VISITS: i64 = 12;

/// The newest results of the earlier visits of the patient, as JSON.
pub(super) async fn results(store: &Store, study: &str) -> Result<Vec<String>, Error> {
    let mut results = Vec::new();
    for earlier in before(store, study, VISITS).await? {
        results.push(store.result(&earlier, None).await?.json);
    }
    Ok(results)
}

/// The earlier visits of the patient.
///
/// # Errors
/// When the store cannot be read.
pub async fn visits(store: &Store, study: &str) -> Result<Vec<Visit>, Error> {
    // A result that cannot be read is no reason to print nothing of this study.
    let read =
        |json: &String| serde_json::from_str::<Study>(json).ok().map(|study| Visit { study: study.into() });
    Ok(results(store, study).await?.iter().filter_map(read).collect())
}

async fn before(store: &Store, study: &str, most: i64) -> Result<Vec<String>, Error> {
    let rows = sqlx::query(
        "SELECT earlier.uid AS uid FROM studies JOIN studies AS earlier ON earlier.patient = studies.patient \
         JOIN patients ON patients.id = studies.patient \
         WHERE studies.uid = $1 AND earlier.study_date < studies.study_date AND earlier.version > 0 \
         AND earlier.patient_mismatch = 0 AND patients.patient_id IS NOT NULL \
         ORDER BY earlier.study_date DESC, earlier.uid LIMIT $2",
    )
    .bind(study)
    .bind(most)
    .fetch_all(store.database().read())
    .await?;
    Ok(rows.iter().map(|row| row.try_get("uid")).collect::<Result<_, _>>()?)
}

/// A study has its first result: later ones of the patient that nobody signed are compared with it, and those whose
/// analysis is under way and began without it.
pub(super) async fn compare_later(connection: &mut AnyConnection, study: &str) -> Result<(), Error> {
    let rows = sqlx::query(
        "SELECT later.uid AS uid FROM studies JOIN studies AS later ON later.patient = studies.patient \
         LEFT JOIN results ON results.study = later.uid AND results.version = later.version \
         LEFT JOIN jobs ON jobs.subject = later.uid AND jobs.kind = $3 AND jobs.state = 'running' \
         WHERE studies.uid = $1 AND later.study_date > studies.study_date \
         AND (results.state = 'preliminary' OR (results.state IS NULL AND jobs.subject IS NOT NULL)) \
         ORDER BY later.study_date LIMIT $2",
    )
    .bind(study)
    .bind(MOST)
    .bind(ANALYZE)
    .fetch_all(&mut *connection)
    .await?;
    for row in rows {
        queue::ask(connection, ANALYZE, row.try_get("uid")?, now()).await?;
    }
    Ok(())
}
