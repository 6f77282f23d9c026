//! The listener for messages of record systems.

use std::net::{IpAddr, SocketAddr};

use dxa_exchange::hl7::FactCode;
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
    /// Bytes of one message.
    pub message_bytes: usize,
    /// Connections open at the same time.
    pub connections: usize,
    /// A connection without a message is closed after this time.
    pub idle_seconds: u64,
    /// Codes of the senders and the keys of the context that they mean.
    pub facts: Vec<FactCode>,
}

impl Default for Hl7 {
    fn default() -> Self {
        Self {
            listen: None,
            tls: None,
            peers: Vec::new(),
            authority: None,
            message_bytes: 1 << 20,
            connections: 32,
            idle_seconds: 3600,
            facts: Vec::new(),
        }
    }
}
