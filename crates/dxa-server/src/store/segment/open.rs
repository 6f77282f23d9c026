//! A segment that takes records: each gets room at its end, and comes into its room when it comes.

use std::collections::{BTreeSet, VecDeque};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::fcntl::Flock;
use tokio::sync::oneshot;

use super::aligned::Aligned;
use super::record::{self, HEADER, PAGE, Record};
use super::{Place, signed};

/// The lock on the file tells other processes that it is being written.
#[derive(Debug)]
pub(super) struct Open {
    file: Flock<File>,
    pub(super) name: String,
    id: [u8; 16],
    capacity: u64,
    given_up: AtomicBool,
    rooms: Mutex<Rooms>,
}

#[derive(Debug)]
struct Rooms {
    end: u64,
    /// Where rooms begin whose record is not in the index yet.
    taken: BTreeSet<u64>,
}

impl Open {
    pub(super) fn new(file: Flock<File>, name: String, id: [u8; 16], capacity: u64) -> Arc<Self> {
        let rooms = Mutex::new(Rooms { end: PAGE, taken: BTreeSet::new() });
        Arc::new(Self { file, name, id, capacity, given_up: AtomicBool::new(false), rooms })
    }

    /// Room for a record of so many bytes, unless it is full or was given up.
    pub(super) fn room(self: &Arc<Self>, size: u64) -> Option<Room> {
        let mut rooms = self.rooms();
        if self.is_given_up() || rooms.end + size > self.capacity {
            return None;
        }
        let at = rooms.end;
        rooms.end += size;
        rooms.taken.insert(at);
        Some(Room { segment: Arc::clone(self), at, size, used: 0 })
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// What a file holds after a failed write or sync is not known: it takes nothing more.
    pub(super) fn give_up(&self) {
        self.given_up.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed)
    }

    /// Everything before this is in the index or will never be.
    pub(super) fn known_to(&self) -> i64 {
        let rooms = self.rooms();
        signed(rooms.taken.first().copied().unwrap_or(rooms.end))
    }

    /// Whether no record is on its way into it.
    pub(super) fn is_quiet(&self) -> bool {
        self.rooms().taken.is_empty()
    }

    /// Gives the unused rest back; that it may fail changes nothing.
    pub(super) fn seal(&self) {
        if let Err(error) = self.file.set_len(self.rooms().end) {
            tracing::warn!(kind = %error.kind(), "the rest of a segment was not given back");
        }
    }

    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes of a segment that one record may use. The segment counts them as unknown to the index until this is dropped.
#[derive(Debug)]
pub(super) struct Room {
    segment: Arc<Open>,
    at: u64,
    size: u64,
    /// What stays taken when it is dropped.
    used: u64,
}

/// Bytes written at once.
const PIECE: u64 = 128 << 10;

impl Room {
    /// Writes a record; where not 0, the pages from the second on to `written` are there already.
    fn put(&mut self, record: &Record, written: u64) -> io::Result<Place> {
        let header = record::header(record, &self.segment.id);
        self.used = record::size(record.bytes.len() as u64);
        let write = |from, to| {
            let pages = Aligned::of_record(&header, &record.bytes, from, to);
            self.segment.file.write_all_at(pages.bytes(), self.at + from)
        };
        let mut from = written;
        while from < self.used {
            let to = self.used.min(from + 8 * PIECE);
            write(from, to)?;
            from = to;
        }
        if written > 0 {
            write(0, PAGE)?;
        }
        Ok(self.place(record))
    }

