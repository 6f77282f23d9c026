//! The tables and their versions.

use super::Error;
use super::database::{Database, Engine};

/// What each version adds to the one before; never edited once released.
const VERSIONS: [&str; 8] = [
    include_str!("schema.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
    include_str!("schema_5.sql"),
    include_str!("schema_6.sql"),
    include_str!("schema_7.sql"),
    include_str!("schema_8.sql"),
];

/// Brings the tables to the version of this program.
///
/// # Errors
/// A store that a newer version of the program has written is refused.
pub(super) async fn upgrade(database: &Database) -> Result<(), Error> {
    let mut transaction = database.begin().await?;
    if database.engine() == Engine::Postgres {
        // Two processes that start at once take turns.
        sqlx::query("SELECT pg_advisory_xact_lock(7339)").execute(&mut *transaction).await?;
    }
    let table = "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)";
    sqlx::query(table).execute(&mut *transaction).await?;
    let found: Option<i64> =
        sqlx::query_scalar("SELECT MAX(version) FROM schema_version").fetch_one(&mut *transaction).await?;
    let found = usize::try_from(found.unwrap_or(0)).unwrap_or(usize::MAX);
    if found > VERSIONS.len() {
        return Err(Error::Newer { found, known: VERSIONS.len() });
    }
    for (index, text) in VERSIONS.iter().enumerate().skip(found) {
        for statement in statements(text, database.engine()) {
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut *transaction).await?;
        }
        let version = i64::try_from(index + 1).unwrap_or(i64::MAX);
        sqlx::query("INSERT INTO schema_version (version) VALUES ($1)")
            .bind(version)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// The statements of a version in the words of an engine; no statement holds a semicolon of its own.
fn statements(text: &str, engine: Engine) -> Vec<String> {
    // In descending order SQLite has the rows without a value last by itself, and has no words for it in an index.
    let (blob, id, nulls_last) = match engine {
        Engine::Sqlite => ("BLOB", "INTEGER PRIMARY KEY AUTOINCREMENT", ""),
        Engine::Postgres => ("BYTEA", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", " NULLS LAST"),
    };
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("--"));
    let text = lines
        .collect::<Vec<_>>()
        .join("\n")
        .replace("{blob}", blob)
        .replace("{id}", id)
        .replace("{nulls_last}", nulls_last);
    text.split(';').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
