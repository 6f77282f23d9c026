//! `Key = "value";` lines out of a text of any line end, quoting and wrapper.

use super::super::markup::{decode_entities, tag_length};

/// One assignment as written, without its quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Assignment {
    pub(super) key: String,
    pub(super) value: String,
}

/// Most assignments that are read; real texts have a few hundred.
const MOST: usize = 50_000;

/// Most lines that one value may run over when its closing quote is missing.
const RUN_ON: usize = 16;

/// Most quotes inside of one value.
const QUOTES: usize = 256;

/// Longest key, in characters.
const LONGEST_KEY: usize = 96;

/// All assignments in the order of the text, and whether all of the text was read.
pub(super) fn assignments(text: &str) -> (Vec<Assignment>, bool) {
    // A wrapper may have escaped the quotes; a value's own entities survive one pass or are decoded with its markup.
    let text = if text.contains("&quot;") { decode_entities(text) } else { text.to_owned() };
    let lines: Vec<&str> = text.split(['\n', '\r']).filter(|line| !line.trim().is_empty()).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if found.len() >= MOST {
            return (found, false);
        }
        at += take(&lines[at..], &mut found);
    }
    (found, true)
}

/// Takes the assignments that begin on the first line and returns how many lines they covered.
fn take(lines: &[&str], found: &mut Vec<Assignment>) -> usize {
    let mut line = unwrapped(lines[0]);
    let before = found.len();
    while let Some((key, rest)) = key_of(line).filter(|_| found.len() < MOST) {
        let Some(quoted) = rest.strip_prefix(['"', '“', '”']) else {
            found.push(Assignment { key, value: unterminated(rest).to_owned() });
            return 1;
        };
        let Some((value, rest)) = closed(quoted) else {
            return run_on(key, quoted, &lines[1..], found);
        };
        found.push(Assignment { key, value: value.to_owned() });
        line = unwrapped(rest);
    }
    if found.len() == before {
        found.extend(element(lines[0]));
    }
    1
}

/// A value whose quote does not close on its line: it goes on until one does, or ends where it stands.
fn run_on(key: String, first: &str, following: &[&str], found: &mut Vec<Assignment>) -> usize {
    let mut value = first.trim_end().to_owned();
    for (index, line) in following.iter().take(RUN_ON).enumerate() {
        if key_of(unwrapped(line)).is_some() {
            break;
        }
        value.push(' ');
        if let Some((end, _)) = closed(line) {
            value.push_str(end);
            found.push(Assignment { key, value });
            return index + 2;
        }
        value.push_str(line.trim());
    }
    found.push(Assignment { key, value: unterminated(first).to_owned() });
    1
}

/// The key before the first equals sign, when it looks like one, and what follows the sign.
fn key_of(line: &str) -> Option<(String, &str)> {
    let at = line.bytes().take(4 * LONGEST_KEY).position(|byte| byte == b'=')?;
    let (key, rest) = (line[..at].trim(), &line[at + 1..]);
    let starts = key.chars().next().is_some_and(char::is_alphabetic);
    let fits = key.chars().all(|c| {
        c.is_alphanumeric() || matches!(c, '_' | '.' | ' ' | '[' | ']' | '-' | '/' | '%' | ':' | ',' | '\t')
    });
    (starts && fits && key.chars().count() <= LONGEST_KEY).then(|| (key.to_owned(), rest.trim_start()))
}

/// The value up to the quote that ends it: one that only blanks, a semicolon or another assignment follow.
fn closed(quoted: &str) -> Option<(&str, &str)> {
    let last = quoted.rfind(['"', '”']);
    for (at, quote) in quoted.char_indices().filter(|(_, c)| matches!(c, '"' | '”')).take(QUOTES) {
        let rest = unwrapped(&quoted[at + quote.len_utf8()..]);
        match rest.strip_prefix(';') {
            None if rest.is_empty() => return Some((&quoted[..at], "")),
            Some(after) => {
                let after = unwrapped(after);
                // Behind the last quote of the line nothing belongs to a value.
                if last == Some(at) || after.is_empty() || after.starts_with("//") || after.starts_with("/*")
                {
                    return Some((&quoted[..at], ""));
                }
                if key_of(after).is_some_and(|(_, value)| value.starts_with(['"', '“'])) {
                    return Some((&quoted[..at], after));
                }
            }
            None => {}
        }
    }
    None
}

