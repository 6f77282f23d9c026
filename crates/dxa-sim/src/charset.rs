//! Text as scanners write it: the character set an object names, and the bytes it really holds.

use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030, GBK, ISO_8859_5, WINDOWS_1252};

/// How the text of one object is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charset {
    /// Named ISO_IR 100, Latin-1 bytes.
    Latin1,
    /// Named ISO_IR 144, Cyrillic bytes.
    Cyrillic,
    /// Named ISO_IR 192, UTF-8 bytes.
    Utf8,
    /// Named GB18030.
    Gb18030,
    /// Named `\ISO 2022 IR 58`: GB 2312 behind the escape sequence of the standard.
    Gb2312Escaped,
    /// Named `\ISO 2022 IR 58`, but the escape sequences are missing.
    Gb2312Unescaped,
    /// Named ISO_IR 100 although the bytes are GBK.
    GbkCalledLatin1,
}

/// ESC $ ) A: GB 2312 becomes the upper half of the code table (DICOM PS3.3 C.12.1.1.2).
const DESIGNATE_GB2312: &[u8] = b"\x1b$)A";

impl Charset {
    /// Specific Character Set (0008,0005) as the object has it.
    pub(crate) fn term(self) -> &'static str {
        match self {
            Self::Latin1 | Self::GbkCalledLatin1 => "ISO_IR 100",
            Self::Cyrillic => "ISO_IR 144",
            Self::Utf8 => "ISO_IR 192",
            Self::Gb18030 => "GB18030",
            Self::Gb2312Escaped | Self::Gb2312Unescaped => "\\ISO 2022 IR 58",
        }
    }

    /// Whether a reader that believes `term` gets the text that was meant.
    pub(crate) fn is_honest(self) -> bool {
        !matches!(self, Self::GbkCalledLatin1 | Self::Gb2312Unescaped)
    }

    /// The bytes of this text, unpadded.
    pub(crate) fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Latin1 => with(WINDOWS_1252, text),
            Self::Cyrillic => with(ISO_8859_5, text),
            Self::Gb18030 => with(GB18030, text),
            Self::GbkCalledLatin1 | Self::Gb2312Unescaped => with(GBK, text),
            Self::Gb2312Escaped => with_escapes(text),
        }
    }
}

fn with(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    let (bytes, _, _) = encoding.encode(text);
    Cow::into_owned(bytes)
}

/// Every delimiter of a name returns to the first character set, so each run is designated anew
/// (DICOM PS3.5 6.1.2.5.3).
fn with_escapes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut designated = false;
    for character in text.chars() {
        if matches!(character, '^' | '=' | '\\' | '\r' | '\n') {
            designated = false;
        } else if !character.is_ascii() && !designated {
            bytes.extend_from_slice(DESIGNATE_GB2312);
            designated = true;
        }
        bytes.extend(with(GBK, character.encode_utf8(&mut [0; 4])));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::Charset;

    #[test]
    fn writes_the_example_of_the_standard() {
        // DICOM PS3.5 K.2: Zhang^XiaoDong=张^小东= in ISO 2022 IR 58.
        let bytes = Charset::Gb2312Escaped.encode("Zhang^XiaoDong=张^小东=");
        assert_eq!(bytes, b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=");
    }
}
