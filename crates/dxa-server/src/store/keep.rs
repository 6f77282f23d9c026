//! From received bytes to what can be written: walked, identified, digested.

use dxa_core::guard::{self, Input, Leniency, Limits, Rejection};

use super::early::Begun;
use super::keeper::Look;
use super::segment::Lease;
use super::{Error, Facts, Refusal, hexadecimal};

/// One received object.
#[derive(Debug)]
pub struct Incoming {
    /// A whole DICOM file: preamble, meta header, data set.
    pub bytes: Vec<u8>,
    /// Who sent it, for the audit: an AE title or an account, never a patient.
    pub source: String,
    /// SOP Class UID and SOP Instance UID that the sender announced, where the protocol announces them.
    pub announced: Option<(String, String)>,
    /// Study Instance UID that the object must have, where the sender named one.
    pub study: Option<String>,
}

/// Which object it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// SOP Instance UID.
    pub uid: String,
    /// SOP Class UID.
    pub sop_class: String,
    /// Study Instance UID.
    pub study: String,
    /// Series Instance UID.
    pub series: String,
}

/// What became of an object that was not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is new.
    New(Identity),
    /// It was there already, with the same content; nothing was written.
    Same(Identity),
    /// Another object with this SOP Instance UID was there; this one is in quarantine.
    Conflict(Identity),
}

impl Kept {
    /// Which object it was.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        match self {
            Self::New(identity) | Self::Same(identity) | Self::Conflict(identity) => identity,
        }
    }
}

/// An object ready to be written.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) bytes: Vec<u8>,
    pub(super) facts: Facts,
    pub(super) digest: [u8; 32],
    pub(super) crc: u32,
    pub(super) source: String,
    pub(super) lease: Option<Lease>,
    pub(super) look: Option<Look>,
}

impl Prepared {
    pub(super) fn identity(&self) -> Identity {
        Identity {
            uid: self.facts.uid.clone(),
            sop_class: self.facts.sop_class.clone(),
            study: self.facts.study.clone(),
            series: self.facts.series.clone(),
        }
    }
}

/// Walks, identifies and digests an object.
///
/// # Errors
/// [`Refusal`] for what cannot be kept.
pub(super) fn prepare(incoming: Incoming, begun: Begun) -> Result<Prepared, Refusal> {
    let (facts, digest) = {
        let object = guard::open(Input::whole(&incoming.bytes), Leniency::Strict, &Limits::DEFAULT)?;
        if object.syntax().deflated {
            return Err(Refusal::Rejected(Rejection::Limit(
                "deflated data sets are not taken over the network".to_owned(),
            )));
        }
        (Facts::read(&object)?, object.digest_begun(begun.digest))
    };
    if let Some((class, instance)) = &incoming.announced {
        if *instance != facts.uid {
            return Err(Refusal::Contradiction("SOP Instance UID (0008,0018)"));
        }
        if *class != facts.sop_class {
            return Err(Refusal::Contradiction("SOP Class UID (0008,0016)"));
        }
    }
    if incoming.study.as_ref().is_some_and(|study| *study != facts.study) {
        return Err(Refusal::Contradiction("Study Instance UID (0020,000D)"));
    }
    let Incoming { bytes, source, .. } = incoming;
    let look = begun.look.filter(|(uid, _)| *uid == facts.uid).map(|(_, look)| look);
    Ok(Prepared { bytes, facts, digest, crc: begun.crc, source, lease: begun.lease, look })
}

/// Gives the bytes back if they still say what they said when they came.
///
/// # Errors
/// [`Error::Damaged`].
pub(super) fn check(bytes: Vec<u8>, digest: &str) -> Result<Vec<u8>, Error> {
    let now = guard::open(Input::whole(&bytes), Leniency::Strict, &Limits::DEFAULT)
        .map(|object| hexadecimal(&object.digest()));
    if now.is_ok_and(|now| now == digest) { Ok(bytes) } else { Err(Error::Damaged) }
}
