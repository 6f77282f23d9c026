//! A message of ours read back into what it states.

use crate::record::Reference;
use crate::statement::{About, Against, Answer, Group, Outline, Quantity, Statement, Why};

use super::delimiters::unescaped;
use super::message::text;
use super::observation::{REFERENCE_PARTS, missing};

/// What a message of ours states.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadMessage {
    /// MSH-10.
    pub control_id: String,
    /// Study Instance UID.
    pub study_uid: String,
    /// Patient's number, PID-3.
    pub patient_id: String,
    /// OBR-25.
    pub status: String,
    /// The conclusion.
    pub conclusion: String,
    /// Everything it states.
    pub groups: Vec<Group>,
}

/// Why bytes are no message of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Hl7Error {
    /// No header segment.
    #[error("the message does not begin with MSH and the usual delimiters")]
    NoHeader,
    /// Text that is not in the character set of MSH-18.
    #[error("the text is not in the character set that MSH-18 names")]
    CharacterSet,
}

/// Reads a message that [`super::oru`] wrote.
///
/// # Errors
/// Bytes that are no such message.
pub fn read(bytes: &[u8]) -> Result<ReadMessage, Hl7Error> {
    let text = decoded(bytes)?;
    let mut message = ReadMessage {
        control_id: String::new(),
        study_uid: String::new(),
        patient_id: String::new(),
        status: String::new(),
        conclusion: String::new(),
        groups: Vec::new(),
    };
    for segment in text.split('\r') {
        let fields: Vec<&str> = segment.split('|').collect();
        let field = |at: usize| fields.get(at).copied().unwrap_or_default();
        match field(0) {
            "MSH" => field(9).clone_into(&mut message.control_id),
            "PID" => message.patient_id = component(field(3), 0),
            "OBR" => field(25).clone_into(&mut message.status),
            "OBX" => message.take(&fields),
            "NTE" => message.note(field(3)),
            _ => {}
        }
    }
    Ok(message)
}

fn decoded(bytes: &[u8]) -> Result<String, Hl7Error> {
    if !bytes.starts_with(b"MSH|^~\\&|") {
        return Err(Hl7Error::NoHeader);
    }
    text(bytes)
}

fn component(field: &str, at: usize) -> String {
    unescaped(field.split('^').nth(at).unwrap_or_default())
}

impl ReadMessage {
    fn take(&mut self, fields: &[&str]) {
        let field = |at: usize| fields.get(at).copied().unwrap_or_default();
        if field(11) == "D" {
            return;
        }
        let (kind, code, value) = (field(2), field(3), field(5));
        match component(code, 0).as_str() {
            "113014" => return self.study_uid = unescaped(value),
            "121077" => return self.conclusion = unescaped(value),
            "GROUP" => {
                let about = About::parse(&unescaped(value));
                self.groups.extend(about.map(|about| Group {
                    about,
                    statements: Vec::new(),
                    outline: Outline::None,
                }));
                return;
            }
            _ => {}
        }
        let Some(group) = self.groups.last_mut() else { return };
        if component(code, 0) == "OUTLINE" {
            group.outline = Outline::from_text(&value.replace('~', " "), &group.about.subject);
            return;
        }
        // Ours stands first, or second behind that of a standard or of the clinic.
        let own = if component(code, 5) == "99DXA" { component(code, 3) } else { component(code, 0) };
        let Some(quantity) = Quantity::from_code(&own) else { return };
        let answer = match kind {
            _ if field(11) == "X" => Answer::Missing(Why::Unknown),
            "NM" => {
                let Ok(number) = value.parse() else { return };
                Answer::Number { value: number, unit: component(field(6), 0) }
            }
            "TX" => Answer::Text(unescaped(value)),
            _ => Answer::Word(component(value, 0)),
        };
        let scored = quantity.names_its_reference();
        group.statements.push(Statement { quantity, answer, against: scored.then(Against::default) });
    }

    /// A note is about the last statement: its reference, or why there is no number.
    fn note(&mut self, field: &str) {
        let Some(last) = self.groups.last_mut().and_then(|group| group.statements.last_mut()) else { return };
        for line in field.split('~').map(unescaped) {
            let Some((name, text)) = line.split_once(": ") else { continue };
            if name == "Missing" {
                let whys = [Why::NotAttempted, Why::Failed, Why::Unknown];
                let why = whys.into_iter().find(|why| missing(*why) == text);
                last.answer = Answer::Missing(why.unwrap_or(Why::Unknown));
            }
            if let Some(against) = &mut last.against {
                set(against, name, text);
            }
        }
    }
}

fn set(against: &mut Against, name: &str, text: &str) {
    let Reference { id, version, population, status, site_as_stated } = &mut against.reference;
    let text = text.to_owned();
    match REFERENCE_PARTS.iter().position(|part| *part == name) {
        Some(0) => *population = text,
        Some(1) => *id = text,
        Some(2) => *version = text,
        Some(3) => *status = text,
        Some(4) => *site_as_stated = Some(text),
        Some(5) => against.quantity = Some(text),
        Some(6) => against.named = true,
        _ => {}
    }
}
