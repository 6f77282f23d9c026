//! Analysis texts that a generator of its own wrote; `make_hologic.py` says how.

use serde_json::Value;

use super::*;
use crate::reported::ReportedRegion;
use crate::site::Side;

fn numbers(values: &[Value]) -> Vec<Option<f64>> {
    values.iter().map(Value::as_f64).collect()
}

fn told(region: &ReportedRegion) -> (String, Option<&str>, Vec<Option<f64>>) {
    let numbers = vec![region.area_cm2, region.bmc_g, region.bmd_g_cm2, region.t, region.z];
    (region.site.to_string(), region.side.map(Side::code), numbers)
}

fn problems(case: &Value) -> Vec<String> {
    let read = read_analysis_text(case["text"].as_str().unwrap(), Hints::default());
    let report = &read.report;
    let mut problems = Vec::new();
    let rows: Vec<_> = report.regions.iter().map(told).collect();
    let wanted: Vec<_> = case["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let row = row.as_array().unwrap();
            (row[0].as_str().unwrap().to_owned(), row[1].as_str(), numbers(&row[2..]))
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
        let key = key.as_str().unwrap();
        let kept = report.items.iter().any(|item| item.key.contains(key));
        let named = report.findings.iter().any(|finding| finding.message.contains(key));
        if !kept || !named {
            problems.push(format!("drops {key}"));
        }
    }
    for row in case["composition"].as_array().into_iter().flatten() {
        let row = row.as_array().unwrap();
        let part = report.composition.iter().find(|part| part.part.code() == row[0].as_str().unwrap());
        let found = part.map(|part| vec![part.fat_g, part.lean_g, part.total_g, part.fat_percent]);
        if found != Some(numbers(&row[1..])) {
            problems.push(format!("composition {row:?} is {found:?}"));
        }
    }
    problems
}

#[test]
fn every_spelling_gives_the_printed_numbers() {
    let cases: Vec<Value> =
        serde_json::from_str(include_str!("../../../../tests/device_fixtures/hologic_variants.json"))
            .unwrap();
    assert!(cases.len() > 70);
    let told: Vec<String> = cases
        .iter()
        .flat_map(|case| problems(case).into_iter().map(|problem| format!("{}: {problem}", case["name"])))
        .collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}
