//! Tokens of machines: `Authorization: Bearer dxa_…`, with scopes and an end.

use sqlx::Row;

use super::accounts::{Account, COLUMNS};
use super::{By, Caller, Scopes, secret};
use crate::store::{Database, Error, now, opaque_id};

/// A token just issued; the only time it is seen.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Id by which it is revoked.
    pub id: String,
    /// The token itself.
    pub token: String,
}

/// What is kept of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// Id.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// Name of its account.
    pub account: String,
    /// Scopes, separated by spaces.
    pub scopes: String,
    /// When it ends, Unix milliseconds.
    pub expires_at: Option<i64>,
    /// When it was revoked, Unix milliseconds.
    pub revoked_at: Option<i64>,
}

/// Issues a token of an account. It can do what its scopes say and the account's roles allow, no more.
///
/// # Errors
/// No such account.
pub async fn issue(
    database: &Database,
    account: &str,
    name: &str,
    scopes: impl Into<Scopes>,
    days: Option<u32>,
) -> Result<NewToken, Error> {
    let owner: Option<String> = sqlx::query_scalar("SELECT id FROM accounts WHERE name = $1")
        .bind(account)
        .fetch_optional(database.read())
        .await?;
    let owner = owner.ok_or(Error::NotFound("account"))?;
    let new = NewToken { id: opaque_id()?, token: format!("{PREFIX}{}", secret::new()?) };
    sqlx::query(
        "INSERT INTO tokens (id, account, name, hash, scopes, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&new.id)
    .bind(owner)
    .bind(name)
    .bind(secret::digest(&new.token))
    .bind(scopes.into().text())
    .bind(now())
    .bind(days.map(|days| now() + i64::from(days) * 86_400_000))
    .execute(database.write())
    .await?;
    Ok(new)
}

/// Who holds a token; `None` when it is unknown, over, revoked, or of a closed account.
///
/// # Errors
/// When the database does not answer.
pub async fn authenticate(database: &Database, token: &str) -> Result<Option<Caller>, Error> {
    if !token.starts_with(PREFIX) {
        return Ok(None);
    }
    let select = format!(
        "SELECT {COLUMNS}, tokens.scopes AS scopes, tokens.expires_at AS expires_at, tokens.revoked_at AS revoked_at
         FROM tokens JOIN accounts ON accounts.id = tokens.account WHERE tokens.hash = $1"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(select))
        .bind(secret::digest(token))
        .fetch_optional(database.read())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let account = Account::read(&row)?;
    let expires: Option<i64> = row.try_get("expires_at")?;
    let revoked: Option<i64> = row.try_get("revoked_at")?;
    if account.disabled_at.is_some() || revoked.is_some() || expires.is_some_and(|at| at <= now()) {
        return Ok(None);
    }
    let scopes: String = row.try_get("scopes")?;
    let scopes = Scopes::read(&scopes).unwrap_or_default();
    let (permissions, records) = scopes.within(account.permissions());
    Ok(Some(Caller { name: account.name, account: account.id, permissions, records, by: By::Token }))
}

/// Ends a token.
///
/// # Errors
/// No such token.
pub async fn revoke(database: &Database, id: &str) -> Result<(), Error> {
    let changed = sqlx::query("UPDATE tokens SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL")
        .bind(now())
        .bind(id)
        .execute(database.write())
        .await?;
    if changed.rows_affected() == 0 { Err(Error::NotFound("token")) } else { Ok(()) }
}

/// All tokens, newest last.
///
/// # Errors
/// When the database does not answer.
pub async fn tokens(database: &Database) -> Result<Vec<TokenRow>, Error> {
    let rows = sqlx::query(
        "SELECT tokens.id AS id, tokens.name AS name, accounts.name AS account, tokens.scopes AS scopes,
                tokens.expires_at AS expires_at, tokens.revoked_at AS revoked_at
         FROM tokens JOIN accounts ON accounts.id = tokens.account ORDER BY tokens.created_at, tokens.id",
    )
    .fetch_all(database.read())
    .await?;
    let read = |row: &sqlx::any::AnyRow| {
        Ok::<_, sqlx::Error>(TokenRow {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            account: row.try_get("account")?,
            scopes: row.try_get("scopes")?,
            expires_at: row.try_get("expires_at")?,
            revoked_at: row.try_get("revoked_at")?,
        })
    };
    Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
}

/// So that scanners for leaked secrets know ours.
const PREFIX: &str = "dxa_";
