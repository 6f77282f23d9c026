//! Any message of HL7 v2: its segments, fields, repetitions and components.

use encoding_rs::Encoding;
use jiff::tz::Offset;

use super::delimiters::{holds_no_text, unescaped};
use super::read::Hl7Error;
use crate::moment;

/// A message with its delimiters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawMessage {
    segments: Vec<Vec<String>>,
    component: char,
    repetition: char,
    subcomponent: char,
    encoding: &'static Encoding,
    /// That of times without one.
    offset: Offset,
}

/// A field as it stands in the message.
#[derive(Clone, Copy, Debug)]
pub struct Field<'m> {
    text: &'m str,
    message: &'m RawMessage,
}

impl RawMessage {
    /// Reads a message. Text is in the character set of MSH-18; without one it is UTF-8, or GB 18030 where it cannot
    /// be UTF-8.
    ///
    /// # Errors
    /// No header; text that is not in its character set.
    pub fn parse(bytes: &[u8]) -> Result<Self, Hl7Error> {
        let encoding = encoding(bytes)?;
        let text = decoded(bytes, encoding)?;
        let mut signs = text.chars().skip(3);
        let field = signs.next().filter(|sign| is_delimiter(*sign)).ok_or(Hl7Error::NoHeader)?;
        let next = |signs: &mut dyn Iterator<Item = char>| signs.next().filter(|sign| is_delimiter(*sign));
        let component = next(&mut signs).ok_or(Hl7Error::NoHeader)?;
        let repetition = next(&mut signs).ok_or(Hl7Error::NoHeader)?;
        // The escape sign is always a backslash in the wild, and another one could not be told from text.
        let escape = next(&mut signs).ok_or(Hl7Error::NoHeader)?;
        let subcomponent = signs.next().filter(|sign| is_delimiter(*sign) && *sign != field).unwrap_or('&');
        if escape != '\\' {
            return Err(Hl7Error::NoHeader);
        }
        let lines = text.split(['\r', '\n']).filter(|line| !line.trim().is_empty());
        let segments = lines.map(|line| line.split(field).map(str::to_owned).collect()).collect();
        Ok(Self { segments, component, repetition, subcomponent, encoding, offset: Offset::UTC })
    }

    /// The same message of a sender whose clock is minutes ahead of UTC; behind, where there are less than none.
    #[must_use]
    pub fn ahead_of_utc(self, minutes: i32) -> Self {
        let offset = Offset::from_seconds(minutes.saturating_mul(60)).unwrap_or(Offset::UTC);
        Self { offset, ..self }
    }

    /// The last moment that a time stamp of the message can mean.
    pub(super) fn moment(&self, text: &str) -> Option<i64> {
        moment::of_hl7(text, self.offset)
    }

    /// A text in the character set of the message, for its sender; a letter that the set does not have is asked for.
    #[must_use]
    pub fn encoded(&self, text: &str) -> Vec<u8> {
        let text: String = text.chars().map(|letter| if self.has(letter) { letter } else { '?' }).collect();
        self.encoding.encode(&text).0.into_owned()
    }

    fn has(&self, letter: char) -> bool {
        !self.encoding.encode(letter.encode_utf8(&mut [0; 4])).2
    }

    /// The name of its character set as the sender writes it; empty where the message has none.
    #[must_use]
    pub fn character_set(&self) -> String {
        self.field("MSH", 18).component(1)
    }

    /// The fields with an escape that is no text, as `PID-5`: it is kept as it was written.
    #[must_use]
    pub fn strange_escapes(&self) -> Vec<String> {
        let mut found = Vec::new();
        for fields in self.segments.iter().filter(|fields| fields[0] != "MSH") {
            let strange = (1..fields.len()).filter(|number| holds_no_text(&fields[*number]));
            // What is no name of a segment could be anything, and this is written into the ledger.
            let is_name = fields[0].len() == 3 && fields[0].bytes().all(|byte| byte.is_ascii_alphanumeric());
            let name = if is_name { fields[0].as_str() } else { "segment" };
            found.extend(strange.map(|number| format!("{name}-{number}")));
        }
        found.dedup();
        found
    }

