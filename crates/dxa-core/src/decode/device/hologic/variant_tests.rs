//! Analysis texts that a generator of its own wrote; `make_hologic.py` says how.

use serde_json::Value;

use super::*;
use crate::decode::device::variant_cases::{self, numbers};

fn problems(case: &Value) -> Vec<String> {
    let read = read_analysis_text(case["text"].as_str().unwrap(), Hints::default());
    let report = &read.report;
    let mut problems = variant_cases::problems(case, report);
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
    variant_cases::hold(include_str!("../../../../tests/device_fixtures/hologic_variants.json"), problems);
}
