//! The survey records: where they lie, whether all are there, and whether they are those of the tables.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use dxa_core::reference::Library;

use super::nhanes::{Cycle, Records, STEMS};

/// Names the folder when no option does; `none` says that there are no records here.
pub(super) const VARIABLE: &str = "DXA_NHANES";

/// Where the records are looked for, from the repository, when neither option nor variable says where.
const DEFAULT: &str = "../shared/data/nhanes";

/// Where they can be had.
const SOURCE: &str = "https://github.com/deepayan/nhanes-snapshot (folder data, commit 6eb9ac4)";

/// The folder of the records.
pub(super) fn folder(option: Option<PathBuf>, repository: &Path) -> PathBuf {
    let variable = || std::env::var_os(VARIABLE).map(PathBuf::from);
    option.or_else(variable).unwrap_or_else(|| repository.join(DEFAULT))
}

/// Says what to download when a file is not there.
///
/// # Errors
/// One sentence that names the files, their source and the ways to say where they are.
pub(super) fn ensure_present(folder: &Path) -> Result<()> {
    let missing: Vec<String> = files().filter(|name| !folder.join(name).is_file()).collect();
    ensure!(
        missing.is_empty(),
        "the survey records {} are not in {}; download them from {SOURCE} and name their folder with \
         --nhanes DIR or {VARIABLE}=DIR (their SHA-256 stand in reference-data/README.md)",
        missing.join(", "),
        folder.display()
    );
    Ok(())
}

/// Compares the checksums of what was read with those that the tables were made from.
///
/// # Errors
/// One sentence about the first file that is another.
pub(super) fn ensure_unchanged(records: &Records) -> Result<()> {
    let made_from = || Library::bundled().iter().flat_map(|table| &table.sidecar.inputs);
    for input in records.inputs.values().flatten() {
        let expected = made_from().find(|known| known.file == input.file);
        ensure!(
            expected.is_none_or(|known| known.sha256 == input.sha256),
            "{} is not the file that the tables were made from: its SHA-256 is {} and should be {}; take it \
             from {SOURCE}",
            input.file,
            input.sha256,
            expected.map_or("", |known| &known.sha256)
        );
    }
    Ok(())
}

fn files() -> impl Iterator<Item = String> {
    Cycle::ALL.into_iter().flat_map(|cycle| STEMS.map(|stem| cycle.file(stem)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference_data::nhanes::Input;

    #[test]
    fn a_folder_without_the_records_says_what_to_download() {
        let sentence = ensure_present(Path::new("no-such-folder")).unwrap_err().to_string();
        for part in ["DEMO_D.csv.xz, DXXSPN_D.csv.xz", "no-such-folder", SOURCE, VARIABLE, "--nhanes"] {
            assert!(sentence.contains(part), "{sentence}");
        }
        assert_eq!((files().count(), sentence.lines().count()), (9, 1));
    }

    #[test]
    fn a_file_that_is_another_is_named() {
        let records = |sha256: &str| {
            let input = Input { file: "DEMO_D.csv.xz".to_owned(), sha256: sha256.to_owned() };
            Records { people: Vec::new(), inputs: [(Cycle::Y2005, vec![input])].into() }
        };
        let known = "ded7e78c46c42c306a5fc1e4316bc346475a26441f7632b08e2627c4e3adaa5e";
        assert!(ensure_unchanged(&records(known)).is_ok());
        let sentence = ensure_unchanged(&records("00")).unwrap_err().to_string();
        assert!(sentence.contains("DEMO_D.csv.xz") && sentence.contains(known), "{sentence}");
    }

    /// The document that the sentence points to has the checksums of the tables' provenance.
    #[test]
    fn the_checksums_are_documented() {
        let document = include_str!("../../../reference-data/README.md");
        for input in Library::bundled().iter().flat_map(|table| &table.sidecar.inputs) {
            if files().any(|file| file == input.file) {
                assert!(
                    document.contains(&format!("| `{}` | `{}` |", input.file, input.sha256)),
                    "{}",
                    input.file
                );
            }
        }
        assert!(document.contains(SOURCE.split(' ').next().unwrap_or_default()));
    }
}
