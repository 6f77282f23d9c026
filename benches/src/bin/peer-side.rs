//! Our side of `benches/compare-peers`: does one task once and prints one JSON object.

#![expect(clippy::print_stdout, reason = "the object on stdout is the result")]

use anyhow::{Result, bail, ensure};
use dxa_benches::{clock, dicom_files, folders, read_header, study, touch_every_element};
use serde_json::{Value, json};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A pass is repeated until the clock has something to measure.
const AT_LEAST: Duration = Duration::from_millis(200);

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["header", folder] => timed(Path::new(folder), read_header)?,
        ["sr", folder] => timed(Path::new(folder), touch_every_element)?,
        ["study", folder] => studies(Path::new(folder))?,
        ["rss", program, arguments @ ..] => peak_rss(program, arguments)?,
        _ => bail!("usage: peer-side header DIR | sr DIR | study DIR | rss PROGRAM ARGUMENT…"),
    };
    println!("{result}");
    Ok(())
}

/// Times one pass over all files of a folder, after one to warm up.
fn timed(folder: &Path, task: fn(&Path) -> io::Result<usize>) -> Result<Value> {
    let files = dicom_files(folder)?;
    ensure!(!files.is_empty(), "{} holds no .dcm file", folder.display());
    let elements = all(&files, task)?;
    let pass = clock::time(AT_LEAST, || all(&files, task).map(drop))?;
    Ok(json!({
        "files": files.len(), "elements": elements, "passes": pass.passes, "cpu_s": pass.cpu_s, "wall_s": pass.wall_s
    }))
}

/// Times one pass over all studies of a folder, and gives what was found in each.
fn studies(folder: &Path) -> Result<Value> {
    let folders = folders(folder)?;
    ensure!(!folders.is_empty(), "{} holds no folder", folder.display());
    let mut bytes = Vec::new();
    let mut all = || -> io::Result<Vec<Value>> {
        folders.iter().map(|folder| study::study(folder, &mut bytes)).collect()
    };
    let results = all()?;
    let pass = clock::time(AT_LEAST, || all().map(drop))?;
    Ok(json!({
        "files": folders.len(), "results": results, "passes": pass.passes, "cpu_s": pass.cpu_s, "wall_s": pass.wall_s
    }))
}

fn all(files: &[PathBuf], task: fn(&Path) -> io::Result<usize>) -> io::Result<usize> {
    files.iter().map(|file| task(file)).sum()
}

/// Runs a program to its end and gives its peak resident set. This process is small, so that what a child
/// holds before it becomes the program does not count.
fn peak_rss(program: &str, arguments: &[&str]) -> Result<Value> {
    let status =
        Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    Ok(json!({ "exit": status.code(), "peak_rss_kib": clock::peak_rss_of_children_kib()? }))
}
