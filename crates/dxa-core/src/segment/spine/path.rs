//! The best way down a score, row by row.

use ndarray::Array2;

/// The path from top to bottom with the largest sum, at most one cell to the side in each row, each step aside
/// at this cost.
pub(super) fn brightest_path(score: &Array2<f32>, step_cost: f32) -> Vec<usize> {
    let (rows, columns) = score.dim();
    let mut best = score.clone();
    let mut from = Array2::<i8>::zeros(score.dim());
    for row in 1..rows {
        for column in 0..columns {
            let choices = [0i8, -1, 1].into_iter().filter_map(|step| {
                let before = column.checked_add_signed(step.into()).filter(|at| *at < columns)?;
                Some((step, best[(row - 1, before)] - step_cost * f32::from(step.abs())))
            });
            let Some((step, value)) = choices.max_by(|a, b| a.1.total_cmp(&b.1)) else { continue };
            best[(row, column)] += value;
            from[(row, column)] = step;
        }
    }
    let last = (0..columns).max_by(|a, b| best[(rows - 1, *a)].total_cmp(&best[(rows - 1, *b)]));
    let mut path = vec![last.unwrap_or(0); rows];
    for row in (1..rows).rev() {
        path[row - 1] = path[row].saturating_add_signed(from[(row, path[row])].into());
    }
    path
}
