//! How dense a bone is inside of its edge, as a smooth surface.

use ndarray::Array2;

use crate::field::{Field, Pixel};

use super::distance::nearest;
use super::surface::{Surface, means_of_nine};

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

/// The plateau of the bone nearest to every place, which is given in pixels; `None` where there is no bone.
pub(super) fn plateau(field: &Field, fraction: f64) -> Option<Surface> {
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
        values = nearest_core(&means, &bone, size_mm);
        threshold = values.mapv(|value| (fraction * value).max(LEAST_BONE));
    }
    Some(Surface::new(values, (cell.0 as f64, cell.1 as f64)))
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

fn nearest_core(means: &Array2<f64>, bone: &Array2<bool>, size_mm: (f64, f64)) -> Array2<f64> {
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
    let local = means_of_nine(means, Some(&core));
    let to_core = nearest(&core, size_mm);
    means_of_nine(&Array2::from_shape_fn(bone.dim(), |at| local[to_core.place(at)]), None)
}
