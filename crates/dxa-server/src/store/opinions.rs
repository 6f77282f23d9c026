//! What people say of a study beside its result: comments, and readings of a second physician.

use dxa_exchange::reading::Reading;
use sqlx::Row as _;

use super::{Correction, Error, Signature, Store, now};

/// A comment on a version of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Version that its author saw.
    pub version: i64,
    /// The comment.
    pub text: String,
    /// Account.
    pub author: String,
    /// Unix milliseconds.
    pub created_at: i64,
}

/// A second physician's reading of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenReading {
    /// Version whose images were read.
    pub version: i64,
    /// What was read.
    pub reading: Reading,
    /// Account.
    pub author: String,
    /// Unix milliseconds.
    pub created_at: i64,
}

/// Whether somebody had no part in a report, and so can read the study a second time.
#[must_use]
pub fn is_independent(name: &str, corrections: &[Correction], signatures: &[Signature]) -> bool {
    let corrected = corrections.iter().any(|one| one.author == name);
    !corrected && !signatures.iter().any(|one| one.author == name)
}

impl GivenReading {
    /// The signature that settled it: the first one that was given knowing of it.
    #[must_use]
    pub fn settled_by<'s>(&self, signatures: &'s [Signature]) -> Option<&'s Signature> {
        signatures.iter().find(|signature| signature.created_at > self.created_at)
    }
}

impl Store {
    /// Keeps a comment.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn add_comment(
        &self,
        study: &str,
        version: i64,
        text: &str,
        author: &str,
    ) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO comments (study, version, text, author, created_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(study)
        .bind(version)
        .bind(text)
        .bind(author)
        .bind(now())
        .execute(self.database().write())
        .await?;
        Ok(())
    }

    /// Comments on a study, oldest first.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn comments(&self, study: &str) -> Result<Vec<Comment>, Error> {
        let rows = sqlx::query("SELECT * FROM comments WHERE study = $1 ORDER BY id")
            .bind(study)
            .fetch_all(self.database().read())
            .await?;
        let read = |row: &sqlx::any::AnyRow| {
            Ok(Comment {
                version: row.try_get("version")?,
                text: row.try_get("text")?,
                author: row.try_get("author")?,
                created_at: row.try_get("created_at")?,
            })
        };
        Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
    }

    /// Keeps a reading; whether it is the author's first of this version, which is the only one that is kept.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn add_reading(
        &self,
        study: &str,
        version: i64,
        reading: &Reading,
        author: &str,
    ) -> Result<bool, Error> {
        let body = serde_json::to_string(reading).map_err(|_| Error::Damaged)?;
        let added = sqlx::query(
            "INSERT INTO readings (study, version, body, author, created_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (study, version, author) DO NOTHING",
        )
        .bind(study)
        .bind(version)
        .bind(body)
        .bind(author)
        .bind(now())
        .execute(self.database().write())
        .await?;
        Ok(added.rows_affected() > 0)
    }

    /// Readings of a study, oldest first.
    ///
    /// # Errors
    /// [`Error::Damaged`] for one that cannot be read back.
    pub async fn readings(&self, study: &str) -> Result<Vec<GivenReading>, Error> {
        let rows = sqlx::query("SELECT * FROM readings WHERE study = $1 ORDER BY id")
            .bind(study)
            .fetch_all(self.database().read())
            .await?;
        let read = |row: &sqlx::any::AnyRow| {
            let body: String = row.try_get("body")?;
            Ok(GivenReading {
                version: row.try_get("version")?,
                reading: serde_json::from_str(&body).map_err(|_| Error::Damaged)?,
                author: row.try_get("author")?,
                created_at: row.try_get("created_at")?,
            })
        };
        rows.iter().map(read).collect()
    }
}
