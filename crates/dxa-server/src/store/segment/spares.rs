//! Segments written with zeros in advance: a sync then has no file metadata to write.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::folder::free_bytes;
use crate::store::hexadecimal;

/// Files that are ready, made by a thread of its own.
#[derive(Debug)]
pub(super) struct Spares {
    ready: Option<Mutex<Receiver<PathBuf>>>,
    /// Batches written so far.
    batches: Arc<AtomicU64>,
}

/// Spares are written only while nothing came for this long: they must not hold up what comes.
const QUIET: Duration = Duration::from_millis(100);

impl Spares {
    /// # Errors
    /// When the thread cannot be started.
    pub(super) fn start(folder: &Path, bytes: u64, count: usize, reserve: u64) -> io::Result<Self> {
        if count == 0 {
            return Ok(Self { ready: None, batches: Arc::default() });
        }
        // One waits in the thread's hand while the channel is full.
        let (sender, receiver) = sync_channel(count - 1);
        let batches: Arc<AtomicU64> = Arc::default();
        let maker = Maker { folder: folder.to_owned(), bytes, reserve, batches: Arc::clone(&batches) };
        std::thread::Builder::new().name("dxa-spares".to_owned()).spawn(move || maker.run(&sender))?;
        Ok(Self { ready: Some(Mutex::new(receiver)), batches })
    }

    /// Something is being written.
    pub(super) fn hold_back(&self) {
        self.batches.fetch_add(1, Ordering::Relaxed);
    }

    /// A file that is ready now.
    pub(super) fn take(&self) -> Option<PathBuf> {
        self.ready.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner).try_recv().ok()
    }
}

struct Maker {
    folder: PathBuf,
    bytes: u64,
    reserve: u64,
    batches: Arc<AtomicU64>,
}

impl Maker {
    /// Waits until nothing comes any more; before anything came there is nothing to wait for.
    fn wait_for_quiet(&self) {
        loop {
            let before = self.batches.load(Ordering::Relaxed);
            if before == 0 {
                return;
            }
            std::thread::sleep(QUIET);
            if self.batches.load(Ordering::Relaxed) == before {
                return;
            }
        }
    }

    fn run(&self, ready: &SyncSender<PathBuf>) {
        for left_over in self.left_over() {
            if ready.send(left_over).is_err() {
                return;
            }
        }
        loop {
            let enough = free_bytes(&self.folder).is_none_or(|free| free > self.reserve + 4 * self.bytes);
            let made = if enough { self.make() } else { Err(io::ErrorKind::StorageFull.into()) };
            let Ok(path) = made else {
                // Without spares the service is slower, no more.
                std::thread::sleep(Duration::from_secs(5));
                if self.folder.is_dir() { continue } else { return }
            };
            if ready.send(path).is_err() {
                // The store was closed; the file waits for the next start.
                return;
            }
        }
    }

    /// Files of an earlier run that were finished.
    fn left_over(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return Vec::new() };
        let is_spare = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "spare");
        let (whole, torn): (Vec<_>, Vec<_>) = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(is_spare)
            .partition(|path| path.metadata().is_ok_and(|metadata| metadata.len() == self.bytes));
        for path in torn {
            // What cannot be removed now is tried again at the next start.
            let _ = std::fs::remove_file(path);
        }
        whole
    }

    fn make(&self) -> io::Result<PathBuf> {
        const STEP: u64 = 4 << 20;
        let mut id = [0u8; 16];
        getrandom::fill(&mut id).map_err(|error| io::Error::other(error.to_string()))?;
        let path = self.folder.join(format!("{}.spare", hexadecimal(&id)));
        let mut file = File::options().write(true).create_new(true).open(&path)?;
        let zeros = vec![0u8; usize::try_from(STEP).unwrap_or(4 << 20)];
        let mut left = self.bytes;
        while left > 0 {
            self.wait_for_quiet();
            let part = left.min(STEP);
            file.write_all(&zeros[..usize::try_from(part).unwrap_or(0)])?;
            left -= part;
        }
        self.wait_for_quiet();
        file.sync_all()?;
        Ok(path)
    }
}
