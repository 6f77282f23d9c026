//! An event as the XML message of PS3.15 A.5.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::codes::{self, Code};
use super::event::{Event, Kind, Outcome, Subject};

/// Who reports.
#[derive(Clone, Debug)]
pub struct Source {
    /// Audit source id: our AE title unless configured.
    pub id: String,
    /// Host name.
    pub host: String,
    /// Process id.
    pub process: u32,
}

/// The message of an event, at `at` in RFC 3339.
///
/// Patients are named by our own id, and the study by its UID; a repository finds the person through the study.
#[must_use]
pub fn message(event: &Event, at: &str, source: &Source) -> String {
    let (id, kind, action) = codes::of(event.kind);
    let outcome = match event.outcome {
        Outcome::Success => "0",
        Outcome::Failure => "4",
    };
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?><AuditMessage>");
    open(
        &mut xml,
        "EventIdentification",
        &[
            ("EventActionCode", &action.to_string()),
            ("EventDateTime", at),
            ("EventOutcomeIndicator", outcome),
        ],
    );
    coded(&mut xml, "EventID", id);
    if let Some(kind) = kind {
        coded(&mut xml, "EventTypeCode", kind);
    }
    if let Some(detail) = &event.detail {
        open(&mut xml, "EventOutcomeDescription", &[]);
        escape(&mut xml, detail);
        close(&mut xml, "EventOutcomeDescription");
    }
    close(&mut xml, "EventIdentification");
    participants(&mut xml, event, source);
    open(&mut xml, "AuditSourceIdentification", &[("AuditSourceID", &source.id)]);
    // An application server process.
    open(&mut xml, "AuditSourceTypeCode", &[("csd-code", "4")]);
    close(&mut xml, "AuditSourceTypeCode");
    close(&mut xml, "AuditSourceIdentification");
    if event.kind == Kind::Query {
        query(&mut xml);
    }
    for subject in &event.subjects {
        object(&mut xml, subject);
    }
    close(&mut xml, "AuditMessage");
    xml
}

/// We, and whoever did it. In a transfer one of the two is the source and the other the destination.
fn participants(xml: &mut String, event: &Event, source: &Source) {
    let (ours, theirs) = match event.kind {
        Kind::Receive => (Some(codes::DESTINATION), Some(codes::SOURCE)),
        Kind::Send | Kind::Export | Kind::Query => (Some(codes::SOURCE), Some(codes::DESTINATION)),
        Kind::Start | Kind::Stop => (Some(codes::APPLICATION), None),
        Kind::Login
        | Kind::Logout
        | Kind::Access
        | Kind::Change
        | Kind::Sign
        | Kind::SecurityChange
        | Kind::SecurityAlert => (None, None),
    };
    let we_ask = event.kind == Kind::Send || event.kind == Kind::Start || event.kind == Kind::Stop;
    let process = source.process.to_string();
    participant(xml, &source.id, Some(&process), we_ask, Some((&source.host, "1")), ours);
    if event.kind != Kind::Start && event.kind != Kind::Stop {
        let address = event.address.as_deref().map(|address| (address, "2"));
        participant(xml, &event.actor, None, !we_ask, address, theirs);
    }
}

fn participant(
    xml: &mut String,
    id: &str,
    alternative: Option<&str>,
    asks: bool,
    place: Option<(&str, &str)>,
    role: Option<Code>,
) {
    let asks = if asks { "true" } else { "false" };
    let mut attributes = vec![("UserID", id), ("UserIsRequestor", asks)];
    if let Some(alternative) = alternative {
        attributes.push(("AlternativeUserID", alternative));
    }
    if let Some((place, kind)) = place {
        attributes.extend([("NetworkAccessPointID", place), ("NetworkAccessPointTypeCode", kind)]);
    }
    open(xml, "ActiveParticipant", &attributes);
    if let Some(role) = role {
        coded(xml, "RoleIDCode", role);
    }
    close(xml, "ActiveParticipant");
}

