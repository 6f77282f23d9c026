//! Accounts of people.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::password;
use super::permission::{Permissions, Role};
use crate::store::{Database, Error, now, opaque_id};

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Opaque id.
    pub id: String,
    /// Name for logging in and in the audit trail.
    pub name: String,
    /// Name shown on reports.
    pub display_name: Option<String>,
    /// Roles.
    pub roles: Vec<Role>,
    /// When it was closed, Unix milliseconds.
    pub disabled_at: Option<i64>,
}

impl Account {
    /// What it may do.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        Permissions::of_roles(&self.roles)
    }

    pub(super) fn read(row: &AnyRow) -> Result<Self, sqlx::Error> {
        let roles: String = row.try_get("roles")?;
        Ok(Self {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            display_name: row.try_get("display_name")?,
            // A role that this version does not know gives nothing.
            roles: roles.split(' ').filter_map(|role| role.parse().ok()).collect(),
            disabled_at: row.try_get("disabled_at")?,
        })
    }
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Name for logging in: letters, digits and `.-_@`, at most 64.
    pub name: String,
    /// Name shown on reports.
    pub display_name: Option<String>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Password; none for an account of the identity provider.
    pub password: Option<String>,
    /// Issuer and subject at the identity provider.
    pub subject: Option<String>,
}

/// Why somebody is not let in, or an account not made.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Name or password is wrong; which of the two is not said.
    #[error("the name or the password is wrong")]
    Wrong,
    /// Too many wrong passwords.
    #[error("too many wrong passwords; the account can be used again in a while")]
    Locked,
    /// The account was closed.
    #[error("the account is closed")]
    Disabled,
    /// A name that cannot be used.
    #[error("a name has 1 to 64 letters, digits or .-_@")]
    Name,
    /// There is one already.
    #[error("there is an account of this name")]
    Taken,
    /// A password that is too easy.
    #[error("a password has at least {} characters", password::LEAST_CHARACTERS)]
    Password,
    /// The store.
    #[error(transparent)]
    Store(#[from] Error),
}

impl From<sqlx::Error> for LoginError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// All accounts by name.
///
/// # Errors
/// When the database does not answer.
pub async fn accounts(database: &Database) -> Result<Vec<Account>, Error> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM accounts ORDER BY name")))
        .fetch_all(database.read())
        .await?;
    Ok(rows.iter().map(Account::read).collect::<Result<_, _>>()?)
}

/// Makes an account.
///
/// # Errors
/// A name that is taken or cannot be used, a password that is too short.
pub async fn add(database: &Database, new: NewAccount) -> Result<Account, LoginError> {
    if !is_name(&new.name) {
        return Err(LoginError::Name);
    }
    let password = match new.password {
        Some(password) => Some(acceptable(password).await?),
        None => None,
    };
    let account = Account {
        id: opaque_id()?,
        name: new.name,
        display_name: new.display_name,
        roles: new.roles,
        disabled_at: None,
    };
    let inserted = sqlx::query(
        "INSERT INTO accounts (id, name, display_name, password, roles, subject, password_changed_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
         ON CONFLICT DO NOTHING",
    )
    .bind(&account.id)
    .bind(&account.name)
    .bind(&account.display_name)
    .bind(password)
    .bind(names(&account.roles))
    .bind(new.subject)
    .bind(now())
    .execute(database.write())
    .await?;
    if inserted.rows_affected() == 0 { Err(LoginError::Taken) } else { Ok(account) }
}

/// Gives an account another password and ends its sessions.
///
/// # Errors
/// A password that is too short, or no such account.
pub async fn set_password(database: &Database, name: &str, password: String) -> Result<(), LoginError> {
    let password = acceptable(password).await?;
    let changed = sqlx::query(
        "UPDATE accounts SET password = $1, password_changed_at = $2, failures = 0, locked_until = NULL
         WHERE name = $3",
    )
    .bind(password)
    .bind(now())
    .bind(name)
    .execute(database.write())
    .await?;
    if changed.rows_affected() == 0 {
        return Err(Error::NotFound("account").into());
    }
    Ok(super::close_all(database, name).await?)
}

/// Gives an account other roles; they hold from the next request.
///
/// # Errors
/// No such account.
pub async fn set_roles(database: &Database, name: &str, roles: &[Role]) -> Result<(), Error> {
    let changed = sqlx::query("UPDATE accounts SET roles = $1 WHERE name = $2")
        .bind(names(roles))
        .bind(name)
        .execute(database.write())
        .await?;
    if changed.rows_affected() == 0 { Err(Error::NotFound("account")) } else { Ok(()) }
}

