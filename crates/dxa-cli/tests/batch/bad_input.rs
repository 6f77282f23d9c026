//! What archives hold beside good files: rows in `errors`, and the run goes on.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use crate::{batch, dxa, folder, repository, rows, source, text};

#[test]
fn bad_files_are_rows_and_the_run_goes_on() {
    let source = source("bad-input");
    let out = source.with_file_name("out");
    symlink(&source, source.join("loop")).unwrap();
    symlink(source.join("nowhere"), source.join("dangling")).unwrap();
    std::fs::write(source.join("笔记 一.docx"), "no DICOM").unwrap();
    std::fs::write(source.join("empty.dcm"), "").unwrap();
    std::fs::write(source.join("broken.zip"), b"PK\x03\x04 cut").unwrap();
    let half = std::fs::read(repository().join("test-scans/07-hologic-whole-body.dcm")).unwrap();
    std::fs::write(source.join("half.dcm"), &half[..half.len() / 2]).unwrap();
    // Opened and then not given, as by a disk that fails.
    symlink("/proc/self/mem", source.join("failing.dcm")).unwrap();
    batch(&source, &out, &["--formats", "csv"]);
    let errors = rows(&out, "errors");
    let paths: Vec<&str> = errors.iter().map(|row| row["path"].as_str()).collect();
    assert_eq!(
        paths,
        [
            "17-truncated.dcm",
            "broken.zip",
            "dangling",
            "empty.dcm",
            "failing.dcm",
            "half.dcm",
            "loop",
            "笔记 一.docx"
        ]
    );
    for row in &errors {
        assert_eq!(row["code"], "unreadable", "{row:?}");
        assert!(row["message"].ends_with('.') && row["message"].len() > 10, "{row:?}");
    }
    assert!(rows(&out, "studies").len() >= 6);
}

#[test]
fn what_may_not_be_read_is_a_row_and_where_nothing_may_be_written_nothing_begins() {
    let folder = std::env::temp_dir().join(format!("dxa-batch-permission-{}", std::process::id()));
    let source = folder.join("source");
    std::fs::create_dir_all(source.join("ward")).unwrap();
    let scan = repository().join("test-scans/07-hologic-spine.dcm");
    for name in ["read.dcm", "locked.dcm", "ward/inside.dcm"] {
        std::fs::copy(&scan, source.join(name)).unwrap();
    }
    let mode = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(&source.join("read.dcm"), 0o644);
    mode(&source.join("locked.dcm"), 0o000);
    mode(&source.join("ward"), 0o000);
    mode(&folder, 0o777);
    let out = folder.join("out");
    let output = unprivileged(&folder, &["batch", source.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let errors = rows(&out, "errors");
    let found: Vec<[&str; 2]> =
        errors.iter().map(|row| ["path", "code"].map(|column| row[column].as_str())).collect();
    assert_eq!(found, [["locked.dcm", "unreadable"], ["ward", "unreadable"]]);
    assert!(errors.iter().all(|row| row["message"].contains("permission denied")), "{errors:?}");
    assert_eq!(rows(&out, "studies").len(), 1);
    mode(&folder, 0o755);
    let owned = folder.join("owned");
    std::fs::create_dir(&owned).unwrap();
    mode(&owned, 0o555);
    let inside = owned.join("out");
    let output =
        unprivileged(&folder, &["batch", source.to_str().unwrap(), "--out", inside.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(text(&output.stderr).starts_with("dxa: cannot make the folder "), "{}", text(&output.stderr));
    mode(&source.join("ward"), 0o755);
    mode(&owned, 0o755);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// The command as somebody who may not read everything; of the program there is a copy that they can reach.
fn unprivileged(folder: &Path, arguments: &[&str]) -> std::process::Output {
    let program = folder.join("dxa");
    if !program.exists() {
        std::fs::copy(env!("CARGO_BIN_EXE_dxa"), &program).unwrap();
    }
    let mut command = Command::new(&program);
    if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.args(arguments).output().unwrap()
}

/// The user and group that own nothing.
const NOBODY: u32 = 65_534;

#[test]
fn the_folder_of_the_run_is_no_part_of_its_source() {
    let source = source("bad-input-inside");
    let out = source.join("out");
    batch(&source, &out, &["--formats", "csv"]);
    batch(&source, &out, &["--formats", "csv", "--resume"]);
    assert_eq!(rows(&out, "errors").len(), 1);
}

#[test]
fn nothing_to_read_is_told_by_the_exit_code() {
    let source = folder("bad-input-nothing");
    let out = source.with_extension("out");
    let _ = std::fs::remove_dir_all(&out);
    let run = |source: &str| dxa(&["batch", source, "--out", out.to_str().unwrap(), "--resume"]);
    assert_eq!(run(source.to_str().unwrap()).status.code(), Some(1));
    std::fs::write(source.join("a.txt"), "no DICOM").unwrap();
    assert_eq!(run(source.to_str().unwrap()).status.code(), Some(1));
    let missing = run(source.join("missing").to_str().unwrap());
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).starts_with("dxa: there is no file or folder "));
    for wrong in [["--shard", "8/7"], ["--formats", "pdf"], ["--where", "name = x"], ["--profile", "none"]] {
        let output = dxa(&[
            &["batch", source.to_str().unwrap(), "--out", out.to_str().unwrap(), "--resume"],
            &wrong[..],
        ]
        .concat());
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {}", text(&output.stderr));
    }
}
