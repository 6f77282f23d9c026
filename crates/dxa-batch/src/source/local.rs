//! Files of this machine: a folder, one file, a list of files; archives among them are looked into.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use walkdir::WalkDir;

use super::archive_file::{self, Archive};
use super::{Found, Location, Opened, Source, not_given};

/// A folder, a file, an archive, or a list of paths.
#[derive(Debug)]
pub struct Local {
    start: Start,
    /// The folder of the run: no part of the source, and where `.tar.gz` is unpacked to, without a name.
    out: PathBuf,
    archives: RwLock<Vec<Arc<Archive>>>,
}

#[derive(Debug)]
enum Start {
    Folder(PathBuf),
    File(PathBuf),
    List(Vec<PathBuf>),
}

impl Local {
    /// What is at a path, without the folder `out`, which exists; a file that ends in `.txt` or `.list` is a list of paths, one a line.
    ///
    /// # Errors
    /// A path that does not exist, or a list that cannot be read.
    pub fn at(path: &Path, out: &Path) -> io::Result<Self> {
        let start = if path.is_dir() {
            Start::Folder(path.to_owned())
        } else if is_list(path) {
            Start::List(listed(&std::fs::read(path)?))
        } else {
            std::fs::metadata(path)?;
            Start::File(path.to_owned())
        };
        Ok(Self { start, out: out.canonicalize()?, archives: RwLock::default() })
    }

    /// Where a path from the source lies.
    fn real(&self, path: &[u8]) -> PathBuf {
        let path = Path::new(std::ffi::OsStr::from_bytes(path));
        match &self.start {
            Start::Folder(root) => root.join(path),
            Start::File(file) => file.with_file_name(path),
            Start::List(_) => path.to_owned(),
        }
    }

    /// Tells one file, or what is in it where it is an archive.
    fn file(&self, path: Vec<u8>, tell: &mut dyn FnMut(Found)) {
        let real = self.real(&path);
        let metadata = match std::fs::metadata(&real) {
            Ok(metadata) if metadata.is_file() => metadata,
            Ok(_) => return tell(unreadable(path, "this is neither a file nor a folder".to_owned())),
            Err(error) => return tell(unreadable(path, not_given(&error))),
        };
        if !archive_file::is_archive(&real) {
            let location = Location { path, size: metadata.len(), changed: changed(&metadata), part: None };
            return tell(Found::File(location));
        }
        if let Err(error) = self.archive(&path, &real, tell) {
            tell(unreadable(path, format!("the archive cannot be read to its end ({error})")));
        }
    }

    fn archive(&self, path: &[u8], real: &Path, tell: &mut dyn FnMut(Found)) -> io::Result<()> {
        let archive = Arc::new(Archive::open(real, &self.out)?);
        let number = {
            let mut archives = self.archives.write().map_err(poisoned)?;
            archives.push(archive.clone());
            u32::try_from(archives.len() - 1).map_err(io::Error::other)?
        };
        archive.list(number, path, tell)
    }

    fn folder(&self, root: &Path, mut tell: impl FnMut(Result<Vec<u8>, Found>)) {
        let is_out = |path: &Path| path.canonicalize().is_ok_and(|real| real == self.out);
        let walk = WalkDir::new(root).follow_links(true).into_iter();
        for entry in walk.filter_entry(|entry| !(entry.file_type().is_dir() && is_out(entry.path()))) {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) => tell(Ok(below(root, entry.path()))),
                Err(error) => {
                    let path = error.path().map(|path| below(root, path)).unwrap_or_default();
                    let reason = match error.io_error() {
                        Some(io) => not_given(io),
                        None => "this link leads back to a folder above it".to_owned(),
                    };
                    tell(Err(unreadable(path, reason)));
                }
            }
        }
    }
}

impl Source for Local {
    fn list(&self, tell: &mut dyn FnMut(Found)) -> io::Result<()> {
        match &self.start {
            Start::Folder(root) => self.folder(root, |found| match found {
                Ok(path) => self.file(path, tell),
                Err(problem) => tell(problem),
            }),
            Start::File(file) => {
                self.file(file.file_name().map(|name| name.as_bytes().to_vec()).unwrap_or_default(), tell);
            }
            Start::List(paths) => {
                paths.iter().for_each(|path| self.file(path.as_os_str().as_bytes().to_vec(), tell));
            }
        }
        Ok(())
    }

    fn open(&self, location: &Location) -> io::Result<Opened<'_>> {
        let total = location.size;
        let Some(part) = location.part else {
            return Ok(Opened { bytes: Box::new(File::open(self.real(&location.path))?), total });
        };
        let archives = self.archives.read().map_err(poisoned)?;
        let archive = usize::try_from(part.archive).ok().and_then(|at| archives.get(at)).cloned();
        Ok(Opened { bytes: archive.ok_or(io::ErrorKind::NotFound)?.member(part)?, total })
    }
}

fn poisoned<T>(_: T) -> io::Error {
    io::Error::other("a thread that listed archives failed")
}

fn unreadable(path: Vec<u8>, reason: String) -> Found {
    Found::Unreadable { path, reason }
}

fn below(root: &Path, path: &Path) -> Vec<u8> {
    path.strip_prefix(root).unwrap_or(path).as_os_str().as_bytes().to_vec()
}

fn changed(metadata: &Metadata) -> u64 {
    let since = metadata.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    since.and_then(|since| u64::try_from(since.as_nanos()).ok()).unwrap_or_default()
}

fn is_list(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("txt") || end.eq_ignore_ascii_case("list"))
}

/// Paths of a list, each once; empty lines are none.
fn listed(text: &[u8]) -> Vec<PathBuf> {
    let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let mut paths: Vec<PathBuf> =
        lines.map(|line| PathBuf::from(std::ffi::OsString::from_vec(line.to_vec()))).collect();
    paths.sort();
    paths.dedup();
    paths
}
