//! The document of a delivery, from the store, and those that the same side had before.

use dxa_exchange::{fhir, hl7};
use sqlx::Row as _;

use super::ledger::Claim;
use crate::store::{Document, Error, Store};

/// Reads it; `None` when it is not there.
pub(super) async fn of(store: &Store, claim: &Claim) -> Result<Option<Document>, Error> {
    store.document(&claim.study, claim.version, &claim.kind, claim.number, "en").await
}

/// What a destination may have been told by documents of earlier versions, whatever it answered, without what they said:
/// what is not in the one of this delivery has to be withdrawn.
///
/// Such a document is read once and shortened; later attempts read what was kept of it.
pub(super) async fn earlier(store: &Store, destination: &str, claim: &Claim) -> Result<Vec<Vec<u8>>, Error> {
    let rows = sqlx::query(
        "SELECT id, version, number, stated FROM deliveries WHERE study = $1 AND destination = $2 AND kind = $3 \
         AND version < $4 AND first_attempt_at IS NOT NULL ORDER BY version DESC",
    )
    .bind(&claim.study)
    .bind(destination)
    .bind(&claim.kind)
    .bind(claim.version)
    .fetch_all(store.database().read())
    .await?;
    let mut all = Vec::new();
    for row in rows {
        if let Some(stated) = row.try_get::<Option<Vec<u8>>, _>("stated")? {
            all.push(stated);
            continue;
        }
        let (version, number) = (row.try_get("version")?, row.try_get("number")?);
        let Some(document) = store.document(&claim.study, version, &claim.kind, number, "en").await? else {
            continue;
        };
        let stated = stated(&claim.kind, &document.body);
        sqlx::query("UPDATE deliveries SET stated = $2 WHERE id = $1")
            .bind(row.try_get::<String, _>("id")?)
            .bind(stated.clone())
            .execute(store.database().write())
            .await?;
        all.push(stated);
    }
    Ok(all)
}

/// Which results a document states; nothing where it cannot be read.
fn stated(kind: &str, document: &[u8]) -> Vec<u8> {
    if kind == "hl7" {
        return hl7::stated(document);
    }
    let bundle: Option<fhir::Bundle> = serde_json::from_slice(document).ok();
    bundle.and_then(|bundle| serde_json::to_vec(&fhir::observed(bundle)).ok()).unwrap_or_default()
}
