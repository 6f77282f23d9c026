//! Whether anything in the list of studies has changed, for pages that ask every few seconds.

use sqlx::Row as _;

use super::{Error, Store};

impl Store {
    /// Another text whenever a study came, changed its state or has a new result; every part is read from an index.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn mark(&self) -> Result<String, Error> {
        let row = sqlx::query(
            "SELECT (SELECT MAX(arrived_at) FROM studies) AS arrived, \
             (SELECT MAX(created_at) FROM results) AS made, \
             (SELECT COUNT(*) FROM studies WHERE state = 'receiving') AS receiving, \
             (SELECT COUNT(*) FROM studies WHERE state = 'analyzing') AS analyzing, \
             (SELECT COUNT(*) FROM studies WHERE state = 'failed') AS failed",
        )
        .fetch_one(self.database().read())
        .await?;
        let of = |name: &str| row.try_get::<Option<i64>, _>(name).map(Option::unwrap_or_default);
        let parts = [of("arrived")?, of("made")?, of("receiving")?, of("analyzing")?, of("failed")?];
        Ok(parts.map(|part| part.to_string()).join("."))
    }
}
