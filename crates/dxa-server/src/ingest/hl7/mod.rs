//! What record systems tell: messages of HL7 v2 over MLLP, from the socket to the context of a patient.

mod acknowledgement;
mod listener;
mod matching;
mod taking;

pub use listener::Hl7Listener;
pub(crate) use taking::take_waiting;