/// Closes an account; it stays, because the audit trail and signatures name it.
///
/// # Errors
/// No such account.
pub async fn disable(database: &Database, name: &str) -> Result<(), Error> {
    let changed = sqlx::query("UPDATE accounts SET disabled_at = $1 WHERE name = $2")
        .bind(now())
        .bind(name)
        .execute(database.write())
        .await?;
    if changed.rows_affected() == 0 {
        return Err(Error::NotFound("account"));
    }
    super::close_all(database, name).await
}

/// Lets somebody in by name and password.
///
/// # Errors
/// [`LoginError::Wrong`], [`LoginError::Locked`], [`LoginError::Disabled`].
pub async fn login(database: &Database, name: &str, password: String) -> Result<Account, LoginError> {
    let row = sqlx::query(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS}, password, failures, locked_until FROM accounts WHERE name = $1"
    )))
    .bind(name)
    .fetch_optional(database.read())
    .await?;
    let Some(row) = row else {
        password::verify(password, None).await;
        return Err(LoginError::Wrong);
    };
    let account = Account::read(&row)?;
    let locked: Option<i64> = row.try_get("locked_until")?;
    if locked.is_some_and(|until| until > now()) {
        return Err(LoginError::Locked);
    }
    if !password::verify(password, row.try_get("password")?).await {
        let failures: i64 = row.try_get("failures")?;
        failed(database, &account.id, failures + 1).await?;
        return Err(LoginError::Wrong);
    }
    if account.disabled_at.is_some() {
        return Err(LoginError::Disabled);
    }
    sqlx::query("UPDATE accounts SET failures = 0, locked_until = NULL, last_login_at = $1 WHERE id = $2")
        .bind(now())
        .bind(&account.id)
        .execute(database.write())
        .await?;
    Ok(account)
}

/// The account of a subject of the identity provider, with the roles that it says.
///
/// # Errors
/// A closed account, or a name that an account with a password has.
pub(super) async fn of_subject(
    database: &Database,
    subject: &str,
    name: &str,
    roles: &[Role],
) -> Result<Account, LoginError> {
    let find = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM accounts WHERE subject = $1"));
    let found = sqlx::query(find).bind(subject).fetch_optional(database.read()).await?;
    let Some(row) = found else {
        let new = NewAccount {
            name: name.to_owned(),
            display_name: None,
            roles: roles.to_vec(),
            password: None,
            subject: Some(subject.to_owned()),
        };
        return add(database, new).await;
    };
    let mut account = Account::read(&row)?;
    if account.disabled_at.is_some() {
        return Err(LoginError::Disabled);
    }
    sqlx::query("UPDATE accounts SET roles = $1, last_login_at = $2 WHERE id = $3")
        .bind(names(roles))
        .bind(now())
        .bind(&account.id)
        .execute(database.write())
        .await?;
    account.roles = roles.to_vec();
    Ok(account)
}

pub(super) const COLUMNS: &str = "accounts.id AS id, accounts.name AS name, accounts.display_name AS display_name, \
     accounts.roles AS roles, accounts.disabled_at AS disabled_at";

/// Wrong passwords before the account has to wait.
const FREE_TRIES: i64 = 5;
/// The first wait; each further wrong password doubles it, up to an hour.
const FIRST_WAIT_MS: i64 = 30_000;
const LONGEST_WAIT_MS: i64 = 3_600_000;

async fn failed(database: &Database, id: &str, failures: i64) -> Result<(), LoginError> {
    let over = failures - FREE_TRIES;
    let wait = (over >= 0).then(|| (FIRST_WAIT_MS << over.min(10)).min(LONGEST_WAIT_MS));
    sqlx::query("UPDATE accounts SET failures = $1, locked_until = $2 WHERE id = $3")
        .bind(failures)
        .bind(wait.map(|wait| now() + wait))
        .bind(id)
        .execute(database.write())
        .await?;
    Ok(())
}

async fn acceptable(password: String) -> Result<String, LoginError> {
    if password.chars().count() < password::LEAST_CHARACTERS {
        return Err(LoginError::Password);
    }
    password::hash(password).await.ok_or(LoginError::Store(Error::Closing))
}

fn is_name(name: &str) -> bool {
    let allowed = |letter: char| letter.is_alphanumeric() || ".-_@".contains(letter);
    (1..=64).contains(&name.chars().count()) && name.chars().all(allowed)
}

fn names(roles: &[Role]) -> String {
    roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(" ")
}
