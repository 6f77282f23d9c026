//! An association that we open, and the messages on it, one after the other.

use std::time::Duration;

use dicom_ul::pdu::{
    AssociationRQ, Pdu, PresentationContextProposed, PresentationContextResultReason, RequestorRoles,
    UserVariableItem,
};

use crate::config::{Config, Tls};
use crate::connection::{self, Duplex};
use crate::ingest::command::{self, Command};
use crate::ingest::wire::{self, Wire, WireError};
use crate::ingest::{IMPLEMENTATION_CLASS, IMPLEMENTATION_VERSION};

/// The other side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Remote<'c> {
    pub(crate) ae_title: &'c str,
    /// `host:port`.
    pub(crate) address: &'c str,
    pub(crate) tls: Option<&'c Tls>,
}

/// A SOP class that we propose, in a context of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proposal {
    pub(crate) class: &'static str,
    pub(crate) syntaxes: &'static [&'static str],
    /// We are the provider of the service although we asked for the association.
    pub(crate) as_provider: bool,
}

/// A context that was accepted.
#[derive(Clone, Debug)]
struct Accepted {
    id: u8,
    class: &'static str,
    syntax: String,
}

/// An open association.
pub(crate) struct Association {
    wire: Wire<Box<dyn Duplex>>,
    accepted: Vec<Accepted>,
    /// Bytes of a PDU that the other side takes, and that we take.
    longest: usize,
    ours: u32,
    message: u16,
}

/// A message that came.
pub(crate) struct Message {
    pub(crate) context: u8,
    pub(crate) command: Command,
    pub(crate) data: Option<Vec<u8>>,
}

/// Bytes of a message at most; objects do not come over associations that we open.
const LONGEST_MESSAGE: usize = 4 << 20;

impl Association {
    /// Asks for an association; one sentence that names nobody when there is none.
    pub(crate) async fn open(
        remote: Remote<'_>,
        config: &Config,
        proposals: &[Proposal],
        patience: Duration,
    ) -> Result<Self, String> {
        let stream = connection::open(remote.address, remote.tls).await;
        let mut wire = Wire::new(stream.map_err(|error| connection::failure(&error))?, patience);
        let broken = |error: WireError| format!("no association: {error}");
        wire.send(&Pdu::AssociationRQ(request(remote, config, proposals))).await.map_err(broken)?;
        let head = wire.head().await.map_err(broken)?;
        let answer = match wire.control(head).await.map_err(broken)? {
            Pdu::AssociationAC(answer) => answer,
            Pdu::AssociationRJ(_) => return Err("the archive rejected the association".to_owned()),
            _ => return Err("the archive aborted the association".to_owned()),
        };
        let longest = answer.user_variables.iter().find_map(|item| match item {
            UserVariableItem::MaxLength(bytes) if *bytes > 0 => Some(*bytes as usize),
            _ => None,
        });
        let accepted = answer.presentation_contexts.iter().filter_map(|context| {
            let taken = context.reason == PresentationContextResultReason::Acceptance;
            let proposal = proposals.get(usize::from(context.id / 2))?;
            let syntax = context.transfer_syntax.trim_end_matches('\0').to_owned();
            taken.then_some(Accepted { id: context.id, class: proposal.class, syntax })
        });
        Ok(Self {
            wire,
            accepted: accepted.collect(),
            longest: longest.unwrap_or(128 << 10).clamp(1 << 10, 1 << 20),
            ours: config.dimse.pdu_bytes,
            message: 0,
        })
    }

    /// Id and transfer syntax of the context for a SOP class, where the other side takes it.
    pub(crate) fn context(&self, class: &str) -> Option<(u8, &str)> {
        let accepted = self.accepted.iter().find(|accepted| accepted.class == class)?;
        Some((accepted.id, &accepted.syntax))
    }

    /// The transfer syntax of a context.
    pub(crate) fn syntax(&self, context: u8) -> Option<&str> {
        self.accepted.iter().find(|accepted| accepted.id == context).map(|accepted| accepted.syntax.as_str())
    }

    /// A number for the next message of ours.
    pub(crate) fn next_message(&mut self) -> u16 {
        self.message = self.message.wrapping_add(1).max(1);
        self.message
    }

