//! Tables hold what `dxa analyze` says, and are the same however they came about.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{assert_same, batch, dxa, folder, published, rows, source, text};

fn list<'a>(study: &'a Value, name: &str) -> &'a Vec<Value> {
    study[name].as_array().unwrap()
}

/// A JSON value as a cell.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string().trim_end_matches(".0").to_owned(),
    }
}

#[test]
fn tables_hold_what_analyze_says() {
    let source = source("tables-as-analyze");
    let out = source.with_file_name("out");
    batch(&source, &out, &["--formats", "csv"]);
    let output = dxa(&["analyze", "--json", source.to_str().unwrap()]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let studies = document["studies"].as_array().unwrap();
    let uid = |study: &Value| cell(&study["study"]["instance_uid"]);
    let wanted: Vec<String> = studies.iter().map(uid).collect();
    let found: Vec<String> = rows(&out, "studies").iter().map(|row| row["study_uid"].clone()).collect();
    assert_eq!(found, wanted);
    let mut checked = 0;
    for (table, list_name, columns) in [
        (
            "regions",
            "regions",
            &["scan", "site", "provenance", "area_cm2", "bmc_g", "bmd_g_cm2", "uncertainty_g_cm2"][..],
        ),
        ("refusals", "refusals", &["scan", "code", "message"]),
        ("findings", "findings", &["scan", "code", "severity", "site", "message"]),
        ("quality", "quality", &["scan", "status", "measured", "limit", "unit"]),
    ] {
        let rows = rows(&out, table);
        let expected = studies
            .iter()
            .flat_map(|study| list(study, list_name).iter().map(move |entry| (uid(study), entry)));
        let expected: Vec<(String, &Value)> = expected.collect();
        assert_eq!(rows.len(), expected.len(), "{table}");
        for (row, (uid, entry)) in rows.iter().zip(expected) {
            assert_eq!(row["study_uid"], uid);
            for column in columns {
                assert_eq!(row[*column].trim_end_matches(".0"), cell(&entry[*column]), "{table} {column}");
                checked += 1;
            }
        }
    }
    let scores = rows(&out, "scores");
    let expected =
        studies.iter().flat_map(|study| list(study, "regions")).flat_map(|region| list(region, "scores"));
    let expected: Vec<String> = expected.map(|score| cell(&score["exact"])).collect();
    assert_eq!(scores.iter().map(|row| row["exact"].clone()).collect::<Vec<_>>(), expected);
    assert!(checked > 300 && expected.len() > 10, "{checked}");
    let errors = rows(&out, "errors");
    assert_eq!(
        (errors.len(), errors[0]["path"].as_str(), errors[0]["code"].as_str()),
        (1, "17-truncated.dcm", "unreadable")
    );
}

#[test]
fn jobs_shards_and_stops_change_no_byte() {
    let source = source("tables-same");
    let at = |name: &str| source.with_file_name(name);
    let all = ["--formats", "parquet,csv,xlsx"];
    batch(&source, &at("one"), &[&all[..], &["--jobs", "1"]].concat());
    batch(&source, &at("many"), &[&all[..], &["--jobs", "8"]].concat());
    assert_same(&at("one"), &at("many"));
    let mut shards = Vec::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let out = at(&format!("shard-{}", &shard[..1]));
        batch(&source, &out, &["--formats", "csv", "--shard", shard]);
        shards.push(out);
    }
    let folders = shards.iter().map(|out| out.to_str().unwrap());
    let merged = at("merged");
    let merge = |folders: Vec<&str>, out: &str| {
        dxa(&[&["batch", "merge"], &folders[..], &["--out", out], &all[..]].concat())
    };
    let output = merge(folders.clone().collect(), merged.to_str().unwrap());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_same(&at("one"), &merged);
    let output = merge(folders.skip(1).collect(), at("lacking").to_str().unwrap());
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("the shards 1/3 are missing"), "{}", text(&output.stderr));
}

