//! A smooth surface over an image, known in cells.

use ndarray::Array2;

/// Values of cells, read between their middles.
pub(super) struct Surface {
    values: Array2<f64>,
    /// Height and width of a cell, in a unit of the caller.
    cell: (f64, f64),
}

impl Surface {
    pub(super) fn new(values: Array2<f64>, cell: (f64, f64)) -> Self {
        Self { values, cell }
    }

    /// Each cell as the mean of 3 × 3.
    pub(super) fn smoothed(self) -> Self {
        Self { values: means_of_nine(&self.values, None), cell: self.cell }
    }

    /// The value at a place, in the unit of the cells.
    pub(super) fn at(&self, down: f64, across: f64) -> f64 {
        let place = |place: f64, cell: f64, cells: usize| {
            let place = (place / cell - 0.5).clamp(0.0, (cells - 1) as f64);
            let first = (place as usize).min(cells.saturating_sub(2));
            (first, (first + 1).min(cells - 1), place - first as f64)
        };
        let (rows, columns) = self.values.dim();
        let (top, bottom, down) = place(down, self.cell.0, rows);
        let (left, right, across) = place(across, self.cell.1, columns);
        let between =
            |row: usize| self.values[(row, left)] * (1.0 - across) + self.values[(row, right)] * across;
        between(top) * (1.0 - down) + between(bottom) * down
    }
}

/// Means of 3 × 3 cells, only of those that count.
pub(super) fn means_of_nine(values: &Array2<f64>, counting: Option<&Array2<bool>>) -> Array2<f64> {
    let (rows, columns) = values.dim();
    Array2::from_shape_fn((rows, columns), |(row, column)| {
        let around = (row.saturating_sub(1)..(row + 2).min(rows)).flat_map(|row| {
            (column.saturating_sub(1)..(column + 2).min(columns)).map(move |column| (row, column))
        });
        let counted = around.filter(|at| counting.is_none_or(|counting| counting[*at]));
        let (sum, count) = counted.fold((0.0, 0.0), |(sum, count), at| (sum + values[at], count + 1.0));
        if count > 0.0 { sum / count } else { 0.0 }
    })
}
