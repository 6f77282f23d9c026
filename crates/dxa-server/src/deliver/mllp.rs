//! HL7 v2 messages over MLLP: one in flight, acknowledged by its own control id.

use std::time::Duration;

use dxa_exchange::hl7::{Frames, RawMessage, framed, withdrawing};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, timeout_at};

use super::Attempt;
use crate::config::Hl7Destination;
use crate::connection::{self, Duplex};

/// A connection to a record system.
pub(super) struct Line {
    stream: Box<dyn Duplex>,
    frames: Frames,
}

/// How long an acknowledgement may take, seconds, unless the configuration says otherwise.
const PATIENCE: f64 = 30.0;
/// Bytes of an acknowledgement at most.
const LONGEST: usize = 64 << 10;

/// Sends a message and waits for its acknowledgement.
///
/// A message that is sent again has the control id of the first time, so that the other side knows it.
/// What `earlier` messages stated and this one does not goes along, to be deleted.
pub(super) async fn send(
    to: &Hl7Destination,
    message: &[u8],
    earlier: &[Vec<u8>],
    open: &mut Option<Line>,
) -> Attempt {
    let (message, withdrawn) = withdrawing(message, earlier);
    let Some(control) = control_id(&message) else {
        return Attempt::Refused("the document is no HL7 message".to_owned());
    };
    let mut line = match open.take() {
        Some(line) => line,
        None => match connection::open(&to.address, to.tls.as_ref()).await {
            Ok(stream) => Line { stream, frames: Frames::default() },
            Err(error) => return Attempt::Again(connection::failure(&error)),
        },
    };
    let patience = to.answer_seconds.filter(|seconds| (0.1..=600.0).contains(seconds)).unwrap_or(PATIENCE);
    match line.exchange(&message, &control, Duration::from_secs_f64(patience)).await {
        Ok(attempt) => {
            *open = Some(line);
            attempt.withdrawing(withdrawn)
        }
        // Whatever comes over this connection later could be taken for another message's answer.
        Err(why) => Attempt::Again(why),
    }
}

impl Line {
    async fn exchange(
        &mut self,
        message: &[u8],
        control: &str,
        patience: Duration,
    ) -> Result<Attempt, String> {
        let until = Instant::now() + patience;
        let sent = timeout_at(until, async {
            self.stream.write_all(&framed(message)).await?;
            self.stream.flush().await
        });
        sent.await.map_err(|_| SILENT)?.map_err(|error| format!("the connection broke: {}", error.kind()))?;
        let mut others = 0;
        loop {
            match self.frames.next(LONGEST).map_err(|error| error.to_string())? {
                Some(answer) => match judge(&answer, control) {
                    Some(attempt) => return Ok(attempt),
                    None => others += 1,
                },
                None => {
                    let mut bytes = [0u8; 4096];
                    let read = timeout_at(until, self.stream.read(&mut bytes)).await;
                    let silent = || match others {
                        0 => SILENT.to_owned(),
                        _ => format!("no acknowledgement in time; {others} were of other messages"),
                    };
                    let read = read.map_err(|_| silent())?;
                    let count = read.map_err(|error| format!("the connection broke: {}", error.kind()))?;
                    if count == 0 {
                        return Err("the connection was closed before the acknowledgement".to_owned());
                    }
                    self.frames.extend(&bytes[..count]);
                }
            }
        }
    }
}

const SILENT: &str = "no acknowledgement in time";

/// MSH-10, read as text: in GB 18030 a letter of a name before it can hold the byte of a delimiter.
fn control_id(message: &[u8]) -> Option<String> {
    let text = RawMessage::parse(message).ok()?.field("MSH", 10).text();
    (!text.is_empty()).then_some(text)
}

/// What an acknowledgement means, HL7 table 0008; `None` for one of another message.
fn judge(answer: &[u8], control: &str) -> Option<Attempt> {
    let mut segments = answer.split(|byte| matches!(byte, b'\r' | b'\n'));
    let msa = segments.find(|segment| segment.starts_with(b"MSA|"))?;
    let mut fields =
        msa.split(|byte| *byte == b'|').skip(1).map(|field| String::from_utf8_lossy(field).trim().to_owned());
    let (code, of) = (fields.next()?, fields.next()?);
    if of != control {
        return None;
    }
    // MSA-3 can repeat what was sent, and with it a name; it stays out of the ledger.
    Some(match code.as_str() {
        "AA" | "CA" => Attempt::Delivered(format!("{code}: taken")),
        "AE" | "CE" => Attempt::Again(format!("{code}: the receiver failed")),
        "AR" | "CR" => Attempt::Refused(format!("{code}: the receiver refused")),
        _ => Attempt::Again("an acknowledgement without a known code".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_messages_own_acknowledgement_counts() {
        let ack = |code: &str, of: &str| {
            format!("MSH|^~\\&|A|B|C|D|2024||ACK|9|P|2.5.1\rMSA|{code}|{of}|王^小东\r")
        };
        let judged = |code, of| judge(ack(code, of).as_bytes(), "id7");
        assert_eq!(judged("AA", "id7"), Some(Attempt::Delivered("AA: taken".to_owned())));
        assert_eq!(judged("AE", "id7"), Some(Attempt::Again("AE: the receiver failed".to_owned())));
        assert_eq!(judged("AR", "id7"), Some(Attempt::Refused("AR: the receiver refused".to_owned())));
        assert_eq!(judged("AA", "id6"), None);
        assert_eq!(judge(b"MSH|^~\\&|A", "id7"), None);
        assert_eq!(
            control_id(b"MSH|^~\\&|DXA||||20240517||ORU^R01|abc|P|2.5.1\rPID"),
            Some("abc".to_owned())
        );
    }
}
