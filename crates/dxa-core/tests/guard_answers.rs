//! Every hostile file gets its answer, in bounded time and memory, and never by a panic.

mod hostile_files;

use std::collections::BTreeSet;
use std::time::Duration;

use dxa_core::decode::object;
use dxa_core::guard::{self, Input, Leniency, Limits, Rejection};
use dxa_core::pipeline::ReadError;
use hostile_files::{Answer, HostileFile};
use nix::time::{ClockId, clock_gettime};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Memory beyond the input.
const MOST_BYTES: usize = 32 << 20;

/// Processor time of one file; code that is not optimized gets what it costs more.
const MOST_TIME: Duration = Duration::from_millis(if cfg!(debug_assertions) { 400 } else { 50 });

/// The stages up to an object of a study, as the pipeline runs them.
fn read(bytes: &[u8]) -> Result<(), ReadError> {
    let walked = guard::open(Input::whole(bytes), Leniency::Tolerant, &Limits::DEFAULT)?;
    object::read(&walked)?;
    Ok(())
}

fn is_accepted(bytes: &[u8]) -> bool {
    guard::open(Input::whole(bytes), Leniency::Tolerant, &Limits::DEFAULT).is_ok()
}

struct Cost {
    time: Duration,
    bytes: usize,
}

fn measured<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let start = processor_time();
    let result = work();
    let time = processor_time() - start;
    (result, Cost { time, bytes: ALLOCATOR.peak_usage().saturating_sub(before) })
}

fn processor_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("every kernel has this clock").into()
}

/// What is wrong with how a file was answered.
fn complaint(file: &HostileFile) -> Option<String> {
    let bytes = file.bytes();
    let (result, cost) = measured(|| read(&bytes));
    let code = result.as_ref().err().map(ReadError::code);
    let right = match file.answer {
        Answer::Accepted => is_accepted(&bytes),
        Answer::Unreadable => code == Some("unreadable"),
        Answer::LimitsExceeded => code == Some("limits_exceeded"),
    };
    let asks_for_more = matches!(result, Err(ReadError::Rejected(Rejection::NeedMore)));
    let holds = right && !asks_for_more && cost.time <= MOST_TIME && cost.bytes <= MOST_BYTES;
    (!holds).then(|| {
        format!(
            "{}: {result:?}, expected {:?}; {:?}, {} bytes",
            file.name, file.answer, cost.time, cost.bytes
        )
    })
}

/// One test, because the allocator counts for the whole process.
#[test]
fn every_hostile_file_gets_its_answer_in_bounded_time_and_memory() {
    let files = hostile_files::all();
    let names: BTreeSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names.len(), files.len(), "two files share a name");
    let complaints: Vec<String> = files.iter().filter_map(complaint).collect();
    assert!(complaints.is_empty(), "{} of {}:\n{}", complaints.len(), files.len(), complaints.join("\n"));
}
