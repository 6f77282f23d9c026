//! The rows of the outbox: claimed, settled, sent again when somebody asks.

use sqlx::{AnyConnection, Row as _};

use super::{Attempt, Destination, pause};
use crate::config::Deliver;
use crate::store::{Database, Engine, Error, Store, now};

/// One delivery that this process has to make.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) id: String,
    pub(super) study: String,
    pub(super) version: i64,
    pub(super) kind: String,
    pub(super) number: i64,
    pub(super) attempts: i64,
    pub(super) created_at: i64,
}

/// Rows that one connection carries.
const BATCH: i64 = 16;

/// Claims what is due for a destination, oldest first; nothing while another process is at it.
pub(super) async fn claim(
    database: &Database,
    destination: &Destination,
    owner: &str,
    lease_ms: i64,
) -> Result<Vec<Claim>, Error> {
    if !is_due(database, destination).await? {
        return Ok(Vec::new());
    }
    let mut transaction = database.begin().await?;
    if database.engine() == Engine::Postgres {
        // One process at a time looks for work for a destination, so that one message is in flight.
        let key = format!("dxa deliver {}", destination.name());
        let sql = "SELECT pg_advisory_xact_lock(hashtext($1))::text";
        sqlx::query(sql).bind(key).execute(&mut *transaction).await?;
    }
    if destination.replaces_older() {
        drop_superseded(&mut transaction, destination).await?;
    }
    let rows = sqlx::query(
        "UPDATE deliveries SET state = 'sending', attempts = attempts + 1, lease_owner = $1, lease_until = $2, \
         first_attempt_at = COALESCE(first_attempt_at, $3), last_attempt_at = $3, updated_at = $3 \
         WHERE id IN (SELECT id FROM deliveries WHERE destination = $4 \
           AND ((state IN ('queued', 'failed') AND next_at <= $3) OR (state = 'sending' AND lease_until < $3)) \
           ORDER BY created_at, kind DESC, number LIMIT $5) \
         AND NOT EXISTS (SELECT 1 FROM deliveries AS busy WHERE busy.destination = $4 AND busy.state = 'sending' \
           AND busy.lease_until >= $3) \
         RETURNING id, study, version, kind, number, attempts, created_at",
    )
    .bind(owner)
    .bind(now() + lease_ms)
    .bind(now())
    .bind(destination.name())
    .bind(BATCH)
    .fetch_all(&mut *transaction)
    .await?;
    transaction.commit().await?;
    let read = |row: &sqlx::any::AnyRow| {
        Ok(Claim {
            id: row.try_get("id")?,
            study: row.try_get("study")?,
            version: row.try_get("version")?,
            kind: row.try_get("kind")?,
            number: row.try_get("number")?,
            attempts: row.try_get("attempts")?,
            created_at: row.try_get("created_at")?,
        })
    };
    let mut claims = rows.iter().map(read).collect::<Result<Vec<Claim>, sqlx::Error>>()?;
    claims.sort_by(|one, other| {
        (one.created_at, &other.kind, one.number).cmp(&(other.created_at, &one.kind, other.number))
    });
    Ok(claims)
}

/// Looks without writing, so that couriers with nothing to do hold nobody up.
async fn is_due(database: &Database, destination: &Destination) -> Result<bool, Error> {
    let row = sqlx::query(
        "SELECT 1 FROM deliveries WHERE destination = $1 AND ((state IN ('queued', 'failed') AND next_at <= $2) \
         OR (state = 'sending' AND lease_until < $2)) LIMIT 1",
    )
    .bind(destination.name())
    .bind(now())
    .fetch_optional(database.read())
    .await?;
    Ok(row.is_some())
}

/// What the ledger says of a delivery that was not sent because a newer version took its place.
pub(crate) const SUPERSEDED: &str = "not sent: a newer version took its place";

/// In a condition on deliveries: a newer version of the same document goes to the same side.
const NEWER_EXISTS: &str = "EXISTS (SELECT 1 FROM deliveries AS newer WHERE newer.study = deliveries.study \
     AND newer.destination = deliveries.destination AND newer.kind = deliveries.kind \
     AND newer.version > deliveries.version)";

