//! The one writer: takes what waits as a batch, writes and syncs it, then its index rows, then answers.

use std::collections::HashMap;
use std::sync::Arc;

use sqlx::Row as _;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::database::Database;
use super::early::Early;
use super::keep::{Kept, Prepared};
use super::segment::{Kind, Objects, Record, Written};
use super::{Error, hexadecimal, keep, now};

mod rows;

use rows::Rows;

/// A handle to the writer.
#[derive(Clone, Debug)]
pub(super) struct Keeper {
    requests: mpsc::Sender<Request>,
    task: Arc<tokio::sync::Mutex<Option<JoinHandle<()>>>>,
}

#[derive(Debug)]
struct Request {
    prepared: Prepared,
    answer: oneshot::Sender<Result<Kept, Error>>,
}

/// Objects of one batch at most, and their bytes.
const BATCH: usize = 32;
const BATCH_BYTES: usize = 16 << 20;
/// Objects that wait for their batch; a sender of one more waits.
const WAITING: usize = 64;

impl Keeper {
    pub(super) fn start(database: Database, objects: Arc<Objects>) -> Self {
        let (requests, receiver) = mpsc::channel(WAITING);
        let writer = Writer { rows: Rows::new(database.clone()), database, objects };
        let task = tokio::spawn(writer.run(receiver));
        Self { requests, task: Arc::new(tokio::sync::Mutex::new(Some(task))) }
    }

    pub(super) async fn keep(&self, prepared: Prepared) -> Result<Kept, Error> {
        let (answer, answered) = oneshot::channel();
        self.requests.send(Request { prepared, answer }).await.map_err(|_| Error::Closing)?;
        answered.await.map_err(|_| Error::Closing)?
    }

    /// Ends the writer after what waits.
    pub(super) async fn close(&self) {
        if let Some(task) = self.task.lock().await.take() {
            // The writer ends when it finds this.
            let (answer, _) = oneshot::channel();
            let farewell = Request { prepared: Prepared::farewell(), answer };
            if self.requests.send(farewell).await.is_ok() {
                // A writer that failed has nothing left to finish.
                let _ = task.await;
            }
        }
    }
}

struct Writer {
    database: Database,
    objects: Arc<Objects>,
    rows: Rows,
}

/// What a request will be answered once its batch is durable.
#[derive(Clone, Copy)]
enum Verdict {
    /// Record at this index, to be in the index.
    New(usize),
    Same,
    /// Record at this index, or none because the quarantine has it.
    Conflict(Option<usize>),
}

impl Verdict {
    /// The record to be in the index.
    fn record(&self) -> Option<usize> {
        match self {
            Self::New(record) | Self::Conflict(Some(record)) => Some(*record),
            Self::Same | Self::Conflict(None) => None,
        }
    }
}

