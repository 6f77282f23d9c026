//! Reports of many shapes that other libraries built; `make_sr_variants.py` says how.

use serde_json::Value;

use super::tests::from_json;
use super::*;
use crate::decode::device::variant_cases;

fn problems(case: &Value) -> Vec<String> {
    let report = &read_content(&from_json(&case["tree"]));
    let mut problems = variant_cases::problems(case, report);
    for key in case["items"].as_array().unwrap() {
        if !report.items.iter().any(|item| item.key == key.as_str().unwrap()) {
            problems.push(format!("drops {key}"));
        }
    }
    problems
}

#[test]
fn every_shape_gives_the_reported_numbers() {
    variant_cases::hold(include_str!("../../../../tests/device_fixtures/sr_variants.json"), problems);
}
