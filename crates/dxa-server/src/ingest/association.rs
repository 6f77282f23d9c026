//! One association: asked for, answered, then message after message until it ends.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use dicom_ul::pdu::{
    AbortRQServiceProviderReason, AbortRQSource, AssociationAC, AssociationRJ, AssociationRJResult,
    AssociationRJServiceProviderPresentationReason, AssociationRJServiceUserReason, AssociationRJSource,
    AssociationRQ, Pdu, UserVariableItem,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

use super::command::{self, Command};
use super::contexts::{self, Accepted};
use super::listener::Shared;
use super::wire::{self, Wire, WireError};
use super::{Event, IMPLEMENTATION_CLASS, IMPLEMENTATION_VERSION, References, commitment, object};
use crate::deliver::{self, Told};
use crate::store::{Early, Error, Incoming, Kept, Refusal, is_uid, now};
use crate::work;

/// Serves one connection to its end.
pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    from: IpAddr,
    shared: Arc<Shared>,
    stop: CancellationToken,
) {
    let artim = Duration::from_secs(shared.config.artim_seconds);
    let mut wire = Wire::new(stream, artim);
    let Some(opened) = open(&mut wire, from, &shared).await else { return };
    let mut association = Association { wire, shared, from, opened, studies: BTreeMap::new(), reports: 0 };
    association.wire.set_silence(Duration::from_secs(association.shared.config.idle_seconds));
    let ended = association.messages(&stop).await;
    match ended {
        Ok(()) => {}
        Err(WireError::Protocol { what, reason }) => {
            tracing::warn!(peer = %association.from, what, "an association is aborted");
            association.wire.abort(AbortRQSource::ServiceProvider(reason)).await;
        }
        Err(WireError::Silent) => association.wire.abort(AbortRQSource::ServiceUser).await,
        Err(WireError::Closed | WireError::Io(_)) => {}
    }
    association.finish().await;
}

/// What was agreed on.
struct Opened {
    ae_title: String,
    contexts: Vec<Accepted>,
    /// One of the associations that may be open at the same time.
    _slot: OwnedSemaphorePermit,
}

/// Takes the request and answers it; `None` when there is no association.
async fn open<S: AsyncRead + AsyncWrite + Unpin>(
    wire: &mut Wire<S>,
    from: IpAddr,
    shared: &Arc<Shared>,
) -> Option<Opened> {
    // The whole request must come within the time, not only each piece of it.
    let artim = Duration::from_secs(shared.config.artim_seconds);
    let asked = tokio::time::timeout(artim, async {
        let head = wire.head().await?;
        if head.kind != wire::ASSOCIATE_RQ {
            let reason = if (wire::ASSOCIATE_RQ..=wire::ABORT).contains(&head.kind) {
                AbortRQServiceProviderReason::UnexpectedPdu
            } else {
                AbortRQServiceProviderReason::UnrecognizedPdu
            };
            return Err(WireError::Protocol { what: "not an association request", reason });
        }
        wire.control(head).await
    });
    let request = match asked.await {
        Ok(Ok(Pdu::AssociationRQ(request))) => request,
        Ok(Err(WireError::Protocol { reason, .. })) => {
            wire.abort(AbortRQSource::ServiceProvider(reason)).await;
            return None;
        }
        _ => return None,
    };
    let ae_title = request.calling_ae_title.trim().to_owned();
    let slot = match judge(&request, &ae_title, from, shared) {
        Ok(slot) => slot,
        Err((why, reason)) => {
            tracing::warn!(peer = %from, reason, "an association is refused");
            (shared.observer)(Event::Rejected { from, ae_title, reason });
            let _ = wire.send(&Pdu::AssociationRJ(why)).await;
            wire.closed().await;
            return None;
        }
    };
    let (results, contexts) = contexts::judge(&request.presentation_contexts);
    let answer = Pdu::AssociationAC(AssociationAC {
        protocol_version: 1,
        calling_ae_title: request.calling_ae_title,
        called_ae_title: request.called_ae_title,
        application_context_name: request.application_context_name,
        presentation_contexts: results,
        user_variables: vec![
            UserVariableItem::MaxLength(shared.config.pdu_bytes),
            UserVariableItem::ImplementationClassUID(IMPLEMENTATION_CLASS.to_owned()),
            UserVariableItem::ImplementationVersionName(IMPLEMENTATION_VERSION.to_owned()),
        ]
        .into_iter()
        .chain(roles(&request.user_variables))
        .collect(),
    });
    wire.send(&answer).await.ok()?;
    Some(Opened { ae_title, contexts, _slot: slot })
}

