//! What every package of the workspace says in its manifest.

use super::{Tree, Violation};

/// Every package inherits the lints of the workspace; a workspace of its own (fuzz) has its own.
pub(super) fn crates_inherit_workspace_lints(tree: &Tree) -> Vec<Violation> {
    tree.texts("Cargo.toml").filter_map(|(path, text)| check(path, text)).collect()
}

fn check(path: &str, text: &str) -> Option<Violation> {
    let manifest: toml::Table = match text.parse() {
        Ok(manifest) => manifest,
        Err(_) => return Some(Violation::new(path, 1, "is not TOML")),
    };
    let outside = !manifest.contains_key("package") || manifest.contains_key("workspace");
    let inherits =
        manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
    (!outside && inherits != Some(true))
        .then(|| Violation::new(path, 1, "does not inherit the workspace lints ([lints] workspace = true)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        crates_inherit_workspace_lints(&Tree::of(&[("crates/a/Cargo.toml", text)])).len()
    }

    #[test]
    fn a_package_without_the_lints_is_reported() {
        assert_eq!(count("[package]\nname = \"a\""), 1);
        assert_eq!(count("[package]\nname = \"a\"\n[lints.rust]\nunsafe_code = \"allow\""), 1);
        assert_eq!(count("[package"), 1);
    }

    #[test]
    fn a_package_that_inherits_and_a_virtual_workspace_pass() {
        assert_eq!(count("[package]\nname = \"a\"\n[lints]\nworkspace = true"), 0);
        assert_eq!(count("[workspace]\nmembers = []"), 0);
    }
}
