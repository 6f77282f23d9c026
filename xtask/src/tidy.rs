//! `cargo xtask tidy`: the house rules as code; one line per violation.

mod bill;
mod dependencies;
mod documents;
mod file_names;
mod finding_codes;
mod layers;
mod licenses;
mod manifests;
mod named_tests;
mod sizes;
mod tables;
mod tokens;
mod tree;

pub(crate) use dependencies::metadata;

use anyhow::Result;
use std::fmt;
use std::path::Path;
use std::process::ExitCode;
use tree::Tree;

/// One broken rule at one place.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    path: String,
    line: usize,
    what: String,
}

impl Violation {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// Rules that look at files only.
const FILE_RULES: [fn(&Tree) -> Vec<Violation>; 11] = [
    layers::stages_run_in_order,
    layers::dicom_crates_stay_in_place,
    sizes::files_stay_short,
    file_names::sources_open_with_a_line_of_what,
    file_names::names_tell_the_story,
    tables::tables_have_matching_sidecars,
    documents::no_machine_paths,
    documents::one_sentence_a_line,
    finding_codes::codes_are_documented,
    manifests::crates_inherit_workspace_lints,
    named_tests::exist,
];

/// Checks the checkout at `root`, prints every violation and fails if there is one.
pub(crate) fn command(root: &Path) -> Result<ExitCode> {
    let tree = Tree::read(root)?;
    let metadata = metadata(root)?;
    let mut violations: Vec<Violation> = FILE_RULES.iter().flat_map(|rule| rule(&tree)).collect();
    violations.extend(dependencies::core_stays_pure(&metadata));
    violations.extend(licenses::dependencies_are_permissive(&metadata));
    violations.extend(bill::is_of_the_lock_file(&tree, &metadata));
    violations.sort();
    for violation in &violations {
        println!("{violation}");
    }
    println!("tidy: {} files, {}", tree.files.len(), sizes::Sizes::of(&tree));
    println!("tidy: {} violations", violations.len());
    Ok(if violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
