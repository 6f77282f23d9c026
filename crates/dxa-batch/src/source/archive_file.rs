//! Tar and zip: where each member lies, so that it is read by itself whenever it is needed.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::Path;

use flate2::read::{DeflateDecoder, MultiGzDecoder};

use super::{Found, Location, Part, unreadable_member};

/// An open archive.
#[derive(Debug)]
pub(super) struct Archive {
    file: File,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Tar,
    TarGz,
    Zip,
}

/// Whether the name is that of an archive.
pub(super) fn is_archive(path: &Path) -> bool {
    form(path).is_some()
}

fn form(path: &Path) -> Option<Form> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let ends = |end: &str| name.ends_with(end);
    match () {
        () if ends(".tar") => Some(Form::Tar),
        () if ends(".tar.gz") || ends(".tgz") => Some(Form::TarGz),
        () if ends(".zip") => Some(Form::Zip),
        () => None,
    }
}

impl Archive {
    /// Opens an archive; one that is compressed as a whole is unpacked into `room` first, into a file without a
    /// name that is gone with this process.
    pub(super) fn open(path: &Path, room: &Path) -> io::Result<Self> {
        let form = form(path).ok_or(io::ErrorKind::InvalidInput)?;
        let mut file = File::open(path)?;
        if form == Form::TarGz {
            let mut unpacked = tempfile::tempfile_in(room)?;
            io::copy(&mut MultiGzDecoder::new(BufReader::new(file)), &mut unpacked)?;
            unpacked.seek(SeekFrom::Start(0))?;
            file = unpacked;
        }
        Ok(Self { file, form })
    }

    /// Tells every member.
    pub(super) fn list(&self, number: u32, path: &[u8], tell: &mut dyn FnMut(Found)) -> io::Result<()> {
        if self.form == Form::Zip { self.zip(number, path, tell) } else { self.tar(number, path, tell) }
    }

    fn tar(&self, number: u32, path: &[u8], tell: &mut dyn FnMut(Found)) -> io::Result<()> {
        let mut archive = tar::Archive::new(Whole { file: &self.file, at: 0 });
        for entry in archive.entries_with_seek()? {
            let entry = entry?;
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let part = Part {
                archive: number,
                offset: entry.raw_file_position(),
                length: entry.size(),
                deflated: false,
            };
            let path = member(path, entry.path()?.as_os_str().as_bytes());
            tell(Found::File(Location { path, size: part.length, changed: 0, part: Some(part) }));
        }
        Ok(())
    }

    fn zip(&self, number: u32, path: &[u8], tell: &mut dyn FnMut(Found)) -> io::Result<()> {
        let mut archive = zip::ZipArchive::new(Whole { file: &self.file, at: 0 })?;
        for at in 0..archive.len() {
            let entry = archive.by_index_raw(at)?;
            if entry.is_dir() {
                continue;
            }
            let path = member(path, entry.name_raw());
            let deflated = match entry.compression() {
                zip::CompressionMethod::Stored => false,
                zip::CompressionMethod::Deflated => true,
                _ => {
                    tell(unreadable_member(path, "it is compressed in a way that is not read; unpack it"));
                    continue;
                }
            };
            if entry.encrypted() {
                tell(unreadable_member(path, "it is encrypted; unpack it"));
                continue;
            }
            let Some(offset) = entry.data_start() else {
                tell(unreadable_member(path, "the archive does not say where it lies"));
                continue;
            };
            let part = Part { archive: number, offset, length: entry.compressed_size(), deflated };
            tell(Found::File(Location { path, size: entry.size(), changed: 0, part: Some(part) }));
        }
        Ok(())
    }

    /// The bytes of one member.
    pub(super) fn member(&self, part: Part) -> io::Result<Box<dyn Read + Send + 'static>> {
        let file = self.file.try_clone()?;
        let stored = Slice { file, at: part.offset, left: part.length };
        Ok(if part.deflated {
            Box::new(DeflateDecoder::new(BufReader::new(stored)))
        } else {
            Box::new(stored)
        })
    }
}

fn member(archive: &[u8], name: &[u8]) -> Vec<u8> {
    [archive, b"/", name].concat()
}

/// A file with a place of its own, so that many read it at a time.
struct Whole<'a> {
    file: &'a File,
    at: u64,
}

impl Read for Whole<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl io::Seek for Whole<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let from = |start: u64, by: i64| start.checked_add_signed(by).ok_or(io::ErrorKind::InvalidInput);
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) => from(self.at, by)?,
            SeekFrom::End(by) => from(self.file.metadata()?.len(), by)?,
        };
        Ok(self.at)
    }
}

/// A part of a file.
struct Slice {
    file: File,
    at: u64,
    left: u64,
}

impl Read for Slice {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.file.read_at(&mut buffer[..most], self.at)?;
        self.at += read as u64;
        self.left -= read as u64;
        Ok(read)
    }
}
