//! The table of work. A row is one thing to do about one subject; asking for it twice is asking once.

use futures_util::future::try_join_all;
use sqlx::{AnyConnection, Row as _};

use crate::store::{self, Database, Engine, Error, Script, now};

/// Analysis of a study; the subject is its Study Instance UID.
pub const ANALYZE: &str = "analyze";

/// A study is complete at the latest this long after its last object, even if the association stays open.
pub const LONGEST_WAIT_MS: i64 = 30_000;

const DAY_MS: i64 = 86_400_000;

/// A claim on a piece of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What to do.
    pub kind: String,
    /// About what.
    pub subject: String,
    /// Raised when it is asked for again; work done for an older one is not the last.
    pub generation: i64,
    /// Tries so far, this one included.
    pub attempts: i64,
}

/// Asks for work, not before a time; what is asked for already takes the new time.
///
/// # Errors
/// When the index does not answer.
pub async fn ask(
    connection: &mut AnyConnection,
    kind: &str,
    subject: &str,
    not_before: i64,
) -> Result<(), Error> {
    sqlx::query(ASK).bind(kind).bind(subject).bind(not_before).bind(now()).execute(connection).await?;
    Ok(())
}

const ASK: &str = "INSERT INTO jobs (kind, subject, state, not_before, created_at, updated_at) \
     VALUES ($1, $2, 'queued', $3, $4, $4) \
     ON CONFLICT (kind, subject) DO UPDATE SET generation = jobs.generation + 1, attempts = 0, failure = NULL, \
     state = CASE WHEN jobs.state = 'running' THEN 'running' ELSE 'queued' END, \
     not_before = excluded.not_before, updated_at = excluded.updated_at";

/// Asks for new analyses of all studies of a patient, of whom something else is known now; gives their UIDs.
///
/// # Errors
/// When the index does not answer.
pub async fn ask_all_of(connection: &mut AnyConnection, patient: &str) -> Result<Vec<String>, Error> {
    let rows = sqlx::query("SELECT uid FROM studies WHERE patient = $1 ORDER BY uid")
        .bind(patient)
        .fetch_all(&mut *connection)
        .await?;
    let studies: Vec<String> = rows.iter().map(|row| row.try_get("uid")).collect::<Result<_, _>>()?;
    sqlx::query("UPDATE studies SET revision = revision + 1 WHERE patient = $1")
        .bind(patient)
        .execute(&mut *connection)
        .await?;
    for study in &studies {
        ask(&mut *connection, ANALYZE, study, now()).await?;
    }
    Ok(studies)
}

/// Asks for another analysis of a study of which something else is known now; one that is still being received is
/// analyzed anyway, and once more where that has begun and may have looked before.
///
/// # Errors
/// When the index does not answer.
pub async fn ask_anew(connection: &mut AnyConnection, study: &str) -> Result<(), Error> {
    let changed =
        sqlx::query("UPDATE studies SET revision = revision + 1 WHERE uid = $1 AND state <> 'receiving'")
            .bind(study)
            .execute(&mut *connection)
            .await?;
    if changed.rows_affected() == 1 {
        return ask(connection, ANALYZE, study, now()).await;
    }
    sqlx::query(
        "UPDATE jobs SET generation = generation + 1, updated_at = $3 \
         WHERE kind = $1 AND subject = $2 AND state = 'running'",
    )
    .bind(ANALYZE)
    .bind(study)
    .bind(now())
    .execute(connection)
    .await?;
    Ok(())
}

/// An object of a study has come: the study is analyzed when nothing more comes.
pub(crate) fn arrived(script: &mut Script, study: &str, at: i64) {
    script.add(ASK, [ANALYZE.into(), study.into(), (at + LONGEST_WAIT_MS).into(), now().into()]);
}

/// The sender of these studies has finished: they are complete at `at` unless more comes, and at once where all that
/// is expected of them is here.
///
/// # Errors
/// When the index does not answer.
pub async fn complete(database: &Database, studies: &[String], at: i64) -> Result<(), Error> {
    if studies.is_empty() {
        return Ok(());
    }
    let met = try_join_all(studies.iter().map(|study| store::is_met(database, study))).await?;
    let mut script = Script::default();
    for (study, is_met) in studies.iter().zip(met) {
        let at = if is_met == Some(true) { now() } else { at };
        script.add(
            "UPDATE jobs SET not_before = $3 WHERE kind = $1 AND subject = $2 AND state IN ('queued', 'running')",
            [ANALYZE.into(), study.as_str().into(), at.into()],
        );
    }
    // Not synced: a power loss leaves the time that `arrived` set, which is a little later.
    let mut transaction = database.begin_recoverable().await?;
    script.run(database.engine(), &mut transaction).await?;
    transaction.commit().await?;
    Ok(())
}

