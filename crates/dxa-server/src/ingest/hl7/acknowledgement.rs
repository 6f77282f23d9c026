//! The answer to a message, HL7 2.5.1 chapter 2.9.

use dxa_exchange::hl7::RawMessage;

use crate::store::{Error, opaque_id};

/// What the sender may do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// It is kept; the sender is done.
    Accepted,
    /// We failed; it may be sent again.
    Failed,
    /// It will never be taken.
    Refused,
}

impl Said {
    fn code(self) -> &'static str {
        match self {
            Self::Accepted => "AA",
            Self::Failed => "AE",
            Self::Refused => "AR",
        }
    }
}

/// The acknowledgement of a message; `sentence` names nobody.
pub(super) fn acknowledgement(
    message: Option<&RawMessage>,
    said: Said,
    sentence: &str,
) -> Result<Vec<u8>, Error> {
    let field = |number: usize, part: usize| {
        let text = message.map(|message| message.field("MSH", number).component(part)).unwrap_or_default();
        // What came from outside goes back only as far as it can end neither field nor frame.
        text.chars().filter(|letter| !letter.is_control() && !"|^~\\&".contains(*letter)).collect::<String>()
    };
    let version =
        Some(field(12, 1)).filter(|version| !version.is_empty()).unwrap_or_else(|| "2.5.1".to_owned());
    let now = jiff::Zoned::now().strftime("%Y%m%d%H%M%S%z").to_string();
    let control = opaque_id()?.chars().take(20).collect::<String>();
    let set = message.map(|message| message.character_set()).unwrap_or_default();
    let set: String =
        set.chars().filter(|letter| letter.is_ascii_alphanumeric() || " -/".contains(*letter)).collect();
    // The sender reads the answer in its own character set, and is told so where it told us.
    let header_end = if set.is_empty() { String::new() } else { format!("||||||{set}") };
    let text = format!(
        "MSH|^~\\&|DXA||{}|{}|{now}||ACK^{}^ACK|{control}|{}|{version}{header_end}\rMSA|{}|{}|{sentence}\r",
        field(3, 1),
        field(4, 1),
        field(9, 2),
        Some(field(11, 1)).filter(|processing| !processing.is_empty()).unwrap_or_else(|| "P".to_owned()),
        said.code(),
        field(10, 1),
    );
    Ok(match message {
        Some(message) => message.encoded(&text),
        None => text.into_bytes(),
    })
}
