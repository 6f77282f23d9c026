//! Reference data: every CSV has a sidecar that names its checksum.

use super::tree::File;
use super::{Tree, Violation};
use sha2::{Digest, Sha256};

/// Folders whose CSV files carry numbers that scores depend on.
const FOLDERS: [&str; 4] = [
    "reference-data/tables/",
    "reference-data/conversions/",
    "reference-data/composition/",
    "reference-data/vertebrae/",
];

/// A CSV without sidecar, a sidecar without CSV, a checksum missing or wrong.
pub(super) fn tables_have_matching_sidecars(tree: &Tree) -> Vec<Violation> {
    let in_folders = |file: &&File| FOLDERS.iter().any(|folder| file.path.starts_with(folder));
    tree.files.iter().filter(in_folders).filter_map(|file| check(tree, file)).collect()
}

fn check(tree: &Tree, file: &File) -> Option<Violation> {
    if let Some(stem) = file.path.strip_suffix(".csv") {
        let sidecar = format!("{stem}.toml");
        return match tree.file(&sidecar) {
            None => Some(Violation::new(&file.path, 1, "has no sidecar .toml with its provenance")),
            Some(sidecar) => check_sum(file, sidecar),
        };
    }
    let stem = file.path.strip_suffix(".toml")?;
    let missing = tree.file(&format!("{stem}.csv")).is_none();
    missing.then(|| Violation::new(&file.path, 1, "is the sidecar of no .csv"))
}

fn check_sum(table: &File, sidecar: &File) -> Option<Violation> {
    let violation = |line, what: String| Some(Violation::new(&sidecar.path, line, what));
    let text = sidecar.text().unwrap_or_default();
    let parsed: toml::Table = match text.parse() {
        Ok(parsed) => parsed,
        Err(error) => return violation(1, format!("is not TOML: {}", error.message())),
    };
    let line = text.lines().position(|line| line.starts_with("sha256")).map_or(1, |index| index + 1);
    let actual = format!("{:x}", Sha256::digest(&table.bytes));
    match parsed.get("sha256").and_then(toml::Value::as_str) {
        None => violation(1, "names no sha256".to_owned()),
        Some(named) if named == actual => None,
        Some(_) => violation(line, format!("sha256 differs: {} has {actual}", table.path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: &str = "reference-data/tables/a.csv";
    const TOML: &str = "reference-data/tables/a.toml";
    /// `printf abc | sha256sum`
    const SUM_OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn check(files: &[(&str, &str)]) -> Vec<String> {
        tables_have_matching_sidecars(&Tree::of(files)).into_iter().map(|found| found.what).collect()
    }

    #[test]
    fn a_table_without_sidecar_is_reported() {
        assert_eq!(check(&[(CSV, "abc")]), ["has no sidecar .toml with its provenance"]);
        assert_eq!(check(&[("reference-data/conversions/b.csv", "abc")]).len(), 1);
    }

    #[test]
    fn a_sidecar_without_table_is_reported() {
        assert_eq!(check(&[(TOML, "")]), ["is the sidecar of no .csv"]);
    }

    #[test]
    fn a_missing_or_wrong_checksum_is_reported() {
        assert_eq!(check(&[(CSV, "abc"), (TOML, "id = \"a\"")]), ["names no sha256"]);
        let sidecar = format!("id = \"a\"\nsha256 = \"{SUM_OF_ABC}\"");
        let found = tables_have_matching_sidecars(&Tree::of(&[(CSV, "abd"), (TOML, &sidecar)]));
        assert_eq!((found.len(), found[0].line, found[0].path.as_str()), (1, 2, TOML));
    }

    #[test]
    fn a_sidecar_that_is_not_toml_is_reported() {
        assert_eq!(check(&[(CSV, "abc"), (TOML, "id: a")]).len(), 1);
    }

    #[test]
    fn a_right_checksum_passes() {
        assert!(check(&[(CSV, "abc"), (TOML, &format!("sha256 = \"{SUM_OF_ABC}\""))]).is_empty());
    }
}
