//! When the reference changed: the fewest periods in each of which one reference gives all printed scores.

use super::line::{self, Lines, Widths};
use super::{FEWEST_SCANS, PrintedScore, YoungPeriod, YoungProblem};

/// Scans `from` to before `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First.
    pub from: usize,
    /// One after the last.
    pub to: usize,
}

/// The periods of the reference behind the printed T-scores.
///
/// Going forward, a period ends with the first scan that no reference of the period gives; going
/// backward the same from the other end. The change lies between the two ends. Scans between them fit
/// both sides and are used for neither.
pub(super) fn young(scans: &[&PrintedScore], dated: bool) -> Vec<YoungPeriod> {
    if scans.is_empty() {
        return Vec::new();
    }
    let whole = Span { from: 0, to: scans.len() };
    if !dated {
        return vec![period(scans, whole)];
    }
    let ends = breaks(scans.iter().copied());
    let backward = breaks(scans.iter().rev().copied());
    let begins: Vec<usize> = backward.iter().rev().map(|at| scans.len() - at).collect();
    if ends.len() >= scans.len() / FEWEST_SCANS.max(1) && !ends.is_empty() {
        // As many changes as periods could hold: this is no sequence of references in time.
        return vec![YoungPeriod { span: whole, found: Err(YoungProblem::Mixed) }];
    }
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let stops = begins.iter().copied().chain(std::iter::once(scans.len()));
    starts.zip(stops).map(|(from, to)| period(scans, Span { from, to: to.max(from) })).collect()
}

fn period(scans: &[&PrintedScore], span: Span) -> YoungPeriod {
    YoungPeriod { span, found: line::young(scans.get(span.from..span.to).unwrap_or_default()) }
}

/// The scans, counted from the start of the iteration, at which a new period has to begin.
fn breaks<'s>(scans: impl Iterator<Item = &'s PrintedScore>) -> Vec<usize> {
    let mut at_breaks = Vec::new();
    let mut lines = Lines::all();
    for (at, scan) in scans.enumerate() {
        lines = lines.that_meet(scan, Widths::Acceptance).unwrap_or_else(|| {
            at_breaks.push(at);
            let fresh = Lines::all();
            fresh.that_meet(scan, Widths::Acceptance).unwrap_or(fresh)
        });
    }
    at_breaks
}
