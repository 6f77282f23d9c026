//! Rust source as tokens: comments and strings cannot be mistaken for code.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A path such as `crate::score::t` or one branch of a `use` tree, cut into its names.
pub(super) struct PathUse {
    pub(super) names: Vec<String>,
    pub(super) line: usize,
    /// How many inline `mod name { … }` stand around it.
    pub(super) inline_modules: usize,
}

/// Every path of a source file, also those inside macros. `Err` holds the line that cannot be read as Rust.
pub(super) fn paths(text: &str) -> Result<Vec<PathUse>, usize> {
    let mut found = Vec::new();
    walk(lex(text)?, &[], 0, &mut found);
    Ok(found)
}

/// The tokens of a source file without its `mod tests { … }`.
pub(super) fn without_tests(text: &str) -> Result<Vec<TokenTree>, usize> {
    let tokens: Vec<TokenTree> = lex(text)?.into_iter().collect();
    let in_tests =
        |at: usize| at >= 2 && is_ident(&tokens[at - 2], "mod") && is_ident(&tokens[at - 1], "tests");
    Ok(tokens.iter().enumerate().filter(|(at, _)| !in_tests(*at)).map(|(_, token)| token.clone()).collect())
}

/// Whether the token is this name.
pub(super) fn is_ident(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == name)
}

/// The line a token starts on, from 1.
pub(super) fn line(token: &TokenTree) -> usize {
    token.span().start().line
}

fn lex(text: &str) -> Result<TokenStream, usize> {
    text.parse().map_err(|error: proc_macro2::LexError| error.span().start().line)
}

/// Collects paths; `prefix` is what stands before the braces of a `use` tree.
fn walk(stream: TokenStream, prefix: &[String], inline_modules: usize, found: &mut Vec<PathUse>) {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Ident(_) => at = read_path(&tokens, at, prefix, inline_modules, found),
            TokenTree::Group(group) => {
                let inner = inline_modules + usize::from(opens_module(&tokens, at, group));
                walk(group.stream(), &[], inner, found);
                at += 1;
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => at += 1,
        }
    }
}

/// Reads `a::b::c` or `a::{…}` from `at` and returns where it ends.
fn read_path(
    tokens: &[TokenTree],
    mut at: usize,
    prefix: &[String],
    inline_modules: usize,
    found: &mut Vec<PathUse>,
) -> usize {
    let line = line(&tokens[at]);
    let mut names = prefix.to_vec();
    let mut goes_on = true;
    while let (true, Some(TokenTree::Ident(ident))) = (goes_on, tokens.get(at)) {
        names.push(ident.to_string());
        goes_on = is_double_colon(tokens, at + 1);
        at += if goes_on { 3 } else { 1 };
    }
    match tokens.get(at) {
        Some(TokenTree::Group(tree)) if goes_on && tree.delimiter() == Delimiter::Brace => {
            walk(tree.stream(), &names, inline_modules, found);
            at + 1
        }
        _ => {
            found.push(PathUse { names, line, inline_modules });
            at
        }
    }
}

fn is_double_colon(tokens: &[TokenTree], at: usize) -> bool {
    let colon =
        |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(mark)) if mark.as_char() == ':');
    colon(tokens.get(at)) && colon(tokens.get(at + 1))
}

fn opens_module(tokens: &[TokenTree], at: usize, group: &Group) -> bool {
    group.delimiter() == Delimiter::Brace && at >= 2 && is_ident(&tokens[at - 2], "mod")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        paths(text).unwrap().into_iter().map(|path| path.names.join("::")).collect()
    }

    #[test]
    fn use_trees_are_unfolded() {
        let found = names("use crate::{a::{self, b}, c};\nfn f() { d::e(); }");
        for path in ["crate::a::self", "crate::a::b", "crate::c", "d::e"] {
            assert!(found.iter().any(|name| name == path), "{path} is not in {found:?}");
        }
    }

    #[test]
    fn comments_and_strings_are_not_code() {
        let found = names("// crate::score\nconst A: &str = \"crate::score\";");
        assert!(!found.iter().any(|name| name.contains("score")));
    }

    #[test]
    fn inline_modules_are_counted_and_lines_start_at_one() {
        let found = paths("mod tests {\n    use super::x;\n}").unwrap();
        let inner = found.iter().find(|path| path.names == ["super", "x"]).unwrap();
        assert_eq!((inner.inline_modules, inner.line), (1, 2));
    }

    #[test]
    fn what_is_not_rust_names_its_line() {
        assert_eq!(paths("fn f() {}\n}").err(), Some(2));
    }

    #[test]
    fn tests_are_left_out() {
        let kept = without_tests("fn a() {} mod tests { fn b() {} } fn c() {}").unwrap();
        let text: String = kept.iter().map(ToString::to_string).collect();
        assert!(text.contains('c') && !text.contains('b'));
    }
}
