//! Each entry carries the digest of the one before it, so that no entry can be changed or taken out unseen.

use sha2::{Digest, Sha256};
use sqlx::Row;

use crate::store::{Database, Error, hexadecimal};

/// What the first entry follows.
pub(super) const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The digest of an entry.
pub(super) fn link(previous: &str, sequence: i64, at: i64, event: &str) -> String {
    hexadecimal(&Sha256::digest(format!("{previous}\n{sequence}\n{at}\n{event}").as_bytes()))
}

/// Where the chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An entry is not what was written.
    #[error("entry {0} was changed after it was written")]
    Changed(i64),
    /// An entry is gone.
    #[error("entry {0} is missing")]
    Missing(i64),
}

/// Follows the whole chain.
///
/// Gives the number of entries and the digest of the last one; whoever notes that digest elsewhere can later tell
/// that no entries were taken off the end.
///
/// # Errors
/// The outer error is the database's, the inner one names the first entry that does not hold.
pub async fn verify(database: &Database) -> Result<Result<(i64, String), Broken>, Error> {
    let (mut last, mut previous) = (0_i64, BEGINNING.to_owned());
    loop {
        let rows = sqlx::query(
            "SELECT seq, at, event, previous, hash FROM audit WHERE seq > $1 ORDER BY seq LIMIT 1000",
        )
        .bind(last)
        .fetch_all(database.read())
        .await?;
        if rows.is_empty() {
            return Ok(Ok((last, previous)));
        }
        for row in rows {
            let sequence: i64 = row.try_get("seq")?;
            if sequence != last + 1 {
                return Ok(Err(Broken::Missing(last + 1)));
            }
            let (at, event): (i64, String) = (row.try_get("at")?, row.try_get("event")?);
            let (before, hash): (String, String) = (row.try_get("previous")?, row.try_get("hash")?);
            if before != previous || hash != link(&previous, sequence, at, &event) {
                return Ok(Err(Broken::Changed(sequence)));
            }
            last = sequence;
            previous = hash;
        }
    }
}
