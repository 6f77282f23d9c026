//! Sensitivity and specificity of every quality check.

use anyhow::Result;
use dxa_core::quality::QualityStatus;

use super::Seeds;
use super::scan::{Recipe, scans};

/// A check, and the settings that make it fail and pass.
///
/// `{a..b}` is a value that runs from a to b over the scans; no range comes within 10 % of the limit.
struct Check {
    id: &'static str,
    kind: &'static str,
    fails: &'static str,
    passes: &'static str,
}

const CHECKS: [Check; 15] = [
    spine("spine-tilt", "tilt={5.6..12}", "tilt={-4.4..4.4}"),
    spine("spine-centering", "offset={22.5..32}", "offset={-17..17}"),
    spine("spine-t12-in-view", "missing=t12", ""),
    spine("spine-l5-in-view", "missing=l5", ""),
    spine("spine-curvature", "scoliosis={11.5..25}", "scoliosis={-8..8}"),
    spine("spine-rotation", "rotation={20..35}", "rotation={-4..4}"),
    spine("spine-metal", "artefact=metal", ""),
    spine("spine-motion", "motion={1.5..5}", ""),
    spine("vertebral-outlier", "outlier=L3:{1.45..1.9}", ""),
    spine("vertebral-height-loss", "fracture=L2:{25..50}", ""),
    hip("hip-shaft-tilt", "abduction={7.5..13}", "abduction={-2.5..2.5}"),
    hip("hip-rotation", "rotation={17..25}", "rotation={-6..0}"),
    hip("hip-head-in-view", "head_margin={-12..-2}", ""),
    hip("hip-metal", "artefact=button", ""),
    hip("hip-motion", "motion={1.5..5}", ""),
];

const fn spine(id: &'static str, fails: &'static str, passes: &'static str) -> Check {
    Check { id, kind: "ap-spine", fails, passes }
}

const fn hip(id: &'static str, fails: &'static str, passes: &'static str) -> Check {
    Check { id, kind: "hip", fails, passes }
}

/// What one check said of many scans.
#[derive(Debug, Default)]
struct Said {
    failed: usize,
    passed: usize,
    not_evaluable: usize,
}

/// Prints one row a check.
pub(super) fn print(seeds: Seeds) -> Result<()> {
    println!("\n### Quality checks\n");
    println!("Of positives and of negatives: flagged, passed, not evaluable.\n");
    println!(
        "| check | positives | of {} | negatives | of {} | sensitivity | specificity |",
        seeds.count, seeds.count
    );
    println!("|---|---|---|---|---|---|---|");
    for check in &CHECKS {
        let positives = said(check, check.fails, seeds)?;
        // Other people than the positives.
        let negatives = said(check, check.passes, Seeds { first: seeds.first + seeds.count, ..seeds })?;
        let share = |part: usize, rest: usize| part as f64 / (part + rest) as f64;
        println!(
            "| {} | {} | {} | {} | {} | {:.3} | {:.3} |",
            check.id,
            check.fails,
            three(&positives),
            if check.passes.is_empty() { "ordinary" } else { check.passes },
            three(&negatives),
            share(positives.failed, positives.passed + positives.not_evaluable),
            share(negatives.passed, negatives.failed + negatives.not_evaluable),
        );
    }
    Ok(())
}

fn three(said: &Said) -> String {
    format!("{}, {}, {}", said.failed, said.passed, said.not_evaluable)
}

fn said(check: &Check, settings: &str, seeds: Seeds) -> Result<Said> {
    let recipe = |(index, seed): (usize, u64)| {
        let share = (index as f64 + 0.5) / seeds.count as f64;
        (Recipe::new(check.kind, &at(settings, share)), seed)
    };
    let wanted: Vec<_> = seeds.iter().enumerate().map(recipe).collect();
    let mut said = Said::default();
    for scan in scans(&wanted)? {
        let record = scan.analysis.quality.iter().find(|record| record.id == check.id);
        match record.map(|record| record.status) {
            Some(QualityStatus::Fail) => said.failed += 1,
            Some(QualityStatus::Pass) => said.passed += 1,
            Some(QualityStatus::NotEvaluable) | None => said.not_evaluable += 1,
        }
    }
    Ok(said)
}

/// The settings with `{a..b}` replaced by the value at this share of the way.
fn at(settings: &str, share: f64) -> String {
    let Some((before, rest)) = settings.split_once('{') else { return settings.to_owned() };
    let Some((range, after)) = rest.split_once('}') else { return settings.to_owned() };
    let ends: Vec<f64> = range.split("..").filter_map(|end| end.parse().ok()).collect();
    let [from, to] = ends[..] else { return settings.to_owned() };
    format!("{before}{:.3}{after}", from + share * (to - from))
}
