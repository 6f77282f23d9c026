//! The index of the store: SQLite or PostgreSQL behind one set of statements.

use std::path::Path;
use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::{Any, AnyPool, Transaction};

use super::Error;

/// Which engine holds the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One file in the data folder; one process.
    Sqlite,
    /// A server; several processes may share it.
    Postgres,
}

/// Connections to the index.
///
/// Statements are written for both engines: parameters `$1, $2, …`, times as Unix milliseconds in BIGINT,
/// `CAST(SUM(…) AS BIGINT)` for sums, booleans as 0 and 1.
#[derive(Clone, Debug)]
pub struct Database {
    engine: Engine,
    read: AnyPool,
    write: AnyPool,
    keep: AnyPool,
}

impl Database {
    /// Connects, and brings the tables to the version of this program.
    ///
    /// # Errors
    /// A database that cannot be reached, or one that a newer version of the program has written.
    pub async fn open(url: &str) -> Result<Self, Error> {
        sqlx::any::install_default_drivers();
        let engine = if url.starts_with("sqlite:") { Engine::Sqlite } else { Engine::Postgres };
        let database = match engine {
            Engine::Sqlite => {
                let path = url.trim_start_matches("sqlite:").split('?').next().unwrap_or_default();
                if let Some(folder) = Path::new(path).parent() {
                    std::fs::create_dir_all(folder)?;
                }
                let url = if url.contains('?') { url.to_owned() } else { format!("{url}?mode=rwc") };
                // One connection writes at a time, so that none has to wait in a busy loop.
                let write = pool(&url, 1, &SQLITE_SAFE).await?;
                let keep = pool(&url, 1, &SQLITE_FAST).await?;
                Self { engine, read: pool(&url, READERS, &SQLITE_SAFE).await?, write, keep }
            }
            Engine::Postgres => {
                let write = pool(url, WRITERS, &[]).await?;
                Self { engine, read: write.clone(), keep: write.clone(), write }
            }
        };
        super::schema::upgrade(&database).await?;
        Ok(database)
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Connections for statements that only read.
    #[must_use]
    pub fn read(&self) -> &AnyPool {
        &self.read
    }

    /// Connections for single statements that write; durable when they return.
    #[must_use]
    pub fn write(&self) -> &AnyPool {
        &self.write
    }

    /// A transaction that writes; durable when committed. Hold it briefly: with SQLite there is one at a time.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin(&self) -> Result<Transaction<'static, Any>, Error> {
        Ok(self.write.begin_with(self.begin_words()).await?)
    }

    /// A transaction that need not be durable: what a power loss takes of it comes back, from the segments or with time.
    pub(crate) async fn begin_recoverable(&self) -> Result<Transaction<'static, Any>, Error> {
        let mut transaction = self.keep.begin_with(self.begin_words()).await?;
        if self.engine == Engine::Postgres {
            sqlx::query("SET LOCAL synchronous_commit = off").execute(&mut *transaction).await?;
        }
        Ok(transaction)
    }

    fn begin_words(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => "BEGIN",
        }
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.keep.close().await;
        self.write.close().await;
        self.read.close().await;
    }
}

/// How long a statement waits for a connection.
const PATIENCE: Duration = Duration::from_secs(20);
const READERS: u32 = 4;
const WRITERS: u32 = 12;

const SQLITE_SAFE: [&str; 4] = [
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA busy_timeout = 15000",
    "PRAGMA foreign_keys = ON",
];
const SQLITE_FAST: [&str; 4] = [
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA busy_timeout = 15000",
    "PRAGMA foreign_keys = ON",
];

async fn pool(url: &str, connections: u32, settings: &'static [&'static str]) -> Result<AnyPool, Error> {
    let options = AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        // A file does not hang up, and asking it costs as much as a question.
        .test_before_acquire(!url.starts_with("sqlite:"))
        .after_connect(move |connection, _| {
            Box::pin(async move {
                for setting in settings {
                    sqlx::query(*setting).execute(&mut *connection).await?;
                }
                Ok(())
            })
        });
    Ok(options.connect(url).await?)
}
