//! Storage Commitment (PS3.4 annex J): answered from what is read back, never from the index alone.

use std::time::Duration;

use dicom_core::{DataElement, PrimitiveValue, VR, value::DataSetSequence};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use dicom_transfer_syntax_registry::{TransferSyntaxIndex as _, TransferSyntaxRegistry};
use dicom_ul::pdu::{
    AssociationRQ, Pdu, PresentationContextProposed, PresentationContextResultReason, RequestorRoles,
    UserVariableItem,
};
use dxa_core::guard::{self, Input, Leniency, Limits};
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;

use super::command::{self, Command};
use super::contexts::STORAGE_COMMITMENT;
use super::socket::Socket;
use super::wire::{self, Wire};
use super::{IMPLEMENTATION_CLASS, IMPLEMENTATION_VERSION, object};
use crate::config::Config;
use crate::store::{Error, Query, Store, is_uid, now};
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
        let mut file = object::head(STORAGE_COMMITMENT, INSTANCE, syntax, "");
        file.extend_from_slice(bytes);
        let object = guard::open(Input::whole(&file), Leniency::Strict, &Limits::DEFAULT).ok()?;
        let uid = |set: guard::Elements<'_>, tag| {
            let text = String::from_utf8_lossy(set.get(tag)?.text_bytes()).into_owned();
            Some(text).filter(|text| is_uid(text))
        };
        let items = object.root().get(tags::REFERENCED_SOP_SEQUENCE)?.items();
        let pair = |item| {
            Some((uid(item, tags::REFERENCED_SOP_CLASS_UID)?, uid(item, tags::REFERENCED_SOP_INSTANCE_UID)?))
        };
        let objects: Option<Vec<_>> = items.map(pair).collect();
        Some(Self { transaction: uid(object.root(), tags::TRANSACTION_UID)?, objects: objects? })
    }
}

/// The one instance of the service.
const INSTANCE: &str = "1.2.840.10008.1.20.1.1";
const NO_SUCH_OBJECT: u16 = 0x0112;
const OTHER_CLASS: u16 = 0x0119;
const PROCESSING_FAILURE: u16 = 0x0110;

/// What is there of it.
#[derive(Debug)]
pub(super) struct Report {
    transaction: String,
    there: Vec<(String, String)>,
    missing: Vec<(String, String, u16)>,
}