/// A value without its closing quote.
fn unterminated(text: &str) -> &str {
    let text = text.find("</").filter(|_| !text.contains("<s")).map_or(text, |at| &text[..at]);
    text.trim_end().trim_end_matches(';').trim_end().trim_end_matches('"')
}

/// The line without blanks, byte-order mark, and tags or CDATA marks of a wrapper at its start; empty when only those.
fn unwrapped(line: &str) -> &str {
    let mut line = line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\0'));
    loop {
        let rest = if let Some(rest) = line.strip_prefix("<![CDATA[") {
            rest
        } else if let Some(rest) = line.strip_prefix("]]>") {
            rest
        } else if let Some(length) = tag_length(line) {
            &line[length..]
        } else {
            return line;
        };
        line = rest.trim_start();
    }
}

/// `<Key>value</Key>`: a wrapper that uses elements for its keys.
fn element(line: &str) -> Option<Assignment> {
    let line = line.trim();
    let length = tag_length(line)?;
    let key = line[1..length - 1].split_whitespace().next()?;
    let value = line[length..].strip_suffix(&format!("</{key}>"))?;
    let named = key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'));
    (named && !value.contains('<')).then(|| Assignment { key: key.to_owned(), value: value.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        assignments(text).0.into_iter().map(|a| (a.key, a.value)).collect()
    }

    #[test]
    fn long_lines_end_soon() {
        for part in ["A = \"1\"; ", "\"; ", "<a", "A = \"", "=", "&quot;", "<a>"] {
            let text = format!("A = \"{}", part.repeat(1 << 18));
            let _ = read(&text);
            let _ = read(&part.repeat(1 << 18));
        }
    }

    #[test]
    fn every_way_of_writing_an_assignment_is_read() {
        for (text, wanted) in [
            ("A = \"1\";", vec![("A", "1")]),
            ("A=\"1\"", vec![("A", "1")]),
            ("  A  =  \"1\"  ;  ", vec![("A", "1")]),
            ("A = 1;", vec![("A", "1")]),
            ("A = \"1\";\r\nB = \"2\";", vec![("A", "1"), ("B", "2")]),
            ("A = \"1\";\rB = \"2\";\r", vec![("A", "1"), ("B", "2")]),
            ("A = \"1\"; B = \"2\";", vec![("A", "1"), ("B", "2")]),
            ("A = \"x; y\";", vec![("A", "x; y")]),
            ("A = \"1\"; words\nB = \"2\"; more;", vec![("A", "1"), ("B", "2")]),
            ("A = \"say \"x\"; now\";", vec![("A", "say \"x\"; now")]),
            ("A = \"1\nB = \"2\";", vec![("A", "1"), ("B", "2")]),
            ("A = \"1\ngoes on\";\nB = \"2\";", vec![("A", "1 goes on"), ("B", "2")]),
            ("A = \" \";", vec![("A", " ")]),
            ("A = \"\";", vec![("A", "")]),
            ("A = \"x = y\";", vec![("A", "x = y")]),
            ("<?xml version=\"1.0\"?>\n<Data><![CDATA[\nA = \"1\";\n]]></Data>", vec![("A", "1")]),
            ("<Line>A = \"1\";</Line>", vec![("A", "1")]),
            ("<Line>A = &quot;1&quot;;</Line>", vec![("A", "1")]),
            ("<A>1</A>", vec![("A", "1")]),
            ("R[ 0][ 1] = \"Area[cm<sup>2</sup>]\";", vec![("R[ 0][ 1]", "Area[cm<sup>2</sup>]")]),
            ("\u{feff}A = \"1\";\0", vec![("A", "1")]),
            ("no assignment here", vec![]),
            ("= \"1\";", vec![]),
            ("", vec![]),
        ] {
            let wanted: Vec<_> = wanted.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
            assert_eq!(read(text), wanted, "{text:?}");
        }
    }
}
