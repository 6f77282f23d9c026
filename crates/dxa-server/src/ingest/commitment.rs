//! Storage Commitment (PS3.4 annex J): answered from what is read back, never from the index alone.

use std::time::Duration;

use dicom_dictionary_std::uids;
use serde::{Deserialize, Serialize};

use super::command;
use super::contexts::STORAGE_COMMITMENT;
use super::references::References;
use crate::config::Config;
use crate::scu::{Association, Proposal, Remote};
use crate::store::{Error, Query, Store, now};
use crate::work;

/// What a peer wants to be sure of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Request {
    transaction: String,
    /// SOP Class UID and SOP Instance UID of each object.
    objects: Vec<(String, String)>,
}

impl Request {
    /// Reads the data set of an N-ACTION; `None` when it is none.
    pub(super) fn read(bytes: &[u8], syntax: &str) -> Option<Self> {
        let References { transaction, there, .. } = References::read(bytes, syntax)?;
        Some(Self { transaction, objects: there })
    }
}

/// The one instance of the service.
pub(crate) const INSTANCE: &str = "1.2.840.10008.1.20.1.1";
const NO_SUCH_OBJECT: u16 = 0x0112;
const OTHER_CLASS: u16 = 0x0119;
const PROCESSING_FAILURE: u16 = 0x0110;

/// Reads every object back and compares its digest.
pub(super) async fn examine(store: &Store, request: &Request) -> References {
    let mut report = References { transaction: request.transaction.clone(), ..References::default() };
    for (class, instance) in &request.objects {
        match is_kept(store, class, instance).await {
            Ok(()) => report.there.push((class.clone(), instance.clone())),
            Err(reason) => report.missing.push((class.clone(), instance.clone(), reason)),
        }
    }
    report
}

async fn is_kept(store: &Store, class: &str, instance: &str) -> Result<(), u16> {
    let query = Query { instances: vec![instance.to_owned()], ..Query::default() };
    let found = store.instances(&query).await.map_err(|_| PROCESSING_FAILURE)?;
    let row = found.rows.first().ok_or(NO_SUCH_OBJECT)?;
    if row.sop_class != class {
        return Err(OTHER_CLASS);
    }
    store.read(row).await.map(|_| ()).map_err(|_| PROCESSING_FAILURE)
}

/// Command and data set of the N-EVENT-REPORT, as P-DATA PDUs in one piece.
pub(super) fn pdus(report: &References, context: u8, message: u16, syntax: &str) -> Vec<u8> {
    let mut pdus = event_report(report, context, message);
    pdus.extend(command::data_pdu(context, &report.data_set(syntax)));
    pdus
}

fn event_report(report: &References, context: u8, message: u16) -> Vec<u8> {
    let event = if report.missing.is_empty() { 1 } else { 2 };
    command::event_report(context, message, STORAGE_COMMITMENT, INSTANCE, event)
}

/// Kind of work: the subject is a Transaction UID.
pub(crate) const COMMIT: &str = "commit";

/// Keeps a request until it is reported on an association of our own.
///
/// # Errors
/// When the index does not answer.
pub(super) async fn remember(store: &Store, peer: &str, request: &Request) -> Result<(), Error> {
    let mut transaction = store.database().begin().await?;
    sqlx::query(
        "INSERT INTO commitments (transaction_uid, direction, peer, state, body, created_at, updated_at) \
         VALUES ($1, 'asked_of_us', $2, 'waiting', $3, $4, $4) ON CONFLICT (direction, transaction_uid) DO NOTHING",
    )
    .bind(&request.transaction)
    .bind(peer)
    .bind(serde_json::to_string(request).unwrap_or_default())
    .bind(now())
    .execute(&mut *transaction)
    .await?;
    work::queue::ask(&mut transaction, COMMIT, &request.transaction, now()).await?;
    transaction.commit().await?;
    Ok(())
}

/// Reports on a request that was kept, on an association that we open to the peer.
///
/// # Errors
/// One sentence for the operator; it is tried again.
pub async fn report(store: &Store, config: &Config, transaction: &str) -> Result<(), String> {
    use sqlx::Row as _;
    let row = sqlx::query(
        "SELECT peer, body FROM commitments WHERE transaction_uid = $1 AND direction = 'asked_of_us'",
    )
    .bind(transaction)
    .fetch_optional(store.database().read())
    .await
    .map_err(|error| error.to_string())?;
    let Some(row) = row else { return Ok(()) };
    let read = |name: &str| row.try_get::<String, _>(name).map_err(|error| error.to_string());
    let request: Request = serde_json::from_str(&read("body")?).map_err(|error| error.to_string())?;
    let title = read("peer")?;
    let peer = config.dimse.peers.iter().find(|peer| peer.ae_title.trim() == title);
    let address =
        peer.and_then(|peer| peer.address.clone()).ok_or("the peer has no address in dimse.peers")?;
    let report = examine(store, &request).await;
    tokio::time::timeout(Duration::from_secs(30), send(&report, &address, &title, config))
        .await
        .map_err(|_| "the peer was silent too long".to_owned())??;
    sqlx::query("UPDATE commitments SET state = 'reported', updated_at = $2 WHERE transaction_uid = $1 AND direction = 'asked_of_us'")
        .bind(transaction)
        .bind(now())
        .execute(store.database().write())
        .await
        .map_err(|error| error.to_string())?;
    Ok(())
}

/// We report, so we are the provider of the service on an association that we asked for.
const REPORTING: Proposal = Proposal {
    class: STORAGE_COMMITMENT,
    syntaxes: &[uids::EXPLICIT_VR_LITTLE_ENDIAN, uids::IMPLICIT_VR_LITTLE_ENDIAN],
    as_provider: true,
};

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

async fn send(report: &References, address: &str, title: &str, config: &Config) -> Result<(), String> {
    let remote = Remote { ae_title: title, address, tls: None };
    let mut association = Association::open(remote, config, &[REPORTING], PATIENCE).await?;
    let context = association.context(STORAGE_COMMITMENT);
    let (context, data) = context
        .map(|(context, syntax)| (context, report.data_set(syntax)))
        .ok_or("the peer takes no reports of storage commitment")?;
    let message = association.next_message();
    let failed = |error| format!("the report was not taken: {error}");
    association.send(context, event_report(report, context, message), &data).await.map_err(failed)?;
    let answered = association.receive().await.map_err(failed)?.command.status;
    association.release().await;
    if answered == Some(0) { Ok(()) } else { Err("the peer answered the report with a failure".to_owned()) }
}
