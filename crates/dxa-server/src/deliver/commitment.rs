//! Asking an archive to commit to what it stored (Storage Commitment Push Model, PS3.4 annex J).
//!
//! What was delivered is put together in a transaction and asked for on an association of its own. The archive reports
//! on that association, or later on one that it opens to our listener.

use std::time::Duration;

use dicom_dictionary_std::uids;
use serde::{Deserialize, Serialize};
use sqlx::Row as _;

use super::{c_store, pause};
use crate::config::{Config, Deliver, DicomDestination};
use crate::ingest::contexts::STORAGE_COMMITMENT;
use crate::ingest::{COMMITMENT_INSTANCE, References, command};
use crate::scu::{Association, Proposal};
use crate::store::{Database, Error, Store, now, opaque_id};
use crate::work::queue;

/// Kind of work: the subject is a Transaction UID.
pub(crate) const ASK: &str = "ask_commitment";

/// Objects of one transaction at most.
const BATCH: i64 = 64;
/// An archive that has not reported by then is asked again, under another Transaction UID.
const REPORT_PATIENCE_MS: i64 = 3_600_000;
/// What was delivered longer ago is not asked for again.
const LONGEST_MS: i64 = 24 * 3_600_000;
/// How long an association waits for a report on itself.
const LINGER: Duration = Duration::from_secs(2);
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

const ASKING: Proposal = Proposal {
    class: STORAGE_COMMITMENT,
    syntaxes: &[uids::EXPLICIT_VR_LITTLE_ENDIAN, uids::IMPLICIT_VR_LITTLE_ENDIAN],
    as_provider: false,
};

/// What was asked for.
#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    /// AE title of the archive, which alone may report.
    ae_title: String,
    objects: Vec<AskedObject>,
}

#[derive(Debug, Serialize, Deserialize)]
struct AskedObject {
    delivery: String,
    class: String,
    instance: String,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// It stands in the ledger.
    Noted,
    /// Nobody asked for it, or not this peer.
    NeverAsked,
}

/// Puts deliveries that were not asked for yet into a transaction, and asks for the work of asking.
pub(super) async fn collect(database: &Database, to: &DicomDestination) -> Result<(), Error> {
    const WAITING: &str = "SELECT deliveries.id AS id, deliveries.uid AS uid, documents.sop_class AS sop_class \
         FROM deliveries JOIN documents ON documents.study = deliveries.study \
         AND documents.version = deliveries.version AND documents.kind = deliveries.kind \
         AND documents.number = deliveries.number AND documents.language = 'en' \
         WHERE deliveries.destination = $1 AND deliveries.state = 'delivered' \
         AND deliveries.commitment IS NULL LIMIT $2";
    let waiting = sqlx::query(WAITING).bind(&to.name).bind(BATCH).fetch_all(database.read()).await?;
    let read = |row: &sqlx::any::AnyRow| {
        Ok(AskedObject {
            delivery: row.try_get("id")?,
            class: row.try_get("sop_class")?,
            instance: row.try_get("uid")?,
        })
    };
    let objects = waiting.iter().map(read).collect::<Result<Vec<_>, sqlx::Error>>()?;
    if objects.is_empty() {
        return Ok(());
    }
    let id = u128::from_str_radix(&opaque_id()?, 16).unwrap_or_default();
    let transaction_uid = format!("2.25.{id}");
    let mut transaction = database.begin().await?;
    let mut taken = Vec::new();
    for object in objects {
        // Another process may have been faster.
        let changed =
            sqlx::query("UPDATE deliveries SET commitment = $2 WHERE id = $1 AND commitment IS NULL")
                .bind(&object.delivery)
                .bind(&transaction_uid)
                .execute(&mut *transaction)
                .await?;
        if changed.rows_affected() == 1 {
            taken.push(object);
        }
    }
    if taken.is_empty() {
        return Ok(());
    }
    let asked = Asked { ae_title: to.ae_title.clone(), objects: taken };
    sqlx::query(
        "INSERT INTO commitments (transaction_uid, direction, peer, state, body, created_at, updated_at) \
         VALUES ($1, 'asked_by_us', $2, 'waiting', $3, $4, $4)",
    )
    .bind(&transaction_uid)
    .bind(&to.name)
    .bind(serde_json::to_string(&asked).unwrap_or_default())
    .bind(now())
    .execute(&mut *transaction)
    .await?;
    queue::ask(&mut transaction, ASK, &transaction_uid, now()).await?;
    transaction.commit().await?;
    Ok(())
}

