//! Lateral spines from the outside: vertebrae against the exact truth, corrections given back, bad input refused.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

const POINTS: [&str; 6] = ["ps", "ms", "as", "ai", "mi", "pi"];
/// Small, to be quick.
const SMALL: [&str; 6] = ["--set", "object=dx", "--set", "spacing=0.5", "--set", "polarity=monochrome1"];

/// An empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("lateral-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn dxa(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_dxa")).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A simulated picture: the folder of its object alone, and its truth.
fn simulated(kind: &str, seed: &str, name: &str, settings: &[&str]) -> (PathBuf, Value) {
    let folder = folder(name);
    let start = ["simulate", kind, "--out", folder.to_str().unwrap(), "--seed", seed];
    let (code, _, error) = dxa(&[&start, settings].concat());
    assert_eq!(code, Some(0), "{error}");
    let truth: Value = serde_json::from_slice(&std::fs::read(folder.join("truth.json")).unwrap()).unwrap();
    std::fs::remove_file(folder.join("truth.json")).unwrap();
    (folder, truth["files"][0]["scene"].clone())
}

fn study(folder: &Path, more: &[&str]) -> Value {
    let (code, out, error) = dxa(&[&["analyze", folder.to_str().unwrap(), "--json"], more].concat());
    assert_eq!(code, Some(0), "{error}");
    let document: Value = serde_json::from_str(&out).unwrap();
    document["studies"][0].clone()
}

fn rows(study: &Value) -> &Vec<Value> {
    study["vertebrae"].as_array().unwrap()
}

fn row<'v>(rows: &'v Value, level: &str) -> Option<&'v Value> {
    rows.as_array().unwrap().iter().find(|row| row["level"] == level)
}

fn distance(a: &Value, b: &Value) -> f64 {
    let step = |axis: usize| a[axis].as_f64().unwrap() - b[axis].as_f64().unwrap();
    step(0).hypot(step(1))
}

/// Distances of the points of levels that both have, mm.
fn errors(study: &Value, truth: &Value) -> Vec<f64> {
    let spacing = truth["spacing_mm"][0].as_f64().unwrap();
    let measured = rows(study).iter().filter(|row| row["evaluable"] == true);
    let pairs =
        measured.filter_map(|found| Some((found, row(&truth["vertebrae"], found["level"].as_str()?)?)));
    pairs
        .flat_map(|(found, real)| {
            POINTS.map(|name| spacing * distance(&found["points_px"][name], &real["points_px"][name]))
        })
        .collect()
}

#[test]
fn a_clear_picture_gives_levels_points_heights_and_grades() {
    let settings = [&SMALL[..], &["--set", "fracture=T12:wedge:45", "--set", "fractured=0"]].concat();
    let (folder, truth) = simulated("lateral-spine", "21", "clear", &settings);
    let study = study(&folder, &[]);
    assert!(rows(&study).len() >= 12, "{study}");
    let mut errors = errors(&study, &truth);
    errors.sort_by(f64::total_cmp);
    assert!(errors.len() >= 60 && errors[errors.len() / 2] < 1.0, "{errors:?}");
    let broken = row(&study["vertebrae"], "T12").unwrap();
    assert!(broken["grade"].as_u64().unwrap() >= 2, "{broken}");
    assert_eq!(broken["provenance"], "automatic");
    let loss = broken["loss_percent"]["anterior"].as_f64().unwrap();
    assert!((loss - 45.0).abs() < 12.0, "{broken}");
    for row in rows(&study).iter().filter(|row| row["evaluable"] == true) {
        let sum: f64 = row["grade_probabilities"].as_array().unwrap().iter().filter_map(Value::as_f64).sum();
        assert!((sum - 1.0).abs() < 1e-3, "{row}");
        let heights = ["heights_mm", "heights_px"].map(|key| row[key]["posterior"].as_f64().unwrap());
        assert!((heights[0] / heights[1] - 0.5).abs() < 0.01, "{row}");
    }
    assert!(study["spine"]["deformity_index"].as_u64().unwrap() >= 2);
    let codes: Vec<&str> =
        study["findings"].as_array().unwrap().iter().filter_map(|finding| finding["code"].as_str()).collect();
    assert!(codes.contains(&"vertebral_deformity"), "{codes:?}");
}

#[test]
fn without_a_pixel_size_there_are_ratios_and_no_millimeters() {
    let settings = [&SMALL[..], &["--set", "scale_from=none"]].concat();
    let (folder, _) = simulated("lateral-spine", "21", "unscaled", &settings);
    let study = study(&folder, &[]);
    let refused = study["refusals"].as_array().unwrap();
    assert!(refused.iter().any(|refusal| refusal["code"] == "no_spacing"), "{refused:?}");
    let measured: Vec<&Value> = rows(&study).iter().filter(|row| row["evaluable"] == true).collect();
    assert!(measured.len() >= 8, "{study}");
    assert!(measured.iter().all(|row| row["heights_mm"].is_null() && row["loss_percent"].is_object()));
}

