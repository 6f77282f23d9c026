//! What senders bring: the listeners for DICOM and HL7, from the socket to the store.

mod accepting;
mod association;
pub(crate) mod command;
mod commitment;
pub(crate) mod contexts;
mod hl7;
mod listener;
mod object;
mod references;
mod socket;
pub(crate) mod wire;

pub use commitment::report as report_commitment;
pub(crate) use commitment::{COMMIT, INSTANCE as COMMITMENT_INSTANCE};
pub use hl7::Hl7Listener;
pub(crate) use hl7::{author, take_waiting};
pub use listener::Listener;
pub(crate) use object::head as file_head;
pub(crate) use references::References;

use std::net::IpAddr;
use std::sync::Arc;

/// What happened at the listener, for the audit. Nothing in it is about a patient but UIDs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A peer was not let in.
    Rejected {
        /// Its address.
        from: IpAddr,
        /// The AE title it called itself; empty before it said one.
        ae_title: String,
        /// Why.
        reason: &'static str,
    },
    /// Objects of a study came over one association.
    Received {
        /// Its address.
        from: IpAddr,
        /// Its AE title.
        ae_title: String,
        /// Study Instance UID.
        study: String,
        /// Objects of it.
        instances: usize,
    },
    /// An object has the SOP Instance UID of another one that was there before.
    Quarantined {
        /// Its AE title.
        ae_title: String,
        /// Study Instance UID.
        study: String,
    },
}

/// Told of every [`Event`]; must return at once.
pub type Observer = Arc<dyn Fn(Event) + Send + Sync>;

/// What our files and associations name as their implementation.
pub(crate) const IMPLEMENTATION_CLASS: &str = "2.25.301562198447702938116540228843775163294";
pub(crate) const IMPLEMENTATION_VERSION: &str = "DXA_1";
