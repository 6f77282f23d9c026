//! The words of densitometry in the languages of reports: phrases to concepts, longest first.

mod phrases;
mod vertebrae;
mod words;

use std::collections::BTreeSet;

use crate::site::LumbarSet;

use vertebrae::lumbar_at;
pub(super) use words::Word;

/// What a text says in the vocabulary, and whether it said anything more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) words: BTreeSet<Word>,
    pub(super) lumbar: Option<LumbarSet>,
    /// Letters and digits that no phrase covers.
    pub(super) leftover: String,
}

impl Reading {
    pub(super) fn has(&self, word: Word) -> bool {
        self.words.contains(&word)
    }

    pub(super) fn has_any(&self, words: &[Word]) -> bool {
        words.iter().any(|word| self.has(*word))
    }

    /// Whether every word is one of these.
    pub(super) fn only(&self, words: &[Word]) -> bool {
        self.words.iter().all(|word| words.contains(word))
    }

    pub(super) fn is_whole(&self) -> bool {
        self.leftover.is_empty()
    }
}

/// Longest text that is looked at.
const LONGEST: usize = 200;

/// Reads a text; what is too long is left over whole.
pub(super) fn read(text: &str) -> Reading {
    let text = normalized(text);
    if text.len() > LONGEST {
        return Reading { leftover: text, ..Reading::default() };
    }
    let mut reading = Reading::default();
    let mut rest = text.as_str();
    let mut before = ' ';
    while let Some(next) = rest.chars().next() {
        let taken = take(rest, before, &mut reading).max(next.len_utf8());
        before = rest[..taken].chars().next_back().unwrap_or(' ');
        rest = &rest[taken..];
    }
    reading
}

/// Takes the longest thing at the start of `rest` and returns its length in bytes.
fn take(rest: &str, before: char, reading: &mut Reading) -> usize {
    let boundary = !is_letter(before) || !rest.starts_with(is_letter);
    if boundary {
        if let Some((set, length)) = lumbar_at(rest) {
            match reading.lumbar {
                None => reading.lumbar = Some(set),
                // `L1-L4 (L3)`: which vertebrae are meant is not said in words.
                Some(_) => reading.leftover.push_str(&rest[..length]),
            }
            return length;
        }
        if let Some((words, length)) = phrase_at(rest) {
            reading.words.extend(words);
            return length;
        }
    }
    let length = rest.find(|c: char| !is_letter(c)).unwrap_or(rest.len());
    let length = if length == 0 { rest.chars().next().map_or(1, char::len_utf8) } else { length };
    let text = &rest[..length];
    reading.leftover.extend(text.chars().filter(|c| c.is_alphanumeric()));
    length
}

fn phrase_at(rest: &str) -> Option<(&'static [Word], usize)> {
    let first = *rest.as_bytes().first()?;
    let mut longest: Option<(&'static [Word], usize)> = None;
    for (phrase, words) in phrases::beginning_with(first) {
        if let Some(length) = match_length(rest, phrase)
            && longest.is_none_or(|(_, known)| length >= known)
        {
            longest = Some((*words, length));
        }
    }
    longest
}

/// Bytes of `rest` that the phrase covers, ending at a word boundary.
fn match_length(rest: &str, phrase: &str) -> Option<usize> {
    let mut covered = 0;
    for (index, stem) in phrase.split('*').enumerate() {
        if index > 0 {
            covered += rest[covered..].find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len() - covered);
            if stem.is_empty() {
                return Some(covered);
            }
        }
        rest[covered..].strip_prefix(stem)?;
        covered += stem.len();
    }
    let last = phrase.chars().next_back()?;
    let ends = !is_letter(last) || !rest[covered..].starts_with(is_letter);
    ends.then_some(covered)
}

/// Letters and digits that make up words by running on; Han characters stand alone.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() && !matches!(c, '\u{3400}'..='\u{9fff}')
}
/// Lower case, narrow forms, plain dashes and exponents, `CamelCase` and `snake_case` parted, blanks run together.
pub(super) fn normalized(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        let c = narrow(c);
        if before.is_lowercase() && c.is_uppercase() {
            plain.push(' ');
        }
        before = c;
        plain.extend(c.to_lowercase());
    }
    for number in (1..=4).filter(|_| text.contains('腰')) {
        for name in ["腰椎", "腰"] {
            plain = plain.replace(&format!("{name}{number}"), &format!("l{number}"));
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn narrow(c: char) -> char {
    match c {
        '−' | '–' | '—' | '‐' | '‑' | '－' | '~' | '～' | '至' => '-',
        '\u{a0}' | '\u{3000}' | '_' => ' ',
        '’' | '‘' | '´' | '`' => '\'',
        '²' => '2',
        '³' => '3',
        '、' | '，' => ',',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vertebrae_are_read_in_every_spelling() {
        for (text, wanted) in [
            ("L1", "L1"),
            ("L1-L4", "L1-L4"),
            ("L1 – L4", "L1-L4"),
            ("L2-4", "L2-L4"),
            ("L1,L3-L4", "L1,L3-L4"),
            ("L1, L3, L4", "L1,L3-L4"),
            ("L1+L2", "L1-L2"),
            ("L1 L3", "L1,L3"),
            ("腰椎1-4", "L1-L4"),
            ("L1～L4", "L1-L4"),
            ("Total L1-L4", "L1-L4"),
        ] {
            let reading = read(text);
            assert_eq!(reading.lumbar.map(|set| set.to_string()).as_deref(), Some(wanted), "{text}");
            assert!(reading.is_whole(), "{text} left {}", reading.leftover);
        }
    }

    #[test]
    fn what_is_no_lumbar_set_is_left_over() {
        for text in ["L5", "L1-L5", "T12", "L1-L4 (L3)", "L1b", "L12", "L0"] {
            let reading = read(text);
            assert!(reading.lumbar.is_none() || !reading.is_whole(), "{text}: {reading:?}");
        }
    }

    #[test]
    fn words_are_found_whole_and_longest_first() {
        assert_eq!(read("Intertrochanter").words, BTreeSet::from([Word::Intertrochanter]));
        assert_eq!(read("FemoralNeck_L").words, BTreeSet::from([Word::Neck, Word::Left]));
        assert_eq!(read("转子间").words, BTreeSet::from([Word::Intertrochanter]));
        assert_eq!(read("右侧股骨颈").words, BTreeSet::from([Word::Right, Word::Neck]));
        assert_eq!(read("Шейка левого бедра").words, BTreeSet::from([Word::Neck, Word::Left, Word::Femur]));
        assert_eq!(read("sBMD").leftover, "s");
        assert!(!read("necklace").is_whole());
    }
}
