//! How many checks passed and failed, read from what the tools print.

use crate::steps::Finished;
use anyhow::{Context, Result};
use std::fmt;
use std::ops::Add;
use std::path::Path;

/// Checks that ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) passed: usize,
    pub(super) failed: usize,
}

impl Count {
    pub(super) const NOTHING: Self = Self { passed: 0, failed: 0 };
    pub(super) const FAILED: Self = Self { passed: 0, failed: 1 };

    /// One check.
    pub(super) fn of(success: bool) -> Self {
        Self { passed: usize::from(success), failed: usize::from(!success) }
    }

    /// A tool that failed counts as a failure even where its output names none.
    fn with_status(self, success: bool) -> Self {
        if success || self.failed > 0 { self } else { self + Self::FAILED }
    }
}

impl Add for Count {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { passed: self.passed + other.passed, failed: self.failed + other.failed }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// From nextest's `Summary [ 1.2s] 12 tests run: 11 passed, 1 failed, 0 skipped`.
pub(super) fn of_nextest(finished: &Finished) -> Result<Count> {
    let summary = finished.lines.iter().rev().find(|line| line.trim_start().starts_with("Summary ["));
    let counted = summary.map(|line| from_line(line));
    match counted {
        Some(count) => Ok(count.with_status(finished.success)),
        None if finished.success => None.context("nextest ended without a summary"),
        None => Ok(Count::FAILED),
    }
}

/// From every `test result: ok. 3 passed; 0 failed; …`.
pub(super) fn of_doctests(finished: &Finished) -> Count {
    let results = finished.lines.iter().filter(|line| line.starts_with("test result:"));
    results.fold(Count::NOTHING, |sum, line| sum + from_line(line)).with_status(finished.success)
}

/// A peer script must succeed and say `checked N …` with N above zero.
pub(super) fn of_peer(finished: &Finished, script: &Path) -> Count {
    let checked = finished.lines.iter().rev().find_map(|line| {
        let rest = line.strip_prefix("checked ")?;
        rest.split_whitespace().next()?.parse::<usize>().ok()
    });
    if finished.success && checked.is_none_or(|number| number == 0) {
        eprintln!("error: {} checked nothing (it must print `checked N …`)", script.display());
    }
    Count::of(finished.success && checked.is_some_and(|number| number > 0))
}

fn from_line(line: &str) -> Count {
    Count {
        passed: number_before(line, "passed"),
        failed: number_before(line, "failed") + number_before(line, "timed out"),
    }
}

/// The number in front of a word: 3 for `3 passed`.
fn number_before(line: &str, word: &str) -> usize {
    let before = line.split(word).next().filter(|before| before.len() < line.len());
    before.and_then(|before| before.split_whitespace().next_back()?.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(success: bool, lines: &[&str]) -> Finished {
        Finished { success, lines: lines.iter().map(|line| (*line).to_owned()).collect() }
    }

    #[test]
    fn nextest_summaries_are_counted() {
        let line = "     Summary [   0.123s] 12 tests run: 10 passed (1 slow), 2 failed, 0 skipped";
        assert_eq!(of_nextest(&finished(false, &[line])).unwrap(), Count { passed: 10, failed: 2 });
        assert_eq!(of_nextest(&finished(false, &["error: it does not build"])).unwrap(), Count::FAILED);
        assert!(of_nextest(&finished(true, &[])).is_err());
    }

    #[test]
    fn doctests_of_all_crates_are_added() {
        let lines = [
            "test result: ok. 3 passed; 0 failed; 0 ignored",
            "test result: FAILED. 1 passed; 2 failed; 0 ignored",
        ];
        assert_eq!(of_doctests(&finished(false, &lines)), Count { passed: 4, failed: 2 });
        assert_eq!(of_doctests(&finished(false, &[])), Count::FAILED);
    }

    #[test]
    fn a_peer_that_checked_nothing_failed() {
        let script = Path::new("peer.py");
        assert_eq!(of_peer(&finished(true, &["checked 12 files"]), script), Count { passed: 1, failed: 0 });
        for lines in [&["checked 0 files"][..], &[][..], &["done"][..]] {
            assert_eq!(of_peer(&finished(true, lines), script), Count::FAILED);
        }
        assert_eq!(of_peer(&finished(false, &["checked 12 files"]), script), Count::FAILED);
    }
}
