//! Movement during a scan that is taken row by row: from one row on, everything lies elsewhere.

use crate::field::Field;

/// Shifts that are looked at.
const REACH_MM: f64 = 6.0;
/// Rows that are averaged on each side of a jerk.
const ROWS: usize = 2;
/// Rows each way over which the lean of the bones is taken.
const LEAN_ROWS: usize = 4;

/// The largest shift of the rows below a place against those above it, beyond what the bones themselves lean.
///
/// # Units
/// Millimeters.
pub(super) fn largest_shift_mm(field: &Field) -> Option<f64> {
    let (rows, columns) = field.shape();
    let reach = (REACH_MM / field.spacing.column_mm).ceil() as usize;
    if rows < 4 * LEAN_ROWS || columns < 4 * reach {
        return None;
    }
    let shifts: Vec<f64> =
        (ROWS..rows - ROWS).map(|row| shift(&mean(field, row - ROWS), &mean(field, row), reach)).collect();
    let beyond = (0..shifts.len()).map(|at| (shifts[at] - lean(&shifts, at)).abs());
    beyond.max_by(f64::total_cmp).map(|pixels| pixels * field.spacing.column_mm)
}

/// The middle of the shifts around a row.
fn lean(shifts: &[f64], at: usize) -> f64 {
    let mut near = shifts[at.saturating_sub(LEAN_ROWS)..(at + LEAN_ROWS + 1).min(shifts.len())].to_vec();
    let middle = near.len() / 2;
    *near.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// The mean of some rows.
fn mean(field: &Field, first: usize) -> Vec<f64> {
    let columns = field.shape().1;
    let sum =
        |column: usize| (first..first + ROWS).map(|row| f64::from(field.values[(row, column)])).sum::<f64>();
    (0..columns).map(|column| sum(column) / ROWS as f64).collect()
}

/// By how many columns a line lies right of another, to a part of a column.
fn shift(before: &[f64], here: &[f64], reach: usize) -> f64 {
    let middle = &before[reach..before.len() - reach];
    let difference = |moved: usize| -> f64 {
        middle.iter().zip(&here[moved..]).map(|(before, here)| (before - here).powi(2)).sum()
    };
    let differences: Vec<f64> = (0..=2 * reach).map(difference).collect();
    let best =
        (0..differences.len()).min_by(|a, b| differences[*a].total_cmp(&differences[*b])).unwrap_or(reach);
    let whole = best as f64 - reach as f64;
    if best == 0 || best == 2 * reach {
        // The lines have nothing in common here: no shift can be told.
        return 0.0;
    }
    let (left, least, right) = (differences[best - 1], differences[best], differences[best + 1]);
    let bend = left - 2.0 * least + right;
    if bend > 0.0 { whole + 0.5 * (left - right) / bend } else { whole }
}
