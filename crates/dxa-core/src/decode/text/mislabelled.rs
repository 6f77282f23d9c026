//! GBK text under a Latin-1 label: recognised by what no Latin text looks like.

use encoding_rs::{GBK, UTF_8};

/// The text if the bytes are plainly Chinese (GBK) or UTF-8 rather than Latin-1.
///
/// Every run of bytes above 127 must divide into GBK pairs, at least one of them a hanzi of GB 2312, and
/// nothing may speak for Latin: a lone accented letter inside a word makes a run of one byte, or a "pair"
/// whose second byte is an ASCII letter or a name delimiter.
pub(super) fn repair(bytes: &[u8]) -> Option<String> {
    if bytes.is_ascii() {
        return None;
    }
    if let Some(text) = UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
        return Some(text.into_owned());
    }
    let evidence = Evidence::gather(bytes)?;
    if !evidence.is_chinese() {
        return None;
    }
    GBK.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned)
}

/// What the pairs of one value say.
#[derive(Default)]
struct Evidence {
    /// Pairs in the hanzi rows of GB 2312 (both bytes above 160).
    hanzi: usize,
    /// Pairs only GBK has: possible in names, and what Latin text looks like by accident.
    extension: usize,
    /// Bytes 128 to 159 lead a pair; they are control characters in Latin-1.
    impossible_in_latin: usize,
    /// A pair touches an ASCII letter on either side.
    touches_letter: bool,
}

impl Evidence {
    /// Divides the value into pairs; `None` when it does not divide.
    fn gather(bytes: &[u8]) -> Option<Self> {
        let mut evidence = Self::default();
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] < 0x80 {
                at += 1;
                continue;
            }
            let trail = *bytes.get(at + 1)?;
            evidence.pair(bytes[at], trail)?;
            let before = at.checked_sub(1).map(|before| bytes[before]);
            let after = bytes.get(at + 2).copied();
            evidence.touches_letter |=
                [before, after].into_iter().flatten().any(|byte| byte.is_ascii_alphabetic());
            at += 2;
        }
        Some(evidence)
    }

    fn pair(&mut self, lead: u8, trail: u8) -> Option<()> {
        match (lead, trail) {
            (0xB0..=0xF7, 0xA1..=0xFE) => self.hanzi += 1,
            // Punctuation and full-width forms say nothing either way.
            (0xA1..=0xA9, 0xA1..=0xFE) => {}
            (0x81..=0xFE, 0x40..=0xFE) if trail != 0x7F && !matches!(trail, b'^' | b'\\') => {
                self.extension += 1
            }
            _ => return None,
        }
        self.impossible_in_latin += usize::from(lead < 0xA0);
        Some(())
    }

    fn is_chinese(&self) -> bool {
        let clean = self.extension == 0 || self.impossible_in_latin > 0 || self.hanzi > self.extension;
        let enough = self.hanzi >= 2 || (self.hanzi >= 1 && !self.touches_letter);
        enough && clean
    }
}
