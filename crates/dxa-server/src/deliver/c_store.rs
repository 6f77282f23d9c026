//! C-STORE to an archive.

use std::time::Duration;

use dicom_dictionary_std::uids;
use dicom_ul::pdu::{
    AssociationRQ, Pdu, PresentationContextProposed, PresentationContextResultReason, UserVariableItem,
};

use super::Attempt;
use super::connection::{self, Duplex};
use crate::config::{Config, DicomDestination};
use crate::ingest::command::{self, Command};
use crate::ingest::wire::{self, Wire, WireError};
use crate::ingest::{IMPLEMENTATION_CLASS, IMPLEMENTATION_VERSION};
use crate::store::Document;

/// An association to an archive.
pub(super) struct Association {
    wire: Wire<Box<dyn Duplex>>,
    /// SOP classes that were accepted, by the id of their context.
    accepted: Vec<(u8, &'static str)>,
    /// Bytes of a PDU that the archive takes.
    longest: usize,
    message: u16,
}

/// What we make, each in a context of its own.
const CLASSES: [&str; 5] = [
    uids::COMPREHENSIVE_SR_STORAGE,
    uids::SECONDARY_CAPTURE_IMAGE_STORAGE,
    uids::ENCAPSULATED_PDF_STORAGE,
    uids::GRAYSCALE_SOFTCOPY_PRESENTATION_STATE_STORAGE,
    uids::SEGMENTATION_STORAGE,
];

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Stores one document, over the association that is open or over a new one.
pub(super) async fn store(
    to: &DicomDestination,
    config: &Config,
    document: &Document,
    open: &mut Option<Association>,
) -> Attempt {
    let (Some(class), Some(instance)) = (&document.sop_class, &document.uid) else {
        return Attempt::Refused("the document is no DICOM object".to_owned());
    };
    let mut association = match open.take() {
        Some(association) => association,
        None => match Association::open(to, config).await {
            Ok(association) => association,
            Err(why) => return Attempt::Again(why),
        },
    };
    let Some((context, _)) = association.accepted.iter().find(|(_, accepted)| accepted == class) else {
        *open = Some(association);
        return Attempt::Refused("the archive does not take objects of this SOP class".to_owned());
    };
    let context = *context;
    match association.send(context, class, instance, data_set(&document.body)).await {
        Ok(status) => {
            *open = Some(association);
            judge(status)
        }
        // The association is of no more use; the next document opens another.
        Err(error) => Attempt::Again(format!("the association broke: {error}")),
    }
}

/// What a status means, PS3.4 table B.2-1 and PS3.7 annex C.
fn judge(status: u16) -> Attempt {
    let said = |words: &str| format!("status {status:04X}: {words}");
    match status {
        0x0000 => Attempt::Delivered(said("stored")),
        0x0001 | 0xB000 | 0xB006 | 0xB007 => Attempt::Delivered(said("stored with a warning")),
        0xA700..=0xA7FF => Attempt::Again(said("the archive is out of resources")),
        0x0110 | 0x0213 => Attempt::Again(said("the archive failed")),
        0x0122 | 0xA800..=0xA8FF => Attempt::Refused(said("the archive does not take this SOP class")),
        0xA900..=0xA9FF => Attempt::Refused(said("the archive says that the object is not of its SOP class")),
        0xC000..=0xCFFF => Attempt::Refused(said("the archive cannot understand the object")),
        0x0124 => Attempt::Refused(said("the archive does not allow it")),
        _ => Attempt::Refused(said("the archive refused")),
    }
}

/// The bytes behind preamble and meta header.
fn data_set(file: &[u8]) -> &[u8] {
    const LENGTH_AT: usize = 128 + 4 + 8;
    let length = file.get(LENGTH_AT..LENGTH_AT + 4).and_then(|bytes| bytes.try_into().ok());
    let length = length.map_or(0, u32::from_le_bytes) as usize;
    file.get(LENGTH_AT + 4 + length..).unwrap_or_default()
}

impl Association {
    async fn open(to: &DicomDestination, config: &Config) -> Result<Self, String> {
        let stream = connection::open(&to.address, to.tls.as_ref()).await;
        let mut wire = Wire::new(stream.map_err(|error| connection::failure(&error))?, PATIENCE);
        let contexts =
            CLASSES.iter().zip((1u8..).step_by(2)).map(|(class, id)| PresentationContextProposed {
                id,
                abstract_syntax: (*class).to_owned(),
                transfer_syntaxes: vec![uids::EXPLICIT_VR_LITTLE_ENDIAN.to_owned()],
            });
        let request = AssociationRQ {
            protocol_version: 1,
            calling_ae_title: config.dimse.ae_title.clone(),
            called_ae_title: to.ae_title.clone(),
            application_context_name: "1.2.840.10008.3.1.1.1".to_owned(),
            presentation_contexts: contexts.collect(),
            user_variables: vec![
                UserVariableItem::MaxLength(config.dimse.pdu_bytes),
                UserVariableItem::ImplementationClassUID(IMPLEMENTATION_CLASS.to_owned()),
                UserVariableItem::ImplementationVersionName(IMPLEMENTATION_VERSION.to_owned()),
            ],
        };
        let broken = |error: WireError| format!("no association: {error}");
        wire.send(&Pdu::AssociationRQ(request)).await.map_err(broken)?;
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
            let class = CLASSES.get(usize::from(context.id / 2))?;
            taken.then_some((context.id, *class))
        });
        Ok(Self {
            wire,
            accepted: accepted.collect(),
            longest: longest.unwrap_or(128 << 10).clamp(1 << 10, 1 << 20),
            message: 0,
        })
    }

    /// Sends one object and gives the status of the answer.
    async fn send(
        &mut self,
        context: u8,
        class: &str,
        instance: &str,
        bytes: &[u8],
    ) -> Result<u16, WireError> {
        self.message = self.message.wrapping_add(1).max(1);
        let mut pdus = command::store_request(context, self.message, class, instance);
        // Six bytes of a PDU are its data value's head.
        let pieces: Vec<&[u8]> = bytes.chunks(self.longest - 6).collect();
        for (at, piece) in pieces.iter().enumerate() {
            pdus.extend(command::data_piece(context, piece, at + 1 == pieces.len()));
        }
        self.wire.write(&pdus).await?;
        loop {
            let head = self.wire.head().await?;
            if head.kind != wire::P_DATA || head.length > 64 << 10 {
                return Err(WireError::Closed);
            }
            let mut answer = Vec::new();
            self.wire.append(&mut answer, head.length).await?;
            let read = answer.get(6..).and_then(Command::read);
            let own = read.filter(|command| command.message == self.message || command.message == 0);
            if let Some(status) = own.and_then(|command| command.status) {
                return Ok(status);
            }
        }
    }

    /// Ends the association as both sides should.
    pub(super) async fn release(mut self) {
        // Everything is stored and answered; what goes wrong from here on changes nothing.
        if self.wire.send(&Pdu::ReleaseRQ).await.is_ok() {
            self.wire.set_silence(Duration::from_secs(2));
            let _ = self.wire.head().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_say_whether_to_come_again() {
        assert!(matches!(judge(0), Attempt::Delivered(_)));
        assert!(matches!(judge(0xB007), Attempt::Delivered(_)));
        for later in [0xA700, 0xA7FF, 0x0110] {
            assert!(matches!(judge(later), Attempt::Again(_)), "{later:04X}");
        }
        for refused in [0xA900, 0xC000, 0xC123, 0x0122, 0x0124, 0xFE00] {
            assert!(matches!(judge(refused), Attempt::Refused(_)), "{refused:04X}");
        }
    }
}
