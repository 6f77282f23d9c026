//! Putting deliveries into the outbox, inside the transaction of the result they are of.

use std::sync::Arc;

use sqlx::{AnyConnection, Row as _};

use super::Destination;
use crate::config::Deliver;
use crate::priors;
use crate::store::{Error, is_draft_after_signature, now, opaque_id};
use crate::work::Outbox;

/// What the workers call with every new result.
#[must_use]
pub fn outbox(deliver: Deliver) -> Outbox {
    let deliver = Arc::new(deliver);
    Arc::new(move |connection, study, version| {
        let deliver = Arc::clone(&deliver);
        Box::pin(async move { enqueue(connection, &deliver, &study, version).await })
    })
}

/// Puts a delivery of each document that a destination takes into the outbox.
///
/// # Errors
/// When the index does not answer.
pub async fn enqueue(
    connection: &mut AnyConnection,
    deliver: &Deliver,
    study: &str,
    version: i64,
) -> Result<(), Error> {
    let mut destinations = Destination::all(deliver);
    match standing(connection, study, version).await? {
        Standing::Fetched => return Ok(()),
        Standing::DraftAfterSignature => destinations.retain(|destination| !destination.replaces_older()),
        Standing::Usual => {}
    }
    if destinations.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(
        "SELECT kind, number, uid FROM documents WHERE study = $1 AND version = $2 AND language = 'en' \
         ORDER BY kind DESC, number",
    )
    .bind(study)
    .bind(version)
    .fetch_all(&mut *connection)
    .await?;
    for destination in &destinations {
        for row in &rows {
            let (kind, number): (String, i64) = (row.try_get("kind")?, row.try_get("number")?);
            if !destination.takes(&kind, number) {
                continue;
            }
            sqlx::query(
                "INSERT INTO deliveries (id, study, version, destination, protocol, kind, number, uid, state, \
                 next_at, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', $9, $9, $9) \
                 ON CONFLICT (study, version, destination, kind, number) DO NOTHING",
            )
            .bind(opaque_id()?)
            .bind(study)
            .bind(version)
            .bind(destination.name())
            .bind(destination.protocol())
            .bind(&kind)
            .bind(number)
            .bind(row.try_get::<Option<String>, _>("uid")?)
            .bind(now())
            .execute(&mut *connection)
            .await?;
        }
    }
    Ok(())
}

/// Who may get a version.
enum Standing {
    /// Everybody.
    Usual,
    /// An earlier one was signed: a record system must not get a draft in the place of the report that a physician
    /// stands behind. It gets the amended one.
    DraftAfterSignature,
    /// Nobody: the archive that the study was fetched from did not ask for results.
    Fetched,
}

async fn standing(connection: &mut AnyConnection, study: &str, version: i64) -> Result<Standing, Error> {
    if is_draft_after_signature(connection, study, version).await? {
        return Ok(Standing::DraftAfterSignature);
    }
    let draft = sqlx::query(
        "SELECT 1 AS found FROM results WHERE study = $1 AND version = $2 AND state = 'preliminary'",
    )
    .bind(study)
    .bind(version)
    .fetch_optional(&mut *connection)
    .await?;
    let is_fetched = draft.is_some() && priors::is_fetched(connection, study).await?;
    Ok(if is_fetched { Standing::Fetched } else { Standing::Usual })
}
