//! Cases that other programs wrote for the readers of device results, and what a reading of one lacks.

use serde_json::Value;

use crate::reported::{DeviceReport, ReportedRegion};
use crate::site::Side;

/// The numbers of a row, null where one is missing.
pub(super) fn numbers(values: &[Value]) -> Vec<Option<f64>> {
    values.iter().map(Value::as_f64).collect()
}

fn told(region: &ReportedRegion) -> (String, Option<&str>, Vec<Option<f64>>) {
    let numbers = vec![region.area_cm2, region.bmc_g, region.bmd_g_cm2, region.t, region.z];
    (region.site.to_string(), region.side.map(Side::code), numbers)
}

/// Where regions and findings of a report are not those of its case.
pub(super) fn problems(case: &Value, report: &DeviceReport) -> Vec<String> {
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
    problems
}

/// Holds a reader against every case of a file.
pub(super) fn hold(cases: &str, problems: impl Fn(&Value) -> Vec<String>) {
    let cases: Vec<Value> = serde_json::from_str(cases).unwrap();
    assert!(cases.len() > 70);
    let told: Vec<String> = cases
        .iter()
        .flat_map(|case| problems(case).into_iter().map(|problem| format!("{}: {problem}", case["name"])))
        .collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}
