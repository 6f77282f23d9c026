//! How dense a bone is inside of its edge, as a smooth surface.

use ndarray::Array2;

use crate::field::{Field, Pixel};

use super::distance::nearest;

/// Side of a cell in which the plateau is looked for.
const CELL_MM: f64 = 1.0;
/// Inside begins this far from the edge.
const CORE_MM: f64 = 2.5;
/// Bones without such an inside are thin; theirs begins here.
const THIN_CORE_MM: f64 = 1.0;
/// Less than this is no bone, g/cm².
const LEAST_BONE: f64 = 0.1;
/// Less bone than this is none.
const LEAST_AREA_MM2: f64 = 100.0;

/// Means over cells, and the plateau of the bone nearest to each.
pub(super) struct Plateau {
    values: Array2<f64>,
    /// Pixels of a cell.
    cell: (usize, usize),
}

impl Plateau {
    /// The plateau around every place of the field; `None` where there is no bone.
    pub(super) fn of(field: &Field, fraction: f64) -> Option<Self> {
        let side = |pixel_mm: f64| ((CELL_MM / pixel_mm).round() as usize).max(1);
        let cell = (side(field.spacing.row_mm), side(field.spacing.column_mm));
        let means = means(field, cell);
        let size_mm = (cell.0 as f64 * field.spacing.row_mm, cell.1 as f64 * field.spacing.column_mm);
        let mut threshold = Array2::from_elem(means.dim(), first_threshold(&means, fraction));
        let mut values = threshold.clone();
        for _ in 0..2 {
            let bone = Array2::from_shape_fn(means.dim(), |at| means[at] >= threshold[at]);
            let area = bone.iter().filter(|bone| **bone).count() as f64 * size_mm.0 * size_mm.1;
            if area < LEAST_AREA_MM2 {
                return None;
            }
            values = plateau(&means, &bone, size_mm);
            threshold = values.mapv(|value| (fraction * value).max(LEAST_BONE));
        }
        Some(Self { values, cell })
    }

    /// The plateau at a place given in pixels, between the middles of cells.
    pub(super) fn at(&self, row: f64, column: f64) -> f64 {
        let place = |pixels: f64, cell: usize, cells: usize| {
            let place = (pixels / cell as f64 - 0.5).clamp(0.0, (cells - 1) as f64);
            let first = (place as usize).min(cells.saturating_sub(2));
            (first, (first + 1).min(cells - 1), place - first as f64)
        };
        let (rows, columns) = self.values.dim();
        let (top, bottom, down) = place(row, self.cell.0, rows);
        let (left, right, across) = place(column, self.cell.1, columns);
        let between =
            |row: usize| self.values[(row, left)] * (1.0 - across) + self.values[(row, right)] * across;
        between(top) * (1.0 - down) + between(bottom) * down
    }
}

fn means(field: &Field, cell: (usize, usize)) -> Array2<f64> {
    let (rows, columns) = field.shape();
    let shape = (rows.div_ceil(cell.0), columns.div_ceil(cell.1));
    let mut sums = Array2::<f64>::zeros(shape);
    let mut counts = Array2::<f64>::zeros(shape);
    for ((at, value), pixel) in field.values.indexed_iter().zip(&field.pixels) {
        let place = (at.0 / cell.0, at.1 / cell.1);
        if *pixel == Pixel::Tissue {
            sums[place] += f64::from(*value);
        }
        counts[place] += 1.0;
    }
    sums / counts
}

/// A fraction of the mean of all that lies above it.
fn first_threshold(means: &Array2<f64>, fraction: f64) -> f64 {
    let mut threshold = 2.0 * LEAST_BONE;
    for _ in 0..10 {
        let above = means.iter().filter(|mean| **mean >= threshold);
        let (sum, count) = above.fold((0.0, 0.0), |(sum, count), mean| (sum + mean, count + 1.0));
        if count > 0.0 {
            threshold = (fraction * sum / count).max(LEAST_BONE);
        }
    }
    threshold
}

fn plateau(means: &Array2<f64>, bone: &Array2<bool>, size_mm: (f64, f64)) -> Array2<f64> {
    let to_edge = nearest(&bone.mapv(|bone| !bone), size_mm);
    let core_beyond =
        |reach: f64| Array2::from_shape_fn(bone.dim(), |at| bone[at] && to_edge.distance_mm(at) >= reach);
    let mut core = core_beyond(CORE_MM);
    if !core.iter().any(|core| *core) {
        core = core_beyond(THIN_CORE_MM);
    }
    if !core.iter().any(|core| *core) {
        core.clone_from(bone);
    }
    let local = smoothed(means, Some(&core));
    let nearest_core = nearest(&core, size_mm);
    smoothed(&Array2::from_shape_fn(bone.dim(), |at| local[nearest_core.place(at)]), None)
}

/// Means of 3 × 3 cells, only of those that count.
fn smoothed(values: &Array2<f64>, counting: Option<&Array2<bool>>) -> Array2<f64> {
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
