//! ISO 2022 code extension as DICOM profiles it: escape sequences switch sets, delimiters switch back.

use std::borrow::Cow;

use encoding_rs::{EUC_JP, EUC_KR, Encoding, GBK, SHIFT_JIS};

use super::ESCAPE;

/// Decodes a value with escape sequences; `initial` decodes what comes before the first of them.
pub(super) fn decode<'a>(
    bytes: &'a [u8],
    initial: impl Fn(&'a [u8]) -> (Cow<'a, str>, bool),
) -> (Cow<'a, str>, bool) {
    let mut text = String::with_capacity(bytes.len());
    let mut damaged = false;
    let mut designated = None;
    let mut rest = bytes;
    while !rest.is_empty() {
        if rest[0] == ESCAPE {
            let (set, length) = escape(rest);
            damaged |= set.is_none();
            designated = set;
            rest = &rest[length..];
            continue;
        }
        let (part, resets) = rest.split_at(part_length(rest, designated));
        let (decoded, bad) = match designated {
            None | Some(Set::Initial) => initial(part),
            Some(set) => set.decode(part),
        };
        text.push_str(&decoded);
        damaged |= bad;
        // The initial set returns after a delimiter, which stands at the end of the part.
        if part.last().is_some_and(|byte| is_delimiter(*byte)) {
            designated = None;
        }
        rest = resets;
    }
    (text.into(), damaged)
}

/// What an escape sequence switched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    /// ISO 646 in the lower half, the initial set in the upper: `ESC ( B`.
    Initial,
    /// Bytes above 127 of this set; ASCII below.
    Upper(&'static Encoding),
    /// JIS X 0201: katakana above, romaji below.
    JisX0201,
    /// Two-byte sets written in the lower half.
    JisX0208,
    JisX0212,
}

/// The set an escape sequence designates and the length of the sequence; an unknown one is passed over.
fn escape(bytes: &[u8]) -> (Option<Set>, usize) {
    let upper = |label: &str| Encoding::for_label(label.as_bytes()).map(Set::Upper);
    match bytes.get(1..).unwrap_or_default() {
        [b'(', b'B', ..] => (Some(Set::Initial), 3),
        [b'(', b'J', ..] | [b')', b'I', ..] => (Some(Set::JisX0201), 3),
        [b'$', b'B', ..] => (Some(Set::JisX0208), 3),
        [b'$', b'(', b'D', ..] => (Some(Set::JisX0212), 4),
        [b'$', b')', b'C', ..] => (Some(Set::Upper(EUC_KR)), 4),
        [b'$', b')', b'A', ..] => (Some(Set::Upper(GBK)), 4),
        [b'-', letter, ..] => (latin_half(*letter).and_then(upper), 3),
        _ => (None, 1),
    }
}

/// `ESC - F`: the 96-character upper halves (PS3.3 Table C.12-3).
fn latin_half(letter: u8) -> Option<&'static str> {
    Some(match letter {
        b'A' => "windows-1252",
        b'B' => "iso-8859-2",
        b'C' => "iso-8859-3",
        b'D' => "iso-8859-4",
        b'L' => "iso-8859-5",
        b'G' => "iso-8859-6",
        b'F' => "iso-8859-7",
        b'H' => "iso-8859-8",
        b'M' => "iso-8859-9",
        b'b' => "iso-8859-15",
        b'T' => "windows-874",
        _ => return None,
    })
}

impl Set {
    fn decode(self, bytes: &[u8]) -> (Cow<'_, str>, bool) {
        match self {
            Self::Initial => (String::from_utf8_lossy(bytes), !bytes.is_ascii()),
            Self::Upper(set) => set.decode_without_bom_handling(bytes),
            Self::JisX0201 => SHIFT_JIS.decode_without_bom_handling(bytes),
            Self::JisX0208 => lower_half(bytes, &[]),
            Self::JisX0212 => lower_half(bytes, &[0x8F]),
        }
    }

    fn is_two_byte_lower(self) -> bool {
        matches!(self, Self::JisX0208 | Self::JisX0212)
    }
}

/// Two-byte characters of the lower half, read as EUC-JP after setting the high bits.
fn lower_half<'a>(bytes: &[u8], shift: &[u8]) -> (Cow<'a, str>, bool) {
    let mut euc = Vec::with_capacity(bytes.len() * 2);
    for pair in bytes.chunks(2) {
        match pair {
            [high, low] if *high > b' ' && *low > b' ' => {
                euc.extend_from_slice(shift);
                euc.extend([high | 0x80, low | 0x80]);
            }
            other => euc.extend_from_slice(other),
        }
    }
    let (text, damaged) = EUC_JP.decode_without_bom_handling(&euc);
    (text.into_owned().into(), damaged)
}

/// How far the current set reaches: to the next escape sequence or through the next delimiter.
fn part_length(bytes: &[u8], set: Option<Set>) -> usize {
    let step = if set.is_some_and(Set::is_two_byte_lower) { 2 } else { 1 };
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == ESCAPE {
            return at;
        }
        if is_delimiter(bytes[at]) && (step == 1 || bytes[at] < b' ') {
            return at + 1;
        }
        at += step;
    }
    bytes.len()
}

/// Delimiters that bring the initial set back (PS3.5 6.1.2.5.3).
fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'\\' | b'^' | b'=' | b'\r' | b'\n' | b'\t' | 0x0C)
}