/// Whoever commits to storage may report on an association of its own; every other role is the usual one.
fn roles(asked: &[UserVariableItem]) -> impl Iterator<Item = UserVariableItem> {
    asked.iter().filter_map(|item| match item {
        UserVariableItem::ScuScpRoleSelectionSubItem(class, roles)
            if class.trim_end_matches('\0') == contexts::STORAGE_COMMITMENT =>
        {
            Some(UserVariableItem::ScuScpRoleSelectionSubItem(class.clone(), *roles))
        }
        _ => None,
    })
}

const APPLICATION_CONTEXT: &str = "1.2.840.10008.3.1.1.1";

fn judge(
    request: &AssociationRQ,
    ae_title: &str,
    from: IpAddr,
    shared: &Shared,
) -> Result<OwnedSemaphorePermit, (AssociationRJ, &'static str)> {
    use AssociationRJServiceUserReason as Reason;
    let permanent = |reason| AssociationRJ {
        result: AssociationRJResult::Permanent,
        source: AssociationRJSource::ServiceUser(reason),
    };
    if request.application_context_name.trim_end_matches('\0') != APPLICATION_CONTEXT {
        return Err((permanent(Reason::ApplicationContextNameNotSupported), "another application context"));
    }
    if request.called_ae_title.trim() != shared.config.ae_title.trim() {
        return Err((permanent(Reason::CalledAETitleNotRecognized), "another AE title was called"));
    }
    let peers = &shared.config.peers;
    let is_known = |peer: &crate::config::Peer| {
        peer.ae_title.trim() == ae_title && peer.from.is_none_or(|address| address == from.to_canonical())
    };
    if !peers.is_empty() && !peers.iter().any(is_known) {
        return Err((permanent(Reason::CallingAETitleNotRecognized), "the peer is not in dimse.peers"));
    }
    Arc::clone(&shared.associations).try_acquire_owned().map_err(|_| {
        let limit = AssociationRJ {
            result: AssociationRJResult::Transient,
            source: AssociationRJSource::ServiceProviderPresentation(
                AssociationRJServiceProviderPresentationReason::LocalLimitExceeded,
            ),
        };
        (limit, "too many associations are open")
    })
}

struct Association<S> {
    wire: Wire<S>,
    shared: Arc<Shared>,
    from: IpAddr,
    opened: Opened,
    /// Studies of which objects came, and how many.
    studies: BTreeMap<String, usize>,
    /// Messages that we began ourselves.
    reports: u16,
}

/// A whole message: its command, and the data set where there is one.
struct Message {
    context: Accepted,
    command: Command,
    body: Body,
}