/// Reads every object back and compares its digest.
pub(super) async fn examine(store: &Store, request: &Request) -> Report {
    let mut report =
        Report { transaction: request.transaction.clone(), there: Vec::new(), missing: Vec::new() };
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

impl Report {
    /// Command and data set of the N-EVENT-REPORT, as P-DATA PDUs in one piece.
    pub(super) fn pdus(&self, context: u8, message: u16, syntax: &str) -> Vec<u8> {
        let event = if self.missing.is_empty() { 1 } else { 2 };
        let mut pdus = command::event_report(context, message, STORAGE_COMMITMENT, INSTANCE, event);
        pdus.extend(command::data_pdu(context, &self.data_set(syntax)));
        pdus
    }

    fn data_set(&self, syntax: &str) -> Vec<u8> {
        let uid = |tag, value: &str| DataElement::new(tag, VR::UI, PrimitiveValue::from(value));
        let item = |class: &str, instance: &str| {
            [uid(tags::REFERENCED_SOP_CLASS_UID, class), uid(tags::REFERENCED_SOP_INSTANCE_UID, instance)]
        };
        let mut set = InMemDicomObject::from_element_iter([uid(tags::TRANSACTION_UID, &self.transaction)]);
        let there = self
            .there
            .iter()
            .map(|(class, instance)| InMemDicomObject::from_element_iter(item(class, instance)));
        let there: Vec<InMemDicomObject> = there.collect();
        if !there.is_empty() {
            set.put(DataElement::new(tags::REFERENCED_SOP_SEQUENCE, VR::SQ, DataSetSequence::from(there)));
        }
        let missing = self.missing.iter().map(|(class, instance, reason)| {
            let reason = DataElement::new(tags::FAILURE_REASON, VR::US, PrimitiveValue::from(*reason));
            InMemDicomObject::from_element_iter(item(class, instance).into_iter().chain([reason]))
        });
        let missing: Vec<InMemDicomObject> = missing.collect();
        if !missing.is_empty() {
            set.put(DataElement::new(tags::FAILED_SOP_SEQUENCE, VR::SQ, DataSetSequence::from(missing)));
        }
        let mut bytes = Vec::new();
        let syntax = TransferSyntaxRegistry.get(syntax).filter(|syntax| !syntax.is_encapsulated_pixel_data());
        if let Some(syntax) = syntax {
            // Writing to a Vec cannot fail, and every value is a UID or a number.
            let _ = set.write_dataset_with_ts(&mut bytes, syntax);
        }
        bytes
    }
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

async fn send(report: &Report, address: &str, title: &str, config: &Config) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| format!("the report was not taken: {error}");
    let stream = TcpStream::connect(address).await.map_err(|error| failed(&error))?;
    let socket = Socket::new(stream).map_err(|error| failed(&error))?;
    let mut wire = Wire::new(socket, Duration::from_secs(10));
    let request = AssociationRQ {
        protocol_version: 1,
        calling_ae_title: config.dimse.ae_title.clone(),
        called_ae_title: title.to_owned(),
        application_context_name: "1.2.840.10008.3.1.1.1".to_owned(),
        presentation_contexts: vec![PresentationContextProposed {
            id: 1,
            abstract_syntax: STORAGE_COMMITMENT.to_owned(),
            transfer_syntaxes: vec![
                uids::EXPLICIT_VR_LITTLE_ENDIAN.to_owned(),
                uids::IMPLICIT_VR_LITTLE_ENDIAN.to_owned(),
            ],
        }],
        user_variables: vec![
            UserVariableItem::MaxLength(config.dimse.pdu_bytes),
            UserVariableItem::ImplementationClassUID(IMPLEMENTATION_CLASS.to_owned()),
            UserVariableItem::ImplementationVersionName(IMPLEMENTATION_VERSION.to_owned()),
            // We report, so we are the provider of the service on an association that we asked for.
            UserVariableItem::ScuScpRoleSelectionSubItem(
                STORAGE_COMMITMENT.to_owned(),
                RequestorRoles { scu: false, scp: true },
            ),
        ],
    };
    wire.send(&Pdu::AssociationRQ(request)).await.map_err(|error| failed(&error))?;
    let head = wire.head().await.map_err(|error| failed(&error))?;
    if head.kind != wire::ASSOCIATE_AC {
        return Err("the peer refused the association".to_owned());
    }
    let Pdu::AssociationAC(answer) = wire.control(head).await.map_err(|error| failed(&error))? else {
        return Err("the peer refused the association".to_owned());
    };
    let context = answer.presentation_contexts.first();
    let accepted = context.filter(|context| context.reason == PresentationContextResultReason::Acceptance);
    let syntax = accepted.ok_or("the peer takes no reports of storage commitment")?.transfer_syntax.clone();
    wire.write(&report.pdus(1, 1, syntax.trim_end_matches('\0'))).await.map_err(|error| failed(&error))?;
    let head = wire.head().await.map_err(|error| failed(&error))?;
    let mut bytes = Vec::new();
    if head.kind != wire::P_DATA || head.length > 64 << 10 {
        return Err("the peer did not answer the report".to_owned());
    }
    wire.append(&mut bytes, head.length).await.map_err(|error| failed(&error))?;
    let answered = bytes.get(6..).and_then(Command::read).and_then(|command| command.status);
    let _ = wire.send(&Pdu::ReleaseRQ).await;
    if let Ok(head) = wire.head().await {
        debug_assert!(head.kind >= wire::RELEASE_RQ);
    }
    if answered == Some(0) { Ok(()) } else { Err("the peer answered the report with a failure".to_owned()) }
}
