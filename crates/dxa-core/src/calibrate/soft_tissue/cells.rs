//! Means over cells of about two millimeters, in which soft tissue is told from bone.

use std::ops::Range;

use ndarray::Array2;

use crate::field::{Field, Pixel};

/// Side of a cell.
const CELL_MM: f64 = 2.0;
/// Cells touch whose middles are nearer than this, across a corner too.
const TOUCHING_MM: f64 = 1.5 * CELL_MM;
/// Pixels at the border of the image that are left out.
const BORDER: usize = 3;

/// One cell that lies wholly in measured tissue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    /// Its middle.
    pub(super) x_mm: f64,
    pub(super) y_mm: f64,
    /// Mean density, g/cm².
    pub(super) mean: f64,
    /// What the surface is multiplied with here: the thickness of soft tissue, or 1.
    pub(super) factor: f64,
    /// Place in the grid.
    row: usize,
    column: usize,
}

/// The cells of a field.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    pub(super) cells: Vec<Cell>,
    /// Size of the field, mm.
    pub(super) width_mm: f64,
    pub(super) height_mm: f64,
    /// Size of a cell, mm.
    pub(super) cell_height_mm: f64,
    pub(super) cell_width_mm: f64,
    grid: (usize, usize),
}

impl Cells {
    pub(super) fn of(field: &Field, factors: Option<&Array2<f32>>) -> Self {
        let (rows, columns) = field.shape();
        let spacing = field.spacing;
        let side = |pixel_mm: f64| ((CELL_MM / pixel_mm).round() as usize).max(1);
        let (high, wide) = (side(spacing.row_mm), side(spacing.column_mm));
        let count = |pixels: usize, side: usize| pixels.saturating_sub(2 * BORDER) / side;
        let grid = (count(rows, high), count(columns, wide));
        let mut cells = Vec::with_capacity(grid.0 * grid.1);
        for (row, column) in (0..grid.0).flat_map(|row| (0..grid.1).map(move |column| (row, column))) {
            let (top, left) = (BORDER + row * high, BORDER + column * wide);
            let (rows, columns) = (top..top + high, left..left + wide);
            if let Some((mean, factor)) = means(field, factors, rows, columns) {
                let middle = |first: usize, side: usize, mm: f64| (first as f64 + side as f64 / 2.0) * mm;
                let (y_mm, x_mm) = (middle(top, high, spacing.row_mm), middle(left, wide, spacing.column_mm));
                cells.push(Cell { x_mm, y_mm, mean, factor, row, column });
            }
        }
        Self {
            cells,
            width_mm: columns as f64 * spacing.column_mm,
            height_mm: rows as f64 * spacing.row_mm,
            cell_height_mm: high as f64 * spacing.row_mm,
            cell_width_mm: wide as f64 * spacing.column_mm,
            grid,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// The cells that are at least `reach_mm` away from every cell that `is_bone`, and from everything that is
    /// no tissue.
    pub(super) fn away_from(&self, reach_mm: f64, is_bone: impl Fn(&Cell) -> bool) -> Vec<Cell> {
        let mut near = self.besides_tissue();
        for cell in self.cells.iter().filter(|cell| is_bone(cell)) {
            self.mark(&mut near, cell.row, cell.column, reach_mm);
        }
        self.cells.iter().filter(|cell| !near[cell.row * self.grid.1 + cell.column]).copied().collect()
    }

    /// Cells that touch a cell of air or of unmeasured pixels.
    fn besides_tissue(&self) -> Vec<bool> {
        let mut tissue = vec![false; self.grid.0 * self.grid.1];
        self.cells.iter().for_each(|cell| tissue[cell.row * self.grid.1 + cell.column] = true);
        let mut near = vec![false; tissue.len()];
        for index in (0..tissue.len()).filter(|index| !tissue[*index]) {
            self.mark(&mut near, index / self.grid.1, index % self.grid.1, TOUCHING_MM);
        }
        near
    }

    /// Marks the cells whose middles are nearer to that of one than `reach_mm`.
    fn mark(&self, near: &mut [bool], row: usize, column: usize, reach_mm: f64) {
        let down = (reach_mm / self.cell_height_mm).ceil() as usize;
        let across = (reach_mm / self.cell_width_mm).ceil() as usize;
        for other in row.saturating_sub(down)..(row + down + 1).min(self.grid.0) {
            let down_mm = row.abs_diff(other) as f64 * self.cell_height_mm;
            for beside in column.saturating_sub(across)..(column + across + 1).min(self.grid.1) {
                let across_mm = column.abs_diff(beside) as f64 * self.cell_width_mm;
                let near = &mut near[other * self.grid.1 + beside];
                *near = *near || down_mm * down_mm + across_mm * across_mm < reach_mm * reach_mm;
            }
        }
    }
}

/// Mean density and mean factor of a block of pixels; `None` unless all are tissue.
fn means(
    field: &Field,
    factors: Option<&Array2<f32>>,
    rows: Range<usize>,
    columns: Range<usize>,
) -> Option<(f64, f64)> {
    let count = (rows.len() * columns.len()) as f64;
    let (mut sum, mut factor) = (0.0, 0.0);
    for at in rows.flat_map(|row| columns.clone().map(move |column| (row, column))) {
        if field.pixels[at] != Pixel::Tissue {
            return None;
        }
        sum += f64::from(field.values[at]);
        factor += factors.map_or(1.0, |factors| f64::from(factors[at]));
    }
    Some((sum / count, factor / count))
}
