//! Finding codes: every code in the source stands in docs/findings.md with its severity.

use super::{Tree, Violation, tokens};
use proc_macro2::TokenTree;
use std::collections::BTreeMap;

const DOCUMENT: &str = "docs/findings.md";

/// One `Finding::new("code", Severity::Level, …)`.
#[derive(Debug, PartialEq)]
struct Use {
    code: String,
    severity: Option<String>,
    line: usize,
}

/// Every code used outside tests is documented, with the severity it is used with.
pub(super) fn codes_are_documented(tree: &Tree) -> Vec<Violation> {
    let documented = tree.file(DOCUMENT).and_then(|file| file.text()).map(documented).unwrap_or_default();
    let mut violations = Vec::new();
    for (path, text) in tree.texts(".rs").filter(|(path, _)| path.contains("/src/")) {
        for used in uses(text) {
            violations.extend(check(&documented, path, &used));
        }
    }
    violations
}

fn check(documented: &BTreeMap<&str, &str>, path: &str, used: &Use) -> Option<Violation> {
    let what = match (documented.get(used.code.as_str()), &used.severity) {
        (None, _) => format!("finding `{}` is not in {DOCUMENT}", used.code),
        (Some(severities), Some(severity)) if !severities.contains(severity.as_str()) => {
            format!("finding `{}` is `{severity}` here, `{severities}` in {DOCUMENT}", used.code)
        }
        _ => return None,
    };
    Some(Violation::new(path, used.line, what))
}

/// Code → severities, from table rows that start with a code in backticks.
fn documented(text: &str) -> BTreeMap<&str, &str> {
    text.lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
            let code = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
            Some((code, cells.next()?))
        })
        .collect()
}

fn uses(text: &str) -> Vec<Use> {
    let mut found = Vec::new();
    collect(&tokens::without_tests(text).unwrap_or_default(), &mut found);
    found
}

fn collect(tokens: &[TokenTree], found: &mut Vec<Use>) {
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        let inner: Vec<TokenTree> = group.stream().into_iter().collect();
        if at >= 4 && tokens::is_ident(&tokens[at - 4], "Finding") && tokens::is_ident(&tokens[at - 1], "new")
        {
            found.extend(read_use(&inner));
        }
        collect(&inner, found);
    }
}

fn read_use(arguments: &[TokenTree]) -> Option<Use> {
    let TokenTree::Literal(literal) = arguments.first()? else { return None };
    let code = literal.to_string().trim_matches('"').to_owned();
    let named = arguments.iter().position(|token| tokens::is_ident(token, "Severity"));
    let severity = named.and_then(|at| arguments.get(at + 3)).map(|token| token.to_string().to_lowercase());
    Some(Use { code, severity, line: tokens::line(arguments.first()?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str =
        "fn f() { let x = g(Finding::new(\n\"spacing_guessed\", Severity::Review, String::new())); }";

    fn check(document: &str, source: &str) -> Vec<String> {
        let tree = Tree::of(&[(DOCUMENT, document), ("crates/a/src/b.rs", source)]);
        codes_are_documented(&tree).into_iter().map(|found| found.to_string()).collect()
    }

    #[test]
    fn a_code_that_is_not_documented_is_reported() {
        let what = "crates/a/src/b.rs:2: finding `spacing_guessed` is not in docs/findings.md";
        assert_eq!(check("| `other` | note | x |", SOURCE), [what]);
    }

    #[test]
    fn another_severity_is_reported() {
        assert_eq!(check("| `spacing_guessed` | note | x |", SOURCE).len(), 1);
        assert!(check("| `spacing_guessed` | note, review | x |", SOURCE).is_empty());
    }

    #[test]
    fn codes_in_tests_are_free() {
        assert!(check("", &format!("#[cfg(test)]\nmod tests {{ {SOURCE} }}")).is_empty());
    }
}
