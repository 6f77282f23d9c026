//! The committed test scans, analyzed by the program, against the truth written beside them by the simulator.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn analyze(paths: &[&Path]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_dxa"))
        .arg("analyze")
        .args(paths)
        .arg("--json")
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("stdout is one JSON document")
}

fn truth() -> Vec<Value> {
    let text = std::fs::read(repository().join("test-scans/truth.json")).expect("truth.json is there");
    let truth: Value = serde_json::from_slice(&text).expect("truth.json is JSON");
    truth["files"].as_array().expect("a list of files").clone()
}

/// Each scan of the document by the SOP Instance UIDs of its objects, with its study.
fn scans(document: &Value) -> BTreeMap<String, (Value, usize)> {
    let mut scans = BTreeMap::new();
    for study in document["studies"].as_array().expect("studies") {
        for (index, scan) in study["scans"].as_array().expect("scans").iter().enumerate() {
            for uid in scan["sop_instance_uids"].as_array().expect("UIDs") {
                scans.insert(uid.as_str().expect("a UID").to_owned(), (study.clone(), index));
            }
        }
    }
    scans
}

fn of_scan<'a>(study: &'a Value, list: &str, scan: usize) -> Vec<&'a Value> {
    study[list].as_array().expect("a list").iter().filter(|entry| entry["scan"] == scan).collect()
}

/// What this version adds to the truth: it says why calibrated pixels give no regions yet and why a scan
/// without a name is not measured, and that a region has no reference.
const ALSO_SAID: [&str; 2] = ["not_evaluable", "no_reference"];

#[test]
fn every_scan_is_what_the_simulator_made() {
    let document = analyze(&[&repository().join("test-scans")]);
    let scans = scans(&document);
    let mut checked = 0;
    for file in truth() {
        let name = file["file"].as_str().expect("a name");
        let expected = &file["expected"];
        if let Some(code) = expected["error"].as_str() {
            let errors = document["errors"].as_array().expect("errors");
            let found =
                errors.iter().find(|error| error["path"].as_str().is_some_and(|path| path.ends_with(name)));
            assert_eq!(found.map(|error| &error["code"]), Some(&Value::from(code)), "{name}");
            continue;
        }
        let uid = file["elements"]["SOPInstanceUID"].as_str().expect("a UID");
        let (study, index) = &scans[uid];
        let scan = &study["scans"][index];
        for key in ["kind", "laterality", "tier", "spacing_source"] {
            assert_eq!(scan[key], expected[key], "{name} {key}");
        }
        assert_spacing(&scan["pixel_spacing_mm"], &expected["pixel_spacing_mm"], name);
        let mut refusals: Vec<&str> = of_scan(study, "refusals", *index)
            .iter()
            .filter_map(|refusal| refusal["code"].as_str())
            .collect();
        for code in expected["refusals"].as_array().expect("codes") {
            let code = code.as_str().expect("a code");
            assert!(refusals.contains(&code), "{name} lacks {code}");
            refusals.retain(|found| *found != code);
        }
        assert!(refusals.iter().all(|code| ALSO_SAID.contains(code)), "{name} has {refusals:?}");
        checked += 1;
    }
    assert!(checked >= 40, "only {checked} scans were checked");
}

fn assert_spacing(found: &Value, expected: &Value, name: &str) {
    let pair = |value: &Value| value.as_array().map(|pair| (pair[0].as_f64(), pair[1].as_f64()));
    match (pair(found), pair(expected)) {
        (Some((Some(row), Some(column))), Some((Some(expected_row), Some(expected_column)))) => {
            assert!((row - expected_row).abs() < 1e-6 && (column - expected_column).abs() < 1e-6, "{name}");
        }
        (found, expected) => assert_eq!(found, expected, "{name}"),
    }
}

#[test]
fn every_device_number_comes_through_unchanged_and_none_is_added() {
    let document = analyze(&[&repository().join("test-scans")]);
    let scans = scans(&document);
    let mut checked = 0;
    for file in truth() {
        let name = file["file"].as_str().expect("a name");
        let Some(rows) = file["device_regions"].as_array() else { continue };
        if !file["expected"]["error"].is_null() {
            continue;
        }
        let uid = file["elements"]["SOPInstanceUID"].as_str().expect("a UID");
        let (study, index) = &scans[uid];
        let mut found = of_scan(study, "regions", *index);
        found.retain(|region| region["provenance"] == "device_reported");
        for row in rows.iter().filter(|row| !row["site"].is_null()) {
            let matching: Vec<&&Value> = found
                .iter()
                .filter(|region| region["site"] == row["site"] && region["laterality"] == row["laterality"])
                .collect();
            assert_eq!(matching.len(), 1, "{name} {} {}", row["site"], row["laterality"]);
            let region = matching[0];
            for key in ["area_cm2", "bmc_g", "bmd_g_cm2"] {
                assert_eq!(region[key].as_f64(), row[key].as_f64(), "{name} {} {key}", row["site"]);
            }
            for key in ["t", "z"] {
                assert_eq!(region["device"][key].as_f64(), row[key].as_f64(), "{name} {} {key}", row["site"]);
            }
            checked += 1;
        }
        assert_eq!(found.len(), rows.iter().filter(|row| !row["site"].is_null()).count(), "{name}");
    }
    assert!(checked > 100, "only {checked} rows were checked");
}

#[test]
fn lumbar_totals_add_up_to_the_thousandth() {
    let document = analyze(&[&repository().join("test-scans/07-hologic-spine.dcm")]);
    let regions = document["studies"][0]["regions"].as_array().expect("regions").clone();
    let row = |site: &str| regions.iter().find(|region| region["site"] == site).expect("a row").clone();
    let sum =
        |key: &str| ["L1", "L2", "L3", "L4"].iter().map(|site| row(site)[key].as_f64().unwrap()).sum::<f64>();
    let total = row("L1-L4");
    assert!((total["bmd_g_cm2"].as_f64().unwrap() - sum("bmc_g") / sum("area_cm2")).abs() < 0.001);
    assert_eq!(regions.len(), 15);
}

#[test]
fn names_come_through_in_every_character_set() {
    let document = analyze(&[&repository().join("test-scans")]);
    let scans = scans(&document);
    let mut checked = 0;
    for file in truth() {
        let (Some(name), Some(uid)) =
            (file["elements"]["PatientName"].as_str(), file["elements"]["SOPInstanceUID"].as_str())
        else {
            continue;
        };
        let Some((study, _)) = scans.get(uid) else { continue };
        assert_eq!(study["patient"]["name_raw"].as_str(), Some(name), "{}", file["file"]);
        checked += 1;
    }
    assert!(checked >= 40, "only {checked} names were checked");
}

#[test]
fn a_repaired_name_keeps_its_raw_bytes() {
    let file = "15-name-gbk-called-latin1.dcm";
    let document = analyze(&[&repository().join("test-scans").join(file)]);
    let study = &document["studies"][0];
    let entry = truth().into_iter().find(|entry| entry["file"] == file).expect("its truth");
    let wanted = entry["patient_name_bytes"].as_str().expect("bytes in the truth");
    let texts = study["repaired_texts"].as_array().expect("a list");
    let name = texts.iter().find(|text| text["tag"] == "(0010,0010)").expect("the name was repaired");
    assert_eq!(name["raw_hex"].as_str(), Some(wanted.strip_suffix("20").unwrap_or(wanted)));
}
