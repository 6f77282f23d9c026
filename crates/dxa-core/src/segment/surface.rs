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
        let (down, across) = (self.between_rows(down), self.between_columns(across));
        self.value(down, across)
    }

    /// The same at every place where one of `downs` meets one of `acrosses`: `used` is given both indices and the
    /// value.
    pub(super) fn on_grid(&self, downs: &[f64], acrosses: &[f64], mut used: impl FnMut(usize, usize, f64)) {
        let columns: Vec<Between> = acrosses.iter().map(|across| self.between_columns(*across)).collect();
        for (row, down) in downs.iter().enumerate() {
            let down = self.between_rows(*down);
            for (column, across) in columns.iter().enumerate() {
                used(row, column, self.value(down, *across));
            }
        }
    }

    fn value(&self, down: Between, across: Between) -> f64 {
        let along = |row: usize| {
            let (left, right) = (self.values[(row, across.first)], self.values[(row, across.second)]);
            left * (1.0 - across.part) + right * across.part
        };
        along(down.first) * (1.0 - down.part) + along(down.second) * down.part
    }

    fn between_rows(&self, place: f64) -> Between {
        Between::of(place, self.cell.0, self.values.nrows())
    }

    fn between_columns(&self, place: f64) -> Between {
        Between::of(place, self.cell.1, self.values.ncols())
    }
}

/// A place between the middles of two cells.
#[derive(Clone, Copy)]
struct Between {
    first: usize,
    second: usize,
    part: f64,
}

impl Between {
    fn of(place: f64, cell: f64, cells: usize) -> Self {
        let place = (place / cell - 0.5).clamp(0.0, (cells - 1) as f64);
        let first = (place as usize).min(cells.saturating_sub(2));
        Self { first, second: (first + 1).min(cells - 1), part: place - first as f64 }
    }
}

/// Means of 3 × 3 cells, only of those that count.
pub(super) fn means_of_nine(values: &Array2<f64>, counting: Option<&Array2<bool>>) -> Array2<f64> {
    let (rows, columns) = values.dim();
    let is_inner = |at: usize, count: usize| at > 0 && at + 1 < count;
    Array2::from_shape_fn((rows, columns), |(row, column)| {
        if counting.is_none() && is_inner(row, rows) && is_inner(column, columns) {
            let line = |row: usize| [column - 1, column, column + 1].map(|column| values[(row, column)]);
            let [above, here, below] = [row - 1, row, row + 1].map(line);
            return above.into_iter().chain(here).chain(below).fold(0.0, |sum, value| sum + value) / 9.0;
        }
        let around = (row.saturating_sub(1)..(row + 2).min(rows)).flat_map(|row| {
            (column.saturating_sub(1)..(column + 2).min(columns)).map(move |column| (row, column))
        });
        let counted = around.filter(|at| counting.is_none_or(|counting| counting[*at]));
        let (sum, count) = counted.fold((0.0, 0.0), |(sum, count), at| (sum + values[at], count + 1.0));
        if count > 0.0 { sum / count } else { 0.0 }
    })
}
