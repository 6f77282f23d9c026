//! Movement during a scan that is taken row by row: one row shifted against the next.

use ndarray::ArrayView1;

use crate::field::Field;

/// Shifts that are looked at.
const REACH_MM: f64 = 4.0;

/// The largest shift of one row against the next, beyond what the bones themselves lean.
///
/// # Units
/// Millimeters.
pub(super) fn largest_shift_mm(field: &Field) -> Option<f64> {
    let (rows, columns) = field.shape();
    let reach = (REACH_MM / field.spacing.column_mm).ceil() as usize;
    if rows < 8 || columns < 4 * reach + 8 {
        return None;
    }
    let shifts: Vec<f64> = (1..rows)
        .map(|row| shift(field.values.row(row - 1), field.values.row(row), reach).unwrap_or(0.0))
        .collect();
    let lean = |at: usize| {
        let around = at.saturating_sub(6)..(at + 7).min(shifts.len());
        let mut near: Vec<f64> = shifts[around].to_vec();
        let middle = near.len() / 2;
        *near.select_nth_unstable_by(middle, f64::total_cmp).1
    };
    let beyond = (0..shifts.len()).map(|at| (shifts[at] - lean(at)).abs());
    beyond.max_by(f64::total_cmp).map(|pixels| pixels * field.spacing.column_mm)
}

/// By how many columns a row lies right of the one before, to a part of a column.
fn shift(before: ArrayView1<'_, f32>, here: ArrayView1<'_, f32>, reach: usize) -> Option<f64> {
    let span = reach..before.len() - reach;
    let differences: Vec<f64> = (0..=2 * reach)
        .map(|moved| {
            span.clone().map(|column| f64::from(before[column] - here[column + moved - reach]).powi(2)).sum()
        })
        .collect();
    let best = (0..differences.len()).min_by(|a, b| differences[*a].total_cmp(&differences[*b]))?;
    if best == 0 || best == 2 * reach {
        return Some(best as f64 - reach as f64);
    }
    let (left, middle, right) = (differences[best - 1], differences[best], differences[best + 1]);
    let bend = left - 2.0 * middle + right;
    let part = if bend > 0.0 { 0.5 * (left - right) / bend } else { 0.0 };
    Some(best as f64 - reach as f64 + part)
}