/// Asks the archive, or, when it was asked and did not report in time, sees to it that it is asked again.
///
/// # Errors
/// One sentence for the operator; it is tried again.
pub(crate) async fn ask(store: &Store, config: &Config, transaction: &str) -> Result<(), String> {
    let database = store.database();
    let said = |error: Error| error.to_string();
    let Some(kept) = kept(database, transaction).await.map_err(said)? else { return Ok(()) };
    let to = config.deliver.dicom.iter().find(|to| to.name == kept.peer && to.commitment);
    match (kept.state.as_str(), to) {
        ("waiting", Some(to)) => {
            if exchange(store, config, to, transaction, &kept.asked).await? {
                return Ok(());
            }
            // The report may come on another association; this work is due again when it is late.
            let mut begun = database.begin().await.map_err(said)?;
            queue::ask(&mut begun, ASK, transaction, now() + REPORT_PATIENCE_MS).await.map_err(said)?;
            begun.commit().await.map_err(|error| error.to_string())
        }
        ("asked", Some(_)) => set_aside(database, transaction, "late", true).await.map_err(said),
        // Reported, or the archive is not to be asked any more.
        _ => Ok(()),
    }
}

/// Whether the archive has reported, or will never do.
async fn exchange(
    store: &Store,
    config: &Config,
    to: &DicomDestination,
    transaction: &str,
    asked: &Asked,
) -> Result<bool, String> {
    let database = store.database();
    let broken = |error| format!("the archive could not be asked to commit: {error}");
    let mut association = Association::open(c_store::remote(to), config, &[ASKING], PATIENCE).await?;
    let Some((context, syntax)) = association.context(STORAGE_COMMITMENT) else {
        association.release().await;
        tracing::warn!(destination = %to.name, "the archive offers no storage commitment");
        set_aside(database, transaction, "not_offered", false).await.map_err(|error| error.to_string())?;
        return Ok(true);
    };
    let objects = asked.objects.iter().map(|object| (object.class.clone(), object.instance.clone()));
    let wanted =
        References { transaction: transaction.to_owned(), there: objects.collect(), missing: Vec::new() };
    let data = wanted.data_set(syntax);
    let message = association.next_message();
    let request = command::action_request(context, message, STORAGE_COMMITMENT, COMMITMENT_INSTANCE, 1);
    // A report can be faster than we are after the answer.
    set_state(database, transaction, "asked").await.map_err(|error| error.to_string())?;
    association.send(context, request, &data).await.map_err(broken)?;
    let heard = listen(database, &to.ae_title, &mut association).await;
    association.release().await;
    if heard.is_err() {
        set_state(database, transaction, "waiting").await.map_err(|error| error.to_string())?;
    }
    heard
}

/// Takes the answer, and the report if it comes on the same association.
async fn listen(database: &Database, ae_title: &str, association: &mut Association) -> Result<bool, String> {
    let mut answered = false;
    loop {
        let message = match association.receive().await {
            Ok(message) => message,
            Err(_) if answered => return Ok(false),
            Err(error) => return Err(format!("the archive did not answer: {error}")),
        };
        if message.command.field == command::N_EVENT_REPORT_RQ {
            let syntax = association.syntax(message.context).unwrap_or_default();
            let report = message.data.and_then(|data| References::read(&data, syntax));
            let noted = match &report {
                Some(report) => told(database, ae_title, report).await.is_ok_and(|told| told == Told::Noted),
                None => false,
            };
            let response = message.command.response(message.context, if noted { 0 } else { 0x0110 }, None);
            // Whoever does not hear the answer reports again.
            let _ = association.send(message.context, response, &[]).await;
            return Ok(noted);
        }
        match message.command.status {
            Some(0) => answered = true,
            status => return Err(format!("the archive does not commit: status {:04X}", status.unwrap_or(0))),
        }
        association.set_patience(LINGER);
    }
}

