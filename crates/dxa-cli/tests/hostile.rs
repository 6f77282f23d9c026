//! The program on hostile folders: every bad file gets its sentence, every good one its study.

#[path = "../../dxa-core/tests/hostile_files/mod.rs"]
mod hostile_files;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use hostile_files::Answer;
use hostile_files::writer::{Image, Syntax};
use serde_json::Value;

/// A fresh folder of this test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("hostile-{name}"));
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("a folder of this test");
    }
    fs::create_dir_all(&folder).expect("the target folder is writable");
    folder
}

fn analyze(arguments: &[&str], path: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dxa"));
    command.arg("analyze").args(arguments).arg(path).stdin(Stdio::null());
    let output = command.output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("panicked"), "{said}");
    output
}

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

/// Path, code and message of every entry of `errors`.
fn errors(document: &Value) -> Vec<(String, String, String)> {
    let text = |entry: &Value, key: &str| entry[key].as_str().expect("a text").to_owned();
    let errors = document["errors"].as_array().expect("an array");
    errors.iter().map(|entry| (text(entry, "path"), text(entry, "code"), text(entry, "message"))).collect()
}

fn is_sentence(message: &str) -> bool {
    let starts =
        message.chars().next().is_some_and(|letter| letter.is_uppercase() || !letter.is_alphabetic());
    let machine = ["panic", "unwrap", "thread '", "src/"];
    starts
        && message.ends_with('.')
        && !message.contains('\n')
        && !machine.iter().any(|word| message.contains(word))
}

#[test]
fn every_bad_file_gets_its_sentence_and_the_good_ones_their_study() {
    let folder = folder("mixed");
    let hostile = hostile_files::all();
    let bad: Vec<_> = hostile.iter().filter(|file| file.answer != Answer::Accepted).collect();
    for file in &bad {
        fs::write(folder.join(&file.name), file.bytes()).expect("room for the file");
    }
    fs::write(folder.join("good.dcm"), Image::small(Syntax::ExplicitLittle).file())
        .expect("room for the file");
    let output = analyze(&["--json"], &folder);
    assert_eq!(output.status.code(), Some(0));
    let document = document(&output);
    assert_eq!(document["studies"].as_array().map(Vec::len), Some(1));
    let errors = errors(&document);
    let mut expected: Vec<(String, &str)> = bad
        .iter()
        .map(|file| {
            let code = if file.answer == Answer::Unreadable { "unreadable" } else { "limits_exceeded" };
            (folder.join(&file.name).to_string_lossy().into_owned(), code)
        })
        .collect();
    expected.sort();
    let found: Vec<(String, &str)> =
        errors.iter().map(|(path, code, _)| (path.clone(), code.as_str())).collect();
    assert_eq!(found, expected);
    for (path, _, message) in &errors {
        assert!(is_sentence(message), "{path}: {message}");
    }
    fs::remove_dir_all(folder).expect("a folder of this test");
}

#[test]
fn exit_codes_are_those_of_the_contract() {
    let folder = folder("codes");
    let empty = analyze(&["--json"], &folder);
    assert_eq!(empty.status.code(), Some(1));
    assert_eq!(document(&empty)["studies"], Value::Array(Vec::new()));
    fs::write(folder.join("bad.dcm"), b"no DICOM").expect("room for the file");
    let only_bad = analyze(&["--json"], &folder);
    assert_eq!(only_bad.status.code(), Some(1));
    assert_eq!(errors(&document(&only_bad)).len(), 1);
    let missing = analyze(&["--json"], &folder.join("missing"));
    assert_eq!(missing.status.code(), Some(2));
    assert!(missing.stdout.is_empty());
    assert_eq!(String::from_utf8_lossy(&missing.stderr).lines().count(), 1);
}

/// Ten thousand names of six files: nine in ten are one object again, the rest are bad.
#[test]
fn ten_thousand_mixed_files_finish() {
    let folder = folder("ten-thousand");
    let good = folder.join("good.dcm");
    fs::write(&good, Image::small(Syntax::ExplicitLittle).file()).expect("room for the file");
    let bad = ["empty", "nested-2000-open-explicitlittle", "long-pixels-ffffff00-explicitlittle", "text"];
    let hostile = hostile_files::all();
    for number in 0..10_000 {
        let path = folder.join(format!("{number:05}"));
        if number % 10 != 0 {
            fs::copy(&good, path).expect("room for the file");
            continue;
        }
        let name = bad[number / 10 % bad.len()];
        let file = hostile.iter().find(|file| file.name == name).expect("is there");
        fs::write(path, file.bytes()).expect("room for the file");
    }
    let start = Instant::now();
    let output = analyze(&["--json"], &folder);
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    assert_eq!(output.status.code(), Some(0));
    let document = document(&output);
    assert_eq!(document["studies"].as_array().map(Vec::len), Some(1));
    assert_eq!(errors(&document).len(), 1_000);
    fs::remove_dir_all(folder).expect("a folder of this test");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_named_and_nobody_waits_for_it() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = folder("no-files");
    let at = |name: &str| folder.join(name);
    fs::write(at("good.dcm"), Image::small(Syntax::ExplicitLittle).file()).expect("room for the file");
    nix::unistd::mkfifo(&at("pipe"), nix::sys::stat::Mode::S_IRWXU).expect("the file system has pipes");
    symlink(at("nowhere"), at("dangling")).expect("the file system has links");
    symlink(&folder, at("loop")).expect("the file system has links");
    fs::write(at("closed"), b"closed").expect("room for the file");
    fs::set_permissions(at("closed"), fs::Permissions::from_mode(0o000)).expect("own file");
    let output = analyze(&["--json"], &folder);
    assert_eq!(output.status.code(), Some(0));
    let document = document(&output);
    assert_eq!(document["studies"].as_array().map(Vec::len), Some(1));
    let errors = errors(&document);
    let names: Vec<&str> = errors.iter().filter_map(|(path, ..)| path.rsplit('/').next()).collect();
    assert_eq!(names, ["closed", "dangling", "loop", "pipe"]);
    for (path, code, message) in &errors {
        assert_eq!(code, "unreadable", "{path}");
        assert!(is_sentence(message), "{path}: {message}");
    }
    fs::remove_dir_all(folder).expect("a folder of this test");
}
