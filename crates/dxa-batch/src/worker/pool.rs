//! The parent's side: a thread for each worker process, and one that ends those that take too long.

use std::io::{self, BufReader, BufWriter, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use dxa_core::guard::Limits;
use dxa_exchange::frames;

use super::child::KINDS;
use super::{FILE, NO_FILE, RECORD, Setup, WANT_FILE, Workers};
use crate::identities::Identities;
use crate::inventory::Files;
use crate::source::{self, Source};
use crate::study::{self, Asked};

/// Everything that working on studies needs.
pub(crate) struct Hands<'a> {
    pub(crate) workers: &'a Workers,
    pub(crate) setup: &'a Setup,
    pub(crate) identities: &'a Identities,
    pub(crate) source: &'a dyn Source,
    /// When it becomes true, no other study is begun.
    pub(crate) stop: &'a AtomicBool,
}

/// What is done with a finished record, as the bytes of its JSON.
pub(crate) type Done<'a> = &'a (dyn Fn(&[u8]) -> io::Result<()> + Sync);

/// Why an attempt brought no record.
enum Broken {
    /// It took longer than it may.
    Deadline,
    /// The process ended by itself; `fresh` when it had done nothing before.
    Ended { fresh: bool },
    /// This side: nothing that another attempt would change.
    Here(io::Error),
}

impl Hands<'_> {
    /// Works through studies, as many at a time as there are workers, until there are no more.
    ///
    /// # Errors
    /// When a worker cannot be started, or a record cannot be kept.
    pub(crate) fn work(
        &self,
        next: &(dyn Fn() -> io::Result<Option<Files>> + Sync),
        done: Done<'_>,
    ) -> io::Result<()> {
        let slots: Vec<Slot> = (0..self.workers.jobs.max(1)).map(|_| Slot::default()).collect();
        let (over, failed) = (&AtomicBool::new(false), &AtomicBool::new(false));
        std::thread::scope(|scope| {
            let watch = scope.spawn(|| watch(&slots, over));
            let one = |slot| {
                let ended = self.one_by_one(slot, next, done, failed);
                ended.inspect_err(|_| failed.store(true, Ordering::Relaxed))
            };
            let threads: Vec<_> = slots.iter().map(|slot| scope.spawn(move || one(slot))).collect();
            let joined =
                threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(thread_failed())));
            let ended: Vec<io::Result<()>> = joined.collect();
            over.store(true, Ordering::Relaxed);
            watch.join().map_err(|_| thread_failed())?;
            ended.into_iter().collect()
        })
    }

    fn one_by_one(
        &self,
        slot: &Slot,
        next: &(dyn Fn() -> io::Result<Option<Files>> + Sync),
        done: Done<'_>,
        failed: &AtomicBool,
    ) -> io::Result<()> {
        let mut pipes = None;
        while !self.stop.load(Ordering::Relaxed) && !failed.load(Ordering::Relaxed) {
            let Some(files) = next()? else { break };
            let asked = files.asked();
            let mut outcome = self.attempt(slot, &mut pipes, &asked, &files);
            if matches!(outcome, Err(Broken::Ended { fresh: false })) {
                // What the studies before left behind may be to blame.
                outcome = self.attempt(slot, &mut pipes, &asked, &files);
            }
            match outcome {
                Ok(record) => done(&record)?,
                Err(Broken::Here(error)) => return Err(error),
                Err(Broken::Deadline) => done(&self.failed(&asked, &self.too_long())?)?,
                Err(Broken::Ended { .. }) => done(&self.failed(&asked, ENDED)?)?,
            }
        }
        drop(pipes);
        slot.end();
        Ok(())
    }

    fn failed(&self, asked: &Asked, message: &str) -> io::Result<Vec<u8>> {
        Ok(serde_json::to_vec(&study::failed(asked, "limits_exceeded", message, self.identities))?)
    }

    fn too_long(&self) -> String {
        format!(
            "the analysis of this study took longer than {} s and was ended; give more time with --timeout",
            self.workers.deadline.as_secs()
        )
    }

    fn attempt(
        &self,
        slot: &Slot,
        pipes: &mut Option<Pipes>,
        asked: &Asked,
        files: &Files,
    ) -> Result<Vec<u8>, Broken> {
        let mut open = match pipes.take() {
            Some(open) => open,
            None => self.start(slot).map_err(Broken::Here)?,
        };
        slot.begin(Instant::now() + self.workers.deadline);
        let answered = self.converse(&mut open, asked, files);
        let in_time = slot.finish();
        match answered {
            Ok(record) if in_time => {
                open.used = true;
                *pipes = Some(open);
                Ok(record)
            }
            _ => {
                let fresh = !open.used;
                drop(open);
                slot.end();
                Err(if in_time { Broken::Ended { fresh } } else { Broken::Deadline })
            }
        }
    }

    fn start(&self, slot: &Slot) -> io::Result<Pipes> {
        // The worker inherits nothing it could leak.
        let mut child = Command::new(&self.workers.program)
            .args(&self.workers.arguments)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("a worker process has no pipes"));
        };
        slot.keep(child);
        let mut pipes = Pipes { input: BufWriter::new(input), output: BufReader::new(output), used: false };
        // A worker that ends here is found out by the first study.
        let _ = frames::write(&mut pipes.input, &serde_json::to_vec(self.setup)?);
        Ok(pipes)
    }

    fn converse(&self, pipes: &mut Pipes, asked: &Asked, files: &Files) -> io::Result<Vec<u8>> {
        frames::write(&mut pipes.input, &serde_json::to_vec(asked)?)?;
        pipes.input.flush()?;
        loop {
            let mut said = frames::read(&mut pipes.output)?;
            match said.first() {
                Some(&RECORD) => {
                    said.remove(0);
                    return Ok(said);
                }
                Some(&WANT_FILE) => self.give(pipes, &said[1..], files)?,
                _ => return Err(io::ErrorKind::InvalidData.into()),
            }
        }
    }

    fn give(&self, pipes: &mut Pipes, index: &[u8], files: &Files) -> io::Result<()> {
        let index = index.try_into().map(u32::from_le_bytes).map_err(io::Error::other)?;
        let location = usize::try_from(index).ok().and_then(|index| files.locations.get(index));
        let location = location.ok_or(io::ErrorKind::InvalidData)?;
        match source::read_whole(self.source, location, Limits::DEFAULT.file_bytes) {
            Ok(bytes) => {
                pipes.input.write_all(&(bytes.len() as u64 + 1).to_le_bytes())?;
                pipes.input.write_all(&[FILE])?;
                pipes.input.write_all(&bytes)?;
            }
            Err(error) => {
                let kind = KINDS.iter().position(|kind| *kind == error.kind()).unwrap_or_default();
                frames::write(&mut pipes.input, &[NO_FILE, u8::try_from(kind).unwrap_or_default()])?;
            }
        }
        pipes.input.flush()
    }
}

