//! Syslog framing: RFC 5424 messages, each with its length in front (RFC 5425).

use super::message::Source;

/// Facility 10 (security), severity 5 (notice): PS3.15 A.6.
const PRIORITY: &str = "<85>1";
/// What PS3.15 A.6 puts into MSGID.
const MESSAGE_ID: &str = "DICOM+RFC3881";

/// One message as it goes over the connection; `at` in RFC 3339.
pub(super) fn frame(xml: &str, at: &str, source: &Source) -> Vec<u8> {
    let host = printable(&source.host);
    let process = source.process;
    // The byte order mark says that the message is UTF-8.
    let message = format!("{PRIORITY} {at} {host} dxa {process} {MESSAGE_ID} - \u{FEFF}{xml}");
    format!("{} {message}", message.len()).into_bytes()
}

/// A header field: printable ASCII without blanks, or the mark of a missing value.
fn printable(text: &str) -> String {
    let kept: String = text.chars().filter(char::is_ascii_graphic).take(255).collect();
    if kept.is_empty() { "-".to_owned() } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_counts_bytes() {
        let source = Source { id: "DXA".to_owned(), host: "a b\n".to_owned(), process: 1 };
        let frame = frame("<é/>", "2026-01-01T00:00:00.000Z", &source);
        let text = String::from_utf8(frame).unwrap();
        let (length, message) = text.split_once(' ').unwrap();
        assert_eq!(length.parse::<usize>().unwrap(), message.len());
        assert_eq!(message, "<85>1 2026-01-01T00:00:00.000Z ab dxa 1 DICOM+RFC3881 - \u{FEFF}<é/>");
    }
}