    fn place(&self, record: &Record) -> Place {
        Place {
            segment: self.segment.name.clone(),
            position: signed(self.at + HEADER as u64),
            length: signed(record.bytes.len() as u64),
            crc: i64::from(record.crc),
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut rooms = self.segment.rooms();
        rooms.taken.remove(&self.at);
        // Room that others have taken room behind stays, and holds nothing where it was not used.
        if rooms.end == self.at + self.size {
            rooms.end = self.at + self.used;
        }
    }
}

/// A record that has its room. Its bytes may be written while they come in; its header, which goes to the disk beside the
/// last of them, counts only with all bytes that its checksum names.
#[derive(Debug)]
pub(in crate::store) struct Lease {
    room: Room,
    /// Where not 0, the pages from the second on to here are written, or under way.
    written: u64,
    /// Bytes of the record if it ends where its head says.
    announced: u64,
    under_way: VecDeque<oneshot::Receiver<io::Result<()>>>,
}

/// Pieces under way at once; each is a copy.
const UNDER_WAY: usize = 4;

impl Lease {
    /// For an object that is still coming in and will have so many bytes.
    pub(super) fn new(room: Room, bytes: u64) -> Self {
        Self { room, written: PAGE, announced: HEADER as u64 + bytes, under_way: VecDeque::new() }
    }

    /// For a record that has come.
    pub(super) fn whole(room: Room) -> Self {
        Self { room, written: 0, announced: 0, under_way: VecDeque::new() }
    }

    pub(super) fn place(&self, record: &Record) -> Place {
        self.room.place(record)
    }

    pub(super) fn segment(&self) -> Arc<Open> {
        Arc::clone(&self.room.segment)
    }

    /// How far the index knows the segment once it has these records.
    pub(super) fn known_after<'l>(&self, with: impl Iterator<Item = &'l Self>) -> (String, i64) {
        let segment = &self.room.segment;
        let here: BTreeSet<u64> =
            with.filter(|lease| lease.room.segment.id == segment.id).map(|lease| lease.room.at).collect();
        let rooms = segment.rooms();
        let first = rooms.taken.iter().find(|at| !here.contains(at)).copied();
        (segment.name.clone(), signed(first.unwrap_or(rooms.end)))
    }

    /// Sends the whole pieces of what has come on their way, and the rest once all has come that was announced.
    ///
    /// # Errors
    /// When an earlier piece could not be written; the segment is then given up.
    pub(in crate::store) async fn along(&mut self, bytes: &[u8]) -> io::Result<()> {
        let here = HEADER as u64 + bytes.len() as u64;
        let is_all = here >= self.announced;
        let ready = if is_all { self.room.size } else { here / PAGE * PAGE };
        while self.written + PIECE <= ready || (is_all && self.written < ready) {
            let to = ready.min(self.written + PIECE);
            if self.under_way.len() >= UNDER_WAY
                && let Some(piece) = self.under_way.pop_front()
            {
                self.settled(piece.await)?;
            }
            let pages = Aligned::of_object(bytes, self.written, to);
            let (segment, at) = (Arc::clone(&self.room.segment), self.room.at + self.written);
            let (done, piece) = oneshot::channel();
            tokio::task::spawn_blocking(move || {
                let written = segment.file.write_all_at(pages.bytes(), at);
                // Nobody waits for an object whose sender went away.
                let _ = done.send(written);
            });
            self.under_way.push_back(piece);
            self.written = to;
            self.room.used = self.room.size;
        }
        Ok(())
    }

    /// Writes what is not under way yet of a record that fits; all of it is there after [`Self::settle`].
    pub(super) fn put(&mut self, record: &Record) -> io::Result<Place> {
        if HEADER as u64 + record.bytes.len() as u64 != self.announced {
            // More came after all, and its last page was written without it.
            self.settle()?;
            self.written = self.written.min(self.announced / PAGE * PAGE);
        }
        self.room.put(record, self.written)
    }

    /// Waits for what is under way, on a thread that may wait.
    ///
    /// # Errors
    /// As [`Self::along`].
    pub(super) fn settle(&mut self) -> io::Result<()> {
        while let Some(piece) = self.under_way.pop_front() {
            self.settled(piece.blocking_recv())?;
        }
        Ok(())
    }

    fn settled(&self, piece: Result<io::Result<()>, oneshot::error::RecvError>) -> io::Result<()> {
        let written = piece.unwrap_or_else(|_| Err(io::ErrorKind::Interrupted.into()));
        if written.is_err() {
            self.room.segment.give_up();
        }
        written
    }

    /// Whether a record of this size has its room here.
    pub(super) fn fits(&self, size: u64) -> bool {
        size <= self.room.size && !self.room.segment.is_given_up()
    }
}