/// A query names what was searched, and not with which words: those may be a patient's name.
fn query(xml: &mut String) {
    let attributes = [
        ("ParticipantObjectID", "studies"),
        ("ParticipantObjectTypeCode", "2"),
        ("ParticipantObjectTypeCodeRole", "24"),
    ];
    open(xml, "ParticipantObjectIdentification", &attributes);
    coded(xml, "ParticipantObjectIDTypeCode", ("110181", "SOP Class UID"));
    open(xml, "ParticipantObjectQuery", &[]);
    xml.push_str(&STANDARD.encode("not kept"));
    close(xml, "ParticipantObjectQuery");
    close(xml, "ParticipantObjectIdentification");
}

fn object(xml: &mut String, subject: &Subject) {
    // Codes of identifiers beside PS3.16's are those of RFC 3881: 2 patient number, 11 user identifier.
    let (id, kind, role, code, scheme) = match subject {
        Subject::Study(uid) => (uid, "2", "3", codes::STUDY, "DCM"),
        Subject::Patient(id) => (id, "1", "1", ("2", "Patient Number"), "RFC-3881"),
        Subject::Account(name) => (name, "1", "11", ("11", "User Identifier"), "RFC-3881"),
    };
    let attributes = [
        ("ParticipantObjectID", id.as_str()),
        ("ParticipantObjectTypeCode", kind),
        ("ParticipantObjectTypeCodeRole", role),
    ];
    open(xml, "ParticipantObjectIdentification", &attributes);
    let coded = [("csd-code", code.0), ("codeSystemName", scheme), ("originalText", code.1)];
    open(xml, "ParticipantObjectIDTypeCode", &coded);
    close(xml, "ParticipantObjectIDTypeCode");
    open(xml, "ParticipantObjectName", &[]);
    escape(xml, id);
    close(xml, "ParticipantObjectName");
    if let Subject::Study(uid) = subject {
        open(xml, "ParticipantObjectDescription", &[]);
        open(xml, "ParticipantObjectContainsStudy", &[]);
        open(xml, "StudyIDs", &[("UID", uid)]);
        close(xml, "StudyIDs");
        close(xml, "ParticipantObjectContainsStudy");
        close(xml, "ParticipantObjectDescription");
    }
    close(xml, "ParticipantObjectIdentification");
}

fn coded(xml: &mut String, name: &str, code: Code) {
    open(xml, name, &[("csd-code", code.0), ("codeSystemName", "DCM"), ("originalText", code.1)]);
    close(xml, name);
}

fn open(xml: &mut String, name: &str, attributes: &[(&str, &str)]) {
    let _ = write!(xml, "<{name}");
    for (key, value) in attributes {
        let _ = write!(xml, " {key}=\"");
        escape(xml, value);
        xml.push('"');
    }
    xml.push('>');
}

fn close(xml: &mut String, name: &str) {
    let _ = write!(xml, "</{name}>");
}

/// Text that XML 1.0 can hold; characters that it cannot are shown as a replacement.
fn escape(xml: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\t' | '\n' | '\r' => {
                let _ = write!(xml, "&#{};", u32::from(letter));
            }
            '\u{0}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => xml.push('\u{FFFD}'),
            _ => xml.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> Source {
        Source { id: "DXA".to_owned(), host: "host".to_owned(), process: 7 }
    }

    #[test]
    fn what_clients_wrote_stays_text() {
        let event =
            Event::new(Kind::Login, "]]>\"/><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///\">]>&e;\u{0}\n");
        let xml = message(&event, "2026-01-01T00:00:00Z", &source());
        assert!(!xml.contains("<!"), "{xml}");
        assert!(xml.contains("]]&gt;&quot;/&gt;&lt;!DOCTYPE"), "{xml}");
        assert!(xml.contains("&amp;e;\u{FFFD}&#10;"), "{xml}");
    }

    #[test]
    fn every_kind_names_who_and_what() {
        for kind in Kind::ALL {
            let event = Event::new(kind, "doctor").from("192.0.2.1").study("1.2.3").patient("p1");
            let xml = message(&event, "2026-01-01T00:00:00Z", &source());
            assert!(xml.contains("StudyIDs UID=\"1.2.3\""), "{kind:?}");
            assert!(xml.matches("UserIsRequestor=\"true\"").count() == 1, "{kind:?}: {xml}");
        }
    }
}