    /// A field of the first segment of a name, counted as HL7 counts; empty where there is none.
    #[must_use]
    pub fn field(&self, segment: &str, number: usize) -> Field<'_> {
        let found = self.segments.iter().find(|fields| fields.first().is_some_and(|name| name == segment));
        self.of(found, number)
    }

    /// The segments in their order: name and number among all.
    pub fn segments(&self) -> impl Iterator<Item = (&str, usize)> {
        self.segments
            .iter()
            .enumerate()
            .filter_map(|(at, fields)| Some((fields.first().map(String::as_str)?, at)))
    }

    /// A field of the segment with a number among all.
    #[must_use]
    pub fn field_at(&self, segment: usize, number: usize) -> Field<'_> {
        self.of(self.segments.get(segment), number)
    }

    fn of<'m>(&'m self, fields: Option<&'m Vec<String>>, number: usize) -> Field<'m> {
        // The first field of a header is the delimiter itself, which splitting took away.
        let is_header = fields.is_some_and(|fields| fields.first().is_some_and(|name| name == "MSH"));
        let at = if is_header { number.saturating_sub(1) } else { number };
        Field { text: fields.and_then(|fields| fields.get(at)).map_or("", String::as_str), message: self }
    }
}

impl<'m> Field<'m> {
    /// Its repetitions.
    pub fn repetitions(self) -> impl Iterator<Item = Self> + 'm {
        self.text.split(self.message.repetition).map(move |text| Self { text, message: self.message })
    }

    /// The text of a component, from 1, of the first repetition; its first part where it has several.
    #[must_use]
    pub fn component(self, number: usize) -> String {
        let first = self.text.split(self.message.repetition).next().unwrap_or_default();
        let component = first.split(self.message.component).nth(number.saturating_sub(1)).unwrap_or_default();
        let part = component.split(self.message.subcomponent).next().unwrap_or_default();
        let text = unescaped(part);
        // Two quotes say that there is no value.
        if text == "\"\"" { String::new() } else { text.trim().to_owned() }
    }

    /// The whole field as text.
    #[must_use]
    pub fn text(self) -> String {
        unescaped(self.text)
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.text.is_empty()
    }
}

fn is_delimiter(sign: char) -> bool {
    sign.is_ascii_punctuation()
}

/// The text of a message, by its own character set.
pub(super) fn text(bytes: &[u8]) -> Result<String, Hl7Error> {
    decoded(bytes, encoding(bytes)?)
}

/// The encoding of a message: that of MSH-18; without one UTF-8, or GB 18030 where it cannot be UTF-8.
fn encoding(bytes: &[u8]) -> Result<&'static Encoding, Hl7Error> {
    if !bytes.starts_with(b"MSH") {
        return Err(Hl7Error::NoHeader);
    }
    let header = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    // In GB 18030 the second byte of a letter may be that of a delimiter, so that the fields of such a header are told
    // apart only once it is text. What is UTF-8 holds no such pair.
    let letters = match str::from_utf8(header) {
        Ok(_) => None,
        Err(_) => decoded(header, encoding_rs::GB18030).ok().and_then(|text| named(&text).ok()),
    };
    if letters == Some(Some(encoding_rs::GB18030)) {
        return Ok(encoding_rs::GB18030);
    }
    let plain: String = header.iter().map(|byte| char::from(*byte)).collect();
    match named(&plain) {
        Ok(Some(encoding)) => Ok(encoding),
        Ok(None) if str::from_utf8(bytes).is_ok() => Ok(encoding_rs::UTF_8),
        Ok(None) => Ok(encoding_rs::GB18030),
        Err(_) if letters == Some(None) => Ok(encoding_rs::GB18030),
        Err(error) => Err(error),
    }
}

/// The encoding of the first of MSH-18, where there is one.
fn named(header: &str) -> Result<Option<&'static Encoding>, Hl7Error> {
    Ok(Some(match character_set(header).to_uppercase().as_str() {
        "" => return Ok(None),
        "ASCII" | "UNICODE UTF-8" | "UTF-8" | "UTF8" | "UNICODE" => encoding_rs::UTF_8,
        "GB 18030-2000" | "GB18030" | "GB 18030" | "GBK" | "GB2312" => encoding_rs::GB18030,
        "8859/1" => encoding_rs::WINDOWS_1252,
        "8859/5" => encoding_rs::ISO_8859_5,
        _ => return Err(Hl7Error::CharacterSet),
    }))
}

