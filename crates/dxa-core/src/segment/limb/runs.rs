//! The bone of a row: where it begins and ends from left to right.

use super::grid::Grid;

/// The bone of one row: where it begins and ends from left to right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::segment) struct Run {
    pub(in crate::segment) y_mm: f64,
    pub(in crate::segment) left_mm: f64,
    pub(in crate::segment) right_mm: f64,
}

impl Run {
    /// Length of the run.
    pub(in crate::segment) fn width(&self) -> f64 {
        self.right_mm - self.left_mm
    }

    /// Its middle.
    pub(in crate::segment) fn middle(&self) -> f64 {
        0.5 * (self.left_mm + self.right_mm)
    }

    /// Length that two runs share, negative where they share none.
    pub(in crate::segment) fn overlap(&self, other: &Self) -> f64 {
        self.right_mm.min(other.right_mm) - self.left_mm.max(other.left_mm)
    }
}

/// Runs above zero in one row, with ends interpolated between samples.
pub(in crate::segment) fn runs(excess: &Grid, row: usize) -> Vec<Run> {
    let line = excess.values.row(row);
    let y_mm = (row as f64 + 0.5) * excess.row_mm;
    let place = |column: usize, part: f64| (column as f64 + 0.5 + part) * excess.column_mm;
    let mut runs = Vec::new();
    let mut left = (line[0] > 0.0).then_some(0.0);
    for column in 1..line.len() {
        let (before, here) = (f64::from(line[column - 1]), f64::from(line[column]));
        let crossing = || place(column - 1, before / (before - here));
        if before <= 0.0 && here > 0.0 {
            left = Some(crossing());
        } else if before > 0.0 && here <= 0.0 {
            runs.extend(left.take().map(|left_mm| Run { y_mm, left_mm, right_mm: crossing() }));
        }
    }
    runs.extend(left.map(|left_mm| Run { y_mm, left_mm, right_mm: excess.width_mm() }));
    runs
}
