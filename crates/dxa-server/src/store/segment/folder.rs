//! Segments as files: written ahead, synced once a batch, given up at the first error.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nix::fcntl::{Flock, FlockArg};

use super::record::{self, Header, Record};
use super::spares::Spares;
use super::{Place, Written};
use crate::config;
use crate::store::{Error, hexadecimal};

/// The folder of all segments. Only one batch is written at a time.
#[derive(Debug)]
pub(in crate::store) struct Folder {
    path: PathBuf,
    segment_bytes: u64,
    reserve_bytes: u64,
    spares: Spares,
    current: Mutex<Option<Segment>>,
}

/// The segment being written; the lock tells other processes that it is.
#[derive(Debug)]
struct Segment {
    file: Flock<File>,
    name: String,
    id: [u8; 16],
    end: u64,
    capacity: u64,
}

/// What a segment holds behind the part that the index knows.
#[derive(Debug)]
pub(in crate::store) struct Tail {
    pub(in crate::store) segment: String,
    pub(in crate::store) records: Vec<(Header, Place)>,
    pub(in crate::store) end: i64,
}

impl Folder {
    /// # Errors
    /// A folder that cannot be made or written.
    pub(super) fn open(path: &Path, config: &config::Store) -> Result<Self, Error> {
        std::fs::create_dir_all(path)?;
        // A folder that was just made is durable when the one above it is synced.
        for folder in path.ancestors().take(3).filter(|folder| folder.is_dir()) {
            File::open(folder)?.sync_all()?;
        }
        let spares =
            Spares::start(path, config.segment_bytes, config.prepared_segments, config.reserve_bytes)?;
        Ok(Self {
            path: path.to_owned(),
            segment_bytes: config.segment_bytes,
            reserve_bytes: config.reserve_bytes,
            spares,
            current: Mutex::new(None),
        })
    }

    /// Writes records and syncs them; see [`super::Objects::write`].
    pub(super) fn write(&self, records: &[Record]) -> Result<Written, Error> {
        let needed = records.iter().map(|record| record::size(record.bytes.len() as u64)).sum();
        if !self.has_space(needed) {
            return Err(Error::Full("the disk is at its reserve".to_owned()));
        }
        self.spares.hold_back();
        let mut current = self.lock();
        let mut given_up = Vec::new();
        for last_try in [false, true] {
            let mut written = Written { sealed: std::mem::take(&mut given_up), ..Written::default() };
            match self.append(&mut current, records, &mut written) {
                Ok(()) => return Ok(written),
                Err(error) => {
                    // What a file holds after a failed write or sync is not known: it takes nothing more.
                    tracing::error!(kind = %error.kind(), "a segment could not be written and is given up");
                    given_up.extend(current.take().map(|segment| segment.name));
                    given_up.extend(written.sealed);
                    if last_try || error.kind() == ErrorKind::StorageFull {
                        return Err(full_or(error));
                    }
                }
            }
        }
        Err(Error::Closing)
    }

    fn append(
        &self,
        current: &mut Option<Segment>,
        records: &[Record],
        written: &mut Written,
    ) -> io::Result<()> {
        for record in records {
            let size = record::size(record.bytes.len() as u64);
            if let Some(full) = current.take_if(|segment| segment.end + size > segment.capacity) {
                full.file.sync_data()?;
                written.ends.push((full.name.clone(), signed(full.end)));
                full.seal();
                written.sealed.push(full.name);
            }
            if current.is_none() {
                *current = Some(self.begin(size)?);
            }
            written.places.extend(current.as_mut().map(|segment| segment.put(record)).transpose()?);
        }
        if let Some(segment) = current {
            segment.file.sync_data()?;
            written.ends.push((segment.name.clone(), signed(segment.end)));
        }
        Ok(())
    }

    /// A new segment, from those prepared if one of them is large enough.
    fn begin(&self, size: u64) -> io::Result<Segment> {
        let capacity = self.segment_bytes.max(size + record::PAGE);
        let mut id = [0u8; 16];
        getrandom::fill(&mut id).map_err(|error| io::Error::other(error.to_string()))?;
        let name = format!("{}.seg", hexadecimal(&id));
        let path = self.path.join(&name);
        let spare = if capacity == self.segment_bytes { self.spares.take() } else { None };
        let file = if let Some(spare) = spare {
            std::fs::rename(&spare, &path)?;
            OpenOptions::new().read(true).write(true).open(&path)?
        } else {
            let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
            nix::fcntl::posix_fallocate(&file, 0, signed(capacity))?;
            file
        };
        let file = Flock::lock(file, FlockArg::LockExclusiveNonblock)
            .map_err(|(_, errno)| io::Error::from(errno))?;
        file.write_all_at(&first_page(&id), 0)?;
        file.sync_all()?;
        File::open(&self.path)?.sync_all()?;
        Ok(Segment { file, name, id, end: record::PAGE, capacity })
    }

