//! `dxa batch` and `dxa validate` from the outside.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod archives;
mod bad_input;
mod deidentified;
mod differences;
mod exports;
mod limits;
mod tables;
mod validation;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Test scans that are quick to analyze and of many kinds: device numbers, calibrated maps, pictures, a report.
const SCANS: [&str; 9] = [
    "07-hologic-spine.dcm",
    "07-hologic-left-hip-decimal-comma.dcm",
    "09-sr-enhanced-hologic.dcm",
    "12-bmd-map-dx.dcm",
    "13-dual-energy-low.dcm",
    "13-dual-energy-high.dcm",
    "14-ultrasound-bdus.dcm",
    "15-name-utf8.dcm",
    "17-truncated.dcm",
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// An empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("batch").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A folder with a source of [`SCANS`] in it, one of them below a folder with a Chinese name and a blank.
fn source(test: &str) -> PathBuf {
    let source = folder(test).join("source");
    let below = source.join("王 小东");
    std::fs::create_dir_all(&below).unwrap();
    for (at, name) in SCANS.iter().enumerate() {
        let to = if at == 0 { below.join(name) } else { source.join(name) };
        std::fs::copy(repository().join("test-scans").join(name), to).unwrap();
    }
    source
}

fn dxa(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dxa")).args(arguments).output().unwrap()
}

/// Runs a batch that must come to its end.
fn batch(source: &Path, out: &Path, options: &[&str]) {
    let arguments = ["batch", source.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let output = dxa(&[&arguments, options].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The rows of a CSV table, each by the names of its columns.
fn rows(out: &Path, table: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(out.join(format!("{table}.csv"))).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

/// Every file of a run that is for others, with its bytes.
fn published(out: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(out).unwrap().map(|entry| entry.unwrap());
    let named = files.map(|file| (file.file_name().into_string().unwrap(), file.path()));
    let named = named.filter(|(name, path)| path.is_file() && !name.starts_with('.'));
    named.map(|(name, path)| (name, std::fs::read(path).unwrap())).collect()
}

/// Two runs are the same to the byte.
fn assert_same(one: &Path, other: &Path) {
    let (one, other) = (published(one), published(other));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(bytes == &other[name], "{name} differs");
    }
    assert!(one.len() > 10);
}
