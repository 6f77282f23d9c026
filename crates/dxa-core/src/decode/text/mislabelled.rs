//! Text under a Latin label that is not Latin: UTF-8 by its structure, GBK by what no Latin text looks like.
//!
//! Both readings of the bytes are compared. The Chinese one needs pairs that are hanzi; the Latin one needs
//! words: letters only, in one case or capitalized, with an unaccented letter among them. Chinese text fails
//! the Latin test almost always, because three in five bytes of a hanzi are signs or break the case.

use encoding_rs::GBK;

/// A text in the set it was written in.
pub(super) struct Repaired {
    pub(super) text: String,
    /// The last character was cut off.
    pub(super) damaged: bool,
}

/// The bytes as UTF-8, where that is what they are. A value cut inside its last character counts.
pub(super) fn as_utf8(bytes: &[u8]) -> Option<Repaired> {
    let (valid, cut) = match str::from_utf8(bytes) {
        Ok(text) => (text, false),
        Err(error) if error.error_len().is_none() => {
            (str::from_utf8(&bytes[..error.valid_up_to()]).ok()?, true)
        }
        Err(_) => return None,
    };
    // Three bytes cannot agree by accident; pairs can.
    let certain = valid.chars().any(|c| c >= '\u{800}');
    let likely =
        !valid.is_ascii() && !cut && is_text(valid) && (!is_gb2312(bytes) || is_written_in_words(valid));
    let end = if cut { "\u{FFFD}" } else { "" };
    (certain || likely).then(|| Repaired { text: format!("{valid}{end}"), damaged: cut })
}

/// Letters and the signs of Latin-1, and no word that mixes Latin with another script.
fn is_text(text: &str) -> bool {
    let unmixed =
        |word: &str| !word.chars().any(|c| c.is_ascii_alphabetic()) || word.chars().all(|c| c < '\u{250}');
    text.chars().all(|c| c.is_ascii() || c.is_alphabetic() || ('\u{A0}'..='\u{D7}').contains(&c))
        && text.split(|c: char| !c.is_alphabetic()).all(unmixed)
}

/// Accents stand in words with other letters, and other scripts in words of some length: hanzi that happen
/// to be valid UTF-8 do not.
fn is_written_in_words(text: &str) -> bool {
    let in_words = |word: &str| {
        let all = |script: fn(char) -> bool| word.chars().count() > 2 && word.chars().all(script);
        word.is_ascii()
            || word.chars().any(|c| c.is_ascii())
            || all(|c| ('\u{400}'..='\u{45F}').contains(&c))
            || all(|c| ('\u{370}'..='\u{3FF}').contains(&c))
    };
    text.chars().all(|c| c.is_ascii() || c.is_alphabetic())
        && text.split(|c: char| !c.is_alphabetic()).all(in_words)
}

fn is_gb2312(bytes: &[u8]) -> bool {
    pairs(bytes).is_some_and(|pairs| pairs.iter().all(|pair| *pair == Pair::Hanzi))
}

/// The bytes as GBK, where they are plainly Chinese and not Latin-1.
pub(super) fn as_gbk(bytes: &[u8]) -> Option<Repaired> {
    let pairs = pairs(bytes)?;
    let chinese = pairs.iter().filter(|pair| matches!(pair, Pair::Hanzi | Pair::Rare)).count();
    if chinese == 0 || !is_no_latin(bytes, pairs.len()) {
        return None;
    }
    let text = GBK.decode_without_bom_handling_and_without_replacement(bytes)?.into_owned();
    Some(Repaired { text, damaged: false })
}

/// What a pair of bytes is in GBK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pair {
    /// A hanzi of GB 2312, or a full-width sign.
    Hanzi,
    /// A hanzi only GBK has, of bytes that Latin-1 has no use for.
    Rare,
    /// Says nothing: a sign, or a hanzi only GBK has whose second byte is ASCII.
    Neutral,
}

/// Divides the bytes above 127 into pairs; `None` when they do not divide.
fn pairs(bytes: &[u8]) -> Option<Vec<Pair>> {
    let mut pairs = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] < 0x80 {
            at += 1;
            continue;
        }
        pairs.push(pair(bytes[at], *bytes.get(at + 1)?)?);
        at += 2;
    }
    Some(pairs)
}

fn pair(lead: u8, trail: u8) -> Option<Pair> {
    match (lead, trail) {
        (_, 0x7F | 0xFF) => None,
        (0xA3 | 0xB0..=0xF7, 0xA1..) => Some(Pair::Hanzi),
        (0xA1..=0xA9, 0xA1..) => Some(Pair::Neutral),
        (0x81..=0xA0, 0x80..) | (0xAA..=0xFE, 0x80..=0x9F) => Some(Pair::Rare),
        // A name delimiter ends a Latin word here, unless no Latin word has the first byte.
        (0xA1.., b'^' | b'\\') => None,
        (0x81..=0xFE, 0x40..=0xA0) => Some(Pair::Neutral),
        _ => None,
    }
}