    /// Reads the bytes at a place.
    pub(super) fn read(&self, place: &Place) -> Result<Vec<u8>, Error> {
        let file = File::open(self.path.join(&place.segment)).map_err(|error| match error.kind() {
            ErrorKind::NotFound => Error::Damaged,
            _ => Error::Io(error),
        })?;
        let length = usize::try_from(place.length).map_err(|_| Error::Damaged)?;
        let position = u64::try_from(place.position).map_err(|_| Error::Damaged)?;
        if file.metadata()?.len() < position.saturating_add(length as u64) {
            return Err(Error::Damaged);
        }
        let mut bytes = vec![0; length];
        file.read_exact_at(&mut bytes, position)?;
        Ok(bytes)
    }

    /// Whether the disk has `bytes` beside its reserve.
    pub(super) fn has_space(&self, bytes: u64) -> bool {
        free_bytes(&self.path).is_none_or(|free| free >= self.reserve_bytes.saturating_add(bytes))
    }

    /// Names of all segments.
    pub(in crate::store) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.ends_with(".seg") {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// The whole records of a segment from `from` on; `None` while another process writes to it.
    pub(in crate::store) fn tail(&self, name: &str, from: i64) -> io::Result<Option<Tail>> {
        let file = OpenOptions::new().read(true).write(true).open(self.path.join(name))?;
        let Ok(file) = Flock::lock(file, FlockArg::LockExclusiveNonblock) else { return Ok(None) };
        let length = file.metadata()?.len();
        let mut tail = Tail { segment: name.to_owned(), records: Vec::new(), end: from };
        let Some(id) = read_id(&file) else {
            // Its first page was never synced, so nothing in it was acknowledged.
            file.set_len(0)?;
            return Ok(Some(tail));
        };
        let mut at = u64::try_from(from).unwrap_or(0).max(record::PAGE);
        let mut block = [0u8; record::HEADER];
        while at + record::PAGE <= length {
            file.read_exact_at(&mut block, at)?;
            let Some(header) = record::parse(&block, &id) else { break };
            let position = at + record::HEADER as u64;
            if header.length > length - position || crc_at(&file, position, header.length)? != header.crc {
                break;
            }
            at += record::size(header.length);
            let place = Place {
                segment: name.to_owned(),
                position: signed(position),
                length: signed(header.length),
                crc: i64::from(header.crc),
            };
            tail.records.push((header, place));
        }
        tail.end = signed(at);
        // Nothing is ever added to a segment of an earlier run.
        file.set_len(at.min(length))?;
        Ok(Some(tail))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Segment>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Segment {
    fn put(&mut self, record: &Record) -> io::Result<Place> {
        let length = record.bytes.len() as u64;
        let position = self.end + record::HEADER as u64;
        self.file.write_all_at(&record::header(record, &self.id), self.end)?;
        self.file.write_all_at(&record.bytes, position)?;
        self.end += record::size(length);
        Ok(Place {
            segment: self.name.clone(),
            position: signed(position),
            length: signed(length),
            crc: i64::from(record.crc),
        })
    }

    /// Gives the unused rest back; that it may fail changes nothing.
    fn seal(&self) {
        if let Err(error) = self.file.set_len(self.end) {
            tracing::warn!(kind = %error.kind(), "the rest of a segment was not given back");
        }
    }
}

/// Free bytes of the file system that a program without privileges may use.
pub(super) fn free_bytes(path: &Path) -> Option<u64> {
    let stat = nix::sys::statvfs::statvfs(path).ok()?;
    Some(stat.blocks_available().saturating_mul(stat.fragment_size()))
}

const MAGIC: &[u8; 8] = b"DXASEG1\0";

fn first_page(id: &[u8; 16]) -> [u8; 32] {
    let mut page = [0u8; 32];
    page[..8].copy_from_slice(MAGIC);
    page[8..24].copy_from_slice(id);
    page
}

fn read_id(file: &File) -> Option<[u8; 16]> {
    let mut page = [0u8; 32];
    file.read_exact_at(&mut page, 0).ok()?;
    if &page[..8] == MAGIC { page[8..24].try_into().ok() } else { None }
}

fn crc_at(file: &File, mut at: u64, length: u64) -> io::Result<u32> {
    let mut hash = crc32fast::Hasher::new();
    let mut buffer = vec![0u8; 256 << 10];
    let end = at + length;
    while at < end {
        let part = usize::try_from(end - at).unwrap_or(usize::MAX).min(buffer.len());
        file.read_exact_at(&mut buffer[..part], at)?;
        hash.update(&buffer[..part]);
        at += part as u64;
    }
    Ok(hash.finalize())
}

fn full_or(error: io::Error) -> Error {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::Full("the disk is full".to_owned()),
        _ => Error::Io(error),
    }
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