const ENDED: &str = "the analysis of this study ended without a result; it may have needed too much memory, of which --memory gives more";

struct Pipes {
    input: BufWriter<ChildStdin>,
    output: BufReader<ChildStdout>,
    used: bool,
}

/// A worker process and until when it has time.
#[derive(Default)]
struct Slot {
    child: Mutex<Option<Child>>,
    deadline: Mutex<Option<Instant>>,
}

impl Slot {
    fn keep(&self, child: Child) {
        if let Ok(mut kept) = self.child.lock() {
            *kept = Some(child);
        }
    }

    fn begin(&self, deadline: Instant) {
        if let Ok(mut until) = self.deadline.lock() {
            *until = Some(deadline);
        }
    }

    /// Whether the study ended before its deadline did.
    fn finish(&self) -> bool {
        self.deadline.lock().is_ok_and(|mut until| until.take().is_some_and(|until| Instant::now() <= until))
    }

    /// Ends the process, which may have ended already.
    fn end(&self) {
        if let Some(mut child) = self.child.lock().ok().and_then(|mut kept| kept.take()) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    fn end_if_late(&self) {
        let late = self.deadline.lock().is_ok_and(|mut until| {
            let late = until.is_some_and(|until| until < Instant::now());
            if late {
                *until = None;
            }
            late
        });
        if late {
            self.end();
        }
    }
}

fn watch(slots: &[Slot], over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        slots.iter().for_each(Slot::end_if_late);
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn thread_failed() -> io::Error {
    io::Error::other("a thread of the batch failed")
}
