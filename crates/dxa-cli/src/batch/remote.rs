//! A bucket or a DICOMweb service as the source of a batch.

use std::io::{self, Read};

use dxa_batch::source::{Found, Location, Opened, Source};
use dxa_server::archive::{Archive, ArchiveError, Listed};
use tokio::runtime::Runtime;

/// An archive that is asked over the network.
pub(super) struct Remote {
    archive: Archive,
    runtime: Runtime,
}

/// What is asked for first: it holds the header of almost every image.
const HEAD: u64 = 16 << 10;
/// What is asked for then.
const REST: u64 = 8 << 20;

impl Remote {
    /// The archive at an address; `None` when it is no address.
    ///
    /// # Errors
    /// An address that cannot be used.
    pub(super) fn at(address: &str) -> anyhow::Result<Option<Self>> {
        let Some(archive) = Archive::at(address) else { return Ok(None) };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        Ok(Some(Self { archive: archive?, runtime }))
    }
}

impl Source for Remote {
    fn list(&self, tell: &mut dyn FnMut(Found)) -> io::Result<()> {
        let mut found = |listed: Listed| tell(Found::File(location(listed)));
        self.runtime.block_on(self.archive.list(&mut found)).map_err(broken)
    }

    fn open(&self, location: &Location) -> io::Result<Opened<'_>> {
        let object = Listed { path: location.shown(), size: location.size, changed: location.changed };
        let (first, total) = self.runtime.block_on(self.archive.read(&object, 0, HEAD)).map_err(broken)?;
        Ok(Opened {
            bytes: Box::new(Bytes {
                remote: self,
                object,
                at: first.len() as u64,
                waiting: io::Cursor::new(first),
                total,
            }),
            total,
        })
    }
}

/// The bytes of one object, asked for as they are needed.
struct Bytes<'a> {
    remote: &'a Remote,
    object: Listed,
    at: u64,
    waiting: io::Cursor<Vec<u8>>,
    total: u64,
}

impl Read for Bytes<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.waiting.read(buffer)?;
        if read > 0 || buffer.is_empty() || self.at >= self.total {
            return Ok(read);
        }
        let more = self.remote.archive.read(&self.object, self.at, REST);
        let (more, _) = self.remote.runtime.block_on(more).map_err(broken)?;
        self.at += more.len() as u64;
        self.waiting = io::Cursor::new(more);
        self.waiting.read(buffer)
    }
}

fn location(listed: Listed) -> Location {
    Location { path: listed.path.into_bytes(), size: listed.size, changed: listed.changed, part: None }
}

fn broken(error: ArchiveError) -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, error)
}
