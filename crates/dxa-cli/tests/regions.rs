//! Regions measured on pixels, from the outside: numbers, polygons, pictures, and corrections given back.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

/// An empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("regions-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn dxa(arguments: &[&str], threads: &str) -> (Option<i32>, Vec<u8>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_dxa"))
        .args(arguments)
        .env("RAYON_NUM_THREADS", threads)
        .output()
        .unwrap();
    (output.status.code(), output.stdout, String::from_utf8(output.stderr).unwrap())
}

/// A simulated scan: the folder of its objects alone, and its truth.
fn simulated(kind: &str, name: &str) -> (PathBuf, Value) {
    simulated_with(kind, name, &[])
}

fn simulated_with(kind: &str, name: &str, settings: &[&str]) -> (PathBuf, Value) {
    let folder = folder(name);
    let mut arguments = vec!["simulate", kind, "--out", folder.to_str().unwrap(), "--seed", "11"];
    arguments.extend(settings.iter().flat_map(|setting| ["--set", setting]));
    let (code, _, error) = dxa(&arguments, "1");
    assert_eq!(code, Some(0), "{error}");
    let truth = serde_json::from_slice(&std::fs::read(folder.join("truth.json")).unwrap()).unwrap();
    std::fs::remove_file(folder.join("truth.json")).unwrap();
    (folder, truth)
}

fn analyzed(folder: &Path, more: &[&str]) -> Value {
    let mut arguments = vec!["analyze", folder.to_str().unwrap(), "--json"];
    arguments.extend(more);
    let (code, out, error) = dxa(&arguments, "2");
    assert_eq!(code, Some(0), "{error}");
    serde_json::from_slice(&out).unwrap()
}

fn region(document: &Value, site: &str) -> Value {
    let regions = document["studies"][0]["regions"].as_array().unwrap();
    regions.iter().find(|region| region["site"] == site).unwrap_or_else(|| panic!("no {site}")).clone()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// Area of a polygon in pixels.
fn shoelace(polygon: &Value) -> f64 {
    let at = |point: &Value| (number(&point[0]), number(&point[1]));
    let corners: Vec<(f64, f64)> = polygon.as_array().unwrap().iter().map(at).collect();
    let next = corners.iter().cycle().skip(1);
    corners.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum::<f64>().abs() / 2.0
}

#[test]
fn a_spine_is_measured_near_its_truth_and_says_how() {
    let (folder, truth) = simulated("ap-spine", "spine");
    let document = analyzed(&folder, &[]);
    let study = &document["studies"][0];
    assert_eq!(study["scans"][0]["tier"], "quantitative");
    let spacing = &study["scans"][0]["pixel_spacing_mm"];
    let pixel_cm2 = number(&spacing[0]) * number(&spacing[1]) / 100.0;
    for site in ["L1", "L2", "L3", "L4"] {
        let found = region(&document, site);
        let exact = truth["files"][0]["scene"]["regions"].as_array().unwrap().clone();
        let exact = exact.iter().find(|region| region["site"] == site).unwrap().clone();
        let error = number(&found["bmd_g_cm2"]) / number(&exact["bmd_g_cm2"]) - 1.0;
        assert!(error.abs() < 0.05, "{site} is {:.1} % off", 100.0 * error);
        assert_eq!(found["provenance"], "computed");
        assert!(found["method"].as_str().unwrap().contains("spine"), "{}", found["method"]);
        assert!((0.0..0.05).contains(&number(&found["uncertainty_g_cm2"])));
        // The polygon encloses the area that is given, whatever became of its corners in print.
        let area = shoelace(&found["polygon_px"]) * pixel_cm2;
        assert!((area - number(&found["area_cm2"])).abs() < 0.005, "{site}: {area} {}", found["area_cm2"]);
    }
    let sum =
        |key: &str| ["L1", "L2", "L3", "L4"].iter().map(|s| number(&region(&document, s)[key])).sum::<f64>();
    let total = region(&document, "L1-L4");
    assert!((number(&total["bmd_g_cm2"]) - sum("bmc_g") / sum("area_cm2")).abs() < 1e-4);
    assert!(total["polygon_px"].is_null());
    let landmarks = study["landmarks"].as_array().unwrap();
    assert!(landmarks.iter().any(|line| line["name"] == "disc_l1_l2" && line["shape"] == "line"));
}

#[test]
fn threads_change_no_byte_of_documents_and_pictures() {
    let (scans, _) = simulated("hip", "threads-hip");
    let (spine, _) = simulated("ap-spine", "threads-spine");
    for file in std::fs::read_dir(&spine).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), scans.join(file.file_name())).unwrap();
    }
    let run = |threads: &str| {
        let out = folder(&format!("threads-{threads}"));
        let arguments = ["analyze", scans.to_str().unwrap(), "--json", "--out", out.to_str().unwrap()];
        let (code, printed, error) = dxa(&[&arguments[..], &["--formats", "json,sc"]].concat(), threads);
        assert_eq!(code, Some(0), "{error}");
        let mut files: Vec<PathBuf> = std::fs::read_dir(&out)
            .unwrap()
            .flat_map(|study| std::fs::read_dir(study.unwrap().path()).unwrap())
            .map(|file| file.unwrap().path())
            .collect();
        files.sort();
        let names: Vec<_> = files.iter().map(|file| file.file_name().unwrap().to_owned()).collect();
        (printed, names, files.iter().map(|file| std::fs::read(file).unwrap()).collect::<Vec<_>>())
    };
    let one = run("1");
    assert_eq!(one.1.len(), 6, "two studies, each with its document, one picture and a page: {:?}", one.1);
    assert!(one == run("4"));
}

