//! Every dependency may be used under a permissive license.

use super::Violation;
use serde_json::Value;

/// Licenses that ask for no more than a notice.
const PERMISSIVE: [&str; 15] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Every package of the lock file offers a permissive choice.
pub(super) fn dependencies_are_permissive(metadata: &Value) -> Vec<Violation> {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    packages
        .iter()
        .filter_map(|package| {
            let license = package["license"].as_str().unwrap_or("no license");
            let name = package["name"].as_str().unwrap_or("a package without name");
            (!is_permissive(license)).then(|| {
                Violation::new(
                    "Cargo.lock",
                    1,
                    format!("`{name}` is under `{license}`, which is not permissive"),
                )
            })
        })
        .collect()
}

/// Evaluates an SPDX expression: one branch of each OR must do, all branches of each AND must.
fn is_permissive(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    either(&words)
}

fn either(words: &[&str]) -> bool {
    split(words, "OR").iter().any(|branch| split(branch, "AND").iter().all(|term| term_is_permissive(term)))
}

fn term_is_permissive(words: &[&str]) -> bool {
    match words {
        ["(", inner @ .., ")"] => either(inner),
        _ => PERMISSIVE.contains(&words.join(" ").as_str()),
    }
}

/// Cuts at a word that stands outside parentheses.
fn split<'a>(words: &'a [&'a str], at: &str) -> Vec<&'a [&'a str]> {
    let mut depth = 0_i32;
    words
        .split(|word| {
            depth += i32::from(*word == "(") - i32::from(*word == ")");
            depth == 0 && *word == at
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn expressions_are_read_as_spdx_has_them() {
        for good in ["MIT", "MIT/Apache-2.0", "GPL-3.0 OR MIT", "(MIT OR Apache-2.0) AND Unicode-3.0"] {
            assert!(is_permissive(good), "{good}");
        }
        for bad in ["GPL-3.0", "MIT AND LGPL-2.1", "MPL-2.0", "(MIT OR ISC) AND MPL-2.0", "", "no license"] {
            assert!(!is_permissive(bad), "{bad}");
        }
    }

    #[test]
    fn a_copyleft_or_unlicensed_package_is_reported() {
        let metadata = json!({"packages": [
            {"name": "a", "license": "MIT"}, {"name": "b", "license": "GPL-3.0"}, {"name": "c", "license": null}
        ]});
        let found = dependencies_are_permissive(&metadata);
        assert_eq!(found.len(), 2);
        assert!(found[0].what.starts_with("`b` is under `GPL-3.0`"));
    }
}
