//! Movement during a scan that is taken row by row: the spine shifted from one row to the next.

use super::Measured;
use super::metal::across;
use super::view::View;
use crate::geometry::{DetectorPoint, Segment};
use crate::outline::{Landmark, LandmarkShape};

/// Rows above and below a border that are compared, in millimeters.
const BLOCK_MM: f64 = 1.6;
/// Shifts that are looked at.
const REACH_MM: f64 = 7.0;
/// How far beyond the spine is compared; ribs and crest run outward and are no part of it.
const BESIDE_MM: f64 = 8.0;
/// Between two samples across.
const SAMPLE_MM: f64 = 0.25;
/// Length along the spine over which its own lean is even.
const LEAN_MM: f64 = 12.0;

/// A shift must explain the difference of two rows this many times better than the lean of the spine does.
const BETTER: f64 = 2.0;

/// The largest shift to the side from one row to the next, beyond the lean of the spine.
pub(super) fn largest_shift_mm(view: &View<'_>) -> Measured {
    view.rows_mm()?;
    let spacing = view.field.spacing;
    let block = (BLOCK_MM / spacing.row_mm).round().max(1.0) as usize;
    let (rows, _) = view.field.shape();
    if rows < 6 * block {
        return None;
    }
    let matches: Vec<Match> = (block..=rows - block).map(|row| Match::at(view, row, block)).collect();
    let around = ((LEAN_MM / spacing.row_mm) as usize).max(3 * block);
    let beyond = (0..matches.len()).map(|at| {
        let near = &matches[at.saturating_sub(around)..(at + around + 1).min(matches.len())];
        let mut places: Vec<usize> = near.iter().map(|near| near.best).collect();
        let middle = places.len() / 2;
        let lean = *places.select_nth_unstable(middle).1;
        (matches[at].beyond_mm(lean), at + block)
    });
    let (shift, row) = beyond.max_by(|a, b| a.0.total_cmp(&b.0))?;
    let y_mm = row as f64 * spacing.row_mm;
    let (left, right) = (view.edge("spine_edge_left"), view.edge("spine_edge_right"));
    let end = |path| DetectorPoint { x_mm: across(path, y_mm), y_mm };
    let border = LandmarkShape::Line(Segment { from: end(left), to: end(right) });
    Some((shift, vec![Landmark { name: "shifted_row", shape: border }]))
}

/// How well what lies below a row matches what lies above it, at every shift.
struct Match {
    /// Squared difference at each shift.
    differences: Vec<f64>,
    /// The shift with the least.
    best: usize,
}

impl Match {
    fn at(view: &View<'_>, row: usize, block: usize) -> Self {
        let (left, right) = (view.edge("spine_edge_left"), view.edge("spine_edge_right"));
        let y_mm = row as f64 * view.field.spacing.row_mm;
        let (from, to) = (across(left, y_mm) - BESIDE_MM, across(right, y_mm) + BESIDE_MM);
        let reach = (REACH_MM / SAMPLE_MM) as usize;
        let count = ((to - from) / SAMPLE_MM).max(0.0) as usize;
        let above = profile(view, row - block..row, from, count);
        let below = profile(view, row..row + block, from - REACH_MM, count + 2 * reach);
        let differences: Vec<f64> = (0..=2 * reach)
            .map(|moved| above.iter().zip(below.iter().skip(moved)).map(|(a, b)| (a - b) * (a - b)).sum())
            .collect();
        let least = (0..differences.len()).min_by(|a, b| differences[*a].total_cmp(&differences[*b]));
        Self { differences, best: least.unwrap_or(reach) }
    }

    /// The shift beyond a lean, where it is plain.
    fn beyond_mm(&self, lean: usize) -> f64 {
        let (here, usual) = (self.differences.get(self.best), self.differences.get(lean));
        let plain = here.zip(usual).is_some_and(|(here, usual)| here * BETTER < *usual);
        if plain { self.best.abs_diff(lean) as f64 * SAMPLE_MM } else { 0.0 }
    }
}

/// Mean of some rows at even distances from a place on.
fn profile(view: &View<'_>, rows: std::ops::Range<usize>, from_mm: f64, count: usize) -> Vec<f64> {
    let columns = view.field.shape().1;
    let height = rows.len() as f64;
    let mean = |column: usize| {
        rows.clone().map(|row| f64::from(view.field.values[(row, column.min(columns - 1))])).sum::<f64>()
            / height
    };
    (0..count)
        .map(|sample| {
            let at = ((from_mm + sample as f64 * SAMPLE_MM) / view.field.spacing.column_mm - 0.5)
                .clamp(0.0, (columns - 1) as f64);
            let part = at - at.floor();
            mean(at as usize) * (1.0 - part) + mean(at as usize + 1) * part
        })
        .collect()
}
