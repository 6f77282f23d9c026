//! The document of a delivery, from the store, and those that the same side had before.

use sqlx::Row as _;

use super::ledger::Claim;
use crate::store::{Document, Error, Store};

/// Reads it; `None` when it is not there.
pub(super) async fn of(store: &Store, claim: &Claim) -> Result<Option<Document>, Error> {
    store.document(&claim.study, claim.version, &claim.kind, claim.number, "en").await
}

/// Documents of earlier versions that a destination may have taken, whatever it answered: what they say and the one of
/// this delivery does not has to be withdrawn.
pub(super) async fn earlier(store: &Store, destination: &str, claim: &Claim) -> Result<Vec<Document>, Error> {
    let rows = sqlx::query(
        "SELECT version, number FROM deliveries WHERE study = $1 AND destination = $2 AND kind = $3 AND version < $4 \
         AND first_attempt_at IS NOT NULL ORDER BY version DESC",
    )
    .bind(&claim.study)
    .bind(destination)
    .bind(&claim.kind)
    .bind(claim.version)
    .fetch_all(store.database().read())
    .await?;
    let mut documents = Vec::new();
    for row in rows {
        let (version, number) = (row.try_get("version")?, row.try_get("number")?);
        documents.extend(store.document(&claim.study, version, &claim.kind, number, "en").await?);
    }
    Ok(documents)
}
