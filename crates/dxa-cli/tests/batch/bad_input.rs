//! What archives hold beside good files: rows in `errors`, and the run goes on.

use std::os::unix::fs::{PermissionsExt as _, symlink};

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
    let locked = source.join("locked.dcm");
    std::fs::write(&locked, &half).unwrap();
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o000)).unwrap();
    let readable = std::fs::read(&locked).is_ok();
    batch(&source, &out, &["--formats", "csv"]);
    let errors = rows(&out, "errors");
    let mut paths: Vec<&str> = errors.iter().map(|row| row["path"].as_str()).collect();
    // Whoever may read everything reads this too.
    assert_eq!(paths.contains(&"locked.dcm"), !readable);
    paths.retain(|path| *path != "locked.dcm");
    assert_eq!(
        paths,
        ["17-truncated.dcm", "broken.zip", "dangling", "empty.dcm", "half.dcm", "loop", "笔记 一.docx"]
    );
    for row in &errors {
        assert_eq!(row["code"], "unreadable", "{row:?}");
        assert!(row["message"].ends_with('.') && row["message"].len() > 10, "{row:?}");
    }
    assert!(rows(&out, "studies").len() >= 6);
}

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
