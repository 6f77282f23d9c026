//! What record systems tell: messages of HL7 v2 over MLLP, from the socket to the context of a patient.

mod acknowledgement;
mod listener;
mod matching;
mod results;
mod taking;

pub use listener::Hl7Listener;
pub(crate) use taking::{author, take_waiting};
