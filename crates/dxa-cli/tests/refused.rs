//! Phantoms and earlier scans, from the outside: who is measured, who is refused, and what is compared.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// An empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("refused-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn dxa(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_dxa")).args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn simulate(kind: &str, folder: &Path, settings: &[&str]) -> Value {
    let mut arguments = vec!["simulate", kind, "--out", folder.to_str().unwrap(), "--seed", "23"];
    settings.iter().for_each(|setting| arguments.extend(["--set", setting]));
    dxa(&arguments);
    let truth = std::fs::read(folder.join("truth.json")).unwrap();
    std::fs::remove_file(folder.join("truth.json")).unwrap();
    serde_json::from_slice(&truth).unwrap()
}

fn study(folders: &[&Path]) -> Vec<Value> {
    let mut arguments = vec!["analyze", "--json"];
    arguments.extend(folders.iter().map(|folder| folder.to_str().unwrap()));
    let document: Value = serde_json::from_slice(&dxa(&arguments)).unwrap();
    document["studies"].as_array().unwrap().clone()
}

fn codes<'a>(study: &'a Value, of: &str) -> Vec<&'a str> {
    study[of].as_array().unwrap().iter().map(|entry| entry["code"].as_str().unwrap()).collect()
}

#[test]
fn slabs_under_the_name_of_a_patient_are_refused() {
    for (name, slabs) in
        [("three", "0.5,1.0,1.5"), ("alike", "1.0,1.0,1.0,1.0"), ("five", "0.6,0.8,1.0,1.2,1.4")]
    {
        let folder = folder(name);
        simulate("phantom", &folder, &["protocol_name=AP Spine", &format!("slabs={slabs}")]);
        let study = &study(&[&folder])[0];
        assert_eq!(study["regions"], Value::Array(Vec::new()), "{name}");
        assert_eq!(codes(study, "refusals"), ["not_evaluable"], "{name}");
    }
}

#[test]
fn a_named_phantom_is_measured_and_never_scored() {
    let folder = folder("named");
    simulate("phantom", &folder, &["protocol_name=AP Spine", "patient.name=Phantom^Spine"]);
    let study = &study(&[&folder])[0];
    let regions = study["regions"].as_array().unwrap();
    for (site, truth) in [("L1", 0.5), ("L2", 1.0), ("L3", 1.5)] {
        let region = regions.iter().find(|region| region["site"] == site).unwrap();
        assert!((region["bmd_g_cm2"].as_f64().unwrap() / truth - 1.0).abs() < 0.01, "{site}");
        assert_eq!(region["scores"], Value::Array(Vec::new()));
    }
    assert!(codes(study, "findings").contains(&"phantom_study"));
    let assessment = &study["assessment"];
    assert_eq!(assessment["who_category"], Value::Null);
    assert_eq!(assessment["lowest"], Value::Null);
    assert_ne!(assessment["diagnosis"]["osteoporosis"], true);
}

/// The files of a folder as if they had been made two years earlier.
fn make_earlier(folder: &Path) {
    let (now, then) = (b"20240517", b"20220517");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        let places: Vec<usize> =
            bytes.windows(now.len()).enumerate().filter(|(_, part)| part == now).map(|(at, _)| at).collect();
        assert!(!places.is_empty());
        places.into_iter().for_each(|at| bytes[at..at + then.len()].copy_from_slice(then));
        std::fs::write(path, bytes).unwrap();
    }
}

/// The check of area in the later of two studies, and the true change in percent.
fn area_change(name: &str, earlier: &[&str], later: &[&str]) -> (Value, f64) {
    let (before, now) = (folder(&format!("{name}-before")), folder(&format!("{name}-now")));
    let truths = [simulate("ap-spine", &before, earlier), simulate("ap-spine", &now, later)];
    make_earlier(&before);
    let studies = study(&[&before, &now]);
    assert_eq!(studies.len(), 2);
    let of = |date: &str| studies.iter().find(|study| study["study"]["date"] == date).unwrap();
    let check = |study: &Value| {
        let records = study["quality"].as_array().unwrap();
        records.iter().find(|record| record["id"] == "spine-area-change").cloned()
    };
    assert_eq!(check(of("2022-05-17")), None, "nothing is earlier than the first");
    let area = |truth: &Value| {
        let regions = truth["files"][0]["scene"]["regions"].as_array().unwrap().clone();
        regions.iter().find(|region| region["site"] == "L1-L4").unwrap()["area_cm2"].as_f64().unwrap()
    };
    let change = 100.0 * (area(&truths[1]) / area(&truths[0]) - 1.0).abs();
    (check(of("2024-05-17")).unwrap(), change)
}

#[test]
fn the_area_of_a_spine_is_held_against_the_study_before() {
    let (same, _) = area_change("same", &["visit=1"], &["visit=2"]);
    assert_eq!((&same["status"], same["limit"].as_f64()), (&Value::from("pass"), Some(2.0)));
    let (shrunk, truth) = area_change("shrunk", &["visit=1"], &["visit=2", "fracture=L2:40"]);
    assert_eq!(shrunk["status"], "fail");
    let measured = shrunk["measured"].as_f64().unwrap();
    assert!((measured - truth).abs() < 1.0, "{measured} for {truth}");
}
