//! The result of a study as an HL7 v2 message, ORU^R01, and the frames in which messages travel.
//!
//! Which code, segment and character set a clinic wants is a TOML file: `docs/hl7.md`.

mod delimiters;
mod fact;
mod frame;
mod incoming;
mod mapping;
mod measured;
mod message;
mod observation;
mod oru;
mod read;
mod result_code;
mod withdrawal;

pub use fact::FactCode;
pub use frame::{Frames, framed};
pub use incoming::{Incoming, Order, Person, incoming};
pub use mapping::{Mapping, MappingError, MessageLanguage, TextEncoding, Version};
pub use measured::{CodeSaid, Measured, OrderResult, SenderResult, ToldMeaning, together};
pub use message::{Field, RawMessage};
pub use oru::{Message, oru};
pub use read::{Hl7Error, ReadMessage, read};
pub use result_code::{MeasuredQuantity, ResultCode};
pub use withdrawal::{stated, withdrawing};
