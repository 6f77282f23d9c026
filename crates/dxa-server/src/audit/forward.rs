//! Sends entries to the audit record repository; while it is down they wait in the table.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use sqlx::Row;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::event::Event;
use super::message::{Source, message};
use super::syslog::frame;
use crate::store::{Database, Engine, Error, now};

/// A connection, encrypted or not.
trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// Sends what is not sent yet, for ever.
///
/// Syslog has no acknowledgment: what was written just before a connection broke is sent again on the next one,
/// so that a repository may see an entry twice, and never not at all.
pub async fn forward(
    database: Database,
    address: String,
    tls: Option<Arc<rustls::ClientConfig>>,
    source: Source,
) {
    let mut pause = FIRST_PAUSE;
    loop {
        match session(&database, &address, tls.clone(), &source, &mut pause).await {
            Ok(()) => {}
            Err(error) => {
                tracing::warn!(kind = %error.kind(), "the audit record repository does not take entries");
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(10);
/// A connection that stands this long after a write has taken it.
const SETTLED: Duration = Duration::from_millis(500);
/// How often new entries are looked for.
const LOOK: Duration = Duration::from_millis(500);
/// Entries sent before it is asked whether the connection still stands.
const TOGETHER: i64 = 200;

async fn session(
    database: &Database,
    address: &str,
    tls: Option<Arc<rustls::ClientConfig>>,
    source: &Source,
    pause: &mut Duration,
) -> io::Result<()> {
    let mut connection = connect(address, tls).await?;
    loop {
        let Some(_turn) = Turn::take(database).await.map_err(other)? else {
            tokio::time::sleep(LOOK).await;
            continue;
        };
        let entries = unsent(database).await.map_err(other)?;
        let Some(last) = entries.last().map(|entry| entry.0) else {
            if !stands(&mut connection, LOOK).await {
                return Ok(());
            }
            continue;
        };
        for (_, at, event) in &entries {
            let time = time(*at);
            let bytes = frame(&message(event, &time, source), &time, source);
            timeout(PATIENCE, connection.write_all(&bytes)).await??;
        }
        timeout(PATIENCE, connection.flush()).await??;
        if !stands(&mut connection, SETTLED).await {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        sqlx::query("UPDATE audit SET sent_at = $1 WHERE sent_at IS NULL AND seq <= $2")
            .bind(now())
            .bind(last)
            .execute(database.write())
            .await
            .map_err(io::Error::other)?;
        *pause = FIRST_PAUSE;
    }
}

fn other(error: Error) -> io::Error {
    io::Error::other(error)
}

async fn connect(address: &str, tls: Option<Arc<rustls::ClientConfig>>) -> io::Result<Box<dyn Connection>> {
    let stream = timeout(PATIENCE, TcpStream::connect(address)).await??;
    stream.set_nodelay(true)?;
    let Some(tls) = tls else { return Ok(Box::new(stream)) };
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).map_err(io::Error::other)?;
    let connector = tokio_rustls::TlsConnector::from(tls);
    Ok(Box::new(timeout(PATIENCE, connector.connect(name, stream)).await??))
}

/// Whether the other side keeps the connection open for a while. It has nothing to say on it.
async fn stands(connection: &mut Box<dyn Connection>, long: Duration) -> bool {
    let mut byte = [0u8; 1];
    match timeout(long, connection.read(&mut byte)).await {
        Err(_) => true,
        Ok(Ok(read)) => read > 0,
        Ok(Err(_)) => false,
    }
}

async fn unsent(database: &Database) -> Result<Vec<(i64, i64, Event)>, Error> {
    let rows = sqlx::query("SELECT seq, at, event FROM audit WHERE sent_at IS NULL ORDER BY seq LIMIT $1")
        .bind(TOGETHER)
        .fetch_all(database.read())
        .await?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        let event: String = row.try_get("event")?;
        // An entry that cannot be read is one that somebody changed: `verify` names it.
        if let Ok(event) = serde_json::from_str(&event) {
            entries.push((row.try_get("seq")?, row.try_get("at")?, event));
        }
    }
    Ok(entries)
}

/// Of several processes on one database, one sends.
struct Turn {
    _transaction: Option<sqlx::Transaction<'static, sqlx::Any>>,
}

impl Turn {
    async fn take(database: &Database) -> Result<Option<Self>, Error> {
        if database.engine() == Engine::Sqlite {
            return Ok(Some(Self { _transaction: None }));
        }
        let mut transaction = database.begin().await?;
        let mine: bool =
            sqlx::query_scalar("SELECT pg_try_advisory_xact_lock(7342)").fetch_one(&mut *transaction).await?;
        Ok(mine.then_some(Self { _transaction: Some(transaction) }))
    }
}

/// RFC 3339 with milliseconds, UTC.
fn time(at: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("{time:.3}")
}
