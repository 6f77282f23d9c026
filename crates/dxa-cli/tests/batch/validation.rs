//! `dxa validate`: agreement with devices and readers.

use std::collections::BTreeMap;

use crate::{batch, dxa, rows, source, text};

#[test]
fn scores_stand_beside_those_of_the_devices() {
    let source = source("validation");
    let out = source.with_file_name("out");
    batch(&source, &out, &[]);
    let output = dxa(&["validate", out.to_str().unwrap(), "--against", "device"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let agreement = rows(&out.join("validation"), "agreement");
    // Recomputed from the table of scores.
    let pairs = |kind: &str, site: &str| {
        let scores =
            rows(&out, "scores").into_iter().filter(|row| row["kind"] == kind && row["site"] == site);
        let pairs = scores.filter(|row| !row["device_score"].is_empty());
        pairs
            .map(|row| row["value"].parse::<f64>().unwrap() - row["device_score"].parse::<f64>().unwrap())
            .collect::<Vec<_>>()
    };
    let mut checked = 0;
    for (kind, site) in [("Z", "L1-L4"), ("T", "total_hip"), ("T", "femoral_neck")] {
        let differences = pairs(kind, site);
        let own: Vec<_> =
            agreement.iter().filter(|row| row["quantity"] == kind && row["site"] == site).collect();
        let n: usize = own.iter().map(|row| row["n"].parse::<usize>().unwrap()).sum();
        assert_eq!(n, differences.len(), "{kind} {site}");
        let number = |row: &BTreeMap<String, String>, column: &str| row[column].parse::<f64>().unwrap();
        let sum: f64 = own.iter().map(|row| number(row, "bias") * number(row, "n")).sum();
        assert!((sum - differences.iter().sum::<f64>()).abs() < 1e-3, "{kind} {site}: {sum}");
        checked += n;
    }
    assert!(checked > 6, "{agreement:?}");
}

#[test]
fn a_reader_is_compared_by_study_and_category() {
    let source = source("validation-reader");
    let out = source.with_file_name("out");
    batch(&source, &out, &["--formats", "csv"]);
    let studies = rows(&out, "studies");
    let judged: Vec<_> = studies.iter().filter(|row| !row["who_category"].is_empty()).collect();
    let lines = judged.iter().map(|row| format!("{},{}\n", row["study_uid"], row["who_category"]));
    let file = source.with_file_name("reader.csv");
    std::fs::write(&file, format!("study_uid,who_category\n{}9.9.9,normal\n", lines.collect::<String>()))
        .unwrap();
    let run = |file: &std::path::Path| {
        dxa(&["validate", out.to_str().unwrap(), "--against", file.to_str().unwrap()])
    };
    let output = run(&file);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("1 studies of the reader are not in the run"));
    let measures = rows(&out.join("validation"), "reader");
    let perfect =
        measures.iter().filter(|row| row["measure"].starts_with("se") || row["measure"].starts_with("sp"));
    let perfect: Vec<_> = perfect.map(|row| row["value"].clone()).collect();
    assert!(!perfect.is_empty() && perfect.iter().all(|value| value == "1.0000"), "{measures:?}");
    std::fs::write(&file, "study_uid,level,grade\n1,T99,1\n").unwrap();
    let output = run(&file);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("line 2"), "{}", text(&output.stderr));
}

#[test]
fn a_readers_grades_are_compared_vertebra_by_vertebra() {
    let source = crate::folder("validation-grades").join("source");
    std::fs::create_dir_all(&source).unwrap();
    let scan = "16-lateral-dx-monochrome1.dcm";
    std::fs::copy(crate::repository().join("test-scans").join(scan), source.join(scan)).unwrap();
    let out = source.with_file_name("out");
    batch(&source, &out, &["--formats", "csv"]);
    let judged: Vec<_> =
        rows(&out, "vertebrae").into_iter().filter(|row| row["evaluable"] == "true").collect();
    assert!(judged.len() > 5, "{}", judged.len());
    // The reader calls the first vertebra of ours fractured (2) and agrees about all others.
    let line = |(at, row): (usize, &BTreeMap<String, String>)| {
        let grade = if at == 0 { "2" } else { &row["grade"] };
        format!("{},{},{grade}\n", row["study_uid"], row["level"])
    };
    let lines: String = judged.iter().enumerate().map(line).collect();
    let file = source.with_file_name("reader.csv");
    std::fs::write(&file, format!("study_uid,level,grade\n{lines}")).unwrap();
    let output = dxa(&["validate", out.to_str().unwrap(), "--against", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let measures = rows(&out.join("validation"), "reader");
    let of = |unit: &str, measure: &str| {
        let row = measures.iter().find(|row| row["unit"] == unit && row["measure"] == measure).unwrap();
        (row["value"].parse::<f64>().unwrap(), row["n"].parse::<usize>().unwrap())
    };
    let ours = |from: u8, rows: &[BTreeMap<String, String>]| {
        rows.iter().filter(|row| row["grade"].parse::<u8>().unwrap() >= from).count()
    };
    let theirs = 1 + ours(2, &judged[1..]);
    let found = ours(2, &judged[1..]) + ours(2, &judged[..1]);
    let (sensitivity, n) = of("vertebra", "sensitivity_from_2");
    assert_eq!(n, judged.len());
    assert!((sensitivity - found as f64 / theirs as f64).abs() < 1e-4, "{measures:?}");
    assert!((of("vertebra", "specificity_from_2").0 - 1.0).abs() < 1e-9, "{measures:?}");
}
