//! `--deidentify`: nothing that is written names anybody, and the numbers stay.

use std::collections::BTreeSet;

use crate::{assert_same, batch, dxa, published, rows, source, text};

#[test]
fn nothing_written_names_anybody_and_the_numbers_stay() {
    let source = source("deidentified");
    let at = |name: &str| source.with_file_name(name);
    // A file that is no DICOM, named as people name files.
    std::fs::write(source.join("Wang^XiaoDong 1961-02-03.doc"), "letter").unwrap();
    batch(&source, &at("plain"), &["--formats", "csv"]);
    let all = ["--formats", "parquet,csv,xlsx", "--deidentify", "--key"];
    let key = at("secret");
    let hidden = [&all[..], &[key.to_str().unwrap()]].concat();
    batch(&source, &at("hidden"), &hidden);
    batch(&source, &at("again"), &hidden);
    assert_same(&at("hidden"), &at("again"));
    let mut secrets = BTreeSet::from(["XiaoDong".to_owned(), "1961-02-03".to_owned(), "王 小东".to_owned()]);
    for study in rows(&at("plain"), "studies") {
        let own = ["study_uid", "patient_id", "study_date", "accession_number", "birth_date"]
            .map(|column| study[column].clone());
        secrets.extend(own.into_iter().filter(|text| text.len() > 4));
    }
    for (at, scan) in rows(&at("plain"), "scans").iter().enumerate() {
        secrets.insert(scan["sop_instance_uid"].clone());
        assert!(!scan["sop_instance_uid"].is_empty(), "{at}");
    }
    let devices: String =
        rows(&at("plain"), "scans").iter().map(|scan| format!("{}\n", scan["model"])).collect();
    let document = dxa(&["analyze", "--json", source.to_str().unwrap()]);
    let document: serde_json::Value = serde_json::from_slice(&document.stdout).unwrap();
    for study in document["studies"].as_array().unwrap() {
        let name = study["patient"]["name_raw"].as_str().unwrap_or_default();
        // One of the people is called like a scanner, which others may have.
        let parts = name.split(['^', '=', ' ']).filter(|part| part.len() > 4 && !devices.contains(part));
        secrets.extend(parts.map(str::to_owned));
    }
    secrets.insert("S/N 0".to_owned());
    assert!(secrets.len() > 20, "{secrets:?}");
    for (name, bytes) in published(&at("hidden")).iter().filter(|(name, _)| !name.ends_with(".xlsx")) {
        let text = String::from_utf8_lossy(bytes);
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{name} holds {secret}");
        }
    }
    for column in ["bmd_g_cm2", "site", "device_t", "method"] {
        let of =
            |run| rows(&at(run), "regions").iter().map(|row| row[column].clone()).collect::<BTreeSet<_>>();
        assert_eq!(of("plain"), of("hidden"), "{column}");
    }
    let batch_without_key = dxa(&[
        "batch",
        source.to_str().unwrap(),
        "--out",
        at("plain").to_str().unwrap(),
        "--resume",
        "--deidentify",
    ]);
    assert_eq!(batch_without_key.status.code(), Some(2));
    assert!(text(&batch_without_key.stderr).contains("key of pseudonyms"));
}
