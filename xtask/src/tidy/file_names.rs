//! What a source file is called and how it opens.

use super::{Tree, Violation};

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 8] =
    ["utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"];

/// Every Rust file opens with one `//!` line that says what it is.
pub(super) fn sources_open_with_a_line_of_what(tree: &Tree) -> Vec<Violation> {
    tree.texts(".rs")
        .filter(|(_, text)| !text.lines().next().is_some_and(opens_well))
        .map(|(path, _)| {
            Violation::new(path, 1, "does not open with a `//!` line that says what the file is")
        })
        .collect()
}

/// No file or folder of code has a name that fits everything.
pub(super) fn names_tell_the_story(tree: &Tree) -> Vec<Violation> {
    tree.files
        .iter()
        .filter(|file| [".rs", ".py", ".sh"].iter().any(|end| file.path.ends_with(end)))
        .filter_map(|file| {
            let name = file.path.split('/').find(|part| says_nothing(part))?;
            Some(Violation::new(&file.path, 1, format!("`{name}` does not say what is inside")))
        })
        .collect()
}

fn opens_well(line: &str) -> bool {
    line.strip_prefix("//! ").is_some_and(|rest| !rest.trim().is_empty())
}

fn says_nothing(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part);
    stem.split(['_', '-']).any(|word| EMPTY_NAMES.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_opens_otherwise_is_reported() {
        for text in ["", "use std::fmt;\n", "//!\nfn f() {}\n", "\n//! Late.\n"] {
            assert_eq!(sources_open_with_a_line_of_what(&Tree::of(&[("a.rs", text)])).len(), 1, "{text:?}");
        }
        assert!(sources_open_with_a_line_of_what(&Tree::of(&[("a.rs", "//! What it is.\n")])).is_empty());
    }

    #[test]
    fn a_name_that_fits_everything_is_reported() {
        for path in ["src/utils.rs", "src/common/mod.rs", "tests/test_helpers.rs", "work/job_manager.rs"] {
            assert_eq!(names_tell_the_story(&Tree::of(&[(path, "//! x\n")])).len(), 1, "{path}");
        }
        for path in ["src/units.rs", "src/commonality.rs", "docs/common.md"] {
            assert!(names_tell_the_story(&Tree::of(&[(path, "//! x\n")])).is_empty(), "{path}");
        }
    }
}