impl Writer {
    async fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut ending = false;
        while !ending {
            let Some(first) = requests.recv().await else { return };
            let mut batch = vec![first];
            let mut bytes = batch[0].prepared.bytes.len();
            while batch.len() < BATCH && bytes < BATCH_BYTES {
                let Ok(next) = requests.try_recv() else { break };
                bytes += next.prepared.bytes.len();
                batch.push(next);
            }
            ending = batch.iter().any(|request| request.prepared.is_farewell());
            batch.retain(|request| !request.prepared.is_farewell());
            if !batch.is_empty() {
                self.batch(batch).await;
            }
        }
        if let Some(sealed) = self.objects.seal().await
            && self.rows.insert(&self.objects, &[], &mut [], &sealed, now()).await.is_err()
        {
            tracing::warn!("the next start has to look at the last segments");
        }
    }

    async fn batch(&mut self, batch: Vec<Request>) {
        let (mut prepared, answers): (Vec<Prepared>, Vec<_>) =
            batch.into_iter().map(|request| (request.prepared, request.answer)).unzip();
        let outcome = self.write(&mut prepared).await;
        if outcome.is_err() {
            self.rows.forget();
        }
        match outcome {
            Ok(verdicts) => {
                for ((answer, verdict), prepared) in answers.into_iter().zip(verdicts).zip(&prepared) {
                    let identity = prepared.identity();
                    // Whoever gave up waiting will send the object again.
                    let _ = answer.send(match verdict {
                        Verdict::New(_) => Ok(Kept::New(identity)),
                        Verdict::Same => Ok(Kept::Same(identity)),
                        Verdict::Conflict(_) => Ok(Kept::Conflict(identity)),
                    });
                }
            }
            Err(error) => {
                tracing::error!(%error, objects = answers.len(), "objects could not be kept");
                for answer in answers {
                    let _ = answer.send(Err(again(&error)));
                }
            }
        }
    }

    /// What is there under the same UIDs; where somebody has looked already, another may have been faster since, which
    /// the row of the instance tells.
    async fn known(&self, prepared: &mut [Prepared]) -> Result<HashMap<String, (String, bool)>, Error> {
        let mut here = HashMap::new();
        let mut unknown = Vec::new();
        for Prepared { facts, look, .. } in prepared {
            match look.take() {
                Some(look) => here.extend(look.await.ok().flatten().map(|known| (facts.uid.clone(), known))),
                None => unknown.push(facts.uid.as_str()),
            }
        }
        if !unknown.is_empty() {
            here.extend(known(&self.database, unknown.into_iter()).await?);
        }
        Ok(here)
    }

    async fn write(&mut self, prepared: &mut [Prepared]) -> Result<Vec<Verdict>, Error> {
        let mut known = self.known(prepared).await?;
        let mut records = Vec::new();
        let mut verdicts = Vec::with_capacity(prepared.len());
        let arrived_at = now();
        for prepared in &mut *prepared {
            let digest = hexadecimal(&prepared.digest);
            let earlier = known.get(&prepared.facts.uid);
            let is_same = earlier.map(|(earlier, damaged)| *earlier == digest && !damaged);
            let kind = match is_same {
                Some(true) => {
                    verdicts.push(Verdict::Same);
                    continue;
                }
                Some(false) if earlier.is_some_and(|(earlier, _)| *earlier == digest) => Kind::Object,
                Some(false) => Kind::Quarantined,
                None => Kind::Object,
            };
            verdicts.push(match kind {
                Kind::Object => Verdict::New(records.len()),
                Kind::Quarantined => Verdict::Conflict(Some(records.len())),
            });
            if kind == Kind::Object {
                known.insert(prepared.facts.uid.clone(), (digest, false));
            }
            records.push(Record {
                kind,
                bytes: std::mem::take(&mut prepared.bytes),
                digest: prepared.digest,
                crc: prepared.crc,
                source: prepared.source.clone(),
                arrived_at,
                lease: prepared.lease.take(),
            });
        }
        if records.is_empty() {
            return Ok(verdicts);
        }
        let Self { rows, objects, .. } = self;
        if !objects.can_recover() {
            // A bucket takes its time; the index does not wait for it with a transaction open.
            let written = objects.write(records).await?;
            rows.insert(objects, prepared, &mut verdicts, &written, arrived_at).await?;
            return Ok(verdicts);
        }
        // Where everything comes to lie is settled first, so that the index writes while the disk syncs.
        let planned = objects.plan(&mut records).await?;
        let mut as_planned = verdicts.clone();
        let begin = rows.begin(objects, prepared, &mut as_planned, &planned, arrived_at);
        let (written, begun) = tokio::join!(objects.write(records), begin);
        let (written, begun) = (written?, begun?);
        if written.places == planned.places {
            begun.commit().await?;
            if !written.sealed.is_empty() {
                rows.insert(objects, &[], &mut [], &written, arrived_at).await?;
            }
            return Ok(as_planned);
        }
        // A segment failed and another took its place.
        begun.forget().await?;
        rows.forget();
        rows.insert(objects, prepared, &mut verdicts, &written, arrived_at).await?;
        Ok(verdicts)
    }
}

impl Prepared {
    fn farewell() -> Self {
        Self {
            bytes: Vec::new(),
            facts: super::Facts::default(),
            digest: [0; 32],
            crc: 0,
            source: String::new(),
            lease: None,
            look: None,
        }
    }

    fn is_farewell(&self) -> bool {
        self.facts.uid.is_empty()
    }
}

/// Looks whether an instance is there, while its bytes still come.
pub(super) fn look(database: &Database, uid: &str) -> Look {
    let (database, uid) = (database.clone(), uid.to_owned());
    tokio::spawn(async move { known(&database, std::iter::once(uid.as_str())).await.ok()?.remove(&uid) })
}

