//! What no text of the project holds, and how its Markdown is broken into lines.

use super::{Tree, Violation};

/// Folders of a machine that did the work; a checkout elsewhere does not have them.
const MACHINE_FOLDERS: [&str; 2] = ["work", "root"];

/// Endings that look like the end of a sentence and are not.
const ABBREVIATIONS: [&str; 9] = ["e.g.", "i.e.", "vs.", "cf.", "al.", "Dr.", "No.", "Fig.", "St."];

/// No absolute path of one machine stands in a text.
pub(super) fn no_machine_paths(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.texts("") {
        for (number, line) in text.lines().enumerate() {
            if let Some(folder) = machine_path(line) {
                violations.push(Violation::new(
                    path,
                    number + 1,
                    format!("names the machine path `{folder}`"),
                ));
            }
        }
    }
    violations
}

/// A line of Markdown prose holds one sentence, so that a change shows as the sentence it changes.
pub(super) fn one_sentence_a_line(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.texts(".md") {
        for (number, line) in prose(text) {
            if starts_second_sentence(line) {
                violations.push(Violation::new(path, number, "holds more than one sentence; break the line"));
            }
        }
    }
    violations
}

fn machine_path(line: &str) -> Option<String> {
    MACHINE_FOLDERS.iter().map(|folder| format!("/{folder}/")).find(|folder| {
        line.match_indices(folder.as_str()).any(|(at, _)| !continues_a_path(line[..at].chars().next_back()))
    })
}

/// `src/work/` is a path of ours: a name stands before the slash.
fn continues_a_path(before: Option<char>) -> bool {
    before.is_some_and(|mark| mark.is_alphanumeric() || matches!(mark, '.' | '_' | '-' | ')' | '}' | '*'))
}

/// Lines that are neither code nor table nor heading, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        let skipped = in_code || fence || line.trim_start().starts_with(['|', '#']);
        (!skipped).then_some((index + 1, line))
    })
}

fn starts_second_sentence(line: &str) -> bool {
    line.match_indices([' ']).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + 1..]);
        ends_a_sentence(before) && after.starts_with(char::is_uppercase)
    })
}

fn ends_a_sentence(text: &str) -> bool {
    let words_before = text.trim_start_matches(|mark: char| mark.is_ascii_digit()).trim();
    let numbered = words_before == ".";
    let ends = text.ends_with(['.', '?', '!']) && !ABBREVIATIONS.iter().any(|short| text.ends_with(short));
    ends && !numbered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> usize {
        no_machine_paths(&Tree::of(&[("a.md", text)])).len()
    }

    fn sentences(text: &str) -> Vec<usize> {
        one_sentence_a_line(&Tree::of(&[("a.md", text)])).into_iter().map(|found| found.line).collect()
    }

    #[test]
    fn a_machine_path_is_reported() {
        for folder in MACHINE_FOLDERS {
            assert_eq!(paths(&format!("see `/{folder}/notes.md`")), 1);
            assert_eq!(paths(&format!("file:///{folder}/notes.md")), 1);
        }
    }

    #[test]
    fn a_path_of_ours_is_fine() {
        assert_eq!(paths("crates/dxa-server/src/work/queue.rs and ./root/a"), 0);
    }

    #[test]
    fn a_second_sentence_is_reported_with_its_line() {
        assert_eq!(sentences("One sentence.\nOne more. And another.\n"), [2]);
        assert_eq!(sentences("Is it so? Yes."), [1]);
    }

    #[test]
    fn lists_code_tables_and_abbreviations_are_fine() {
        assert!(sentences("1. Read it.\n* Seen by Smith et al. In print.\n").is_empty());
        assert!(sentences("```\nA b. C d.\n```\n| A b. C d. |\n# A. B\n").is_empty());
        assert!(sentences("Version 1.2 of e.g. Rust\n").is_empty());
    }
}
