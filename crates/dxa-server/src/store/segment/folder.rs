//! Segments as files: written past the page cache, synced once a batch, given up at the first error.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::fcntl::{Flock, FlockArg};

use super::aligned::Aligned;
use super::open::{Lease, Open, Room};
use super::record::{self, Header, Record};
use super::spares::Spares;
use super::{Place, Written, signed};
use crate::config;
use crate::store::{Error, hexadecimal};

/// The folder of all segments. Only one batch is written at a time.
#[derive(Debug)]
pub(in crate::store) struct Folder {
    path: PathBuf,
    segment_bytes: u64,
    reserve_bytes: u64,
    spares: Spares,
    segments: Mutex<Segments>,
}

/// The segments of this run that are not sealed.
#[derive(Debug, Default)]
struct Segments {
    /// The one that has room.
    current: Option<Arc<Open>>,
    /// Those that have none; something may still come into the room they gave.
    full: Vec<Arc<Open>>,
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
            segments: Mutex::default(),
        })
    }

    /// Room for an object of so many bytes that is still coming in, where there is some at once.
    pub(super) fn lease(&self, bytes: u64) -> Option<Lease> {
        self.spares.hold_back();
        Some(Lease::new(self.try_room(record::size(bytes))?, bytes))
    }

    fn try_room(&self, size: u64) -> Option<Room> {
        self.segments.try_lock().ok()?.current.as_ref()?.room(size)
    }

    /// As [`Self::plan`], where no segment has to be begun for it.
    pub(super) fn plan_now(&self, records: &mut [Record]) -> Result<Option<Written>, Error> {
        self.check_space(records)?;
        for record in &mut *records {
            let size = record::size(record.bytes.len() as u64);
            if record.lease.as_ref().is_none_or(|lease| !lease.fits(size)) {
                record.lease = self.try_room(size).map(Lease::whole);
            }
        }
        let all = records.iter().all(|record| record.lease.is_some());
        Ok(all.then(|| planned(records)))
    }

    /// Gives every record its room; see [`super::Objects::plan`].
    pub(super) fn plan(&self, records: &mut [Record]) -> Result<Written, Error> {
        self.check_space(records)?;
        for record in records.iter_mut().filter(|record| record.lease.is_none()) {
            let room = self.room(record::size(record.bytes.len() as u64)).map_err(full_or)?;
            record.lease = Some(Lease::whole(room));
        }
        Ok(planned(records))
    }

    fn check_space(&self, records: &[Record]) -> Result<(), Error> {
        let unwritten = records.iter().filter(|record| record.lease.is_none());
        let needed = unwritten.map(|record| record::size(record.bytes.len() as u64)).sum();
        if self.has_space(needed) {
            Ok(())
        } else {
            Err(Error::Full("the disk is at its reserve".to_owned()))
        }
    }

    /// Writes planned records and syncs them; see [`super::Objects::write`].
    pub(super) fn write(&self, records: &mut [Record]) -> Result<Written, Error> {
        self.spares.hold_back();
        let mut given_up = Vec::new();
        for last_try in [false, true] {
            let mut leases = Vec::with_capacity(records.len());
            match self.put(records, &mut leases) {
                Ok(places) => return Ok(self.written(places, leases, given_up)),
                Err(error) => {
                    tracing::error!(kind = %error.kind(), "a segment could not be written and is given up");
                    let segments = distinct(&leases);
                    segments.iter().for_each(|segment| segment.give_up());
                    if last_try || error.kind() == ErrorKind::StorageFull {
                        return Err(full_or(error));
                    }
                    given_up.extend(segments.iter().map(|segment| segment.name.clone()));
                }
            }
        }
        Err(Error::Closing)
    }

    /// Writes every record into its room and syncs the segments. A lease is used up, whether that succeeds or not.
    fn put(&self, records: &mut [Record], leases: &mut Vec<Lease>) -> io::Result<Vec<Place>> {
        let mut places = Vec::with_capacity(records.len());
        for record in records {
            let size = record::size(record.bytes.len() as u64);
            let mut lease = match record.lease.take().filter(|lease| lease.fits(size)) {
                Some(begun) => begun,
                None => Lease::whole(self.room(size)?),
            };
            let place = lease.put(record);
            leases.push(lease);
            places.push(place?);
        }
        leases.iter_mut().try_for_each(Lease::settle)?;
        distinct(leases).iter().try_for_each(|segment| segment.sync())?;
        Ok(places)
    }

    /// What was written, once it is; what has no room left and waits for nothing is sealed.
    fn written(&self, places: Vec<Place>, leases: Vec<Lease>, given_up: Vec<String>) -> Written {
        let touched = distinct(&leases);
        // From here on the index is told of what is in them.
        drop(leases);
        let mut written = Written { places, sealed: given_up, ..Written::default() };
        written.ends.extend(touched.iter().map(|segment| (segment.name.clone(), segment.known_to())));
        let mut segments = self.lock();
        let (done, waiting) =
            std::mem::take(&mut segments.full).into_iter().partition(|full| full.is_quiet());
        segments.full = waiting;
        drop(segments);
        written.seal(&done);
        written
    }

    /// Ends all segments when nothing comes any more; what is still on its way into one keeps it open.
    pub(super) fn seal(&self) -> Written {
        let mut segments = self.lock();
        let all = segments.current.take().into_iter().chain(std::mem::take(&mut segments.full));
        let done: Vec<_> = all.filter(|segment| segment.is_quiet() && !segment.is_given_up()).collect();
        let mut written = Written::default();
        written.seal(&done);
        written
    }

    /// Room at the end of the current segment, or of a new one.
    fn room(&self, size: u64) -> io::Result<Room> {
        let mut segments = self.lock();
        if let Some(current) = segments.current.take() {
            if let Some(room) = current.room(size) {
                segments.current = Some(current);
                return Ok(room);
            }
            if !current.is_given_up() {
                segments.full.push(current);
            }
        }
        let current = segments.current.insert(self.begin(size)?);
        current.room(size).ok_or_else(|| io::Error::other("a new segment has no room"))
    }

    /// A new segment, from those prepared if one of them is large enough.
    fn begin(&self, size: u64) -> io::Result<Arc<Open>> {
        let capacity = self.segment_bytes.max(size + record::PAGE);
        let mut id = [0u8; 16];
        getrandom::fill(&mut id).map_err(|error| io::Error::other(error.to_string()))?;
        let name = format!("{}.seg", hexadecimal(&id));
        let path = self.path.join(&name);
        let spare = if capacity == self.segment_bytes { self.spares.take() } else { None };
        if let Some(spare) = spare {
            std::fs::rename(&spare, &path)?;
        } else {
            let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
            nix::fcntl::posix_fallocate(&file, 0, signed(capacity))?;
        }
        let file = Flock::lock(past_the_cache(&path)?, FlockArg::LockExclusiveNonblock)
            .map_err(|(_, errno)| io::Error::from(errno))?;
        let mut page = Aligned::zeros(record::PAGE as usize);
        page.bytes_mut()[..FIRST].copy_from_slice(&first_page(&id));
        file.write_all_at(page.bytes(), 0)?;
        file.sync_all()?;
        File::open(&self.path)?.sync_all()?;
        Ok(Open::new(file, name, id, capacity))
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
        let begin = u64::try_from(from).unwrap_or(0).max(record::PAGE);
        let mut tail = Tail { segment: name.to_owned(), records: Vec::new(), end: from };
        let Some(id) = read_id(&file) else {
            // Its first page was never synced, so nothing in it was acknowledged.
            file.set_len(0)?;
            return Ok(Some(tail));
        };
        let (mut at, mut end) = (begin, begin);
        let mut block = [0u8; record::HEADER];
        while at + record::PAGE <= length {
            file.read_exact_at(&mut block, at)?;
            let position = at + record::HEADER as u64;
            let header = match record::parse(&block, &id) {
                Some(header) if is_whole(&file, position, length, &header)? => header,
                // Room whose record never became whole may lie between records that did.
                _ => {
                    at += record::PAGE;
                    continue;
                }
            };
            at += record::size(header.length);
            end = at;
            let place = Place {
                segment: name.to_owned(),
                position: signed(position),
                length: signed(header.length),
                crc: i64::from(header.crc),
            };
            tail.records.push((header, place));
        }
        tail.end = signed(end);
        // Nothing is ever added to a segment of an earlier run.
        file.set_len(end.min(length))?;
        Ok(Some(tail))
    }

    fn lock(&self) -> MutexGuard<'_, Segments> {
        self.segments.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where records lie whose room is taken, and how far the index will know their segments.
