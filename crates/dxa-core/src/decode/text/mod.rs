//! Text in the character set it was really written in, with the raw bytes kept where that had to be guessed.
//!
//! (0008,0005) may name several sets: the first is in force at the start of each value and after each
//! delimiter, the others are switched to by escape sequences (PS3.3 C.12.1.1.2, PS3.5 6.1).

mod code_extension;
mod mislabelled;

use std::borrow::Cow;

use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS, UTF_8};

use crate::guard::Elements;
use dicom_dictionary_std::tags;

/// The character sets in force for one data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CharacterSet {
    first: Repertoire,
    /// Escape sequences may switch sets.
    extended: bool,
    /// A term that this software does not know was named.
    unknown: bool,
}

/// A decoded text, and whether its bytes contradicted the declared character set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The text.
    pub value: String,
    /// Bytes that were read in another set than declared; `None` when the declaration held.
    pub repaired_from: Option<Vec<u8>>,
    /// Some bytes could not be read in the declared set and were replaced.
    pub damaged: bool,
}

/// How bytes map to characters when no escape sequence is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Repertoire {
    /// ISO 646 only; bytes above 127 contradict it.
    Ascii,
    /// ISO 8859-1, byte for character.
    Latin1,
    /// Another set, by the Encoding Standard's decoder.
    Other(&'static Encoding),
}

impl CharacterSet {
    /// The set in force when nothing is declared.
    pub const DEFAULT: Self = Self { first: Repertoire::Ascii, extended: false, unknown: false };

    /// Reads the declaration of a data set.
    #[must_use]
    pub fn of(data_set: Elements<'_>) -> Self {
        data_set
            .get(tags::SPECIFIC_CHARACTER_SET)
            .map_or(Self::DEFAULT, |element| Self::parse(element.bytes()))
    }

    /// Reads a value of (0008,0005).
    ///
    /// ```
    /// use dxa_core::decode::text::CharacterSet;
    /// let set = CharacterSet::parse(b"\\ISO 2022 IR 58");
    /// let name = b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab";
    /// assert_eq!(set.decode(name).value, "Zhang^XiaoDong=张^小东");
    /// ```
    #[must_use]
    pub fn parse(value: &[u8]) -> Self {
        let mut terms = value.split(|byte| *byte == b'\\').map(term);
        let first = terms.next().unwrap_or_default();
        let mut unknown = false;
        let repertoire = repertoire(&first).unwrap_or_else(|| {
            unknown = true;
            Repertoire::Ascii
        });
        let rest: Vec<String> = terms.collect();
        unknown |= rest.iter().any(|term| self::repertoire(term).is_none());
        // UTF-8, GBK and GB18030 forbid code extension whatever else is listed.
        let whole =
            matches!(repertoire, Repertoire::Other(set) if set == UTF_8 || set == GB18030 || set == GBK);
        let extended = !whole && (!rest.is_empty() || first.starts_with("ISO 2022"));
        Self { first: repertoire, extended, unknown }
    }

    /// Whether a term was named that this software does not know.
    #[must_use]
    pub fn has_unknown_term(&self) -> bool {
        self.unknown
    }

    /// Decodes one text value. Bytes that the declared set does not explain are tried as GBK, the usual
    /// mistake of devices in China, and the raw bytes are kept beside the repaired text.
    #[must_use]
    pub fn decode(&self, bytes: &[u8]) -> Text {
        if bytes.is_ascii() && !bytes.contains(&ESCAPE) {
            let value = String::from_utf8_lossy(bytes).into_owned();
            return Text { value, repaired_from: None, damaged: false };
        }
        let single_byte = matches!(self.first, Repertoire::Ascii | Repertoire::Latin1);
        if single_byte
            && !bytes.contains(&ESCAPE)
            && let Some(value) = mislabelled::repair(bytes)
        {
            return Text { value, repaired_from: Some(bytes.to_vec()), damaged: false };
        }
        let (value, damaged) = if self.extended {
            code_extension::decode(bytes, |part| self.first.decode(part))
        } else {
            self.first.decode(bytes)
        };
        Text { value: value.into_owned(), repaired_from: None, damaged }
    }
}

const ESCAPE: u8 = 0x1B;

impl Repertoire {
    fn decode(self, bytes: &[u8]) -> (Cow<'_, str>, bool) {
        match self {
            Self::Latin1 => (bytes.iter().map(|byte| char::from(*byte)).collect::<String>().into(), false),
            Self::Ascii => {
                // Not legal; Latin-1 loses nothing, and the caller is told.
                let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
                (text.into(), !bytes.is_ascii())
            }
            Self::Other(set) => set.decode_without_bom_handling(bytes),
        }
    }
}

/// A defined term without the variations seen in files: case, doubled or missing blanks, `_` for blank.
fn term(bytes: &[u8]) -> String {
    let text: String = bytes.iter().map(|byte| char::from(byte.to_ascii_uppercase())).collect();
    let words: Vec<&str> = text.split([' ', '_', '-', '\0']).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Defined terms of PS3.3 Tables C.12-2 to C.12-5 (blank for `_`), with the misspellings seen in files.
fn repertoire(term: &str) -> Option<Repertoire> {
    let other = |label: &str| Encoding::for_label(label.as_bytes()).map(Repertoire::Other);
    let number = term.strip_prefix("ISO 2022 IR ").or_else(|| term.strip_prefix("ISO IR ")).unwrap_or(term);
    match number {
        "" | "6" | "ASCII" | "ISO646" => Some(Repertoire::Ascii),
        "100" | "ISO 8859 1" | "LATIN1" => Some(Repertoire::Latin1),
        "101" | "ISO 8859 2" => other("iso-8859-2"),
        "109" | "ISO 8859 3" => other("iso-8859-3"),
        "110" | "ISO 8859 4" => other("iso-8859-4"),
        "144" | "ISO 8859 5" => other("iso-8859-5"),
        "127" | "ISO 8859 6" => other("iso-8859-6"),
        "126" | "ISO 8859 7" => other("iso-8859-7"),
        "138" | "ISO 8859 8" => other("iso-8859-8"),
        "148" | "ISO 8859 9" => other("iso-8859-9"),
        "203" | "ISO 8859 15" => other("iso-8859-15"),
        "166" => other("windows-874"),
        "13" | "87" | "159" | "SHIFT JIS" => Some(Repertoire::Other(SHIFT_JIS)),
        "149" | "EUC KR" => Some(Repertoire::Other(EUC_KR)),
        "58" | "GB2312" | "GB 2312" | "GBK" => Some(Repertoire::Other(GBK)),
        "GB18030" | "GB 18030" => Some(Repertoire::Other(GB18030)),
        "192" | "UTF 8" | "UTF8" => Some(Repertoire::Other(UTF_8)),
        "BIG5" => Some(Repertoire::Other(BIG5)),
        _ => None,
    }
}