/// The digest of an instance that is there, and whether it is damaged.
pub(super) type Look = JoinHandle<Option<(String, bool)>>;

/// Digests of the instances that are there, and whether they are damaged.
async fn known<'a>(
    database: &Database,
    uids: impl Iterator<Item = &'a str>,
) -> Result<HashMap<String, (String, bool)>, Error> {
    let uids: Vec<&str> = uids.collect();
    let holders: Vec<String> = (1..=uids.len()).map(|index| format!("${index}")).collect();
    let statement =
        format!("SELECT uid, digest, damaged FROM instances WHERE uid IN ({})", holders.join(", "));
    let mut query = sqlx::query(sqlx::AssertSqlSafe(statement));
    for uid in uids {
        query = query.bind(uid);
    }
    let rows = query.fetch_all(database.read()).await?;
    let mut known = HashMap::new();
    for row in rows {
        known.insert(row.try_get("uid")?, (row.try_get("digest")?, row.try_get::<i64, _>("damaged")? != 0));
    }
    Ok(known)
}

/// The same error for another request of the batch.
fn again(error: &Error) -> Error {
    match error {
        Error::Full(why) => Error::Full(why.clone()),
        Error::Closing => Error::Closing,
        other => Error::Io(std::io::Error::other(other.to_string())),
    }
}

/// Takes into the index what segments hold and the index does not know, because a run before ended without warning.
///
/// Only what lies behind the known end of each open segment is read.
///
/// # Errors
/// When the folder or the database does not answer.
pub(super) async fn recover(database: &Database, objects: &Arc<Objects>) -> Result<(), Error> {
    let Objects::Folder(folder) = &**objects else { return Ok(()) };
    let names = folder.names()?;
    if names.is_empty() {
        return Ok(());
    }
    let known: HashMap<String, (i64, bool)> = sqlx::query("SELECT name, indexed_to, sealed FROM segments")
        .fetch_all(database.read())
        .await?
        .into_iter()
        .map(|row| {
            Ok((row.try_get("name")?, (row.try_get("indexed_to")?, row.try_get::<i64, _>("sealed")? != 0)))
        })
        .collect::<Result<_, sqlx::Error>>()?;
    for name in names {
        let (from, sealed) = known.get(&name).copied().unwrap_or((0, false));
        if sealed {
            continue;
        }
        let in_thread = Arc::clone(folder);
        let tail = tokio::task::spawn_blocking(move || in_thread.tail(&name, from));
        let Some(tail) = tail.await.map_err(|_| Error::Closing)?? else { continue };
        if !tail.records.is_empty() {
            tracing::info!(
                objects = tail.records.len(),
                "objects of an interrupted run are taken into the index"
            );
        }
        let mut rows = Rows::new(database.clone());
        for (header, place) in tail.records {
            let bytes = objects.read(&place).await?;
            let begun = Early::new(database.clone(), Arc::clone(objects)).finish(&bytes);
            let incoming =
                keep::Incoming { bytes, source: header.source.clone(), announced: None, study: None };
            // What an earlier version accepted and this one does not stays in its segment.
            let Ok(prepared) = keep::prepare(incoming, begun) else { continue };
            let known = known_digest(database, &prepared).await?;
            let digest = hexadecimal(&prepared.digest);
            let mut verdicts = match (header.kind, known) {
                (Kind::Object, None) => vec![Verdict::New(0)],
                (Kind::Object, Some(known)) if known == digest => continue,
                _ => vec![Verdict::Conflict(Some(0))],
            };
            let written = Written { places: vec![place], ..Written::default() };
            rows.insert(objects, &[prepared], &mut verdicts, &written, header.arrived_at).await?;
        }
        let end = Written {
            ends: vec![(tail.segment.clone(), tail.end)],
            sealed: vec![tail.segment],
            ..Written::default()
        };
        rows.insert(objects, &[], &mut [], &end, now()).await?;
    }
    Ok(())
}

async fn known_digest(database: &Database, prepared: &Prepared) -> Result<Option<String>, Error> {
    let known = known(database, std::iter::once(prepared.facts.uid.as_str())).await?;
    Ok(known.into_values().next().map(|(digest, _)| digest))
}
