//! Exports with chosen columns, and what is known of a source before it is analyzed.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::{batch, dxa, published, rows, source, text};

fn export(run: &Path, out: &Path, options: &[&str]) -> (Option<i32>, String) {
    let arguments = ["batch", "export", run.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let output = dxa(&[&arguments, options].concat());
    (output.status.code(), text(&output.stderr))
}

const TEMPLATE: &str = r#"
[[table]]
name = "densities"
from = "regions"
columns = ["studies.patient_id as person", "studies.age_years", "site", "bmd_g_cm2 as 骨密度", "study_key"]

[[table]]
from = "studies"
columns = ["study_uid", "sex"]
"#;

#[test]
fn a_template_chooses_columns_their_names_and_their_order() {
    let source = source("exports");
    let at = |name: &str| source.with_file_name(name);
    batch(&source, &at("run"), &["--formats", "csv"]);
    std::fs::write(at("densities.toml"), TEMPLATE).unwrap();
    let template = ["--template", at("densities.toml").to_str().unwrap(), "--formats", "parquet,csv,xlsx"]
        .map(str::to_owned);
    let template = template.each_ref().map(String::as_str);
    assert_eq!(export(&at("run"), &at("one"), &template), (Some(0), String::new()));
    let names: Vec<String> = published(&at("one")).into_keys().collect();
    assert_eq!(
        names,
        [
            "densities.csv",
            "densities.parquet",
            "dictionary.csv",
            "export.json",
            "studies.csv",
            "studies.parquet",
            "tables.xlsx"
        ]
    );
    let studies: BTreeMap<String, BTreeMap<String, String>> =
        rows(&at("run"), "studies").into_iter().map(|row| (row["study_key"].clone(), row)).collect();
    let regions = rows(&at("run"), "regions");
    let densities = rows(&at("one"), "densities");
    assert_eq!(densities.len(), regions.len());
    for (found, region) in densities.iter().zip(&regions) {
        let study = &studies[&region["study_key"]];
        let wanted = [
            ("person", &study["patient_id"]),
            ("age_years", &study["age_years"]),
            ("site", &region["site"]),
            ("骨密度", &region["bmd_g_cm2"]),
            ("study_key", &region["study_key"]),
        ];
        assert_eq!(found, &BTreeMap::from(wanted.map(|(name, cell)| (name.to_owned(), cell.clone()))));
    }
    let header = std::fs::read_to_string(at("one").join("densities.csv")).unwrap();
    assert_eq!(header.lines().next(), Some("person,age_years,site,骨密度,study_key"));
    // The dictionary has these columns under these names, with the meaning that they have in the run.
    let own = rows(&at("one"), "dictionary");
    let place = |row: &BTreeMap<String, String>| format!("{}.{}", row["table"], row["column"]);
    let columns: Vec<String> = own.iter().map(place).collect();
    assert_eq!(
        columns,
        [
            "densities.person",
            "densities.age_years",
            "densities.site",
            "densities.骨密度",
            "densities.study_key",
            "studies.study_uid",
            "studies.sex"
        ]
    );
    let of_run = rows(&at("run"), "dictionary");
    let density = of_run.iter().find(|row| place(row) == "regions.bmd_g_cm2").unwrap();
    assert_eq!((&own[3]["meaning"], &own[3]["unit"]), (&density["meaning"], &density["unit"]));
    let said: Value = serde_json::from_slice(&std::fs::read(at("one").join("export.json")).unwrap()).unwrap();
    assert_eq!(said["files"].as_array().unwrap().len(), 6);
    assert_eq!(said["run_sha256"].as_str().map(str::len), Some(64));
    // Once more: the same bytes; onto itself: nothing.
    assert_eq!(export(&at("run"), &at("again"), &template).0, Some(0));
    assert_eq!(published(&at("one")), published(&at("again")));
    let (code, said) = export(&at("run"), &at("again"), &template);
    assert!(code == Some(2) && said.contains("name another folder"), "{said}");
    // A run does not write its tables over those of an export either.
    let output = dxa(&["batch", source.to_str().unwrap(), "--out", at("again").to_str().unwrap()]);
    let said = text(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains("holds an export already"), "{said}");
    assert_eq!(published(&at("one")), published(&at("again")));
}

#[test]
fn fields_choose_as_a_template_does_and_what_is_none_is_told() {
    let source = source("exports-fields");
    let at = |name: &str| source.with_file_name(name);
    batch(&source, &at("run"), &["--formats", "csv", "--where", "site = total_hip"]);
    let fields = ["--fields", "scores:studies.sex,site,kind,value as score", "--fields", "refusals:code"];
    assert_eq!(export(&at("run"), &at("out"), &fields), (Some(0), String::new()));
    let wanted: Vec<String> = rows(&at("run"), "scores").iter().map(|row| row["value"].clone()).collect();
    let found: Vec<String> = rows(&at("out"), "scores").iter().map(|row| row["score"].clone()).collect();
    assert!(found == wanted && found.len() > 2, "{found:?}");
    std::fs::write(at("wrong.toml"), "[[table]]\nfrom = \"regions\"\ncolumns = [\"bmd\"]\n").unwrap();
    let wrong = at("wrong.toml");
    for (options, says) in [
        (&["--fields", "regions:bmd"][..], "has no column `bmd`"),
        (&["--fields", "people:name"], "there is no table `people`"),
        (&["--template", wrong.to_str().unwrap()], "has no column `bmd`"),
        (&["--template", "no such file"], "cannot read"),
        (&[], "--template"),
    ] {
        let (code, said) = export(&at("run"), &at("wrong"), options);
        assert!(code == Some(2) && said.contains(says), "{options:?}: {said}");
    }
    let (code, said) = export(&at("nothing"), &at("wrong"), &fields);
    assert!(code == Some(2) && said.contains("no finished run"), "{said}");
    assert!(!at("wrong").exists());
}

#[test]
fn counting_says_what_a_run_will_find() {
    let source = source("exports-count");
    let out = source.with_file_name("out");
    batch(&source, &out, &["--formats", "csv"]);
    let output = dxa(&["batch", "count", source.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let (studies, errors) = (rows(&out, "studies").len(), rows(&out, "errors").len());
    let said = format!("9 files of {studies} studies, {errors} that give nothing; ");
    assert!(text(&output.stdout).starts_with(&said), "{}", text(&output.stdout));
    let empty = source.join("empty");
    std::fs::create_dir(&empty).unwrap();
    assert_eq!(dxa(&["batch", "count", empty.to_str().unwrap()]).status.code(), Some(1));
    assert_eq!(dxa(&["batch", "count", "no such folder"]).status.code(), Some(2));
}