#[test]
fn a_result_given_back_unchanged_gives_itself() {
    for kind in ["ap-spine", "hip", "forearm"] {
        let (folder, _) = simulated(kind, &format!("unchanged-{kind}"));
        let document = analyzed(&folder, &[]);
        let file = folder.parent().unwrap().join(format!("unchanged-{kind}.json"));
        std::fs::write(&file, serde_json::to_vec(&document).unwrap()).unwrap();
        assert_eq!(analyzed(&folder, &["--corrections", file.to_str().unwrap()]), document);
    }
}

/// The analysis of a scan with corrections of its first study.
fn corrected(folder: &Path, document: &Value, corrections: Value) -> Value {
    let mut study = corrections;
    study["study"] = json!({"instance_uid": document["studies"][0]["study"]["instance_uid"]});
    let file = folder.with_extension("corrections.json");
    std::fs::write(&file, serde_json::to_vec(&json!({"studies": [study]})).unwrap()).unwrap();
    analyzed(folder, &["--corrections", file.to_str().unwrap()])
}

fn codes(document: &Value) -> Vec<String> {
    let findings = document["studies"][0]["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_corrected_polygon_is_measured_as_it_is_given() {
    let (folder, _) = simulated("ap-spine", "polygon");
    let before = analyzed(&folder, &[]);
    let middle = region(&before, "L2")["polygon_px"].clone();
    let mean = |axis: usize| {
        let corners = middle.as_array().unwrap();
        (corners.iter().map(|corner| number(&corner[axis])).sum::<f64>() / corners.len() as f64).round()
    };
    let (x, y) = (mean(0), mean(1));
    // 40 × 20 pixels of 0.5 mm: 2 cm².
    let square =
        json!([[x - 20.0, y - 10.0], [x + 20.0, y - 10.0], [x + 20.0, y + 10.0], [x - 20.0, y + 10.0]]);
    let after =
        corrected(&folder, &before, json!({"regions": [{"scan": 0, "site": "L2", "polygon_px": square}]}));
    let l2 = region(&after, "L2");
    assert!((number(&l2["area_cm2"]) - 2.0).abs() < 1e-9, "{}", l2["area_cm2"]);
    assert!(l2["method"].as_str().unwrap().contains("user"));
    assert_eq!(region(&after, "L1"), region(&before, "L1"));
    assert!(number(&region(&after, "L1-L2")["area_cm2"]) < number(&region(&before, "L1-L2")["area_cm2"]));
    assert!(codes(&after).contains(&"regions_corrected".to_owned()), "{:?}", codes(&after));
}

#[test]
fn a_moved_disc_cuts_the_vertebrae_beside_it_anew() {
    let (folder, _) = simulated("ap-spine", "disc");
    let before = analyzed(&folder, &[]);
    let landmarks = before["studies"][0]["landmarks"].as_array().unwrap();
    let mut line = landmarks.iter().find(|line| line["name"] == "disc_l2_l3").unwrap().clone();
    for end in line["points_px"].as_array_mut().unwrap() {
        end[1] = json!(number(&end[1]) + 8.0);
    }
    let after = corrected(&folder, &before, json!({"landmarks": [line]}));
    let area = |document: &Value, site: &str| number(&region(document, site)["area_cm2"]);
    assert!(area(&after, "L2") > area(&before, "L2") + 0.5);
    assert!(area(&after, "L3") < area(&before, "L3") - 0.5);
    let (both, were) = (area(&after, "L2-L3"), area(&before, "L2-L3"));
    // Where transverse processes are cut follows each body from disc to disc, so the sum may move a little.
    assert!((both / were - 1.0).abs() < 0.03, "{both} {were}");
    assert_eq!(region(&after, "L4"), region(&before, "L4"));
    assert!(codes(&after).contains(&"regions_corrected".to_owned()));
}

#[test]
fn a_vertebra_left_out_is_in_no_total() {
    let (folder, _) = simulated("ap-spine", "left-out");
    let before = analyzed(&folder, &[]);
    let leave_out = json!({"scan": 0, "site": "L3", "excluded": {"reason": "artefact", "by": "user"}});
    let after = corrected(&folder, &before, json!({"regions": [leave_out]}));
    assert_eq!(region(&after, "L3")["excluded"], json!({"reason": "artefact", "by": "user"}));
    let sites: Vec<&Value> =
        after["studies"][0]["regions"].as_array().unwrap().iter().map(|region| &region["site"]).collect();
    assert_eq!(sites, ["L1", "L2", "L3", "L4", "L1-L2", "L1,L4", "L2,L4", "L1-L2,L4"]);
    assert_eq!(region(&after, "L1-L2,L4"), region(&before, "L1-L2,L4"));
}

/// A woman's spine by a maker whose densities are scored, with one vertebra that is far too dense.
const OUTLIER: [&str; 3] = ["outlier=L3:1.6", "patient.sex=F", "manufacturer=HOLOGIC"];

/// What stands for the spine, as the rule that may leave vertebrae out says it.
fn used(document: &Value) -> Value {
    let rules = document["studies"][0]["assessment"]["rules"].as_array().unwrap();
    let rule = rules.iter().find(|rule| rule["id"] == "iscd-2023/vertebra-exclude").unwrap();
    rule["result"]["used"].clone()
}

#[test]
fn a_vertebra_that_a_rule_leaves_out_is_taken_in_by_a_reader() {
    let (folder, _) = simulated_with("ap-spine", "taken-in", &OUTLIER);
    let before = analyzed(&folder, &[]);
    assert_eq!(region(&before, "L3")["excluded"], json!({"reason": "t_outlier", "by": "rule"}));
    assert_eq!(used(&before), "L1-L2,L4");
    let take_in = json!({"scan": 0, "site": "L3", "included": {"by": "user"}});
    let after = corrected(&folder, &before, json!({"regions": [take_in]}));
    assert_eq!(region(&after, "L3")["excluded"], Value::Null);
    assert_eq!(region(&after, "L3")["included"], json!({"by": "user"}));
    assert!(codes(&after).contains(&"vertebra_kept".to_owned()));
    assert!(!codes(&after).contains(&"vertebra_excluded".to_owned()));
    assert_eq!(used(&after), Value::Null, "nothing is left out");
    assert_eq!(region(&after, "L1-L4")["scores"], region(&before, "L1-L4")["scores"]);
    // Given back whole, it stays so; without it the rule leaves the vertebra out again.
    let regions = after["studies"][0]["regions"].clone();
    assert_eq!(corrected(&folder, &before, json!({"regions": regions})), after);
    assert_eq!(corrected(&folder, &before, json!({"regions": []})), before);
}

#[test]
fn corrections_of_another_shape_name_the_field() {
    let (folder, _) = simulated("hip", "shape");
    let before = analyzed(&folder, &[]);
    let uid = before["studies"][0]["study"]["instance_uid"].clone();
    let of_region = |more: Value| {
        let mut region = json!({"scan": 0, "site": "femoral_neck", "laterality": "L"});
        region.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"studies": [{"study": {"instance_uid": uid.clone()}, "regions": [region]}]})
    };
    let cases = [
        (json!([]), "the file"),
        (json!({"studies": [{"regions": []}]}), "studies[0]"),
        (json!({"studies": [{"study": {"instance_uid": "1.2.3"}}]}), "studies[0].study.instance_uid"),
        (of_region(json!({"polygon_px": [[1.0, 2.0], [3.0]]})), "studies[0].regions[0].polygon_px[1]"),
        (of_region(json!({"polygon_px": [[1, 2], [3, 4]]})), "studies[0].regions[0].polygon_px"),
        (of_region(json!({"polygon": []})), "polygon"),
        (of_region(json!({"site": "L9"})), "studies[0].regions[0].site"),
        (of_region(json!({"excluded": {"reason": "tired", "by": "user"}})), "excluded.reason"),
        (of_region(json!({"included": {"by": "rule"}})), "included.by"),
        (
            of_region(json!({"included": {"by": "user"}, "excluded": {"reason": "manual", "by": "user"}})),
            "regions[0].included",
        ),
        (of_region(json!({"scan": 7, "polygon_px": [[1, 2], [3, 4], [5, 1]]})), "scan"),
        (of_region(json!({"polygon_px": [[1, 2], [3, 4], [9999, 1]]})), "polygon_px of femoral_neck"),
        (
            of_region(json!({"site": "total_hip", "polygon_px": [[1, 2], [3, 4], [5, 1]]})),
            "polygon_px of total_hip",
        ),
    ];
    for (corrections, field) in cases {
        let file = folder.with_extension("wrong.json");
        std::fs::write(&file, serde_json::to_vec(&corrections).unwrap()).unwrap();
        let arguments = ["analyze", folder.to_str().unwrap(), "--corrections", file.to_str().unwrap()];
        let (code, out, error) = dxa(&arguments, "1");
        assert_eq!((code, out.len()), (Some(2), 0), "{corrections}: {error}");
        assert!(error.contains(field), "{corrections}: {error}");
    }
}

#[test]
fn a_display_image_gives_no_density() {
    let document = analyzed(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-scans"), &[]);
    let mut looked_at = 0;
    for study in document["studies"].as_array().unwrap() {
        for region in study["regions"].as_array().unwrap() {
            let scan = &study["scans"][region["scan"].as_u64().unwrap() as usize];
            if scan["tier"] == "display" {
                assert!(region["bmd_g_cm2"].is_null() && region["bmc_g"].is_null(), "{region}");
            }
        }
        let findings = study["findings"].as_array().unwrap().iter();
        looked_at += findings.filter(|finding| finding["code"] == "regions_not_found").count();
        looked_at += study["landmarks"].as_array().unwrap().len();
    }
    assert!(looked_at > 0, "no display image was looked at");
}