/// Asks for new analyses of all studies whose newest result was made by another protocol and is not signed.
///
/// # Errors
/// When the index does not answer.
pub async fn outdated(database: &Database, protocol_sha256: &str) -> Result<u64, Error> {
    let asked = sqlx::query(
        "INSERT INTO jobs (kind, subject, state, not_before, created_at, updated_at) \
         SELECT $1, studies.uid, 'queued', $2, $2, $2 FROM studies \
         JOIN results ON results.study = studies.uid AND results.version = studies.version \
         WHERE results.protocol_sha256 <> $3 AND results.state = 'preliminary' AND studies.state = 'analyzed' \
         ON CONFLICT (kind, subject) DO UPDATE SET generation = jobs.generation + 1, attempts = 0, failure = NULL, \
         state = CASE WHEN jobs.state = 'running' THEN 'running' ELSE 'queued' END, \
         not_before = excluded.not_before, updated_at = excluded.updated_at",
    )
    .bind(ANALYZE)
    .bind(now())
    .bind(protocol_sha256)
    .execute(database.write())
    .await?;
    Ok(asked.rows_affected())
}

/// Claims the work that is due longest, for `lease_ms`; `None` when nothing is due.
///
/// # Errors
/// When the index does not answer.
pub async fn claim(database: &Database, owner: &str, lease_ms: i64) -> Result<Option<Claim>, Error> {
    let at = now();
    // Nothing is ever put off for a day: such a time was written before the clock was set back.
    // With PostgreSQL several processes look at once, and none waits for a row that another one takes.
    let statement = match database.engine() {
        Engine::Sqlite => concat!(
            "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_owner = $1, lease_until = $2, ",
            "updated_at = $3 WHERE (kind, subject) IN (SELECT kind, subject FROM jobs ",
            "WHERE (state = 'queued' AND (not_before <= $3 OR not_before > $4)) ",
            "OR (state = 'running' AND (lease_until < $3 OR lease_until > $4)) ",
            "ORDER BY not_before LIMIT 1) RETURNING kind, subject, generation, attempts"
        ),
        Engine::Postgres => concat!(
            "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_owner = $1, lease_until = $2, ",
            "updated_at = $3 WHERE (kind, subject) IN (SELECT kind, subject FROM jobs ",
            "WHERE (state = 'queued' AND (not_before <= $3 OR not_before > $4)) ",
            "OR (state = 'running' AND (lease_until < $3 OR lease_until > $4)) ",
            "ORDER BY not_before LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING kind, subject, generation, attempts"
        ),
    };
    let row = sqlx::query(statement)
        .bind(owner)
        .bind(at + lease_ms)
        .bind(at)
        .bind(at + DAY_MS)
        .fetch_optional(database.write())
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Claim {
        kind: row.try_get("kind")?,
        subject: row.try_get("subject")?,
        generation: row.try_get("generation")?,
        attempts: row.try_get("attempts")?,
    }))
}

/// Holds on to a claim; `false` when it was lost to another process.
///
/// # Errors
/// When the index does not answer.
pub async fn renew(database: &Database, claim: &Claim, owner: &str, lease_ms: i64) -> Result<bool, Error> {
    let renewed = sqlx::query(
        "UPDATE jobs SET lease_until = $4 WHERE kind = $1 AND subject = $2 AND state = 'running' AND lease_owner = $3",
    )
    .bind(&claim.kind)
    .bind(&claim.subject)
    .bind(owner)
    .bind(now() + lease_ms)
    .execute(database.write())
    .await?;
    Ok(renewed.rows_affected() == 1)
}

/// The work is done; asked for again meanwhile, it is queued again.
///
/// # Errors
/// When the index does not answer.
pub async fn done(connection: &mut AnyConnection, claim: &Claim, owner: &str) -> Result<(), Error> {
    sqlx::query(
        "UPDATE jobs SET state = CASE WHEN generation = $4 THEN 'done' ELSE 'queued' END, attempts = 0, \
         lease_owner = NULL, lease_until = NULL, failure = NULL, updated_at = $5 \
         WHERE kind = $1 AND subject = $2 AND lease_owner = $3",
    )
    .bind(&claim.kind)
    .bind(&claim.subject)
    .bind(owner)
    .bind(claim.generation)
    .bind(now())
    .execute(connection)
    .await?;
    Ok(())
}

/// The work failed: again at `next`, or set aside when that is `None`.
///
/// # Errors
/// When the index does not answer.
pub async fn failed(
    connection: &mut AnyConnection,
    claim: &Claim,
    owner: &str,
    reason: &str,
    next: Option<i64>,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE jobs SET state = CASE WHEN generation <> $4 THEN 'queued' ELSE $5 END, not_before = $6, \
         lease_owner = NULL, lease_until = NULL, failure = $7, updated_at = $8 \
         WHERE kind = $1 AND subject = $2 AND lease_owner = $3",
    )
    .bind(&claim.kind)
    .bind(&claim.subject)
    .bind(owner)
    .bind(claim.generation)
    .bind(if next.is_some() { "queued" } else { "failed" })
    .bind(next.unwrap_or(0))
    .bind(reason)
    .bind(now())
    .execute(connection)
    .await?;
    Ok(())
}