    /// Sends a command and its data set in one write.
    pub(crate) async fn send(
        &mut self,
        context: u8,
        mut command: Vec<u8>,
        data: &[u8],
    ) -> Result<(), WireError> {
        // Six bytes of a PDU are its data value's head.
        let pieces: Vec<&[u8]> = data.chunks(self.longest - 6).collect();
        for (at, piece) in pieces.iter().enumerate() {
            command.extend(command::data_piece(context, piece, at + 1 == pieces.len()));
        }
        self.wire.write(&command).await
    }

    /// The next message of the other side.
    pub(crate) async fn receive(&mut self) -> Result<Message, WireError> {
        let (mut command, mut data) = (Vec::new(), Vec::new());
        let mut read: Option<Command> = None;
        loop {
            let head = self.wire.head().await?;
            if head.kind != wire::P_DATA || head.length > self.ours {
                return Err(WireError::Closed);
            }
            let mut pdu = Vec::new();
            self.wire.append(&mut pdu, head.length).await?;
            let mut rest = pdu.as_slice();
            while let Some((fragment, after)) = Fragment::of(rest) {
                rest = after;
                let target = if fragment.is_command { &mut command } else { &mut data };
                target.extend_from_slice(fragment.bytes);
                if command.len() + data.len() > LONGEST_MESSAGE {
                    return Err(WireError::Closed);
                }
                if fragment.is_command && fragment.is_last {
                    read = Some(Command::read(&command).ok_or(WireError::Closed)?);
                }
                let whole = read
                    .as_ref()
                    .is_some_and(|command| fragment.is_last && fragment.is_command != command.has_data_set);
                if let Some(command) = read.take_if(|_| whole) {
                    let data = command.has_data_set.then_some(data);
                    return Ok(Message { context: fragment.context, command, data });
                }
            }
        }
    }

    /// How long the other side may be silent from here on.
    pub(crate) fn set_patience(&mut self, patience: Duration) {
        self.wire.set_silence(patience);
    }

    /// Ends the association as both sides should.
    pub(crate) async fn release(mut self) {
        // Everything was asked and answered; what goes wrong from here on changes nothing.
        if self.wire.send(&Pdu::ReleaseRQ).await.is_ok() {
            self.wire.set_silence(Duration::from_secs(2));
            let _ = self.wire.head().await;
        }
    }
}

fn request(remote: Remote<'_>, config: &Config, proposals: &[Proposal]) -> AssociationRQ {
    let contexts =
        proposals.iter().zip((1u8..).step_by(2)).map(|(proposal, id)| PresentationContextProposed {
            id,
            abstract_syntax: proposal.class.to_owned(),
            transfer_syntaxes: proposal.syntaxes.iter().map(|syntax| (*syntax).to_owned()).collect(),
        });
    let roles = proposals.iter().filter(|proposal| proposal.as_provider).map(|proposal| {
        let roles = RequestorRoles { scu: false, scp: true };
        UserVariableItem::ScuScpRoleSelectionSubItem(proposal.class.to_owned(), roles)
    });
    let told = [
        UserVariableItem::MaxLength(config.dimse.pdu_bytes),
        UserVariableItem::ImplementationClassUID(IMPLEMENTATION_CLASS.to_owned()),
        UserVariableItem::ImplementationVersionName(IMPLEMENTATION_VERSION.to_owned()),
    ];
    AssociationRQ {
        protocol_version: 1,
        calling_ae_title: config.dimse.ae_title.clone(),
        called_ae_title: remote.ae_title.to_owned(),
        application_context_name: "1.2.840.10008.3.1.1.1".to_owned(),
        presentation_contexts: contexts.collect(),
        user_variables: told.into_iter().chain(roles).collect(),
    }
}

/// A presentation data value.
struct Fragment<'p> {
    context: u8,
    is_command: bool,
    is_last: bool,
    bytes: &'p [u8],
}

impl<'p> Fragment<'p> {
    /// The first of a PDU, and the rest.
    fn of(pdu: &'p [u8]) -> Option<(Self, &'p [u8])> {
        let (length, rest) = pdu.split_first_chunk::<4>()?;
        let (value, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        let ([context, control], bytes) = value.split_first_chunk::<2>()?;
        let fragment =
            Self { context: *context, is_command: control & 1 != 0, is_last: control & 2 != 0, bytes };
        Some((fragment, rest))
    }
}
