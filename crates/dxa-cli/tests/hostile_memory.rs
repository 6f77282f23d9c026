//! No hostile file makes the program take more memory than its limits allow.

#[path = "../../dxa-core/tests/hostile_files/mod.rs"]
mod hostile_files;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hostile_files::HostileFile;
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

/// Which part of the test a process does, and in which folder.
const PART: &str = "DXA_TEST_PART";
const FOLDER: &str = "DXA_TEST_FOLDER";

/// A child counts the memory of its parent as its own, and a parent that of all its children: the files are
/// written by one process and measured by another, both small runs of this test under a third.
#[test]
fn every_hostile_file_stays_within_its_memory() {
    let folder = std::env::var_os(FOLDER).map(PathBuf::from);
    match (std::env::var(PART).as_deref(), folder) {
        (Ok("write"), Some(folder)) => write(&folder),
        (Ok("measure"), Some(folder)) => measure(&folder),
        _ => {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile-memory-files");
            fs::create_dir_all(&folder).expect("the target folder is writable");
            run_part("write", &folder);
            run_part("measure", &folder);
            fs::remove_dir_all(folder).expect("a folder of this test");
        }
    }
}

fn run_part(part: &str, folder: &Path) {
    let this = std::env::current_exe().expect("a test has a path");
    let mut command = Command::new(this);
    let output = command.env(PART, part).env(FOLDER, folder).output().expect("a test can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{part}: {said}{}", String::from_utf8_lossy(&output.stdout));
}

/// Of the lengths that only differ in their number the one that would cost most.
fn files() -> impl Iterator<Item = HostileFile> {
    let costs_most = |name: &str| !name.starts_with("long-") || name.contains("-ffffff00-");
    hostile_files::all().into_iter().filter(move |file| costs_most(&file.name))
}

fn write(folder: &Path) {
    for file in files() {
        fs::write(folder.join(&file.name), file.bytes()).expect("room for the file");
    }
}

fn measure(folder: &Path) {
    analyze(&folder.join("empty"));
    let empty = largest_child();
    // Smallest first: what counts is the largest child so far.
    let size = |path: &PathBuf| fs::metadata(path).expect("was written").len();
    let mut paths: Vec<PathBuf> = files().map(|file| folder.join(&file.name)).collect();
    paths.sort_by_key(size);
    for path in paths {
        let input = size(&path) as i64 / 1_024;
        analyze(&path);
        let more = largest_child() - empty;
        assert!(more <= MOST_KB + input, "{}: {more} KB beyond an empty run, of {input}", path.display());
    }
}
