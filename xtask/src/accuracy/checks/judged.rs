//! What one check says of scans that are plainly faulty and plainly sound.

use std::collections::BTreeMap;

use anyhow::Result;
use dxa_core::quality::{QualityRecord, QualityStatus};
use rayon::prelude::*;
use serde_json::Value;

use super::super::scan::{Recipe, scan};
use super::table::Check;

/// Share of the limit within which a scan is neither faulty nor sound.
const NEAR: f64 = 0.1;
/// Scans that are made at once.
const BATCH: u64 = 16;
/// Seeds that are tried for each scan that is wanted: some lie near the limit.
const TRIES: usize = 4;
/// Between the first seeds of two settings.
const SEEDS_APART: u64 = 10_000;

/// Counts of one check.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) positives: usize,
    /// Positives that were flagged.
    pub(super) found: usize,
    pub(super) negatives: usize,
    /// Negatives that passed.
    pub(super) passed: usize,
    /// Of both.
    pub(super) not_evaluable: usize,
    /// What was said of the others, to look at.
    pub(super) missed: Vec<String>,
}

/// Truth and records of one scan.
#[derive(Clone, Debug)]
struct Made {
    seed: u64,
    truth: Value,
    records: Vec<QualityRecord>,
}

/// Scans by kind and settings: several checks are judged on the same ones.
#[derive(Debug)]
pub(super) struct Pools {
    first: u64,
    made: BTreeMap<(&'static str, &'static str), Pool>,
}

#[derive(Debug)]
struct Pool {
    first: u64,
    made: Vec<Made>,
}

impl Pools {
    pub(super) fn new(first: u64) -> Self {
        Self { first, made: BTreeMap::new() }
    }

    /// The first `count` scans of some settings that are plainly on one side of the limit of a check.
    fn plain(
        &mut self,
        check: &Check,
        settings: &'static str,
        faulty: bool,
        count: usize,
    ) -> Result<Vec<Made>> {
        // Other people for other settings.
        let next = self.first + SEEDS_APART * self.made.len() as u64;
        let pool =
            self.made.entry((check.kind, settings)).or_insert_with(|| Pool { first: next, made: Vec::new() });
        loop {
            let found = || pool.made.iter().filter(|made| side(check, made) == Some(faulty));
            if found().count() >= count || pool.made.len() > TRIES * count {
                return Ok(found().take(count).cloned().collect());
            }
            let more = batch(check.kind, settings, pool)?;
            pool.made.extend(more);
        }
    }
}

/// Judges `count` positives and as many negatives.
pub(super) fn judge(check: &Check, count: usize, pools: &mut Pools) -> Result<Judged> {
    let mut judged = Judged::default();
    for made in pools.plain(check, check.fails, true, count)? {
        judged.positives += 1;
        judged.found += usize::from(judged.said(check, &made, QualityStatus::Fail));
    }
    for made in pools.plain(check, check.passes, false, count)? {
        judged.negatives += 1;
        judged.passed += usize::from(judged.said(check, &made, QualityStatus::Pass));
    }
    Ok(judged)
}

impl Judged {
    fn said(&mut self, check: &Check, made: &Made, right: QualityStatus) -> bool {
        let record = made.records.iter().find(|record| record.id == check.id);
        let status = record.map_or(QualityStatus::NotEvaluable, |record| record.status);
        if status == QualityStatus::NotEvaluable {
            self.not_evaluable += 1;
        }
        if status != right {
            let measured = record.and_then(|record| record.measured);
            let truth = (check.truth)(&made.truth);
            self.missed.push(format!(
                "seed {}: {} truth {truth:?} measured {measured:?}",
                made.seed,
                status.code()
            ));
        }
        status == right
    }
}

/// Whether a scan is faulty; `None` near the limit, and where the truth does not say.
fn side(check: &Check, made: &Made) -> Option<bool> {
    let beyond = ((check.truth)(&made.truth)? - check.limit) * if check.least { -1.0 } else { 1.0 };
    let near = if check.limit == 0.0 { 1.0 } else { NEAR * check.limit };
    (beyond.abs() >= near).then_some(beyond > 0.0)
}

fn batch(kind: &'static str, settings: &str, pool: &Pool) -> Result<Vec<Made>> {
    let from = pool.made.len() as u64;
    let turns: Vec<u64> = (from..from + BATCH).collect();
    let made = |turn: &u64| {
        let seed = pool.first + turn;
        let scan = scan(&Recipe::new(kind, &at(settings, *turn)), seed)?;
        Ok(Made { seed, truth: scan.truth, records: scan.analysis.quality })
    };
    turns.par_iter().map(made).collect()
}

/// The settings with `{a..b}` replaced by a value between both, `{a|b}` by one of the words, in turn.
///
/// Multiples of the golden section are even over the range after any number of scans.
fn at(settings: &str, turn: u64) -> String {
    let Some((before, rest)) = settings.split_once('{') else { return settings.to_owned() };
    let Some((inside, after)) = rest.split_once('}') else { return settings.to_owned() };
    let share = (turn as f64 * 0.618_033_988_749_895).fract();
    let ends: Vec<f64> = inside.split("..").filter_map(|end| end.parse().ok()).collect();
    let value = match ends[..] {
        [from, to] => format!("{:.3}", from + share * (to - from)),
        _ => inside.split('|').nth(turn as usize % inside.split('|').count()).unwrap_or_default().to_owned(),
    };
    at(&format!("{before}{value}{after}"), turn / 3 + 1)
}

#[cfg(test)]
mod tests {
    #[test]
    fn settings_run_through_ranges_and_words() {
        assert_eq!(super::at("tilt={5..7}", 0), "tilt=5.000");
        let words: Vec<String> = (0..3).map(|turn| super::at("fracture={L1|L2}:30", turn)).collect();
        assert_eq!(words, ["fracture=L1:30", "fracture=L2:30", "fracture=L1:30"]);
    }
}
