//! Chinese text under a Latin label is repaired and Latin text is left alone, measured on names of people.

use dxa_core::decode::text::CharacterSet;
use encoding_rs::{GBK, WINDOWS_1252};

const LATIN: &str = include_str!("names/latin.txt");
const CHINESE: &str = include_str!("names/chinese.txt");

/// Labels under which devices in China are known to write GBK.
const WRONG_LABELS: [&[u8]; 3] = [b"ISO_IR 100", b"", b"ISO_IR 6"];

fn chinese(key: &str) -> &'static str {
    let line = CHINESE.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    assert!(!line.is_empty(), "no line `{key}`");
    line.trim()
}

/// The bytes of a text in GBK, by the encoder of the Encoding Standard.
fn gbk(text: &str) -> Vec<u8> {
    let (bytes, _, unmappable) = GBK.encode(text);
    assert!(!unmappable, "{text} is not in GBK");
    bytes.into_owned()
}

/// How many texts do not come out as they were meant, and the first of those.
fn misread(texts: &[String], label: &[u8]) -> (usize, Vec<String>) {
    let set = CharacterSet::parse(label);
    let wrong: Vec<String> =
        texts.iter().filter(|text| set.decode(&gbk(text)).value != **text).cloned().collect();
    (wrong.len(), wrong.into_iter().take(40).collect())
}

fn check(what: &str, texts: &[String], most_percent: f64) {
    for label in WRONG_LABELS {
        let (wrong, examples) = misread(texts, label);
        let percent = 100.0 * wrong as f64 / texts.len() as f64;
        let label = String::from_utf8_lossy(label);
        assert!(
            percent <= most_percent,
            "{what} as `{label}`: {wrong} of {} misread: {examples:?}",
            texts.len()
        );
    }
}

fn names(given: impl Fn(char) -> Vec<String>, shape: impl Fn(char, &str) -> String) -> Vec<String> {
    let mut names = Vec::new();
    for surname in chinese("surnames").chars() {
        names.extend(given(surname).iter().map(|given| shape(surname, given)));
    }
    names
}

fn single_given(_: char) -> Vec<String> {
    chinese("given").chars().chain(chinese("rare").chars()).map(String::from).collect()
}

fn double_given(surname: char) -> Vec<String> {
    let given: Vec<char> = chinese("given").chars().collect();
    let start = surname as usize % given.len();
    (0..given.len()).map(|at| [given[at], given[(at * 7 + start) % given.len()]].iter().collect()).collect()
}

fn rare_given(_: char) -> Vec<String> {
    let common = ["小", "子", "文", "国", "玉"];
    let rare = chinese("rare").chars();
    rare.flat_map(|rare| common.map(|common| [format!("{common}{rare}"), format!("{rare}{common}")]).concat())
        .collect()
}

#[test]
fn chinese_names_are_repaired() {
    check("two hanzi", &names(single_given, |family, given| format!("{family}^{given}")), 0.0);
    check("two hanzi together", &names(single_given, |family, given| format!("{family}{given}")), 0.0);
    check("three hanzi", &names(double_given, |family, given| format!("{family}^{given}")), 0.0);
    check("three hanzi together", &names(double_given, |family, given| format!("{family}{given}")), 0.0);
    check("with a hanzi of GBK only", &names(rare_given, |family, given| format!("{family}^{given}")), 0.0);
}

#[test]
fn chinese_names_beside_their_latin_spelling_are_repaired() {
    let beside = |family: char, given: &str| format!("Zhang^XiaoDong={family}^{given}");
    check("ideographic group", &names(double_given, beside), 0.0);
    let capitals = |family: char, given: &str| format!("WANG XIAO MING {family}{given}");
    check("after capitals", &names(double_given, capitals), 0.0);
    let brackets = |family: char, given: &str| format!("{family}{given}(Wang Xiaoming)");
    check("before brackets", &names(single_given, brackets), 0.0);
    let joined = |family: char, given: &str| format!("{family}{given}Wang");
    check("joined", &names(double_given, joined), 0.0);
}

#[test]
fn chinese_words_are_repaired() {
    let words: Vec<String> = chinese("words").split(' ').map(str::to_owned).collect();
    check("words", &words, 0.0);
}

/// Latin text in Latin-1, or in the Windows set that is written under its name.
#[test]
fn latin_text_is_never_taken_for_chinese() {
    let mut checked = 0;
    for text in LATIN.lines() {
        let (bytes, _, unmappable) = WINDOWS_1252.encode(text);
        if unmappable {
            continue;
        }
        for label in WRONG_LABELS {
            let read = CharacterSet::parse(label).decode(&bytes);
            assert_eq!(read.value, windows_or_latin(text, label), "as `{}`", String::from_utf8_lossy(label));
            checked += 1;
        }
    }
    assert!(checked > 700, "only {checked}");
}

/// Without a Latin label the letters of Windows are not looked for.
fn windows_or_latin(text: &str, label: &[u8]) -> String {
    if label == b"ISO_IR 100" {
        return text.to_owned();
    }
    let (bytes, _, _) = WINDOWS_1252.encode(text);
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

#[test]
fn utf8_under_a_latin_label_is_repaired_whatever_its_script() {
    let texts =
        ["王^小东", "Müller^Jürgen", "Иванова^Нина", "ΠΑΠΑΔΟΠΟΥΛΟΣ^ΝΙΚΟΣ", "김^희중", "Zoë", "Þórður"];
    for text in texts {
        for label in WRONG_LABELS {
            let read = CharacterSet::parse(label).decode(text.as_bytes());
            assert_eq!(read.value, text);
            assert_eq!(read.repaired_from.as_deref(), Some(text.as_bytes()));
        }
    }
}

/// Hanzi whose GBK bytes happen to be valid UTF-8.
#[test]
fn gbk_that_is_valid_utf8_is_still_gbk() {
    for text in ["毛梅", "牛^莫", "毛^泻"] {
        let bytes = gbk(text);
        assert!(str::from_utf8(&bytes).is_ok(), "{text} must be valid UTF-8 for this test to mean anything");
        assert_eq!(CharacterSet::parse(b"ISO_IR 100").decode(&bytes).value, text);
    }
}
