//! The disk of `faults.c`: compiled for a test, and read back as it would be after a power loss.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles the library into `folder` and gives its path.
pub(crate) fn library(folder: &Path) -> PathBuf {
    let library = folder.join("faults.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/disk/faults.c");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let status =
        Command::new(compiler).args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).status();
    assert!(status.unwrap().success(), "the library of disk faults does not compile");
    library
}

/// A place for what was synced.
pub(crate) fn shadow(folder: &Path) -> PathBuf {
    let shadow = folder.join("shadow");
    let _ = fs::remove_dir_all(&shadow);
    for part in ["data", "names"] {
        fs::create_dir_all(shadow.join(part)).unwrap();
    }
    shadow
}

/// Makes the files under `root` what they would be after a power loss: only what was synced, under names that were.
pub(crate) fn lose_power(root: &Path, shadow: &Path) {
    let mut synced: BTreeMap<PathBuf, u64> = BTreeMap::new();
    for names in fs::read_dir(shadow.join("names")).unwrap() {
        for line in fs::read_to_string(names.unwrap().path()).unwrap().lines() {
            let mut fields = line.split('\t');
            let path = Path::new(fields.next().unwrap()).join(fields.next().unwrap());
            synced.insert(path, fields.next().unwrap().parse().unwrap());
        }
    }
    for folder in [root.to_owned(), root.join("objects")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::remove_file(path).unwrap();
            }
        }
    }
    for (path, inode) in synced {
        // The shared memory of SQLite is never synced and never needed.
        let kept = shadow.join("data").join(inode.to_string());
        let bytes = if kept.exists() { fs::read(kept).unwrap() } else { Vec::new() };
        if path.extension().is_none_or(|extension| extension != "sqlite-shm") {
            fs::write(path, bytes).unwrap();
        }
    }
}