/// An older version that waits behind a newer one would only bring back what was replaced.
async fn drop_superseded(connection: &mut AnyConnection, destination: &Destination) -> Result<(), Error> {
    let text = format!(
        "UPDATE deliveries SET state = 'dead', last_answer = $3, updated_at = $2 \
         WHERE destination = $1 AND state IN ('queued', 'failed') AND {NEWER_EXISTS}"
    );
    sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(destination.name())
        .bind(now())
        .bind(SUPERSEDED)
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes down how an attempt went.
pub(super) async fn settle(
    database: &Database,
    deliver: &Deliver,
    claim: &Claim,
    owner: &str,
    attempt: &Attempt,
) -> Result<(), Error> {
    let at = now();
    let age = at - claim.created_at;
    let next = |refused| pause::next(deliver, claim.attempts, refused, age, chance());
    let (state, next, answer) = match attempt {
        Attempt::Delivered(answer) => ("delivered", None, answer),
        Attempt::Again(answer) => state_of(next(false), answer),
        Attempt::Refused(answer) => state_of(next(true), answer),
    };
    if state == "dead" {
        tracing::error!(delivery = %claim.id, %answer, "a delivery is given up");
    }
    sqlx::query(
        "UPDATE deliveries SET state = $3, next_at = $4, last_answer = $5, lease_owner = NULL, lease_until = NULL, \
         delivered_at = $6, updated_at = $7 WHERE id = $1 AND lease_owner = $2",
    )
    .bind(&claim.id)
    .bind(owner)
    .bind(state)
    .bind(at + next.unwrap_or(0))
    .bind(answer.chars().take(500).collect::<String>())
    .bind((state == "delivered").then_some(at))
    .bind(at)
    .execute(database.write())
    .await?;
    metrics::counter!("dxa_deliveries_total", "state" => state).increment(1);
    Ok(())
}

fn state_of(next: Option<i64>, answer: &String) -> (&'static str, Option<i64>, &String) {
    (if next.is_some() { "failed" } else { "dead" }, next, answer)
}

/// A number by chance; without the system's, always the longest pause.
fn chance() -> u32 {
    let mut bytes = [0xff; 4];
    let _ = getrandom::fill(&mut bytes);
    u32::from_le_bytes(bytes)
}

/// Rows that were claimed and not tried go back as they were.
pub(super) async fn give_back(database: &Database, claim: &Claim, owner: &str) -> Result<(), Error> {
    sqlx::query(
        "UPDATE deliveries SET state = CASE WHEN attempts = 1 THEN 'queued' ELSE 'failed' END, \
         attempts = attempts - 1, lease_owner = NULL, lease_until = NULL WHERE id = $1 AND lease_owner = $2",
    )
    .bind(&claim.id)
    .bind(owner)
    .execute(database.write())
    .await?;
    Ok(())
}

/// What is to be sent again.
#[derive(Clone, Copy, Debug)]
pub enum Again<'a> {
    /// A delivery, by its id, that is dead or delivered.
    One(&'a str),
    /// Everything of a destination that is dead.
    Dead(&'a str),
}

/// Puts deliveries into the outbox again, with a new budget; gives how many.
///
/// What a newer version took the place of in a record system stays where it is.
///
/// # Errors
/// When the index does not answer.
pub async fn send_again(store: &Store, which: Again<'_>) -> Result<u64, Error> {
    let (condition, name) = match which {
        Again::One(id) => ("id = $2 AND state IN ('dead', 'delivered')", id),
        Again::Dead(destination) => ("destination = $2 AND state = 'dead'", destination),
    };
    let text = format!(
        "UPDATE deliveries SET state = 'queued', attempts = 0, next_at = $1, created_at = $1, delivered_at = NULL, \
         updated_at = $1 WHERE {condition} AND NOT (protocol IN ('hl7', 'fhir') AND {NEWER_EXISTS})"
    );
    let changed = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(now())
        .bind(name)
        .execute(store.database().write())
        .await?;
    Ok(changed.rows_affected())
}
