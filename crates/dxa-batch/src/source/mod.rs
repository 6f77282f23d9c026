//! Where the files of a run lie, and how their bytes are had: folders, lists of files, archives.

mod archive_file;
mod local;

use std::io::{self, Read};

pub use local::Local;

/// One file of a source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Path from the source; of a member of an archive, the archive's path and then its own.
    pub path: Vec<u8>,
    /// Bytes.
    pub size: u64,
    /// Something that changes when the file does; 0 where nothing tells.
    pub changed: u64,
    /// Where inside an archive.
    pub part: Option<Part>,
}

/// A member of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// Which archive of the source.
    pub archive: u32,
    /// Where its bytes begin.
    pub offset: u64,
    /// How many they are as they lie there.
    pub length: u64,
    /// They are compressed with DEFLATE.
    pub deflated: bool,
}

impl Location {
    /// The path to show.
    #[must_use]
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(&self.path).into_owned()
    }
}

/// What a source has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A file.
    File(Location),
    /// Something that cannot be read, and why, as the end of a sentence.
    Unreadable {
        /// Its path from the source.
        path: Vec<u8>,
        /// Why.
        reason: String,
    },
}

/// Files behind one name.
pub trait Source: Sync {
    /// Tells every file there is, in any order.
    ///
    /// # Errors
    /// When the listing broke off and more may be there.
    fn list(&self, tell: &mut dyn FnMut(Found)) -> io::Result<()>;

    /// The bytes of a file from its start.
    ///
    /// # Errors
    /// When it cannot be opened.
    fn open(&self, location: &Location) -> io::Result<Opened<'_>>;
}

/// An open file.
pub struct Opened<'a> {
    /// Its bytes from the start.
    pub bytes: Box<dyn Read + Send + 'a>,
    /// How many there are.
    pub total: u64,
}

/// The whole of a file, up to `most` bytes and one more, which tells that there are too many.
///
/// # Errors
/// When it cannot be read.
pub fn read_whole(source: &dyn Source, location: &Location, most: u64) -> io::Result<Vec<u8>> {
    let Opened { bytes: input, total } = source.open(location)?;
    let mut bytes = Vec::with_capacity(usize::try_from(total.min(most)).unwrap_or_default());
    input.take(most + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable_member(path: Vec<u8>, reason: &str) -> Found {
    Found::Unreadable { path, reason: reason.to_owned() }
}

/// Why the system does not give a file, as the end of a sentence.
#[must_use]
pub fn not_given(error: &io::Error) -> String {
    format!("the system does not let it be read ({})", error.kind())
}