fn decoded(bytes: &[u8], encoding: &'static Encoding) -> Result<String, Hl7Error> {
    let (text, failed) = encoding.decode_without_bom_handling(bytes);
    if failed { Err(Hl7Error::CharacterSet) } else { Ok(text.into_owned()) }
}

/// The first of MSH-18, as it is written.
pub(super) fn character_set(header: &str) -> &str {
    let mut signs = header.chars().skip(3);
    let Some(separator) = signs.next() else { return "" };
    let repetition = signs.nth(1);
    let field = header.split(separator).nth(17).unwrap_or_default();
    field.split(|sign| Some(sign) == repetition).next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_counted_as_hl7_counts() {
        let bytes =
            b"MSH|^~\\&|APP|FAC|||20240517||ADT^A08|7|P|2.5.1\rPID|1||42^^^HOSP~43^^^OTHER||A\\T\\B^C\r";
        let message = RawMessage::parse(bytes).unwrap();
        assert_eq!(message.field("MSH", 3).component(1), "APP");
        assert_eq!(message.field("MSH", 9).component(2), "A08");
        assert_eq!(message.field("MSH", 10).component(1), "7");
        let numbers: Vec<String> =
            message.field("PID", 3).repetitions().map(|number| number.component(4)).collect();
        assert_eq!(numbers, ["HOSP", "OTHER"]);
        assert_eq!(message.field("PID", 5).component(1), "A&B");
        assert_eq!(message.field("ZZZ", 1).component(1), "");
    }

    #[test]
    fn an_escape_that_is_no_text_is_kept_and_named() {
        let bytes =
            b"MSH|^~\\&|A||||||ADT^A08|7|P|2.5.1\rPID|1||4\\XFF\\2||A\\XC3BC\\\\H\\B\\N\\\rNTE|1||\\Q\\\r";
        let message = RawMessage::parse(bytes).unwrap();
        assert_eq!(message.field("PID", 3).component(1), "4\\XFF\\2");
        assert_eq!(message.field("PID", 5).component(1), "AüB");
        assert_eq!(message.strange_escapes(), ["PID-3", "NTE-3"]);
    }

    #[test]
    fn character_sets_are_those_of_the_header() {
        let with = |name: &str, text: &[u8]| {
            let header = format!("MSH|^~\\&|A||||||ADT^A08|7|P|2.5.1||||||{name}\rPID|1||42||");
            RawMessage::parse(&[header.as_bytes(), text].concat())
        };
        let gb = encoding_rs::GB18030.encode("王^小东").0.into_owned();
        for name in ["GB 18030-2000", ""] {
            assert_eq!(with(name, &gb).unwrap().field("PID", 5).component(1), "王");
        }
        // The second byte of the letter 東 is a bar.
        let facility = encoding_rs::GB18030.encode("東院").0.into_owned();
        assert!(facility.contains(&b'|'));
        for name in ["GB 18030-2000", ""] {
            let header = [b"MSH|^~\\&|A|", &facility[..], b"|||||ADT^A08|7|P|2.5.1||||||", name.as_bytes()];
            let message = RawMessage::parse(&[&header.concat()[..], b"\rPID|1||42||", &gb].concat()).unwrap();
            let read = |segment, number| message.field(segment, number).component(1);
            assert_eq!(
                (read("MSH", 4), read("MSH", 10), read("PID", 5)),
                ("東院".into(), "7".into(), "王".into())
            );
            assert_eq!(message.encoded("東院"), facility);
        }
        let latin = with("8859/1", b"M\xFCller|").unwrap();
        assert_eq!(
            (latin.field("PID", 5).component(1), latin.encoded("\u{fc}東")),
            ("Müller".into(), vec![0xFC, b'?'])
        );
        assert_eq!(with("UNICODE UTF-8", &gb), Err(Hl7Error::CharacterSet));
        assert_eq!(with("KLINGON", b"x"), Err(Hl7Error::CharacterSet));
        assert_eq!(RawMessage::parse(b"PID|1"), Err(Hl7Error::NoHeader));
        assert_eq!(RawMessage::parse(b"MSH|"), Err(Hl7Error::NoHeader));
    }
}
