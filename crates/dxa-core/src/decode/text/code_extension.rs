//! ISO 2022 code extension as DICOM profiles it: escape sequences switch sets, delimiters switch back.

use encoding_rs::{EUC_JP, EUC_KR, GBK, SHIFT_JIS};

use super::{ESCAPE, Repertoire, repertoire};

/// What a value with escape sequences says.
#[derive(Default)]
pub(super) struct Extended {
    pub(super) text: String,
    /// Some bytes could not be read.
    pub(super) damaged: bool,
    /// Bytes above 127 stood where no set for them was in force; they were read in the set last in use.
    pub(super) contradicted: bool,
}

/// Decodes a value with escape sequences.
///
/// `initial` holds at the start and after each delimiter. Where it has nothing above 127 and such bytes
/// come nevertheless, the set last switched to is taken, or else `declared`.
pub(super) fn decode(bytes: &[u8], initial: Repertoire, declared: Option<Repertoire>) -> Extended {
    let mut reader =
        Reader { initial, last: declared, lower: Lower::Ascii, upper: None, out: Extended::default() };
    let mut rest = bytes;
    while let Some(first) = rest.first() {
        let length = if *first == ESCAPE { reader.escape(rest) } else { reader.part(rest) };
        rest = &rest[length..];
    }
    reader.out
}

/// What bytes below 128 mean.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lower {
    /// ISO 646, or the romaji of JIS X 0201, which differs in two signs.
    Ascii,
    /// Two-byte sets.
    JisX0208,
    JisX0212,
}

struct Reader {
    initial: Repertoire,
    last: Option<Repertoire>,
    lower: Lower,
    /// What was switched to for bytes above 127; `None` is the initial set.
    upper: Option<Repertoire>,
    out: Extended,
}

impl Reader {
    /// Obeys an escape sequence (PS3.3 Tables C.12-3 and C.12-4) and returns its length; of an unknown
    /// one only the escape itself is passed over.
    fn escape(&mut self, bytes: &[u8]) -> usize {
        let (lower, upper, length) = match bytes[1..] {
            [b'(', b'B' | b'J', ..] => (Some(Lower::Ascii), None, 3),
            [b'$', b'B' | b'@', ..] => (Some(Lower::JisX0208), None, 3),
            [b'$', b'(', b'D', ..] => (Some(Lower::JisX0212), None, 4),
            [b')', b'I', ..] => (None, Some(Repertoire::Other(SHIFT_JIS)), 3),
            [b'$', b')', b'C', ..] => (None, Some(Repertoire::Other(EUC_KR)), 4),
            [b'$', b')', b'A', ..] => (None, Some(Repertoire::Other(GBK)), 4),
            [b'-', letter, ..] => (None, latin_half(letter).and_then(repertoire), 3),
            _ => (None, None, 1),
        };
        self.lower = lower.unwrap_or(self.lower);
        self.upper = upper.or(self.upper);
        self.last = upper.or(self.last);
        self.out.damaged |= lower.is_none() && upper.is_none();
        length
    }

    /// Decodes up to the next escape or through the next delimiter; returns how much that was.
    fn part(&mut self, bytes: &[u8]) -> usize {
        let length = match self.lower {
            Lower::Ascii => single_byte_length(bytes),
            Lower::JisX0208 | Lower::JisX0212 => return self.two_bytes(bytes),
        };
        let part = &bytes[..length];
        let plain = part.is_ascii();
        let set = match (self.upper, self.initial) {
            (Some(set), _) => set,
            (None, Repertoire::Ascii) if !plain && self.last.is_some() => {
                self.out.contradicted = true;
                self.last.unwrap_or(self.initial)
            }
            (None, initial) => initial,
        };
        self.push(set, part);
        self.reset_after(part);
        length
    }

    /// One character of a two-byte set, or one byte that cannot begin such a character.
    fn two_bytes(&mut self, bytes: &[u8]) -> usize {
        let part = match *bytes {
            [0x21..=0x7E, 0x21..=0x7E, ..] => &bytes[..2],
            [0x21..=0x7E, ..] => {
                self.out.damaged = true;
                &bytes[..1]
            }
            [byte, ..] if byte < 0x80 => &bytes[..1],
            _ => &bytes[..bytes.iter().take_while(|byte| **byte >= 0x80).count()],
        };
        match (part, self.lower) {
            (&[high, low], Lower::JisX0212) if high < 0x80 => {
                self.push(Repertoire::Other(EUC_JP), &[0x8F, high | 0x80, low | 0x80]);
            }
            (&[high, low], _) if high < 0x80 => {
                self.push(Repertoire::Other(EUC_JP), &[high | 0x80, low | 0x80]);
            }
            _ => self.push(self.upper.unwrap_or(self.initial), part),
        }
        // A delimiter is a control character here; the signs `^`, `=` and `\` are halves of characters.
        if part.len() == 1 && part[0] < b' ' {
            self.reset_after(part);
        }
        part.len()
    }

    fn push(&mut self, set: Repertoire, bytes: &[u8]) {
        let (text, damaged) = set.decode(bytes);
        self.out.text.push_str(&text);
        self.out.damaged |= damaged;
    }

    fn reset_after(&mut self, part: &[u8]) {
        if part.last().is_some_and(|byte| is_delimiter(*byte)) {
            self.lower = Lower::Ascii;
            self.upper = None;
        }
    }
}

/// `ESC - F`: the terms of the 96-character upper halves (PS3.3 Table C.12-3).
fn latin_half(letter: u8) -> Option<&'static str> {
    Some(match letter {
        b'A' => "100",
        b'B' => "101",
        b'C' => "109",
        b'D' => "110",
        b'L' => "144",
        b'G' => "127",
        b'F' => "126",
        b'H' => "138",
        b'M' => "148",
        b'b' => "203",
        b'T' => "166",
        _ => return None,
    })
}

fn single_byte_length(bytes: &[u8]) -> usize {
    let end = bytes.iter().position(|byte| *byte == ESCAPE).unwrap_or(bytes.len());
    bytes[..end].iter().position(|byte| is_delimiter(*byte)).map_or(end, |at| at + 1)
}

/// Delimiters that bring the initial set back (PS3.5 6.1.2.5.3).
fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'\\' | b'^' | b'=' | b'\r' | b'\n' | b'\t' | 0x0C)
}
