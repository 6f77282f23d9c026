//! Reports of many shapes that other libraries built; `make_sr_variants.py` says how.

use serde_json::Value;

use super::tests::from_json;
use super::*;
use crate::reported::ReportedRegion;
use crate::site::Side;

fn told(region: &ReportedRegion) -> (String, Option<&str>, Vec<Option<f64>>) {
    let numbers = vec![region.area_cm2, region.bmc_g, region.bmd_g_cm2, region.t, region.z];
    (region.site.to_string(), region.side.map(Side::code), numbers)
}

fn problems(case: &Value) -> Vec<String> {
    let report = read_content(&from_json(&case["tree"]));
    let mut problems = Vec::new();
    let rows: Vec<_> = report.regions.iter().map(told).collect();
    let wanted: Vec<_> = case["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let row = row.as_array().unwrap();
            let numbers = row[2..].iter().map(Value::as_f64).collect();
            (row[0].as_str().unwrap().to_owned(), row[1].as_str(), numbers)
        })
        .collect();
    problems.extend(wanted.iter().filter(|row| !rows.contains(row)).map(|row| format!("lacks {row:?}")));
    problems.extend(rows.iter().filter(|row| !wanted.contains(row)).map(|row| format!("gives {row:?}")));
    if let Some(codes) = case["findings"].as_array() {
        let found: Vec<&str> = report.findings.iter().map(|finding| finding.code).collect();
        if found != codes.iter().map(|code| code.as_str().unwrap()).collect::<Vec<_>>() {
            problems.push(format!("finds {:?}", report.findings));
        }
    }
    for key in case["items"].as_array().unwrap() {
        if !report.items.iter().any(|item| item.key == key.as_str().unwrap()) {
            problems.push(format!("drops {key}"));
        }
    }
    problems
}

#[test]
fn every_shape_gives_the_reported_numbers() {
    let cases: Vec<Value> =
        serde_json::from_str(include_str!("../../../../tests/device_fixtures/sr_variants.json")).unwrap();
    assert!(cases.len() > 70);
    let told: Vec<String> = cases
        .iter()
        .flat_map(|case| problems(case).into_iter().map(|problem| format!("{}: {problem}", case["name"])))
        .collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}