enum Body {
    None,
    Data {
        bytes: Vec<u8>,
        early: Box<Early>,
        _memory: Option<OwnedSemaphorePermit>,
    },
    /// The data set came and was let go of; the status says why.
    Dropped(u16, &'static str),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Association<S> {
    async fn messages(&mut self, stop: &CancellationToken) -> Result<(), WireError> {
        loop {
            tokio::select! {
                () = stop.cancelled() => {
                    self.wire.abort(AbortRQSource::ServiceUser).await;
                    return Ok(());
                }
                waits = self.wire.waits() => waits?,
            }
            let head = self.wire.head().await?;
            if head.kind != wire::P_DATA {
                return match self.wire.control(head).await? {
                    Pdu::ReleaseRQ => {
                        self.wire.send(&Pdu::ReleaseRP).await?;
                        self.wire.closed().await;
                        Ok(())
                    }
                    Pdu::AbortRQ { .. } => Ok(()),
                    _ => Err(unexpected("a PDU that may not come now")),
                };
            }
            let message = self.message(head.length).await?;
            self.answer(message).await?;
        }
    }

    /// Reads P-DATA until a message is whole; the head of its first PDU has been read.
    async fn message(&mut self, first: u32) -> Result<Message, WireError> {
        let mut fragments = Fragments { left: first, left_in_pdu: first, context: None };
        let mut bytes = Vec::new();
        loop {
            let fragment = fragments.next(&mut self.wire, self.shared.config.pdu_bytes).await?;
            if !fragment.is_command {
                return Err(unexpected("a data set without a command"));
            }
            if bytes.len() as u64 + u64::from(fragment.length) > COMMAND_BYTES {
                return Err(unexpected("a command set that is too long"));
            }
            self.wire.append(&mut bytes, fragment.length).await?;
            if fragment.is_last {
                break;
            }
        }
        let id = fragments.context.unwrap_or(0);
        let context = self.opened.contexts.iter().find(|context| context.id == id).cloned();
        let context = context.ok_or_else(|| unexpected("a presentation context that was not accepted"))?;
        let command = Command::read(&bytes).ok_or_else(|| unexpected("a command set that cannot be read"))?;
        let body = if command.has_data_set {
            self.body(&mut fragments, &context, &command).await?
        } else {
            Body::None
        };
        if fragments.left_in_pdu > 0 {
            return Err(unexpected("a PDU with more than its message"));
        }
        Ok(Message { context, command, body })
    }

    async fn body(
        &mut self,
        fragments: &mut Fragments,
        context: &Accepted,
        command: &Command,
    ) -> Result<Body, WireError> {
        let is_store = command.field == command::C_STORE_RQ;
        let mut refused = if is_store { refusal(command, context, &self.shared) } else { None };
        let limit = if is_store { self.shared.config.object_bytes } else { REQUEST_BYTES };
        let mut bytes = if is_store && refused.is_none() {
            object::head(&command.class, &command.instance, &context.syntax, &self.opened.ae_title)
        } else {
            Vec::new()
        };
        let mut early = self.shared.store.early();
        if is_store && refused.is_none() {
            early.announced(&command.instance);
        }
        let mut memory: Option<OwnedSemaphorePermit> = None;
        loop {
            let fragment = fragments.next(&mut self.wire, self.shared.config.pdu_bytes).await?;
            if fragment.is_command {
                return Err(unexpected("a command in the middle of a data set"));
            }
            if refused.is_none() && bytes.len() as u64 + u64::from(fragment.length) > limit {
                refused = Some((OUT_OF_RESOURCES, "the object is larger than dimse.object_bytes"));
            }
            if refused.is_none() {
                match self.shared.memory(fragment.length).await {
                    Some(more) => match &mut memory {
                        Some(memory) => memory.merge(more),
                        none => *none = Some(more),
                    },
                    None => refused = Some((OUT_OF_RESOURCES, "too many objects are being received")),
                }
            }
            if refused.is_some() {
                (bytes, memory, early) = (Vec::new(), None, self.shared.store.early());
                self.wire.skip(fragment.length).await?;
            } else {
                let mut left = fragment.length;
                while left > 0 {
                    let step = left.min(STEP);
                    self.wire.append(&mut bytes, step).await?;
                    left -= step;
                    if is_store {
                        early.along(&mut bytes).await;
                    }
                }
            }
            if fragment.is_last {
                break;
            }
        }
        Ok(match refused {
            Some((status, why)) => Body::Dropped(status, why),
            None => Body::Data { bytes, early: Box::new(early), _memory: memory },
        })
    }

    async fn answer(&mut self, message: Message) -> Result<(), WireError> {
        let Message { context, command, body } = message;
        let id = context.id;
        match command.field {
            command::C_STORE_RQ => {
                let (status, why) = self.store(&command, body).await;
                self.wire.write(&command.response(id, status, why.as_deref())).await
            }
            command::C_ECHO_RQ => self.wire.write(&command.response(id, SUCCESS, None)).await,
            command::N_ACTION_RQ if context.class == contexts::STORAGE_COMMITMENT => {
                self.commitment(&context, &command, body).await
            }
            command::N_EVENT_REPORT_RQ if context.class == contexts::STORAGE_COMMITMENT => {
                let status = self.told(&context, body).await;
                self.wire.write(&command.response(id, status, None)).await
            }
            command::C_CANCEL_RQ | command::N_EVENT_REPORT_RSP => Ok(()),
            field if field & 0x8000 == 0 => {
                self.wire.write(&command.response(id, UNRECOGNIZED_OPERATION, None)).await
            }
            _ => Err(unexpected("a response to nothing")),
        }
    }

    /// Keeps one object; the status to answer and, for a failure, why.
    async fn store(&mut self, command: &Command, body: Body) -> (u16, Option<String>) {
        let (bytes, early, _memory) = match body {
            Body::Data { bytes, early, _memory } => (bytes, early, _memory),
            Body::None => return (CANNOT_UNDERSTAND, Some("there is no data set".to_owned())),
            Body::Dropped(status, why) => return (status, Some(why.to_owned())),
        };
        let incoming = Incoming {
            bytes,
            source: self.opened.ae_title.clone(),
            announced: Some((command.class.clone(), command.instance.clone())),
            study: None,
        };
        let kept = match self.shared.store.keep_early(incoming, *early).await {
            Ok(kept) => kept,
            Err(error) => return (status(&error), Some(error.to_string())),
        };
        let identity = kept.identity().clone();
        match kept {
            Kept::New(_) => {
                *self.studies.entry(identity.study).or_default() += 1;
                (SUCCESS, None)
            }
            Kept::Same(_) => (SUCCESS, None),
            Kept::Conflict(_) => {
                let ae_title = self.opened.ae_title.clone();
                (self.shared.observer)(Event::Quarantined { ae_title, study: identity.study });
                (CONFLICT, Some("another object with this SOP Instance UID is kept".to_owned()))
            }
        }
    }

    async fn commitment(
        &mut self,
        context: &Accepted,
        command: &Command,
        body: Body,
    ) -> Result<(), WireError> {
        let asked = match body {
            Body::Data { bytes, .. } => commitment::Request::read(&bytes, &context.syntax),
            Body::None | Body::Dropped(..) => None,
        };
        let Some(asked) = asked.filter(|_| command.action == 1) else {
            return self.wire.write(&command.response(context.id, PROCESSING_FAILURE, None)).await;
        };
        let later = self.shared.peer_address(&self.opened.ae_title).is_some();
        if later && commitment::remember(&self.shared.store, &self.opened.ae_title, &asked).await.is_err() {
            return self.wire.write(&command.response(context.id, PROCESSING_FAILURE, None)).await;
        }
        self.wire.write(&command.response(context.id, SUCCESS, None)).await?;
        if later {
            return Ok(());
        }
        // Without an address of the peer, the report goes where the request came from.
        let report = commitment::examine(&self.shared.store, &asked).await;
        self.reports += 1;
        let pdus = commitment::pdus(&report, context.id, self.reports, &context.syntax);
        self.wire.write(&pdus).await
    }

    /// An archive reports on what we asked it to commit to.
    async fn told(&self, context: &Accepted, body: Body) -> u16 {
        let report = match body {
            Body::Data { bytes, .. } => References::read(&bytes, &context.syntax),
            Body::None | Body::Dropped(..) => None,
        };
        let Some(report) = report else { return PROCESSING_FAILURE };
        match deliver::commitment_told(self.shared.store.database(), &self.opened.ae_title, &report).await {
            Ok(Told::Noted) => SUCCESS,
            Ok(Told::NeverAsked) => NO_SUCH_OBJECT,
            Err(error) => {
                tracing::error!(%error, "a report of storage commitment cannot be kept; it has to come again");
                PROCESSING_FAILURE
            }
        }
    }

    /// Whatever way the association ended: its studies are complete unless more comes.
    async fn finish(self) {
        let quiet = (self.shared.quiet_seconds * 1000.0) as i64;
        let uids: Vec<String> = self.studies.keys().cloned().collect();
        if let Err(error) = work::queue::complete(self.shared.store.database(), &uids, now() + quiet).await {
            tracing::error!(%error, "studies wait longer than they should");
        }
        for (study, instances) in self.studies {
            let ae_title = self.opened.ae_title.clone();
            (self.shared.observer)(Event::Received { from: self.from, ae_title, study, instances });
        }
    }
}

/// Where we are in the P-DATA of one message.
struct Fragments {
    left: u32,
    left_in_pdu: u32,
    context: Option<u8>,
}

struct Fragment {
    length: u32,
    is_command: bool,
    is_last: bool,
}

impl Fragments {
    /// The head of the next fragment, whose bytes the caller reads.
    async fn next<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        wire: &mut Wire<S>,
        pdu_bytes: u32,
    ) -> Result<Fragment, WireError> {
        if self.left_in_pdu == 0 {
            let head = wire.head().await?;
            match head.kind {
                wire::P_DATA => self.left_in_pdu = head.length,
                wire::ABORT => return Err(WireError::Closed),
                _ => return Err(unexpected("another PDU in the middle of a message")),
            }
            self.left = self.left_in_pdu;
        }
        if self.left > pdu_bytes {
            return Err(invalid("a PDU longer than was agreed"));
        }
        if self.left_in_pdu < 6 {
            return Err(invalid("a PDU too short for its content"));
        }
        let mut head = [0u8; 6];
        wire.exact(&mut head).await?;
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        if length < 2 || length > self.left_in_pdu - 4 {
            return Err(invalid("a fragment longer than its PDU"));
        }
        if *self.context.get_or_insert(head[4]) != head[4] {
            return Err(unexpected("two presentation contexts in one message"));
        }
        self.left_in_pdu -= length + 4;
        Ok(Fragment { length: length - 2, is_command: head[5] & 1 != 0, is_last: head[5] & 2 != 0 })
    }
}

