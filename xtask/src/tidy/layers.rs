//! Who may name whom: the order of the stages, and the place of the DICOM crates.

use super::tokens::{self, PathUse};
use super::{Tree, Violation};

/// The verbs of dxa-core in the order a study passes them.
const STAGES: [&str; 9] =
    ["guard", "decode", "calibrate", "segment", "measure", "score", "grade", "assess", "report"];

/// Modules of dxa-core that put the stages together.
const ABOVE_THE_STAGES: [&str; 2] = ["lib", "pipeline"];

const CORE: &str = "crates/dxa-core/src/";

/// Crates that know the DICOM format.
const DICOM_CRATES: [&str; 10] = [
    "dicom_core",
    "dicom_dictionary_std",
    "dicom_encoding",
    "dicom_json",
    "dicom_object",
    "dicom_parser",
    "dicom_pixeldata",
    "dicom_transfer_syntax_registry",
    "dicom_ul",
    "dicom_web",
];

/// Where they may be named: readers, writers and wire code, and tests that check against them.
const DICOM_PLACES: [&str; 12] = [
    "crates/dxa-core/src/guard",
    "crates/dxa-core/src/decode",
    "crates/dxa-exchange/src/",
    "crates/dxa-server/src/deliver",
    "crates/dxa-server/src/http",
    "crates/dxa-server/src/ingest",
    "crates/dxa-server/src/scu",
    "crates/dxa-server/src/store",
    "crates/dxa-server/src/work",
    "crates/dxa-sim/",
    "fuzz/",
    "benches/",
];

/// A stage uses nouns and earlier stages only; a noun uses no stage.
pub(super) fn stages_run_in_order(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.texts(".rs") {
        let Some(module) = path.strip_prefix(CORE) else { continue };
        let top = module.split('/').next().unwrap_or(module).trim_end_matches(".rs");
        if ABOVE_THE_STAGES.contains(&top) {
            continue;
        }
        let allowed = stage_index(top).map_or(0, |index| index + 1);
        let depth = module_depth(module);
        for used in paths_of(path, text, &mut violations) {
            let Some(stage) = crate_module(&used, depth).and_then(stage_index) else { continue };
            if stage >= allowed {
                let what = format!("`{top}` uses `{}`, which comes after it", STAGES[stage]);
                violations.push(Violation::new(path, used.line, what));
            }
        }
    }
    violations.dedup();
    violations
}

/// DICOM crates are named in their places only, and in integration tests.
pub(super) fn dicom_crates_stay_in_place(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.texts(".rs") {
        if path.contains("/tests/")
            || path.ends_with("tests.rs")
            || DICOM_PLACES.iter().any(|place| path.starts_with(place))
        {
            continue;
        }
        for used in paths_of(path, text, &mut violations) {
            let named = used.names.iter().find(|name| DICOM_CRATES.contains(&name.as_str()));
            if let Some(name) = named {
                let what =
                    format!("`{name}` is named here; only guard, decode, encoders and wire code know DICOM");
                violations.push(Violation::new(path, used.line, what));
            }
        }
    }
    violations
}

fn stage_index(name: &str) -> Option<usize> {
    STAGES.iter().position(|stage| *stage == name)
}

/// How many modules deep a file of dxa-core is: `score.rs` 1, `score/mod.rs` 1, `score/t_score.rs` 2.
fn module_depth(module: &str) -> usize {
    let parts = module.split('/').count();
    if module.ends_with("/mod.rs") { parts - 1 } else { parts }
}

/// The top-level module a path leads to, if it starts at the root of the crate.
fn crate_module(used: &PathUse, depth: usize) -> Option<&str> {
    let supers = used.names.iter().take_while(|name| *name == "super").count();
    let from_root = match used.names.first()?.as_str() {
        "crate" => 1,
        "super" if supers == depth + used.inline_modules => supers,
        _ => return None,
    };
    used.names.get(from_root).map(String::as_str)
}

fn paths_of(path: &str, text: &str, violations: &mut Vec<Violation>) -> Vec<PathUse> {
    tokens::paths(text).unwrap_or_else(|line| {
        violations.push(Violation::new(path, line, "cannot be read as Rust"));
        Vec::new()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(path: &str, text: &str) -> Vec<Violation> {
        stages_run_in_order(&Tree::of(&[(path, text)]))
    }

    fn place(path: &str, text: &str) -> usize {
        dicom_crates_stay_in_place(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn a_later_stage_is_reported_with_its_line() {
        let found =
            order("crates/dxa-core/src/measure/density.rs", "//! x\nuse crate::{units, score::TScore};");
        let what = "`measure` uses `score`, which comes after it";
        assert_eq!(found, [Violation::new("crates/dxa-core/src/measure/density.rs", 2, what)]);
    }

    #[test]
    fn a_path_in_code_or_through_super_is_seen_too() {
        assert_eq!(order("crates/dxa-core/src/score.rs", "fn f() { crate::grade::g() }").len(), 1);
        assert_eq!(order("crates/dxa-core/src/score.rs", "use super::grade::g;").len(), 1);
        assert_eq!(order("crates/dxa-core/src/score/t.rs", "use super::super::grade::g;").len(), 1);
        assert_eq!(
            order("crates/dxa-core/src/score/mod.rs", "mod tests { use super::super::report; }").len(),
            1
        );
    }

    #[test]
    fn a_noun_uses_no_stage() {
        assert_eq!(order("crates/dxa-core/src/units.rs", "use crate::guard::Limits;").len(), 1);
    }

    #[test]
    fn earlier_stages_own_children_and_the_pipeline_are_fine() {
        assert!(
            order("crates/dxa-core/src/score.rs", "use crate::measure::M; use super::site::Site;").is_empty()
        );
        assert!(order("crates/dxa-core/src/score/t.rs", "use super::report::Line;").is_empty());
        assert!(order("crates/dxa-core/src/pipeline.rs", "use crate::{guard, report};").is_empty());
        assert!(order("crates/dxa-cli/src/score.rs", "use crate::report;").is_empty());
    }

    #[test]
    fn a_dicom_crate_outside_its_place_is_reported() {
        assert_eq!(place("crates/dxa-core/src/score.rs", "use dicom_core::Tag;"), 1);
        assert_eq!(place("crates/dxa-cli/src/main.rs", "fn f() { dicom_object::open_file(p) }"), 1);
        assert_eq!(place("crates/dxa-server/src/lib.rs", "use dicom_ul as wire;"), 1);
    }

    #[test]
    fn a_dicom_crate_in_its_place_is_fine() {
        assert_eq!(place("crates/dxa-core/src/decode/pixels.rs", "use dicom_pixeldata::X;"), 0);
        assert_eq!(place("crates/dxa-core/tests/corpus.rs", "use dicom_object::X;"), 0);
        assert_eq!(place("crates/dxa-cli/src/main.rs", "mod dicom_sr; // dicom_object"), 0);
    }

    #[test]
    fn a_file_that_is_not_rust_does_not_pass_in_silence() {
        assert_eq!(order("crates/dxa-core/src/score.rs", "fn f( {").len(), 1);
    }
}
