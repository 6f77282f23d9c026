//! Sessions of browsers: a cookie that means nothing without our database.

use sqlx::Row;

use super::accounts::{Account, COLUMNS};
use super::{By, Caller, Records, secret};
use crate::store::{Database, Error, now};

/// A session just opened; the only time its secrets are seen.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Value of the cookie.
    pub cookie: String,
    /// What `X-CSRF-Token` must say.
    pub csrf: String,
}

/// Opens a session.
///
/// # Errors
/// When the database does not answer.
pub async fn open(database: &Database, account: &Account) -> Result<Opened, Error> {
    let opened = Opened { cookie: secret::new()?, csrf: secret::new()? };
    let at = now();
    sqlx::query("DELETE FROM sessions WHERE expires_at < $1").bind(at).execute(database.write()).await?;
    sqlx::query(
        "INSERT INTO sessions (hash, account, csrf, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $4, $5)",
    )
    .bind(secret::digest(&opened.cookie))
    .bind(&account.id)
    .bind(&opened.csrf)
    .bind(at)
    .bind(at + LONGEST_MS)
    .execute(database.write())
    .await?;
    Ok(opened)
}

/// Who holds a cookie; `None` when the session is unknown, too long without a request, or of a closed account.
///
/// # Errors
/// When the database does not answer.
pub async fn resume(database: &Database, cookie: &str, idle_minutes: u32) -> Result<Option<Caller>, Error> {
    let hash = secret::digest(cookie);
    let select = format!(
        "SELECT {COLUMNS}, sessions.csrf AS csrf, sessions.seen_at AS seen_at, sessions.expires_at AS expires_at
         FROM sessions JOIN accounts ON accounts.id = sessions.account WHERE sessions.hash = $1"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(select)).bind(&hash).fetch_optional(database.read()).await?;
    let Some(row) = row else { return Ok(None) };
    let account = Account::read(&row)?;
    let (seen, expires): (i64, i64) = (row.try_get("seen_at")?, row.try_get("expires_at")?);
    let minutes = if idle_minutes == 0 { IDLE_MINUTES } else { idle_minutes };
    let (at, idle) = (now(), i64::from(minutes) * 60_000);
    if account.disabled_at.is_some() || at >= expires || at - seen >= idle {
        sqlx::query("DELETE FROM sessions WHERE hash = $1").bind(&hash).execute(database.write()).await?;
        return Ok(None);
    }
    if at - seen >= SEEN_EVERY_MS.min(idle / 4) {
        sqlx::query("UPDATE sessions SET seen_at = $1 WHERE hash = $2")
            .bind(at)
            .bind(&hash)
            .execute(database.write())
            .await?;
    }
    let permissions = account.permissions();
    let by = By::Session { csrf: row.try_get("csrf")? };
    let records = Records::of(permissions);
    Ok(Some(Caller { name: account.name, account: account.id, permissions, records, by }))
}

/// Ends a session.
///
/// # Errors
/// When the database does not answer.
pub async fn close(database: &Database, cookie: &str) -> Result<(), Error> {
    sqlx::query("DELETE FROM sessions WHERE hash = $1")
        .bind(secret::digest(cookie))
        .execute(database.write())
        .await?;
    Ok(())
}

/// Ends all sessions of an account.
///
/// # Errors
/// When the database does not answer.
pub async fn close_all(database: &Database, name: &str) -> Result<(), Error> {
    sqlx::query("DELETE FROM sessions WHERE account IN (SELECT id FROM accounts WHERE name = $1)")
        .bind(name)
        .execute(database.write())
        .await?;
    Ok(())
}

/// A session ends after a working day whatever is done.
const LONGEST_MS: i64 = 12 * 3_600_000;
/// Without a request it ends after this, unless configured.
const IDLE_MINUTES: u32 = 30;
/// How often it is written down that a session is in use.
const SEEN_EVERY_MS: i64 = 60_000;
