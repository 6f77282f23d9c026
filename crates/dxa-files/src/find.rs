//! The files behind the paths of a command line, each once, in the order of their paths.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use dxa_exchange::{Refused, sentence};
use walkdir::WalkDir;

/// A path at which there is nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no file or folder {}", .0.display())]
pub struct Missing(pub PathBuf);

/// Every file at or below `paths`, and what cannot be opened as a file.
///
/// # Errors
/// When a path does not exist.
pub fn find(paths: &[PathBuf]) -> Result<(Vec<PathBuf>, Vec<Refused>), Missing> {
    let mut files = BTreeSet::new();
    let mut refused = Vec::new();
    for path in paths {
        if !path.exists() {
            return Err(Missing(path.clone()));
        }
        for entry in WalkDir::new(path).follow_links(true).sort_by_file_name() {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) if entry.file_type().is_file() => {
                    files.insert(entry.into_path());
                }
                Ok(entry) => refused.push(unreadable(entry.path(), "this is neither a file nor a folder")),
                Err(error) => refused.push(cannot_walk(path, &error)),
            }
        }
    }
    Ok((each_once(files), refused))
}

/// Two paths to one file, as when a folder and a file in it are both named, count once.
fn each_once(files: BTreeSet<PathBuf>) -> Vec<PathBuf> {
    let mut seen = BTreeSet::new();
    files.into_iter().filter(|file| file.canonicalize().map_or(true, |real| seen.insert(real))).collect()
}

fn cannot_walk(root: &Path, error: &walkdir::Error) -> Refused {
    let path = error.path().unwrap_or(root);
    let reason = match error.io_error() {
        Some(io) => format!("the system does not let it be read ({})", io.kind()),
        None => "this link leads back to a folder above it".to_owned(),
    };
    unreadable(path, &reason)
}

/// An entry of `errors` for a file that is no study.
pub(crate) fn unreadable(path: &Path, reason: &str) -> Refused {
    Refused { path: path.to_string_lossy().into_owned(), code: "unreadable", message: sentence(reason) }
}
