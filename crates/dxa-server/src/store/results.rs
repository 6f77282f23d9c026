//! Results of studies: versions that follow each other, never overwritten.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::{Error, Store, quality};

/// Where a result stands in the life of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultState {
    /// Made by the program, not yet seen by a physician.
    Preliminary,
    /// Signed.
    Final,
    /// Signed after a signed one.
    Amended,
}

impl ResultState {
    /// As in the database and in JSON.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Preliminary => "preliminary",
            Self::Final => "final",
            Self::Amended => "amended",
        }
    }

    fn of(code: &str) -> Self {
        match code {
            "final" => Self::Final,
            "amended" => Self::Amended,
            _ => Self::Preliminary,
        }
    }
}

/// One version of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultRow {
    /// Study Instance UID.
    pub study: String,
    /// Number of the version, from 1.
    pub version: i64,
    /// The version it takes the place of.
    pub supersedes: Option<i64>,
    /// Preliminary, final or amended.
    pub state: ResultState,
    /// One element of `studies` of `dxa.analysis/1`.
    pub json: String,
    /// SHA-256 over the digests of the instances that it was made from.
    pub inputs_sha256: String,
    /// SHA-256 of the protocol.
    pub protocol_sha256: String,
    /// Program and version.
    pub software: String,
    /// Account that made it, `dxa` for the program itself.
    pub author: String,
    /// Why it was made: `new_study`, `late_objects`, `earlier_study`, `correction`, `context`, `message`, `protocol`, `sign`, `amend`.
    pub reason: String,
    /// What the list of studies shows, JSON.
    pub summary: Option<String>,
    /// Unix milliseconds.
    pub created_at: i64,
}

/// Where a version of a result stands; see [`ResultRow`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Number of the version.
    pub version: i64,
    /// Preliminary, final or amended.
    pub state: ResultState,
    /// Account that made it.
    pub author: String,
    /// Why it was made.
    pub reason: String,
    /// Unix milliseconds.
    pub created_at: i64,
}

/// A result to add.
#[derive(Clone, Debug)]
pub struct NewResult {
    /// Study Instance UID.
    pub study: String,
    /// Preliminary, final or amended.
    pub state: ResultState,
    /// One element of `studies`; its version and what it supersedes are written into it.
    pub json: serde_json::Value,
    /// See [`ResultRow`].
    pub inputs_sha256: String,
    /// See [`ResultRow`].
    pub protocol_sha256: String,
    /// See [`ResultRow`].
    pub author: String,
    /// See [`ResultRow`].
    pub reason: String,
    /// See [`ResultRow`].
    pub summary: Option<String>,
    /// Unix milliseconds: a signature and the documents that tell of it name one time.
    pub created_at: i64,
    /// The newest version the maker knew; when there is a newer one, nothing is added.
    pub after: i64,
}

