//! The listener for messages of record systems.

use std::net::{IpAddr, SocketAddr};

use dxa_exchange::hl7::{FactCode, ResultCode};
use serde::{Deserialize, Serialize};

use super::Tls;

/// Who may send HL7 messages, and how they are understood.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hl7 {
    /// Address and port; without it there is no listener.
    pub listen: Option<SocketAddr>,
    /// Certificate and key; with `client_ca`, senders must show a certificate too.
    pub tls: Option<Tls>,
    /// Addresses that may connect; empty: everybody who reaches the listener.
    pub peers: Vec<IpAddr>,
    /// Whose patient numbers are those of the scanners, as PID-3.4 names it; any where it is left out.
    pub authority: Option<String>,
    /// Minutes by which the senders' clocks are ahead of UTC, for times that name no offset.
    pub offset_minutes: i32,
    /// Bytes of one message.
    pub message_bytes: usize,
    /// Connections open at the same time.
    pub connections: usize,
    /// A connection without a message is closed after this time.
    pub idle_seconds: u64,
    /// Codes of the senders and the keys of the context that they mean.
    pub facts: Vec<FactCode>,
    /// Codes of scanners and what they measure, beside LOINC and names in words.
    pub results: Vec<ResultCode>,
    /// Senders that are scanners, and which.
    pub scanners: Vec<Scanner>,
    /// What is ordered, and how many objects a study of it has.
    pub procedures: Vec<OrderedProcedure>,
}

/// A scanner that sends its results as messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Scanner {
    /// MSH-3 and MSH-4 as the ledger of messages shows them: `APEX^ROOM1`.
    pub sender: String,
    /// Manufacturer as its DICOM objects have it; without one no table of a maker is used.
    pub manufacturer: String,
    /// Model.
    #[serde(default)]
    pub model: Option<String>,
}

/// An examination that is ordered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OrderedProcedure {
    /// Code of OBR-4.
    pub code: String,
    /// How many objects the scanners of the site make of it.
    pub instances: i64,
}

impl Default for Hl7 {
    fn default() -> Self {
        Self {
            listen: None,
            tls: None,
            peers: Vec::new(),
            authority: None,
            offset_minutes: 0,
            message_bytes: 1 << 20,
            connections: 32,
            idle_seconds: 3600,
            facts: Vec::new(),
            results: Vec::new(),
            scanners: Vec::new(),
            procedures: Vec::new(),
        }
    }
}