#[test]
fn what_a_reader_gives_back_counts() {
    let (folder, _) = simulated("lateral-spine", "21", "corrected", &SMALL);
    let before = study(&folder, &[]);
    let uid = before["study"]["instance_uid"].clone();
    let file = folder.parent().unwrap().join("lateral-corrections.json");
    let given = |vertebrae: Value, spine: Value| {
        let study = json!({ "study": { "instance_uid": uid }, "vertebrae": vertebrae, "spine": spine });
        std::fs::write(&file, json!({ "studies": [study] }).to_string()).unwrap();
        let more = ["--corrections", file.to_str().unwrap()];
        self::study(&folder, &more)
    };
    // The result given back changes nothing.
    let same = given(before["vertebrae"].clone(), before["spine"].clone());
    assert_eq!(same["vertebrae"], before["vertebrae"]);

    let l2 = row(&before["vertebrae"], "L2").unwrap();
    let mut points = l2["points_px"].clone();
    let shift = 0.45 * l2["heights_px"]["anterior"].as_f64().unwrap();
    // Points are given to thousandths of a pixel.
    points["as"][1] = json!(((points["as"][1].as_f64().unwrap() + shift) * 1000.0).round() / 1000.0);
    let rows = json!([
        { "scan": 0, "level": "L2", "points_px": points },
        { "scan": 0, "level": "T9", "evaluable": false },
        { "scan": 0, "level": "L3", "provenance": "user" },
    ]);
    let after = given(rows, Value::Null);
    let level = |level| row(&after["vertebrae"], level).unwrap();
    assert_eq!((&level("L2")["provenance"], &level("L2")["points_px"]), (&json!("user"), &points));
    assert!(level("L2")["grade"].as_u64().unwrap() >= 2, "{}", level("L2"));
    assert_eq!(
        (&level("T9")["evaluable"], &level("T9")["not_evaluable_reason"]),
        (&json!(false), &json!("user"))
    );
    assert_eq!(level("L3")["provenance"], "user");
    assert_eq!(level("L1")["provenance"], "automatic");

    let shifted = given(json!([]), json!({ "scan": 0, "level_shift": 1 }));
    assert_eq!(
        row(&shifted["vertebrae"], "L3").unwrap()["points_px"],
        row(&before["vertebrae"], "L2").unwrap()["points_px"]
    );
    assert_eq!(shifted["spine"]["level_shift"], 1);
}

#[test]
fn what_shows_no_lateral_spine_gets_no_vertebra() {
    let lateral = ["--set", "protocol_name=LVA"];
    let cases = [("ge-ap-spine", "ap", lateral.to_vec()), ("ge-hip", "hip", lateral.to_vec())];
    for (kind, name, settings) in cases {
        let (folder, _) = simulated(kind, "3", name, &settings);
        let study = study(&folder, &[]);
        assert_eq!(study["scans"][0]["kind"], "lateral_spine", "{name}");
        assert_eq!(study["vertebrae"], json!([]), "{name}");
        let refused = study["refusals"].as_array().unwrap();
        assert!(refused.iter().any(|refusal| refusal["code"] == "not_evaluable"), "{name}: {refused:?}");
    }
}

#[test]
fn the_picture_and_the_table_show_the_vertebrae() {
    let (folder, _) = simulated("lateral-spine", "21", "drawn", &SMALL);
    let out = self::folder("drawn-out");
    let study = study(&folder, &["--out", out.to_str().unwrap(), "--formats", "sc"]);
    let uid = study["study"]["instance_uid"].as_str().unwrap();
    let picture = std::fs::read(out.join(uid).join("sc-0.dcm")).unwrap();
    assert!(picture.len() > 100_000);
    for (language, word) in [("en", "Spinal deformity index"), ("zh-CN", "脊柱畸形指数")] {
        let (code, table, _) = dxa(&["analyze", folder.to_str().unwrap(), "--lang", language]);
        assert_eq!(code, Some(0));
        assert!(table.contains(word) && table.contains("T12"), "{table}");
    }
}

#[test]
fn no_height_is_called_millimeters_without_a_pixel_size() {
    let settings = [&SMALL[..], &["--set", "scale_from=none"]].concat();
    let (folder, _) = simulated("lateral-spine", "12", "no-size-table", &settings);
    let study = study(&folder, &[]);
    assert!(!rows(&study).is_empty());
    assert!(rows(&study).iter().all(|row| row["heights_mm"].is_null()), "{study}");
    for (language, ratio, height) in [("en", "Ha/Hp", "Ha mm"), ("zh-CN", "前缘/后缘", "前缘高度 mm")]
    {
        let (code, table, _) = dxa(&["analyze", folder.to_str().unwrap(), "--lang", language]);
        assert_eq!(code, Some(0));
        assert!(table.contains(ratio) && !table.contains(height), "{table}");
    }
}