#[test]
fn a_killed_run_goes_on_where_it_was() {
    let source = source("tables-killed");
    let (whole, out) = (source.with_file_name("whole"), source.with_file_name("out"));
    batch(&source, &whole, &[]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_dxa"));
    command.args(["batch", source.to_str().unwrap(), "--out", out.to_str().unwrap(), "--jobs", "1"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let journal = out.join("journal.jsonl");
    let until = Instant::now() + Duration::from_secs(60);
    let lines = || {
        let Ok(file) = std::fs::File::open(&journal) else { return Vec::new() };
        BufReader::new(file).lines().map(|line| line.unwrap()).collect::<Vec<String>>()
    };
    while lines().len() < 4 && Instant::now() < until && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let before = lines();
    assert!(before.len() >= 4 && !out.join("run.json").exists(), "{} lines", before.len());
    let again = ["batch", source.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let refused = dxa(&again);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("--resume"));
    // The journal says what was done after the stop: nothing that it had before.
    let copy = folder("tables-killed-copy");
    std::fs::copy(&journal, copy.join("journal.jsonl")).unwrap();
    let output = dxa(&[&again[..], &["--resume"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_same(&whole, &out);
    let key = |line: &String| serde_json::from_str::<Value>(line).unwrap()["key"].as_str().map(str::to_owned);
    let kept: BTreeSet<Option<String>> = before[1..before.len() - 1].iter().map(key).collect();
    let after: BTreeSet<Option<String>> = lines()[1..].iter().map(key).collect();
    assert!(kept.is_subset(&after) && kept.len() < after.len());
}

#[test]
fn a_resumed_run_knows_what_changed_in_its_source() {
    let source = source("tables-changed");
    let (fresh, out) = (source.with_file_name("fresh"), source.with_file_name("out"));
    batch(&source, &out, &["--formats", "csv"]);
    std::fs::remove_file(source.join("14-ultrasound-bdus.dcm")).unwrap();
    std::fs::remove_file(source.join("17-truncated.dcm")).unwrap();
    let scan = crate::repository().join("test-scans/07-hologic-right-hip-man.dcm");
    std::fs::copy(scan, source.join("new.dcm")).unwrap();
    batch(&source, &out, &["--formats", "csv", "--resume"]);
    batch(&source, &fresh, &["--formats", "csv"]);
    for (name, bytes) in published(&fresh) {
        assert!(bytes == published(&out)[&name], "{name} differs");
    }
    assert!(rows(&out, "errors").is_empty());
    let other = dxa(&[
        "batch",
        source.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
        "--resume",
        "--profile",
        "china-2022",
    ]);
    assert_eq!(other.status.code(), Some(2));
    assert!(text(&other.stderr).contains("another profile"));
}

#[test]
fn the_dictionary_has_every_column_of_every_table() {
    let source = source("tables-dictionary");
    let out = source.with_file_name("out");
    batch(&source, &out, &["--formats", "csv", "--where", "site = total_hip and t <= -0.5"]);
    let dictionary = rows(&out, "dictionary");
    let mut tables: Vec<String> = dictionary.iter().map(|row| row["table"].clone()).collect();
    tables.dedup();
    assert_eq!(tables.len(), 10);
    for table in &tables {
        let mut reader = csv::Reader::from_path(out.join(format!("{table}.csv"))).unwrap();
        let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let own = dictionary.iter().filter(|row| row["table"] == *table).map(|row| row["column"].clone());
        assert_eq!(header, own.collect::<Vec<_>>());
    }
    // The cohort: hips with a T of −0.5 or less; the report of hips and the left hip have one.
    let hips: Vec<String> = rows(&out, "studies").iter().map(|row| row["study_uid"].clone()).collect();
    assert_eq!(hips.len(), 2);
    let run: Value = serde_json::from_slice(&std::fs::read(out.join("run.json")).unwrap()).unwrap();
    assert_eq!(
        (run["studies"].as_u64(), run["cohort"].as_str()),
        (Some(2), Some("site = total_hip and t <= -0.5"))
    );
    assert!(run["left_out"].as_u64().unwrap() >= 4);
    assert_eq!(run["files"].as_array().unwrap().len(), 11);
}
