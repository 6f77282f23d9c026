//! A study that takes too long or too much, and a disk that is full.

use std::process::Command;
use std::time::Instant;

use crate::{assert_same, batch, dxa, rows, source, text};

#[test]
fn a_study_over_its_limits_is_a_row_and_is_tried_again() {
    let source = source("limits");
    let at = |name: &str| source.with_file_name(name);
    batch(&source, &at("whole"), &[]);
    let studies = rows(&at("whole"), "studies").len();
    for limit in [["--timeout", "0"], ["--memory", "24"]] {
        let out = at(&limit.concat());
        let begun = Instant::now();
        let arguments = ["batch", source.to_str().unwrap(), "--out", out.to_str().unwrap()];
        // Nothing came of it.
        assert_eq!(dxa(&[&arguments[..], &limit].concat()).status.code(), Some(1));
        assert!(begun.elapsed().as_secs() < 60);
        let errors = rows(&out, "errors");
        let over = errors.iter().filter(|row| row["code"] == "limits_exceeded").collect::<Vec<_>>();
        assert_eq!((over.len(), rows(&out, "studies").len()), (studies, 0), "{limit:?}");
        assert!(over.iter().all(|row| row["message"].contains(limit[0])), "{over:?}");
        batch(&source, &out, &["--resume"]);
        assert_same(&at("whole"), &out);
    }
}

/// A limit on the size of files stands for a disk without room: the same error comes from the same calls.
#[test]
fn a_full_disk_ends_the_run_and_room_lets_it_go_on() {
    let source = source("limits-disk");
    let (whole, out) = (source.with_file_name("whole"), source.with_file_name("out"));
    batch(&source, &whole, &[]);
    let script = r#"trap '' XFSZ; ulimit -f 24; exec "$0" "$@""#;
    let arguments = ["batch", source.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let mut command = Command::new("bash");
    let output = command.args(["-c", script, env!("CARGO_BIN_EXE_dxa")]).args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("--resume") && !out.join("run.json").exists());
    let output = dxa(&[&arguments[..], &["--resume"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_same(&whole, &out);
}
