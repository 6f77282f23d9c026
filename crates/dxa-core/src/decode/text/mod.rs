//! Text in the character set it was really written in, with the raw bytes kept where that had to be guessed.
//!
//! (0008,0005) may name several sets: the first is in force at the start of each value and after each
//! delimiter, the others are switched to by escape sequences (PS3.3 C.12.1.1.2, PS3.5 6.1).

mod code_extension;
mod mislabelled;

use std::borrow::Cow;

use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS, UTF_8, WINDOWS_1252};

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::guard::Elements;

/// The character sets in force for one data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CharacterSet {
    first: Repertoire,
    /// Of the sets that escape sequences may switch to, the first with characters above 127.
    second: Option<Repertoire>,
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

/// The bytes of a text as they stood in the file. `Debug` shows where, never what.
#[derive(Clone, PartialEq)]
pub struct RawText {
    /// Which attribute.
    pub tag: Tag,
    /// Its value.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for RawText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RawText({}, {} bytes)", self.tag, self.bytes.len())
    }
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
    pub const DEFAULT: Self =
        Self { first: Repertoire::Ascii, second: None, extended: false, unknown: false };

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
        let rest: Vec<Option<Repertoire>> = terms.map(|term| repertoire(&term)).collect();
        let known = repertoire(&first);
        // UTF-8, GBK and GB18030 forbid code extension whatever else is listed.
        let whole = matches!(first.as_str(), "GBK" | "GB18030") || known == Some(Repertoire::Other(UTF_8));
        Self {
            first: known.unwrap_or(Repertoire::Ascii),
            second: rest.iter().flatten().copied().find(|set| *set != Repertoire::Ascii),
            extended: !whole && (!rest.is_empty() || first.starts_with("ISO2022")),
            unknown: known.is_none() || rest.contains(&None),
        }
    }

    /// Whether a term was named that this software does not know.
    #[must_use]
    pub fn has_unknown_term(&self) -> bool {
        self.unknown
    }

    /// Decodes one text value. Bytes that the declared sets do not explain are tried as what devices are
    /// known to write instead, and the raw bytes are kept beside the repaired text.
    #[must_use]
    pub fn decode(&self, bytes: &[u8]) -> Text {
        let Reading { mut value, repaired, mut damaged } = self.reading(bytes);
        if value.contains('\0') {
            value.retain(|c| c != '\0');
            damaged = true;
        }
        Text { value, repaired_from: repaired.then(|| bytes.to_vec()), damaged }
    }

    fn reading(&self, bytes: &[u8]) -> Reading {
        // UTF-8 knows no escape sequences; in any other set they are obeyed even where none was announced.
        if bytes.contains(&ESCAPE) && self.first != Repertoire::Other(UTF_8) {
            let read = code_extension::decode(bytes, self.first, self.second);
            let repaired = read.contradicted || !self.extended;
            return Reading { value: read.text, repaired, damaged: read.damaged };
        }
        if bytes.is_ascii() {
            return Reading::declared(self.first.decode(bytes));
        }
        let declared = || Reading::declared(self.first.decode(bytes));
        match self.first {
            Repertoire::Ascii => {
                self.second_set(bytes).or_else(|| self.other_set(bytes)).unwrap_or_else(declared)
            }
            Repertoire::Latin1 => {
                self.other_set(bytes).or_else(|| windows_latin(bytes)).unwrap_or_else(declared)
            }
            Repertoire::Other(set) => {
                let read = declared();
                if read.damaged { self.instead_of(set, bytes).unwrap_or(read) } else { read }
            }
        }
    }

    /// The one set that code extension could have switched to, used without switching.
    fn second_set(&self, bytes: &[u8]) -> Option<Reading> {
        let (text, damaged) = self.second?.decode(bytes);
        (!damaged).then(|| Reading { value: text.into_owned(), repaired: true, damaged })
    }

    /// UTF-8 or GBK under a label that says Latin or nothing.
    fn other_set(&self, bytes: &[u8]) -> Option<Reading> {
        let gbk = || {
            // Where another set of two bytes is announced, pairs of bytes are that set's.
            let announced = self.second.is_some_and(|set| !set.is_chinese());
            if announced { None } else { mislabelled::as_gbk(bytes) }
        };
        mislabelled::as_utf8(bytes).or_else(gbk).map(Reading::repaired)
    }

    /// UTF-8 where GBK or another set was declared and fails; GBK where UTF-8 fails from the first character.
    fn instead_of(&self, declared: &'static Encoding, bytes: &[u8]) -> Option<Reading> {
        if declared != UTF_8 {
            return mislabelled::as_utf8(bytes).filter(|read| !read.damaged).map(Reading::repaired);
        }
        let valid = str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
        // One pair may as well be the broken UTF-8 that it was declared to be.
        let several = |read: &mislabelled::Repaired| read.text.chars().filter(|c| !c.is_ascii()).count() > 1;
        let read = bytes[..valid].is_ascii().then(|| mislabelled::as_gbk(bytes))?;
        read.filter(several).map(Reading::repaired)
    }
}

