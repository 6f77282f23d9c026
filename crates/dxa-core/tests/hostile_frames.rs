//! Hostile compressed frames are refused, in bounded time and memory, and never by a panic.

#![expect(clippy::disallowed_methods, reason = "a test reads files")]
#![expect(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

use std::time::Duration;

use dxa_core::decode::pixels;
use dxa_core::guard::{self, Input, Leniency, Limits};
use nix::time::{ClockId, clock_gettime};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Memory beyond the input.
const MOST_BYTES: usize = 256 << 20;
/// Processor time of one frame; code that is not optimized gets what it costs more.
const MOST_TIME: Duration = Duration::from_millis(if cfg!(debug_assertions) { 4_000 } else { 1_000 });
/// Changed copies of each frame.
const MUTANTS: u32 = 400;

/// A file of the test scans, and a way to put other frames into it.
struct Carrier {
    name: &'static str,
    head: Vec<u8>,
    frame: Vec<u8>,
}

const ITEM: [u8; 4] = [0xFE, 0xFF, 0x00, 0xE0];
const PIXEL_DATA: [u8; 4] = [0xE0, 0x7F, 0x10, 0x00];

fn find(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).rposition(|part| part == wanted).unwrap()
}

impl Carrier {
    fn of(name: &'static str) -> Self {
        let path = format!("{}/../../test-scans/{name}", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(path).unwrap();
        let start =
            bytes.windows(8).position(|part| part[..4] == PIXEL_DATA && &part[4..6] == b"OB").unwrap() + 12;
        let mut frame = Vec::new();
        let mut at = start;
        let mut items = 0;
        while bytes[at..at + 4] == ITEM {
            let length = u32::from_le_bytes(bytes[at + 4..at + 8].try_into().unwrap()) as usize;
            if items > 0 {
                frame.extend_from_slice(&bytes[at + 8..at + 8 + length]);
            }
            (items, at) = (items + 1, at + 8 + length);
        }
        Self { name, head: bytes[..start].to_vec(), frame }
    }

    /// The file with another frame, and other rows and columns in its header.
    fn with(&self, frame: &[u8], size: Option<(u16, u16)>) -> Vec<u8> {
        let mut bytes = self.head.clone();
        if let Some((rows, columns)) = size {
            for (element, value) in [(0x10, rows), (0x11, columns)] {
                let at = find(&bytes, &[0x28, 0x00, element, 0x00, b'U', b'S', 2, 0]) + 8;
                bytes[at..at + 2].copy_from_slice(&value.to_le_bytes());
            }
        }
        bytes.extend_from_slice(&ITEM);
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&ITEM);
        let mut frame = frame.to_vec();
        frame.resize(frame.len().next_multiple_of(2), 0);
        bytes.extend_from_slice(&(frame.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&frame);
        bytes.extend_from_slice(&[0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
        bytes
    }
}

fn processor_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("every kernel has this clock").into()
}

/// Whether pixels came out, and what is wrong with how it went.
fn answer(bytes: &[u8]) -> (bool, Option<String>) {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let start = processor_time();
    let read = guard::open(Input::whole(bytes), Leniency::Tolerant, &Limits::DEFAULT)
        .is_ok_and(|object| pixels::read(&object).is_ok());
    let time = processor_time() - start;
    let most = ALLOCATOR.peak_usage().saturating_sub(before);
    let wrong = time > MOST_TIME || most > MOST_BYTES;
    (read, wrong.then(|| format!("{time:?}, {most} bytes")))
}

/// A small generator of its own: the same changes on every machine.
fn random(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 33) as usize
}

fn changed(frame: &[u8], state: &mut u64) -> Vec<u8> {
    let mut frame = frame.to_vec();
    for _ in 0..1 + random(state) % 6 {
        let near_start = random(state).is_multiple_of(2);
        let at = random(state) % if near_start { frame.len().min(200) } else { frame.len() };
        match random(state) % 6 {
            0 => frame[at] = 0xFF,
            1 => frame[at] = 0,
            2 => frame.truncate(at.max(2)),
            3 => frame[at] = frame[at].wrapping_add(1),
            4 => frame.insert(at, 0xFF),
            _ => frame[at] = random(state) as u8,
        }
    }
    frame
}

/// Codestreams made byte by byte; each must be refused.
fn crafted(carrier: &Carrier) -> Vec<(String, Vec<u8>)> {
    let frame = &carrier.frame;
    let mut files = vec![
        ("empty".to_owned(), carrier.with(&[], None)),
        ("zeros".to_owned(), carrier.with(&[0; 64], None)),
        ("ones".to_owned(), carrier.with(&[0xFF; 4096], None)),
        ("cut in half".to_owned(), carrier.with(&frame[..frame.len() / 2], None)),
    ];
    let mut add =
        |name: &str, frame: Vec<u8>, size| files.push((name.to_owned(), carrier.with(&frame, size)));
    if frame.starts_with(&[0xFF, 0xD8]) {
        let at = frame.windows(2).position(|part| part[0] == 0xFF && matches!(part[1], 0xC0..=0xC3)).unwrap();
        let sof = frame[at..at + 13].to_vec();
        let huge = |frame: &[u8]| {
            let mut frame = frame.to_vec();
            frame[at + 5..at + 9].fill(0xFF);
            frame
        };
        add("65535 x 65535", huge(frame), None);
        // Announced alike by the header, so that only the data can tell.
        add("65535 x 65535 by the header too", huge(frame), Some((65535, 65535)));
        let mut many = frame[..at].to_vec();
        for _ in 0..2000 {
            many.extend_from_slice(&sof);
        }
        many.extend_from_slice(&frame[at..]);
        add("many starts of frame", many, None);
        let mut second = frame[..at].to_vec();
        second.extend_from_slice(&[0xFF, 0xD0, 0x00, 0x0B, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        second.extend_from_slice(&huge(frame)[at..]);
        second.extend_from_slice(&frame[at..]);
        add("a huge start of frame behind a marker without length", second, None);
        for (name, length) in [("zero", 0u16), ("one", 1), ("two", 2), ("all", 65535)] {
            let mut other = frame.clone();
            other[at + 2..at + 4].copy_from_slice(&length.to_be_bytes());
            add(&format!("a start of frame of length {name}"), other, None);
        }
        for precision in [0, 1, 17, 255] {
            let mut other = frame.clone();
            other[at + 4] = precision;
            add(&format!("precision {precision}"), other, None);
        }
        let mut components = frame.clone();
        components[at + 9] = 255;
        add("255 components", components, None);
        add("no data after the scan", frame[..frame.len().min(at + 200)].to_vec(), None);
    } else if frame.starts_with(&[0xFF, 0x4F]) {
        let put = |at: usize, value: u32| {
            let mut frame = frame.clone();
            frame[at..at + 4].copy_from_slice(&value.to_be_bytes());
            frame
        };
        add("2^32 - 1 columns", put(8, u32::MAX), None);
        add(
            "65535 x 65535",
            {
                let mut frame = put(8, 65535);
                frame[12..16].copy_from_slice(&65535u32.to_be_bytes());
                frame
            },
            None,
        );
        add(
            "65535 x 65535 by the header too",
            {
                let mut frame = put(8, 65535);
                frame[12..16].copy_from_slice(&65535u32.to_be_bytes());
                frame[24..32].fill(0xFF);
                frame
            },
            Some((65535, 65535)),
        );
        add(
            "tiles of one pixel",
            {
                let mut frame = put(24, 1);
                frame[28..32].copy_from_slice(&1u32.to_be_bytes());
                frame
            },
            None,
        );
        add("tiles of no pixel", put(24, 0), None);
        add("an offset beyond the image", put(16, u32::MAX), None);
        let mut components = frame.clone();
        components[40..42].copy_from_slice(&16384u16.to_be_bytes());
        add("16384 components", components, None);
        for precision in [16, 37, 127, 255] {
            let mut other = frame.clone();
            other[42] = precision;
            add(&format!("precision {precision}"), other, None);
        }
        let mut repeated = frame[..2].to_vec();
        for _ in 0..500 {
            repeated.extend_from_slice(&frame[2..frame.len().min(200)]);
        }
        add("headers again and again", repeated, None);
        if let Some(at) = frame.windows(2).position(|part| part == [0xFF, 0x52]) {
            for (name, place, value) in [
                ("33 levels", 9, 33),
                ("255 levels", 9, 255),
                ("blocks of 2^255", 10, 255),
                ("65535 layers", 6, 255),
            ] {
                let mut other = frame.clone();
                other[at + place] = value;
                add(name, other, None);
            }
        }
    } else {
        for (name, place, value) in [
            ("no segments", 0, 0u32),
            ("2^32 - 1 segments", 0, u32::MAX),
            ("a segment beyond the frame", 4, u32::MAX),
            ("a segment in the header", 4, 0),
        ] {
            let mut other = frame.clone();
            other[place..place + 4].copy_from_slice(&value.to_le_bytes());
            add(name, other, None);
        }
        add("65535 x 65535 by the header", frame.clone(), Some((65535, 65535)));
        let mut idle = frame[..64].to_vec();
        idle.resize(1 << 20, 128);
        add("nothing but idle bytes", idle, None);
    }
    files
}

/// One test, because the allocator counts for the whole process.
#[test]
fn hostile_frames_are_refused_in_bounded_time_and_memory() {
    let work = || {
        let mut complaints = Vec::new();
        for name in ["18-jpeg-lossless.dcm", "18-jpeg-2000.dcm", "18-rle.dcm"] {
            let carrier = Carrier::of(name);
            assert!(answer(&carrier.with(&carrier.frame, None)).0, "{name} itself is read");
            for (what, bytes) in crafted(&carrier) {
                let (read, wrong) = answer(&bytes);
                complaints.extend(read.then(|| format!("{name}, {what}: pixels came out")));
                complaints.extend(wrong.map(|wrong| format!("{name}, {what}: {wrong}")));
            }
            let mut state = 0x9E37_79B9_7F4A_7C15;
            for number in 0..MUTANTS {
                let frame = changed(&carrier.frame, &mut state);
                let (_, wrong) = answer(&carrier.with(&frame, None));
                complaints.extend(wrong.map(|wrong| format!("{}, mutant {number}: {wrong}", carrier.name)));
            }
        }
        assert!(complaints.is_empty(), "{}:\n{}", complaints.len(), complaints.join("\n"));
    };
    // On the stack that readers have.
    let thread = std::thread::Builder::new().stack_size(guard::STACK_BYTES).spawn(work).unwrap();
    thread.join().unwrap();
}
