//! Facts of results that an older program made, or that were made when facts were written in another way.

use std::sync::atomic::Ordering;
use std::time::Duration;

use sqlx::Row as _;
use tokio_util::sync::CancellationToken;

use super::super::{Error, Store};
use super::{facts::FORM, put};

/// Results that are looked for at a time.
const AT_A_TIME: i64 = 200;

/// Others write between two results.
const PAUSE: Duration = Duration::from_millis(2);

impl Store {
    /// Whether results are still being counted that were there at the start.
    #[must_use]
    pub fn is_counting(&self) -> bool {
        self.counting.load(Ordering::Relaxed)
    }

    /// Counts the results that are not counted yet, one after the other, until told to stop.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn count_results(&self, stop: &CancellationToken) -> Result<(), Error> {
        let counted = self.count_all(stop).await;
        self.counting.store(false, Ordering::Relaxed);
        counted
    }

    async fn count_all(&self, stop: &CancellationToken) -> Result<(), Error> {
        let mut after = String::new();
        loop {
            let found = self.uncounted(&after).await?;
            self.counting.store(!found.is_empty(), Ordering::Relaxed);
            let Some((last, _)) = found.last() else { return Ok(()) };
            after.clone_from(last);
            for (study, version) in &found {
                if stop.is_cancelled() {
                    return Ok(());
                }
                self.count(study, *version).await?;
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Studies behind one whose newest result is not counted, with its version.
    async fn uncounted(&self, after: &str) -> Result<Vec<(String, i64)>, Error> {
        let rows = sqlx::query(
            "SELECT studies.uid AS uid, studies.version AS version FROM studies \
             LEFT JOIN quality_studies ON quality_studies.study = studies.uid \
             WHERE studies.uid > $1 AND studies.version > 0 AND (quality_studies.study IS NULL \
             OR quality_studies.version <> studies.version OR quality_studies.form <> $2) \
             ORDER BY studies.uid LIMIT $3",
        )
        .bind(after)
        .bind(FORM)
        .bind(AT_A_TIME)
        .fetch_all(self.database().read())
        .await?;
        let read = |row: &sqlx::any::AnyRow| Ok((row.try_get("uid")?, row.try_get("version")?));
        Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
    }

    async fn count(&self, study: &str, version: i64) -> Result<(), Error> {
        let result = self.result(study, Some(version)).await?;
        let result = serde_json::from_str(&result.json).unwrap_or_default();
        let mut transaction = self.database().begin().await?;
        // Whoever adds a newer version waits for this row, or was here before and counted it.
        let newest = sqlx::query("UPDATE studies SET version = version WHERE uid = $1 AND version = $2")
            .bind(study)
            .bind(version)
            .execute(&mut *transaction)
            .await?;
        if newest.rows_affected() == 1 {
            put(&mut transaction, study, version, &result).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}
