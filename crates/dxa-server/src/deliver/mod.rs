//! Results on their way out: an outbox in the store, and a courier for each destination.
//!
//! A delivery is put into the outbox in the transaction of the result, so that no result exists without its
//! deliveries and none is sent of a result that does not exist.
//! It is done when the other side said so, and everything it said stands in the ledger.

mod c_store;
mod commitment;
mod courier;
mod document;
mod fhir;
mod ledger;
mod mllp;
mod outbox;
mod pause;
mod stow;
mod web;

pub(crate) use commitment::{ASK, Told, ask as ask_commitment, told as commitment_told};
pub use courier::Couriers;
pub(crate) use courier::web as web_client;
pub(crate) use ledger::SUPERSEDED;
pub use ledger::{Again, send_again};
pub use outbox::{enqueue, outbox};
pub(crate) use web::json as answer_json;

use crate::config::{Deliver, DicomDestination, FhirDestination, Hl7Destination, StowDestination, Tls};

/// One side that takes results.
#[derive(Clone, Debug)]
pub(crate) enum Destination {
    /// C-STORE.
    Dicom(DicomDestination),
    /// STOW-RS.
    Stow(StowDestination),
    /// HL7 v2 over MLLP, and the number of the message that is written as the other side wants it.
    Hl7(Hl7Destination, i64),
    /// FHIR.
    Fhir(FhirDestination),
}

impl Destination {
    /// All that are configured.
    pub(crate) fn all(deliver: &Deliver) -> Vec<Self> {
        let dicom = deliver.dicom.iter().cloned().map(Self::Dicom);
        let stow = deliver.stow.iter().cloned().map(Self::Stow);
        let hl7 = deliver.hl7.iter().map(|to| Self::Hl7(to.clone(), deliver.message_number(to)));
        let fhir = deliver.fhir.iter().cloned().map(Self::Fhir);
        dicom.chain(stow).chain(hl7).chain(fhir).collect()
    }

    /// Its name in the ledger.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Dicom(to) => &to.name,
            Self::Stow(to) => &to.name,
            Self::Hl7(to, _) => &to.name,
            Self::Fhir(to) => &to.name,
        }
    }

    /// Certificates of a side that speaks HTTP.
    fn web_tls(&self) -> Option<&Tls> {
        match self {
            Self::Stow(to) => to.tls.as_ref(),
            Self::Fhir(to) => to.tls.as_ref(),
            Self::Dicom(_) | Self::Hl7(..) => None,
        }
    }

    fn protocol(&self) -> &'static str {
        match self {
            Self::Dicom(_) => "dicom",
            Self::Stow(_) => "stow",
            Self::Hl7(..) => "hl7",
            Self::Fhir(_) => "fhir",
        }
    }

    /// Whether it takes a document, by kind and number.
    fn takes(&self, kind: &str, number: i64) -> bool {
        match self {
            Self::Dicom(DicomDestination { send, .. }) | Self::Stow(StowDestination { send, .. }) => {
                send.iter().any(|wanted| wanted == kind)
            }
            Self::Hl7(_, own) => kind == "hl7" && number == *own,
            Self::Fhir(to) => kind == "fhir" && number == to.bundle_number(),
        }
    }

    /// Whether a newer version makes an older one needless: records have one report, archives keep all.
    fn replaces_older(&self) -> bool {
        matches!(self, Self::Hl7(..) | Self::Fhir(_))
    }
}

/// The names of all destinations that are configured.
pub(crate) fn destinations(deliver: &Deliver) -> Vec<String> {
    Destination::all(deliver).iter().map(|destination| destination.name().to_owned()).collect()
}

/// How one attempt went; the words stand in the ledger and name no patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// The other side has it.
    Delivered(String),
    /// It may go better later.
    Again(String),
    /// The other side will not take it; a few tries more, in case somebody sets it right.
    Refused(String),
}

impl Attempt {
    /// Says in the ledger how much was taken back with what was sent.
    fn withdrawing(self, results: usize) -> Self {
        match self {
            Self::Delivered(answer) if results > 0 => {
                Self::Delivered(format!("{answer}; {results} earlier results taken back"))
            }
            other => other,
        }
    }
}