/// Whether the words of the Latin reading are none.
fn is_no_latin(bytes: &[u8], pairs: usize) -> bool {
    let (plain, words): (Vec<&[u8]>, Vec<&[u8]>) = bytes
        .split(|byte| byte.is_ascii() && !byte.is_ascii_alphabetic())
        .flat_map(|run| {
            let between_words = run.first() != Some(&NO_BREAK_SPACE) && run.iter().any(u8::is_ascii);
            run.split(move |byte| between_words && *byte == NO_BREAK_SPACE)
        })
        .filter(|word| !word.is_empty())
        .partition(|word| word.is_ascii());
    let words: Vec<Word> = words.into_iter().map(Word::of).collect();
    let count = |wanted: Word| words.iter().filter(|word| **word == wanted).count();
    let (accented, pair_shaped) = (count(Word::Accented), count(Word::PairShaped));
    if words.contains(&Word::Impossible) {
        return count(Word::Impossible) >= accented + pair_shaped;
    }
    let bare = count(Word::Bare) + count(Word::BareCapitals);
    if accented > 0 || (pair_shaped > 0 && (bare == 0 || !plain.is_empty())) {
        return false;
    }
    // Words of nothing but accented letters: two of them are no name. One may be, spelled like `Åå`.
    pairs > 1 || words.contains(&Word::BareCapitals)
}

/// It stands between Latin words, so beside unaccented letters.
const NO_BREAK_SPACE: u8 = 0xA0;

/// What a word of bytes, some above 127, is in the Latin reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// It holds a sign, or changes case within.
    Impossible,
    /// An unaccented letter is in it, or it is one accented letter.
    Accented,
    /// An accented letter and an unaccented one, which a pair of GBK may look like.
    PairShaped,
    /// Only accented letters, two different capitals.
    BareCapitals,
    /// Only accented letters otherwise.
    Bare,
}

impl Word {
    fn of(word: &[u8]) -> Self {
        let cases: Option<Vec<Case>> = word.iter().map(|byte| Case::of(*byte)).collect();
        let bare = word.iter().all(|byte| *byte >= 0x80);
        match cases {
            // No word begins with ß.
            Some(_) if word[0] == SHARP_S => Self::Impossible,
            Some(cases) if is_cased_as_word(word, &cases) && !has_long_run(word) => match word {
                [_] => Self::Accented,
                [0x80..=0xFF, 0..0x80] => Self::PairShaped,
                _ if !bare => Self::Accented,
                [first, second] if first != second && cases[1] == Case::Upper => Self::BareCapitals,
                _ => Self::Bare,
            },
            _ => Self::Impossible,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Upper,
    Lower,
    /// `ß`, `ÿ` and the apostrophe of Windows have one form.
    Neither,
}

impl Case {
    /// Case of a letter of ISO 8859-1 or of the letters that Windows adds; `None` for any other byte.
    fn of(byte: u8) -> Option<Self> {
        match byte {
            0xDF | 0xFF | 0x92 => Some(Self::Neither),
            b'A'..=b'Z' | 0x8A | 0x8C..=0x8F | 0x9F | 0xC0..=0xD6 | 0xD8..=0xDE => Some(Self::Upper),
            b'a'..=b'z' | 0x9A | 0x9C..=0x9E | 0xE0..=0xF6 | 0xF8..=0xFE => Some(Self::Lower),
            _ => None,
        }
    }
}

const SHARP_S: u8 = 0xDF;

/// All capitals, no capital after the first letter, or capitals by software that knows ASCII only (`MüLLER`).
fn is_cased_as_word(word: &[u8], cases: &[Case]) -> bool {
    let no_capital_within = cases.iter().skip(1).all(|case| *case != Case::Upper);
    let all_capitals = cases.iter().all(|case| *case != Case::Lower);
    let capital_where_ascii = word.iter().filter(|byte| byte.is_ascii()).count() > 1
        && word.iter().zip(cases).all(|(byte, case)| byte.is_ascii() == (*case == Case::Upper));
    no_capital_within || all_capitals || capital_where_ascii
}

/// Four accented letters in a row, not all the same, are in no Latin word.
fn has_long_run(word: &[u8]) -> bool {
    word.windows(4).any(|run| run.iter().all(|byte| *byte >= 0x80) && run.iter().any(|byte| *byte != run[0]))
}
