//! Which population the words of Ethnic Group name, in the languages exports come in.

use crate::patient::Ethnicity;

/// The population that the words of Ethnic Group name; `None` where they say that it is not known.
pub(super) fn ethnicity(words: &str) -> Option<Ethnicity> {
    let text = words.trim().to_lowercase();
    if let Some(code) = Ethnicity::ALL.into_iter().find(|ethnicity| ethnicity.code() == text) {
        return Some(code);
    }
    let (affirmed, denied) = affirmed(&text);
    let is_hispanic = |part: &str| HISPANIC.iter().any(|stem| names(part, stem));
    let mut found: Vec<Ethnicity> =
        NAMES.iter().filter(|(stem, _)| names(&affirmed, stem)).map(|(_, ethnicity)| *ethnicity).collect();
    found.dedup();
    if found.iter().any(|ethnicity| EAST_ASIAN.contains(ethnicity)) {
        // "Chinese (Asian)" names the narrower population.
        found.retain(|ethnicity| *ethnicity != Ethnicity::NonHispanicAsian);
    }
    match found[..] {
        [Ethnicity::MexicanAmerican] => Some(Ethnicity::MexicanAmerican),
        // Wider than the tables of Mexican Americans, and not the non-Hispanic population of the other word.
        _ if is_hispanic(&affirmed) => Some(Ethnicity::Other),
        [one] => Some(one),
        // "Not Hispanic or Latino" alone leaves every population open.
        [] if is_hispanic(&denied) || UNKNOWN.contains(&text.as_str()) => None,
        // Two populations in one text are neither of them.
        _ => Some(Ethnicity::Other),
    }
}

/// The text without what it denies, and what it denies: the word after `non` or `not`, and `or` a further one.
fn affirmed(text: &str) -> (String, String) {
    let (mut affirmed, mut denied) = (String::new(), String::new());
    let mut denies = false;
    let text =
        text.replace("nonhispanic", "non hispanic").replace("非西", "non 西").replace("非拉", "non 拉");
    for word in text.split([' ', '-', ',', ';', '/', '(', ')']).filter(|word| !word.is_empty()) {
        match word {
            "non" | "not" => denies = true,
            "or" if denies => {}
            _ if denies && HISPANIC.iter().any(|stem| names(word, stem)) => {
                // Chinese goes on without a blank: the population follows the suffix 裔.
                let (hispanic, rest) = word.split_once('裔').unwrap_or((word, ""));
                denied.extend([hispanic, " "]);
                affirmed.extend([rest, " "]);
            }
            _ if denies && denied.is_empty() => {
                denied.extend([word, " "]);
                denies = false;
            }
            _ => {
                denies = false;
                affirmed.extend([word, " "]);
            }
        }
    }
    (affirmed, denied)
}

/// Latin and Cyrillic stems start a word, those with a blank behind are one; Chinese ones may stand anywhere.
fn names(text: &str, stem: &str) -> bool {
    let chinese = stem.chars().all(|c| c >= '\u{2E80}');
    let starts_word = |at: usize| !text[..at].ends_with(char::is_alphabetic);
    let ends_word = |at: usize| !text[at..].starts_with(char::is_alphabetic);
    match stem.strip_suffix(' ') {
        Some(word) => text.match_indices(word).any(|(at, _)| starts_word(at) && ends_word(at + word.len())),
        None => text.match_indices(stem).any(|(at, _)| chinese || starts_word(at)),
    }
}

/// Whoever wrote these did not know or ask.
const UNKNOWN: &[&str] = &[
    "",
    "unknown",
    "none",
    "not specified",
    "unspecified",
    "not stated",
    "n/a",
    "na",
    "-",
    "?",
    "declined",
    "refused",
    "未知",
    "不详",
    "不明",
    "无",
    "неизвестно",
    "не указано",
    "не указан",
];

const HISPANIC: &[&str] = &["hispanic", "latin", "испан", "латино", "西班牙", "拉丁"];

const EAST_ASIAN: &[Ethnicity] =
    &[Ethnicity::Chinese, Ethnicity::Japanese, Ethnicity::Korean, Ethnicity::Vietnamese];

/// What Ethnic Group says in words, one population after the other.
const NAMES: &[(&str, Ethnicity)] = &[
    ("white", Ethnicity::NonHispanicWhite),
    ("caucasian", Ethnicity::NonHispanicWhite),
    ("european", Ethnicity::NonHispanicWhite),
    ("白人", Ethnicity::NonHispanicWhite),
    ("白种", Ethnicity::NonHispanicWhite),
    ("高加索", Ethnicity::NonHispanicWhite),
    ("европе", Ethnicity::NonHispanicWhite),
    ("белый", Ethnicity::NonHispanicWhite),
    ("белая", Ethnicity::NonHispanicWhite),
    ("black", Ethnicity::NonHispanicBlack),
    ("african", Ethnicity::NonHispanicBlack),
    ("黑人", Ethnicity::NonHispanicBlack),
    ("黑种", Ethnicity::NonHispanicBlack),
    ("негроид", Ethnicity::NonHispanicBlack),
    ("mexican", Ethnicity::MexicanAmerican),
    ("墨西哥", Ethnicity::MexicanAmerican),
    ("chinese", Ethnicity::Chinese),
    ("han ", Ethnicity::Chinese),
    ("中国", Ethnicity::Chinese),
    ("汉", Ethnicity::Chinese),
    ("华人", Ethnicity::Chinese),
    ("华裔", Ethnicity::Chinese),
    ("китай", Ethnicity::Chinese),
    ("китаян", Ethnicity::Chinese),
    ("japanese", Ethnicity::Japanese),
    ("日本", Ethnicity::Japanese),
    ("японе", Ethnicity::Japanese),
    ("японка", Ethnicity::Japanese),
    ("korean", Ethnicity::Korean),
    ("韩国", Ethnicity::Korean),
    ("韩裔", Ethnicity::Korean),
    ("кореец", Ethnicity::Korean),
    ("кореянка", Ethnicity::Korean),
    ("vietnamese", Ethnicity::Vietnamese),
    ("越南", Ethnicity::Vietnamese),
    ("вьетнам", Ethnicity::Vietnamese),
    ("asian", Ethnicity::NonHispanicAsian),
    ("亚洲", Ethnicity::NonHispanicAsian),
    ("亚裔", Ethnicity::NonHispanicAsian),
    ("азиат", Ethnicity::NonHispanicAsian),
];
