//! The documents on hazards and threats name tests; each of them must be one.

use super::{Tree, Violation};
use std::collections::BTreeSet;

const DOCUMENTS: [&str; 2] = ["docs/hazards.md", "docs/threat-model.md"];

/// Every name in the last column of their tables is a function of a test or a peer script.
pub(super) fn exist(tree: &Tree) -> Vec<Violation> {
    let known: BTreeSet<&str> = tree.texts(".rs").flat_map(|(_, text)| functions(text)).collect();
    let mut violations = Vec::new();
    for path in DOCUMENTS {
        let text = tree.file(path).and_then(|file| file.text()).unwrap_or_default();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| line.starts_with('|')) {
            for name in named(line) {
                let script = format!("tests/peers/{name}");
                if !known.contains(name) && tree.file(&script).is_none() {
                    violations.push(Violation::new(path, at + 1, format!("there is no test `{name}`")));
                }
            }
        }
    }
    violations
}

fn functions(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let after = line.split_once("fn ")?.1;
        after.split(['(', '<']).next()
    })
}

/// Names in backticks in the last cell.
fn named(line: &str) -> Vec<&str> {
    let last = line.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
    last.split('`').skip(1).step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_last_cell() {
        assert_eq!(named("| a `b` | c | `d`, `e` |"), ["d", "e"]);
        assert_eq!(functions("    async fn it_works() {\nlet fn_ = 1;").collect::<Vec<_>>(), ["it_works"]);
    }
}
