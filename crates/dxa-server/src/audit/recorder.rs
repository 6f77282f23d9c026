//! Writes events: many at a time in one transaction, in the order they came.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::Row;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::chain::{BEGINNING, link};
use super::event::Event;
use crate::store::{Database, Engine, Error, now};

/// The way to the audit trail. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Audit {
    entries: mpsc::Sender<Entry>,
    works: Arc<AtomicBool>,
}

/// What cannot be written down does not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the audit trail cannot be written")]
pub struct AuditError;

#[derive(Debug)]
struct Entry {
    at: i64,
    event: String,
    written: Option<oneshot::Sender<bool>>,
}

/// Starts the writer. It ends when the last [`Audit`] is gone and everything is written.
#[must_use]
pub fn start(database: Database) -> (Audit, JoinHandle<()>) {
    let (entries, received) = mpsc::channel(QUEUE);
    let works = Arc::new(AtomicBool::new(true));
    let writer = tokio::spawn(write_all(database, received, Arc::clone(&works)));
    (Audit { entries, works }, writer)
}

impl Audit {
    /// Writes an event down. Events that change something are durable when this returns; reads are soon after.
    ///
    /// # Errors
    /// [`AuditError`] when the trail cannot be written: then the caller must not go on.
    pub async fn record(&self, event: Event) -> Result<(), AuditError> {
        let waits = event.kind.waits();
        let event = serde_json::to_string(&event).map_err(|_| AuditError)?;
        let (written, answer) = oneshot::channel();
        // While the trail is broken even a read waits, so that it is refused as long as that lasts.
        let waits = waits || !self.works.load(Ordering::Relaxed);
        let entry = Entry { at: now(), event, written: waits.then_some(written) };
        self.entries.send(entry).await.map_err(|_| AuditError)?;
        if waits && !answer.await.unwrap_or(false) { Err(AuditError) } else { Ok(()) }
    }

    /// Whether the last entries could be written.
    #[must_use]
    pub fn works(&self) -> bool {
        self.works.load(Ordering::Relaxed)
    }
}

/// Entries that wait to be written; whoever comes then waits too.
const QUEUE: usize = 4096;
/// Entries in one transaction.
const TOGETHER: usize = 512;

async fn write_all(database: Database, mut received: mpsc::Receiver<Entry>, works: Arc<AtomicBool>) {
    let mut waiting = Vec::with_capacity(TOGETHER);
    while received.recv_many(&mut waiting, TOGETHER).await > 0 {
        gather(&mut waiting, &mut received).await;
        let done = write(&database, &waiting).await;
        if let Err(error) = &done {
            tracing::error!(kind = %kind(error), entries = waiting.len(), "the audit trail cannot be written");
        }
        works.store(done.is_ok(), Ordering::Relaxed);
        for entry in waiting.drain(..) {
            if let Some(written) = entry.written {
                // Whoever no longer waits for the answer needs none.
                let _ = written.send(done.is_ok());
            }
        }
    }
}

/// Waits for more to write in one transaction, until somebody waits for one of them or nobody can wait longer.
async fn gather(waiting: &mut Vec<Entry>, received: &mut mpsc::Receiver<Entry>) {
    let until = Instant::now() + PAUSE;
    while waiting.len() < TOGETHER && waiting.iter().all(|entry| entry.written.is_none()) {
        match timeout_at(until, received.recv_many(waiting, TOGETHER - waiting.len())).await {
            Ok(more) if more > 0 => {}
            _ => return,
        }
    }
}

fn kind(error: &Error) -> &'static str {
    if matches!(error, Error::Database(_)) { "database" } else { "store" }
}

/// How long the first entry of a transaction waits for others when nobody waits for it.
const PAUSE: Duration = Duration::from_millis(20);
/// Rows in one statement.
const ROWS: usize = 32;
/// Columns of a row.
const COLUMNS: usize = 5;

async fn write(database: &Database, entries: &[Entry]) -> Result<(), Error> {
    let mut transaction = database.begin().await?;
    if database.engine() == Engine::Postgres {
        // Processes take turns, so that there is one chain.
        sqlx::query("SELECT pg_advisory_xact_lock(7341)").execute(&mut *transaction).await?;
    }
    let last = sqlx::query("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
        .fetch_optional(&mut *transaction)
        .await?;
    let (mut sequence, mut previous): (i64, String) = match last {
        Some(row) => (row.try_get("seq")?, row.try_get("hash")?),
        None => (0, BEGINNING.to_owned()),
    };
    for rows in entries.chunks(ROWS) {
        // Numbered by hand: the builder of sqlx writes question marks, which PostgreSQL does not take.
        let row = |at: usize| {
            let holders: Vec<String> =
                (1..=COLUMNS).map(|column| format!("${}", at * COLUMNS + column)).collect();
            format!("({})", holders.join(", "))
        };
        let values: Vec<String> = (0..rows.len()).map(row).collect();
        let text = format!("INSERT INTO audit (seq, at, event, previous, hash) VALUES {}", values.join(", "));
        let mut insert = sqlx::query(sqlx::AssertSqlSafe(text));
        for entry in rows {
            sequence += 1;
            let hash = link(&previous, sequence, entry.at, &entry.event);
            insert = insert.bind(sequence).bind(entry.at).bind(entry.event.clone());
            insert = insert.bind(std::mem::replace(&mut previous, hash.clone())).bind(hash);
        }
        insert.execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(())
}