/// Writes a report into the ledger: what the archive has is committed, what it lacks is sent again.
///
/// # Errors
/// When the index does not answer.
pub(crate) async fn told(database: &Database, ae_title: &str, report: &References) -> Result<Told, Error> {
    let Some(kept) = kept(database, &report.transaction).await? else { return Ok(Told::NeverAsked) };
    if kept.asked.ae_title.trim() != ae_title.trim() {
        return Ok(Told::NeverAsked);
    }
    let mut transaction = database.begin().await?;
    for object in &kept.asked.objects {
        if report.there.iter().any(|(_, instance)| *instance == object.instance) {
            sqlx::query("UPDATE deliveries SET committed_at = COALESCE(committed_at, $2), updated_at = $2 WHERE id = $1")
                .bind(&object.delivery)
                .bind(now())
                .execute(&mut *transaction)
                .await?;
        } else if let Some((.., reason)) =
            report.missing.iter().find(|(_, instance, _)| *instance == object.instance)
        {
            send_again(&mut transaction, &object.delivery, *reason).await?;
        }
    }
    sqlx::query(
        "UPDATE commitments SET state = 'reported', updated_at = $2 \
         WHERE transaction_uid = $1 AND direction = 'asked_by_us'",
    )
    .bind(&report.transaction)
    .bind(now())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(Told::Noted)
}

/// The archive took an object and does not have it: it is a delivery that failed.
async fn send_again(connection: &mut sqlx::AnyConnection, delivery: &str, reason: u16) -> Result<(), Error> {
    let row = sqlx::query("SELECT attempts FROM deliveries WHERE id = $1 AND committed_at IS NULL")
        .bind(delivery)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else { return Ok(()) };
    // However patient the configuration is, an archive that loses what it takes is not sent it for ever.
    let pause = pause::next(&Deliver::default(), row.try_get("attempts")?, true, 0, u32::MAX);
    sqlx::query(
        "UPDATE deliveries SET state = $2, next_at = $3, last_answer = $4, commitment = NULL, delivered_at = NULL, \
         updated_at = $5 WHERE id = $1 AND state = 'delivered'",
    )
    .bind(delivery)
    .bind(if pause.is_some() { "failed" } else { "dead" })
    .bind(now() + pause.unwrap_or(0))
    .bind(format!("the archive does not commit to the object, reason {reason:04X}"))
    .bind(now())
    .execute(connection)
    .await?;
    Ok(())
}

struct Kept {
    peer: String,
    state: String,
    asked: Asked,
}

async fn kept(database: &Database, transaction: &str) -> Result<Option<Kept>, Error> {
    let row = sqlx::query(
        "SELECT peer, state, body FROM commitments WHERE transaction_uid = $1 AND direction = 'asked_by_us'",
    )
    .bind(transaction)
    .fetch_optional(database.read())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let Ok(asked) = serde_json::from_str(row.try_get("body")?) else { return Ok(None) };
    Ok(Some(Kept { peer: row.try_get("peer")?, state: row.try_get("state")?, asked }))
}

async fn set_state(database: &Database, transaction: &str, state: &str) -> Result<(), Error> {
    sqlx::query(
        "UPDATE commitments SET state = $2, updated_at = $3 \
         WHERE transaction_uid = $1 AND direction = 'asked_by_us' AND state <> 'reported'",
    )
    .bind(transaction)
    .bind(state)
    .bind(now())
    .execute(database.write())
    .await?;
    Ok(())
}

/// Ends a transaction without a report; what it was about is asked for again, or not any more.
async fn set_aside(database: &Database, transaction: &str, state: &str, again: bool) -> Result<(), Error> {
    set_state(database, transaction, state).await?;
    if again {
        sqlx::query(
            "UPDATE deliveries SET commitment = NULL \
             WHERE commitment = $1 AND committed_at IS NULL AND delivered_at > $2",
        )
        .bind(transaction)
        .bind(now() - LONGEST_MS)
        .execute(database.write())
        .await?;
    }
    Ok(())
}