/// Bytes of an object that are read before they are sent on their way to the disk.
const STEP: u32 = 32 << 10;
/// Bytes of a command set at most.
const COMMAND_BYTES: u64 = 64 << 10;
/// Bytes of a data set that is no object at most.
const REQUEST_BYTES: u64 = 4 << 20;

const SUCCESS: u16 = 0x0000;
const PROCESSING_FAILURE: u16 = 0x0110;
const NO_SUCH_OBJECT: u16 = 0x0112;
const UNRECOGNIZED_OPERATION: u16 = 0x0211;
const OUT_OF_RESOURCES: u16 = 0xA700;
const NOT_AS_ANNOUNCED: u16 = 0xA900;
const CANNOT_UNDERSTAND: u16 = 0xC000;
/// Same SOP Instance UID, other content: within the range of "cannot understand" (PS3.4 B.2.3).
const CONFLICT: u16 = 0xC001;

/// What is wrong with a C-STORE before its data set has come.
fn refusal(command: &Command, context: &Accepted, shared: &Shared) -> Option<(u16, &'static str)> {
    if !is_uid(&command.instance) || !is_uid(&command.class) {
        return Some((CANNOT_UNDERSTAND, "the SOP Instance UID is not valid"));
    }
    if command.class != context.class {
        return Some((NOT_AS_ANNOUNCED, "the SOP class is not that of the presentation context"));
    }
    (!shared.store.is_ready()).then_some((OUT_OF_RESOURCES, "the disk is at its reserve"))
}

/// The status for each error; every kind has its own arm.
fn status(error: &Error) -> u16 {
    match error {
        Error::Refused(Refusal::Contradiction(_)) => NOT_AS_ANNOUNCED,
        Error::Refused(Refusal::Rejected(_) | Refusal::Identity(_)) => CANNOT_UNDERSTAND,
        Error::Full(_)
        | Error::NotFound(_)
        | Error::Stale { .. }
        | Error::Damaged
        | Error::Newer { .. }
        | Error::Busy
        | Error::Closing
        | Error::Database(_)
        | Error::Io(_)
        | Error::Bucket(_) => OUT_OF_RESOURCES,
    }
}

fn unexpected(what: &'static str) -> WireError {
    WireError::Protocol { what, reason: AbortRQServiceProviderReason::UnexpectedPdu }
}

fn invalid(what: &'static str) -> WireError {
    WireError::Protocol { what, reason: AbortRQServiceProviderReason::InvalidPduParameter }
}
