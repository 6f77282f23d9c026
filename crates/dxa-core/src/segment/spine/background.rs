//! Levels the soft tissue of a gray image to zero, so that gray and density are searched alike.

use ndarray::Array2;

use super::raster::{mean, part};

/// Side of a cell, in squares: wide enough that noise averages out, narrow enough to fit beside the bone.
const CELL: usize = 8;
/// Rounds of fitting and leaving out what is brighter.
const ROUNDS: usize = 8;
/// A cell this many spreads of the darker side above the surface is bone.
const BONE_SPREADS: f64 = 1.5;
/// Terms of the surface: 1, x, y, x², xy, y².
const TERMS: usize = 6;

/// Subtracts a surface of second order through the darker cells, which are the soft tissue.
pub(super) fn level(values: &mut Array2<f32>) {
    let cells = cells(values);
    let mut kept: Vec<bool> = vec![true; cells.len()];
    let mut surface = [0.0; TERMS];
    for _ in 0..ROUNDS {
        let used = cells.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(cell, _)| cell);
        let Some(fitted) = fit(used) else { return };
        surface = fitted;
        let residual = |cell: &Cell| cell.value - height(&surface, cell.x, cell.y);
        let (squares, count) = cells
            .iter()
            .map(residual)
            .filter(|residual| *residual < 0.0)
            .fold((0.0, 0.0), |(squares, count), residual| (squares + residual * residual, count + 1.0));
        let spread = (squares / f64::max(count, 1.0)).sqrt();
        kept = cells.iter().map(|cell| residual(cell) <= BONE_SPREADS * spread).collect();
    }
    let (rows, columns) = values.dim();
    for ((row, column), value) in values.indexed_iter_mut() {
        let (x, y) = place(row as f64 + 0.5, column as f64 + 0.5, rows, columns);
        *value -= height(&surface, x, y) as f32;
    }
}

struct Cell {
    x: f64,
    y: f64,
    value: f64,
}

/// From −1 to 1 across and down.
fn place(row: f64, column: f64, rows: usize, columns: usize) -> (f64, f64) {
    (2.0 * column / columns as f64 - 1.0, 2.0 * row / rows as f64 - 1.0)
}

fn cells(values: &Array2<f32>) -> Vec<Cell> {
    let (rows, columns) = values.dim();
    let mut cells = Vec::new();
    for top in (0..rows.saturating_sub(CELL - 1)).step_by(CELL) {
        for left in (0..columns.saturating_sub(CELL - 1)).step_by(CELL) {
            let value = mean(part(values, top..top + CELL, left..left + CELL));
            let half = CELL as f64 / 2.0;
            let (x, y) = place(top as f64 + half, left as f64 + half, rows, columns);
            cells.push(Cell { x, y, value: f64::from(value) });
        }
    }
    cells
}

fn terms(x: f64, y: f64) -> [f64; TERMS] {
    [1.0, x, y, x * x, x * y, y * y]
}

fn height(surface: &[f64; TERMS], x: f64, y: f64) -> f64 {
    surface.iter().zip(terms(x, y)).map(|(factor, term)| factor * term).sum()
}

/// Least squares by Gaussian elimination with pivoting; `None` when the cells do not fix the surface.
fn fit<'c>(cells: impl Iterator<Item = &'c Cell>) -> Option<[f64; TERMS]> {
    let mut matrix = [[0.0; TERMS + 1]; TERMS];
    for cell in cells {
        let terms = terms(cell.x, cell.y);
        for (row, left) in matrix.iter_mut().zip(terms) {
            for (entry, right) in row.iter_mut().zip(terms.iter().chain([&cell.value])) {
                *entry += left * right;
            }
        }
    }
    for pivot in 0..TERMS {
        let best =
            (pivot..TERMS).max_by(|a, b| matrix[*a][pivot].abs().total_cmp(&matrix[*b][pivot].abs()))?;
        matrix.swap(pivot, best);
        if matrix[pivot][pivot].abs() < 1e-9 {
            return None;
        }
        let lead = matrix[pivot];
        for (index, row) in matrix.iter_mut().enumerate() {
            if index != pivot {
                let factor = row[pivot] / lead[pivot];
                row.iter_mut().zip(lead).for_each(|(entry, lead)| *entry -= factor * lead);
            }
        }
    }
    let mut solution = [0.0; TERMS];
    for (index, (value, row)) in solution.iter_mut().zip(matrix).enumerate() {
        *value = row[TERMS] / row[index];
    }
    Some(solution)
}
