//! `dxa analyze` from the outside: tables asked for by name, a clinic's own, and change since the study before.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A woman of 68 on a Hologic: L1-L4 0.930 g/cm², printed T -1.1 against the maker's own reference.
fn spine() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-scans/07-hologic-spine.dcm")
}

/// Both hips and the spine of another woman on a Hologic, as a structured report.
fn hips() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-scans/09-sr-enhanced-hologic.dcm")
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn dxa(paths: &[&Path], options: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dxa"));
    let output = command.arg("analyze").args(paths).args(options).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn studies(paths: &[&Path], options: &[&str]) -> Vec<Value> {
    let (code, out, err) = dxa(paths, &[options, &["--json"]].concat());
    assert_eq!(code, Some(0), "{err}");
    let document: Value = serde_json::from_str(&out).unwrap();
    document["studies"].as_array().unwrap().clone()
}

fn region<'a>(study: &'a Value, site: &str, side: &str) -> &'a Value {
    let mut regions = study["regions"].as_array().unwrap().iter();
    regions
        .find(|region| region["site"] == site && region["laterality"].as_str().unwrap_or("") == side)
        .unwrap()
}

/// Kind, value and table of the scores whose table was asked for by name.
fn named(region: &Value) -> Vec<(String, f64, String)> {
    let scores = region["scores"].as_array().unwrap().iter().filter(|score| score["named"] == true);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    scores
        .map(|score| {
            (text(&score["kind"]), score["value"].as_f64().unwrap(), text(&score["reference"]["id"]))
        })
        .collect()
}

