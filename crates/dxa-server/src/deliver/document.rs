//! The document of a delivery, from the store.

use super::ledger::Claim;
use crate::store::{Document, Error, Store};

/// Reads it; `None` when it is not there.
pub(super) async fn of(store: &Store, claim: &Claim) -> Result<Option<Document>, Error> {
    store.document(&claim.study, claim.version, &claim.kind, claim.number, "en").await
}
