//! No hostile file makes the program take more memory than its limits allow.

#[path = "../../dxa-core/tests/hostile_files/mod.rs"]
mod hostile_files;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::resource::{UsageWho, getrusage};

/// Beyond an empty run, in kilobytes.
const MOST_KB: i64 = 32 << 10;

/// Largest resident set of any finished child of this process, in kilobytes.
fn largest_child() -> i64 {
    getrusage(UsageWho::RUSAGE_CHILDREN).expect("every kernel counts this").max_rss()
}

fn analyze(path: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dxa"));
    command.args(["analyze", "--json"]).arg(path).stdin(Stdio::null());
    let output = command.output().expect("the program starts");
    assert!(output.status.code().is_some(), "{}: ended by a signal", path.display());
}

/// One test, alone in its process: the largest child so far must stay below the bound after every file.
#[test]
fn every_hostile_file_stays_within_its_memory() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile-memory");
    fs::write(&path, b"").expect("the target folder is writable");
    analyze(&path);
    let empty = largest_child();
    for file in hostile_files::all() {
        let bytes = file.bytes();
        let input = bytes.len() as i64 / 1_024;
        fs::write(&path, bytes).expect("room for the file");
        analyze(&path);
        let more = largest_child() - empty;
        assert!(more <= MOST_KB + input, "{}: {more} KB beyond an empty run, file of {input} KB", file.name);
    }
    fs::remove_file(path).expect("own file");
}
