//! The worker's side.

use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use dxa_core::guard;
use dxa_core::protocol::Protocol;
use dxa_exchange::frames;

use super::{FILE, RECORD, Setup, WANT_FILE};
use crate::cohort::Cohort;
use crate::identities::Identities;
use crate::record::Record;
use crate::study::{self, Asked, Setting};

/// The first thing that the parent says.
///
/// # Errors
/// When the input breaks.
pub fn setup(input: &mut impl Read) -> io::Result<Setup> {
    Ok(serde_json::from_slice(&frames::read(input)?)?)
}

/// Analyzes studies until the input ends.
///
/// # Errors
/// When the parent is gone, or says what makes no sense.
pub fn serve(
    setup: &Setup,
    protocol: &Protocol<'_>,
    input: impl Read + Send,
    output: impl Write + Send,
) -> io::Result<()> {
    limit_memory(setup.memory_bytes);
    let cohort = Cohort::read(&setup.cohort).map_err(io::Error::other)?;
    let identities = setup.key.map_or_else(Identities::plain, Identities::keyed);
    let setting =
        Setting { protocol, profile_source: &setup.profile_source, identities: &identities, cohort: &cohort };
    let wire = Mutex::new(Wire { input, output });
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(guard::STACK_BYTES);
        let thread = builder.spawn_scoped(scope, || studies(&wire, &setting))?;
        thread.join().unwrap_or_else(|_| Err(broken()))
    })
}

fn studies<R: Read + Send, W: Write + Send>(
    wire: &Mutex<Wire<R, W>>,
    setting: &Setting<'_>,
) -> io::Result<()> {
    loop {
        let asked = wire.lock().map_err(|_| broken())?.next();
        let Some(asked) = asked? else { return Ok(()) };
        let fetch = |index: usize| wire.lock().map_err(|_| broken())?.fetch(index);
        // A defect that only panics need not cost the process.
        let record = catch_unwind(AssertUnwindSafe(|| study::record(&asked, &fetch, setting)));
        let message = "the analysis of this study failed inside the program";
        let failed = |_| study::failed(&asked, "unreadable", message, setting.identities);
        wire.lock().map_err(|_| broken())?.answer(&record.unwrap_or_else(failed))?;
    }
}

struct Wire<R, W> {
    input: R,
    output: W,
}

impl<R: Read, W: Write> Wire<R, W> {
    /// The next study; `None` when the parent has no more.
    fn next(&mut self) -> io::Result<Option<Asked>> {
        match frames::read(&mut self.input) {
            Ok(frame) => Ok(Some(serde_json::from_slice(&frame)?)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn fetch(&mut self, index: usize) -> io::Result<Vec<u8>> {
        let index = u32::try_from(index).map_err(io::Error::other)?;
        let mut want = vec![WANT_FILE];
        want.extend(index.to_le_bytes());
        self.say(&want)?;
        let mut answer = frames::read(&mut self.input)?;
        if answer.first() == Some(&FILE) {
            answer.remove(0);
            return Ok(answer);
        }
        Err(kind(answer.get(1).copied().unwrap_or_default()).into())
    }

    fn answer(&mut self, record: &Record) -> io::Result<()> {
        let mut answer = vec![RECORD];
        serde_json::to_writer(&mut answer, record)?;
        self.say(&answer)
    }

    fn say(&mut self, frame: &[u8]) -> io::Result<()> {
        frames::write(&mut self.output, frame)?;
        self.output.flush()
    }
}

/// Kinds of errors that a file is told to have, by their place.
pub(super) const KINDS: [io::ErrorKind; 5] = [
    io::ErrorKind::Other,
    io::ErrorKind::NotFound,
    io::ErrorKind::PermissionDenied,
    io::ErrorKind::InvalidData,
    io::ErrorKind::TimedOut,
];

fn kind(place: u8) -> io::ErrorKind {
    KINDS.get(usize::from(place)).copied().unwrap_or(io::ErrorKind::Other)
}

fn broken() -> io::Error {
    io::Error::other("a thread of the worker failed")
}

fn limit_memory(bytes: u64) {
    use nix::sys::resource::{Resource, setrlimit};
    if bytes > 0 {
        // Where it cannot be limited, the deadline remains.
        let _ = setrlimit(Resource::RLIMIT_AS, bytes, bytes);
    }
    let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
}
