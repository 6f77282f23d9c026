//! Sensitivity and specificity of every quality check, on simulated scans whose faults are exactly known.

mod judged;
mod table;
mod truth;
mod wilson;

use std::time::Instant;

use anyhow::{Context as _, Result};

use judged::{Pools, judge};
use table::CHECKS;
use wilson::interval;

/// Positives and negatives of each check when no number is given.
const SCANS: usize = 200;
/// First seed when none is given; no test and no development used seeds from here on.
const FIRST_SEED: u64 = 910_001;

/// Prints one row a check: `[SCANS [SEED [PART OF AN ID]]]`.
///
/// # Errors
/// Arguments that are no numbers; a scan that cannot be simulated.
pub(super) fn run(arguments: &[String]) -> Result<()> {
    let number = |index: usize, without: u64| match arguments.get(index) {
        Some(text) => text.parse().with_context(|| format!("`{text}` is no number of scans or seed")),
        None => Ok(without),
    };
    let (count, first) = (number(0, SCANS as u64)? as usize, number(1, FIRST_SEED)?);
    let wanted = arguments.get(2).map_or("", String::as_str);
    let start = Instant::now();
    println!("{count} positives and {count} negatives a check, seeds from {first}.\n");
    println!(
        "| check | positives | flagged | negatives | passed | not evaluable | sensitivity (95 %) | specificity (95 %) |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let mut pools = Pools::new(first);
    for check in CHECKS.iter().filter(|check| check.id.contains(wanted)) {
        let said = judge(check, count, &mut pools)?;
        let shown = |part: usize, all: usize| {
            let (low, high) = interval(part, all);
            format!("{:.3} ({low:.3} to {high:.3})", part as f64 / all as f64)
        };
        println!(
            "| {} | {} | {} of {} | {} | {} of {} | {} | {} | {} |",
            check.id,
            check.fails,
            said.found,
            said.positives,
            check.passes,
            said.passed,
            said.negatives,
            said.not_evaluable,
            shown(said.found, said.positives),
            shown(said.passed, said.negatives),
        );
        for missed in &said.missed {
            eprintln!("{} {missed}", check.id);
        }
    }
    println!("\n{:.0} s.", start.elapsed().as_secs_f64());
    Ok(())
}