impl Store {
    /// Adds a version and gives its number; deliveries of it are put into the outbox by the caller's `in_same`
    /// statements, which are committed with it or not at all.
    ///
    /// # Errors
    /// [`Error::Stale`] when there is a newer version than `after`, [`Error::NotFound`] without the study.
    pub async fn add_result<F>(&self, new: NewResult, in_same: F) -> Result<i64, Error>
    where
        F: AsyncFnOnce(&mut sqlx::AnyConnection, i64) -> Result<(), Error>,
    {
        let mut transaction = self.database().begin().await?;
        let changed = sqlx::query(
            "UPDATE studies SET version = version + 1, revision = revision + 1, \
             state = CASE WHEN state = 'receiving' THEN state ELSE 'analyzed' END, failure = NULL \
             WHERE uid = $1 AND version = $2",
        )
        .bind(&new.study)
        .bind(new.after)
        .execute(&mut *transaction)
        .await?;
        if changed.rows_affected() == 0 {
            let row = sqlx::query("SELECT version FROM studies WHERE uid = $1")
                .bind(&new.study)
                .fetch_optional(&mut *transaction)
                .await?;
            let newest = row.ok_or(Error::NotFound("study"))?.try_get("version")?;
            return Err(Error::Stale { asked: new.after, newest });
        }
        let version = new.after + 1;
        let supersedes = (new.after > 0).then_some(new.after);
        let mut json = new.json;
        if let Some(provenance) = json.get_mut("provenance") {
            provenance["version"] = version.into();
            provenance["supersedes"] = supersedes.into();
        }
        let software =
            json.pointer("/provenance/software").and_then(|text| text.as_str()).unwrap_or_default();
        sqlx::query(
            "INSERT INTO results (study, version, supersedes, state, json, inputs_sha256, protocol_sha256, software, \
             author, reason, summary, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(&new.study)
        .bind(version)
        .bind(supersedes)
        .bind(new.state.code())
        .bind(json.to_string())
        .bind(&new.inputs_sha256)
        .bind(&new.protocol_sha256)
        .bind(software)
        .bind(&new.author)
        .bind(&new.reason)
        .bind(&new.summary)
        .bind(new.created_at)
        .execute(&mut *transaction)
        .await?;
        quality::put(&mut transaction, &new.study, version, &json).await?;
        in_same(&mut transaction, version).await?;
        transaction.commit().await?;
        Ok(version)
    }

    /// A version of a result, or the newest.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn result(&self, study: &str, version: Option<i64>) -> Result<ResultRow, Error> {
        let found = match version {
            Some(version) => {
                let query = sqlx::query("SELECT * FROM results WHERE study = $1 AND version = $2");
                query.bind(study).bind(version).fetch_optional(self.database().read()).await?
            }
            None => {
                let query =
                    sqlx::query("SELECT * FROM results WHERE study = $1 ORDER BY version DESC LIMIT 1");
                query.bind(study).fetch_optional(self.database().read()).await?
            }
        };
        Ok(row(&found.ok_or(Error::NotFound("result"))?)?)
    }

    /// All versions without their documents, oldest first.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn standings(&self, study: &str) -> Result<Vec<Standing>, Error> {
        let rows = sqlx::query(
            "SELECT version, state, author, reason, created_at FROM results WHERE study = $1 ORDER BY version",
        )
        .bind(study)
        .fetch_all(self.database().read())
        .await?;
        let read = |row: &AnyRow| {
            Ok(Standing {
                version: row.try_get("version")?,
                state: ResultState::of(row.try_get("state")?),
                author: row.try_get("author")?,
                reason: row.try_get("reason")?,
                created_at: row.try_get("created_at")?,
            })
        };
        Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
    }

    /// All versions, oldest first.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn versions(&self, study: &str) -> Result<Vec<ResultRow>, Error> {
        let rows = sqlx::query("SELECT * FROM results WHERE study = $1 ORDER BY version")
            .bind(study)
            .fetch_all(self.database().read())
            .await?;
        Ok(rows.iter().map(row).collect::<Result<_, _>>()?)
    }

    /// Marks a study as being analyzed, or as set aside with the reason that is shown.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn set_state(&self, study: &str, state: &str, failure: Option<&str>) -> Result<(), Error> {
        sqlx::query("UPDATE studies SET state = $2, failure = $3, revision = revision + 1 WHERE uid = $1")
            .bind(study)
            .bind(state)
            .bind(failure)
            .execute(self.database().write())
            .await?;
        Ok(())
    }
}

fn row(row: &AnyRow) -> Result<ResultRow, sqlx::Error> {
    Ok(ResultRow {
        study: row.try_get("study")?,
        version: row.try_get("version")?,
        supersedes: row.try_get("supersedes")?,
        state: ResultState::of(row.try_get("state")?),
        json: row.try_get("json")?,
        inputs_sha256: row.try_get("inputs_sha256")?,
        protocol_sha256: row.try_get("protocol_sha256")?,
        software: row.try_get("software")?,
        author: row.try_get("author")?,
        reason: row.try_get("reason")?,
        summary: row.try_get("summary")?,
        created_at: row.try_get("created_at")?,
    })
}