fn planned(records: &[Record]) -> Written {
    let leases = || records.iter().filter_map(|record| Some((record, record.lease.as_ref()?)));
    let places = leases().map(|(record, lease)| lease.place(record)).collect();
    let mut ends: Vec<(String, i64)> =
        leases().map(|(_, lease)| lease.known_after(leases().map(|(_, lease)| lease))).collect();
    ends.sort();
    ends.dedup();
    Written { places, ends, sealed: Vec::new() }
}

/// The segments that these have their room in, each once.
fn distinct(leases: &[Lease]) -> Vec<Arc<Open>> {
    let mut segments: Vec<Arc<Open>> = leases.iter().map(Lease::segment).collect();
    segments.sort_by(|one, other| one.name.cmp(&other.name));
    segments.dedup_by(|one, other| one.name == other.name);
    segments
}

/// A file whose writes go to the disk and not to the page cache, where its file system can do that.
fn past_the_cache(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let direct = nix::fcntl::OFlag::O_DIRECT.bits();
        match options.clone().custom_flags(direct).open(path) {
            Err(error) if error.kind() == ErrorKind::InvalidInput => {}
            opened => return opened,
        }
    }
    options.open(path)
}

/// Free bytes of the file system that a program without privileges may use.
pub(super) fn free_bytes(path: &Path) -> Option<u64> {
    let stat = nix::sys::statvfs::statvfs(path).ok()?;
    Some(stat.blocks_available().saturating_mul(stat.fragment_size()))
}

const MAGIC: &[u8; 8] = b"DXASEG1\0";

/// Bytes of the first page that say something.
const FIRST: usize = 32;

fn first_page(id: &[u8; 16]) -> [u8; FIRST] {
    let mut page = [0u8; FIRST];
    page[..8].copy_from_slice(MAGIC);
    page[8..24].copy_from_slice(id);
    page
}

fn read_id(file: &File) -> Option<[u8; 16]> {
    let mut page = [0u8; FIRST];
    file.read_exact_at(&mut page, 0).ok()?;
    if &page[..8] == MAGIC { page[8..24].try_into().ok() } else { None }
}

fn is_whole(file: &File, position: u64, file_length: u64, header: &Header) -> io::Result<bool> {
    Ok(header.length <= file_length.saturating_sub(position)
        && crc_at(file, position, header.length)? == header.crc)
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
