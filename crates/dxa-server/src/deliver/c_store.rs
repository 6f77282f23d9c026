//! C-STORE to an archive.

use std::time::Duration;

use super::Attempt;
use crate::config::{Config, DicomDestination};
use crate::ingest::command;
use crate::ingest::wire::WireError;
use crate::scu::{Association, Proposal, Remote};
use crate::store::Document;
use dicom_dictionary_std::uids;

/// What we make, each in a context of its own.
const CLASSES: [Proposal; 5] = [
    proposal(uids::COMPREHENSIVE_SR_STORAGE),
    proposal(uids::SECONDARY_CAPTURE_IMAGE_STORAGE),
    proposal(uids::ENCAPSULATED_PDF_STORAGE),
    proposal(uids::GRAYSCALE_SOFTCOPY_PRESENTATION_STATE_STORAGE),
    proposal(uids::SEGMENTATION_STORAGE),
];

const fn proposal(class: &'static str) -> Proposal {
    Proposal { class, syntaxes: &[uids::EXPLICIT_VR_LITTLE_ENDIAN], as_provider: false }
}

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
        None => match Association::open(remote(to), config, &CLASSES, PATIENCE).await {
            Ok(association) => association,
            Err(why) => return Attempt::Again(why),
        },
    };
    let Some((context, _)) = association.context(class) else {
        *open = Some(association);
        return Attempt::Refused("the archive does not take objects of this SOP class".to_owned());
    };
    match send(&mut association, context, (class, instance), data_set(&document.body)).await {
        Ok(status) => {
            *open = Some(association);
            judge(status)
        }
        // The association is of no more use; the next document opens another.
        Err(error) => Attempt::Again(format!("the association broke: {error}")),
    }
}

/// The archive as the other side of an association.
pub(super) fn remote(to: &DicomDestination) -> Remote<'_> {
    Remote { ae_title: &to.ae_title, address: &to.address, tls: to.tls.as_ref() }
}

/// Sends one object and gives the status of the answer.
async fn send(
    association: &mut Association,
    context: u8,
    (class, instance): (&str, &str),
    bytes: &[u8],
) -> Result<u16, WireError> {
    let message = association.next_message();
    let request = command::store_request(context, message, class, instance);
    association.send(context, request, bytes).await?;
    loop {
        let answer = association.receive().await?.command;
        let own = answer.message == message || answer.message == 0;
        if let Some(status) = answer.status.filter(|_| own) {
            return Ok(status);
        }
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
