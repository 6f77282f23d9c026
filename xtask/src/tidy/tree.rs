//! The files a commit would hold, read once.

use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::Command;

/// One file of the checkout; the path is relative, with forward slashes.
pub(super) struct File {
    pub(super) path: String,
    pub(super) bytes: Vec<u8>,
}

impl File {
    /// The content, if it is text.
    pub(super) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }
}

/// All files git tracks or would track, in order of path.
pub(super) struct Tree {
    pub(super) files: Vec<File>,
}

impl Tree {
    pub(super) fn read(root: &Path) -> Result<Self> {
        let listing = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root)
            .output()
            .context("git cannot be started")?;
        ensure!(listing.status.success(), "git ls-files failed in {}", root.display());
        let mut paths: Vec<String> = String::from_utf8_lossy(&listing.stdout)
            .split('\0')
            .filter(|path| !path.is_empty() && root.join(path).is_file())
            .map(str::to_owned)
            .collect();
        paths.sort();
        paths.dedup();
        ensure!(!paths.is_empty(), "git lists no files in {}", root.display());
        let files = paths.into_iter().map(|path| read_file(root, path)).collect::<Result<_>>()?;
        Ok(Self { files })
    }

    /// Files whose path ends so, as text.
    pub(super) fn texts(&self, extension: &str) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .filter(move |file| file.path.ends_with(extension))
            .filter_map(|file| Some((file.path.as_str(), file.text()?)))
    }

    /// The file at exactly this path.
    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// A tree of given texts, to show what a rule says about it.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let file =
            |(path, text): &(&str, &str)| File { path: (*path).to_owned(), bytes: text.as_bytes().to_vec() };
        Self { files: files.iter().map(file).collect() }
    }
}

fn read_file(root: &Path, path: String) -> Result<File> {
    let bytes = std::fs::read(root.join(&path)).with_context(|| format!("{path} cannot be read"))?;
    Ok(File { path, bytes })
}