/// Left total hip 0.783: (0.783 − 0.886) / 0.107 = −0.96 and the profile's (0.783 − 0.942) / 0.122 = −1.30.
#[test]
fn tables_asked_for_by_name_stand_beside_the_profiles_choice() {
    let plain = studies(&[&hips()], &[]);
    let both =
        studies(&[&hips()], &["--reference", "japan-jpos-2001", "--reference", "hong-kong-2005-spine"]);
    let hip = region(&both[0], "total_hip", "L");
    let of = |kind: &str, value, id: &str| (kind.to_owned(), value, id.to_owned());
    assert_eq!(named(hip), [of("T", -1.0, "japan-jpos-2001")]);
    // (0.970 − 0.990) / 0.100, against a source that says "lumbar spine" and no more.
    let spine = region(&both[0], "L1-L4", "");
    assert_eq!(named(spine), [of("T", -0.2, "hong-kong-2005-spine")]);
    let stated = &spine["scores"].as_array().unwrap().last().unwrap()["reference"]["site_as_stated"];
    assert_eq!(stated, "lumbar spine, vertebrae not named");
    // The profile's own scores and the assessment are as they were.
    let own = |study: &Value| {
        let scores = region(study, "total_hip", "L")["scores"].as_array().unwrap().clone();
        scores.into_iter().filter(|score| score["named"] == false).collect::<Vec<_>>()
    };
    assert_eq!((own(&both[0]), &both[0]["assessment"]), (own(&plain[0]), &plain[0]["assessment"]));
    assert_ne!(both[0]["provenance"]["protocol_sha256"], plain[0]["provenance"]["protocol_sha256"]);
    // T −1.3 is low bone mass and −1.0 is normal; the spine's score has no say.
    let depends = |study: &Value| -> Vec<String> {
        let findings = study["findings"].as_array().unwrap().iter();
        let depends = findings.filter(|finding| finding["code"] == "category_depends_on_reference");
        depends.map(|finding| finding["site"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(depends(&both[0]), ["total_hip", "total_hip"]);
    assert!(depends(&plain[0]).is_empty());
}

#[test]
fn a_table_that_is_not_there_or_not_about_the_device_is_told() {
    let (code, out, err) = dxa(&[&spine()], &["--reference", "nowhere", "--json"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        err.starts_with("dxa: there is no reference table `nowhere`; known are ") && err.lines().count() == 1
    );
    let study = studies(&[&spine()], &["--reference", "ge-lunar-idxa-encore17-us"]).remove(0);
    assert!(named(region(&study, "L1-L4", "")).is_empty());
    let told = study["refusals"].as_array().unwrap().iter().any(|refusal| {
        let message = refusal["message"].as_str().unwrap();
        refusal["code"] == "no_reference" && message.contains("ge-lunar-idxa-encore17-us")
    });
    assert!(told, "{}", study["refusals"]);
}

#[test]
fn a_clinics_own_tables_are_checked_before_they_are_used() {
    let own = folder("analyze-own-tables");
    let rows = "kind,sex,site,age_min,age_max,n,mean,sd,l,m,s\nyoung,F,L1-L4,20,29,50,1.0300,0.1000,,,\n";
    std::fs::write(own.join("ours.csv"), rows).unwrap();
    let sidecar = |sha256: &str| {
        format!(
            "id = \"ours\"\nversion = \"1\"\nstatus = \"site-inferred\"\npopulation = \"Ours\"\n\
             manufacturer = \"Hologic\"\nunit = \"g/cm2\"\ncitation = \"own\"\nwhere_read = \"own\"\n\
             licence = \"own\"\nsha256 = \"{sha256}\"\n"
        )
    };
    std::fs::write(own.join("ours.toml"), sidecar("00")).unwrap();
    let options = ["--tables", own.to_str().unwrap(), "--profile", "site-local"];
    let (code, out, err) = dxa(&[&spine()], &options);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("reference table `ours` is refused: the checksum"), "{err}");
    std::fs::write(own.join("ours.toml"), sidecar(&dxa_core::reference::sha256_hex(rows.as_bytes())))
        .unwrap();
    // (0.930 − 1.030) / 0.100, and the profile chooses it.
    let study = studies(&[&spine()], &options).remove(0);
    let lowest = &study["assessment"]["lowest"];
    assert_eq!((lowest["t"].as_f64(), lowest["reference"].as_str()), (Some(-1.0), Some("ours")));
}

/// The same scan two years earlier, with L1-L4 at 0.990 g/cm².
fn earlier(folder: &Path) -> PathBuf {
    let mut bytes = std::fs::read(spine()).unwrap();
    let replacements: [(&[u8], &[u8]); 4] = [
        (b"20240517", b"20220517"),
        (b"2.25.204183799679875973994829246088084973580", b"2.25.204183799679875973994829246088084973581"),
        (b"2.25.164993851890639326736269958633064372942", b"2.25.164993851890639326736269958633064372943"),
        (b"0.930", b"0.990"),
    ];
    for (from, to) in replacements {
        let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
        assert!(!places.is_empty());
        places.into_iter().for_each(|at| bytes[at..at + to.len()].copy_from_slice(to));
    }
    let path = folder.join("earlier.dcm");
    std::fs::write(&path, bytes).unwrap();
    path
}

/// −0.060 g/cm²: the default is 5.3 % of 0.990 = 0.052, this scanner's is 2.77 × 0.030 = 0.083.
#[test]
fn a_change_is_judged_by_the_scanners_own_precision_where_it_is_given() {
    let folder = folder("analyze-change");
    let (then, now) = (earlier(&folder), spine());
    let own = folder.join("precision.csv");
    std::fs::write(&own, "site,laterality,df,rms_sd,model\nL1-L4,,30,0.030,Horizon A\n").unwrap();
    let precision = ["--precision", own.to_str().unwrap()];
    let change = |options: &[&str]| {
        let later =
            studies(&[&now, &then], options).into_iter().find(|study| study["study"]["date"] == "2024-05-17");
        let comparisons = later.unwrap()["comparisons"].as_array().unwrap().clone();
        comparisons.into_iter().find(|comparison| comparison["site"] == "L1-L4").unwrap()
    };
    let by_default = change(&[]);
    assert_eq!(
        (by_default["change_g_cm2"].as_f64(), by_default["lsc_source"].as_str()),
        (Some(-0.06), Some("default"))
    );
    assert_eq!(
        (by_default["lsc_g_cm2"].as_f64(), by_default["significant"].as_bool()),
        (Some(0.052), Some(true))
    );
    let by_own = change(&precision);
    assert_eq!(
        (by_own["lsc_source"].as_str(), by_own["lsc_g_cm2"].as_f64()),
        (Some("measured"), Some(0.083))
    );
    assert_eq!(by_own["significant"].as_bool(), Some(false));
    // The same in the table for people.
    let (_, table, _) = dxa(&[&now, &then], &[]);
    let row = |table: &str| table.lines().find(|line| line.contains("-0.060")).unwrap_or_default().to_owned();
    assert!(row(&table).contains("0.052 (default)") && row(&table).contains("significant change"), "{table}");
    let (_, table, _) = dxa(&[&now, &then], &precision);
    assert!(row(&table).contains("0.083") && row(&table).contains("no significant change"), "{table}");
    let (_, table, _) = dxa(&[&now, &then], &["--lang", "zh-CN"]);
    assert!(row(&table).contains("变化有显著意义"), "{table}");
}

#[test]
fn a_precision_that_cannot_be_used_is_told() {
    let folder = folder("analyze-precision");
    let file = folder.join("precision.csv");
    let options = ["--precision", file.to_str().unwrap(), "--json"];
    std::fs::write(&file, "site,df,rms_sd\nL1-L4,12,0.010\n").unwrap();
    let (code, _, err) = dxa(&[&spine()], &options);
    assert_eq!(code, Some(0));
    assert!(err.contains("L1-L4 rests on 12 degrees of freedom"), "{err}");
    std::fs::write(&file, "site,rms_sd\nL1-L4,ten\n").unwrap();
    let (code, out, err) = dxa(&[&spine()], &options);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("line 2") && err.contains("`ten`"), "{err}");
    let absent = dxa(&[&spine()], &["--precision", "nowhere.csv"]);
    assert_eq!(absent.0, Some(2));
}

#[test]
fn a_copy_under_other_identifiers_is_told() {
    let folder = folder("analyze-copy");
    let mut bytes = std::fs::read(spine()).unwrap();
    for uid in
        ["2.25.204183799679875973994829246088084973580", "2.25.164993851890639326736269958633064372942"]
    {
        let places: Vec<usize> =
            (0..bytes.len()).filter(|at| bytes[*at..].starts_with(uid.as_bytes())).collect();
        places.into_iter().for_each(|at| bytes[at + uid.len() - 1] = b'7');
    }
    let copy = folder.join("copy.dcm");
    std::fs::write(&copy, bytes).unwrap();
    let told = |paths: &[&Path]| -> Vec<bool> {
        let is_told = |study: &Value| {
            study["findings"].as_array().unwrap().iter().any(|finding| finding["code"] == "study_duplicate")
        };
        studies(paths, &[]).iter().map(is_told).collect()
    };
    assert_eq!(told(&[&spine(), &copy]), [true, true]);
    assert_eq!(told(&[&spine(), &earlier(&folder)]), [false, false]);
}

/// The report holds `Trabecular Bone Score L1-L4` 1.284.
#[test]
fn values_of_other_methods_in_a_report_feed_their_rules() {
    let report = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-scans/09-sr-flat-names-tbs.dcm");
    let study = studies(&[&report], &[]).remove(0);
    let rules = study["assessment"]["rules"].as_array().unwrap().clone();
    let rule = |id: &str| rules.iter().find(|rule| rule["id"] == id).unwrap().clone();
    assert_eq!(
        (rule("received/tbs")["outcome"].as_str(), rule("received/tbs")["inputs"]["tbs"].as_f64()),
        (Some("fired"), Some(1.284))
    );
    assert_eq!(rule("received/qct")["outcome"], "cannot_tell");
}