/// A text before its raw bytes are kept.
struct Reading {
    value: String,
    repaired: bool,
    damaged: bool,
}

impl Reading {
    fn declared((text, damaged): (Cow<'_, str>, bool)) -> Self {
        Self { value: text.into_owned(), repaired: false, damaged }
    }

    fn repaired(read: mislabelled::Repaired) -> Self {
        Self { value: read.text, repaired: true, damaged: read.damaged }
    }
}

/// Letters and quotation marks that Windows puts where Latin-1 has control characters.
fn windows_latin(bytes: &[u8]) -> Option<Reading> {
    let read = |value: String| Reading {
        damaged: value.contains(|c| ('\u{80}'..='\u{9F}').contains(&c)),
        value,
        repaired: true,
    };
    let beyond = bytes.iter().any(|byte| (0x80..0xA0).contains(byte));
    beyond.then(|| read(WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()))
}

const ESCAPE: u8 = 0x1B;

impl Repertoire {
    fn is_chinese(self) -> bool {
        self == Self::Other(GBK) || self == Self::Other(GB18030)
    }

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

/// A defined term without what varies between files: case, blanks, underscores, hyphens.
fn term(bytes: &[u8]) -> String {
    let letters = bytes.iter().filter(|byte| byte.is_ascii_alphanumeric());
    letters.map(|byte| char::from(byte.to_ascii_uppercase())).collect()
}

/// Defined terms of PS3.3 Tables C.12-2 to C.12-5, letters and digits only, with the misspellings seen in files.
fn repertoire(term: &str) -> Option<Repertoire> {
    let other = |label: &str| Encoding::for_label(label.as_bytes()).map(Repertoire::Other);
    let number = term.strip_prefix("ISO2022IR").or_else(|| term.strip_prefix("ISOIR")).unwrap_or(term);
    match number {
        "" | "6" | "ASCII" | "ISO646" => Some(Repertoire::Ascii),
        "100" | "ISO88591" | "LATIN1" => Some(Repertoire::Latin1),
        "101" | "ISO88592" => other("iso-8859-2"),
        "109" | "ISO88593" => other("iso-8859-3"),
        "110" | "ISO88594" => other("iso-8859-4"),
        "144" | "ISO88595" => other("iso-8859-5"),
        "127" | "ISO88596" => other("iso-8859-6"),
        "126" | "ISO88597" => other("iso-8859-7"),
        "138" | "ISO88598" => other("iso-8859-8"),
        "148" | "ISO88599" => other("iso-8859-9"),
        "203" | "ISO885915" => other("iso-8859-15"),
        "166" => other("windows-874"),
        "13" | "SHIFTJIS" => Some(Repertoire::Other(SHIFT_JIS)),
        // Both live below 128 and are switched to; before that there is ASCII.
        "87" | "159" => Some(Repertoire::Ascii),
        "149" | "EUCKR" => Some(Repertoire::Other(EUC_KR)),
        "58" | "GB2312" | "GBK" => Some(Repertoire::Other(GBK)),
        "GB18030" => Some(Repertoire::Other(GB18030)),
        "192" | "UTF8" => Some(Repertoire::Other(UTF_8)),
        "BIG5" => Some(Repertoire::Other(BIG5)),
        _ => None,
    }
}
