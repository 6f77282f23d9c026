//! Metal in the image: denser than bone can be where it lies.

use super::Measured;
use super::view::View;
use crate::field::{Pixel, Quantity};
use crate::geometry::{DetectorPoint, PixelIndex};
use crate::outline::{Landmark, LandmarkShape};

/// Within the spine metal is denser than this many times its usual density, and this much more, g/cm².
const IN_SPINE: (f64, f64) = (2.7, 0.3);
/// The same beside it.
const BESIDE: (f64, f64) = (1.2, 0.35);
/// No bone is this dense, g/cm².
const NEVER_BONE: f64 = 3.0;

/// Area of everything in the image that is metal.
pub(super) fn area_mm2(view: &View<'_>) -> Measured {
    if view.field.quantity != Quantity::BoneDensity {
        return None;
    }
    let (left, right) = (view.edge("spine_edge_left"), view.edge("spine_edge_right"));
    let usual = usual_density(view)?;
    let limit = |(times, more): (f64, f64)| (times * usual + more).min(NEVER_BONE);
    let (in_spine, beside) = (limit(IN_SPINE), limit(BESIDE));
    let mut count = 0.0;
    let (mut sum_x, mut sum_y) = (0.0, 0.0);
    let (rows, columns) = view.field.shape();
    for row in 0..rows {
        let y_mm = (row as f64 + 0.5) * view.field.spacing.row_mm;
        let (from, to) = (across(left, y_mm) - 2.0, across(right, y_mm) + 2.0);
        for column in 0..columns {
            let x_mm = (column as f64 + 0.5) * view.field.spacing.column_mm;
            let limit = if (from..=to).contains(&x_mm) { in_spine } else { beside };
            if is_metal(view, PixelIndex { row, column }, limit) {
                count += 1.0;
                sum_x += x_mm;
                sum_y += y_mm;
            }
        }
    }
    let middle = DetectorPoint { x_mm: sum_x / count, y_mm: sum_y / count };
    let evidence = (count > 0.0).then_some(Landmark { name: "metal", shape: LandmarkShape::Point(middle) });
    Some((count * view.field.pixel_area_mm2(), evidence.into_iter().collect()))
}

/// Without counts, or denser than the limit together with its neighbors.
fn is_metal(view: &View<'_>, at: PixelIndex, limit: f64) -> bool {
    let (rows, columns) = view.field.shape();
    if view.field.pixels[(at.row, at.column)] == Pixel::Unmeasured {
        return true;
    }
    if f64::from(view.field.values[(at.row, at.column)]) <= limit {
        return false;
    }
    let near_rows = at.row.saturating_sub(1)..=(at.row + 1).min(rows - 1);
    let (mut sum, mut count) = (0.0, 0.0);
    for row in near_rows {
        for column in at.column.saturating_sub(1)..=(at.column + 1).min(columns - 1) {
            if view.field.pixels[(row, column)] == Pixel::Tissue {
                sum += f64::from(view.field.values[(row, column)]);
                count += 1.0;
            }
        }
    }
    sum > 0.9 * limit * count
}

/// Median density between the edges of the spine.
pub(super) fn usual_density(view: &View<'_>) -> Option<f64> {
    let (left, right) = (view.edge("spine_edge_left"), view.edge("spine_edge_right"));
    let (top, bottom) = view.rows_mm()?;
    let spacing = view.field.spacing;
    let (rows, columns) = view.field.shape();
    let mut values = Vec::new();
    let span =
        (top / spacing.row_mm).max(0.0) as usize..((bottom / spacing.row_mm).max(0.0) as usize).min(rows);
    for row in span {
        let y_mm = (row as f64 + 0.5) * spacing.row_mm;
        let column = |x_mm: f64| (x_mm / spacing.column_mm).clamp(0.0, columns as f64) as usize;
        for at in column(across(left, y_mm))..column(across(right, y_mm)) {
            if view.field.pixels[(row, at)] == Pixel::Tissue {
                values.push(view.field.values[(row, at)]);
            }
        }
    }
    if values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    Some(f64::from(*values.select_nth_unstable_by(middle, f32::total_cmp).1))
}

/// Where a path that runs down the image is at one height.
pub(super) fn across(path: &[DetectorPoint], y_mm: f64) -> f64 {
    let below = path.partition_point(|point| point.y_mm < y_mm);
    match (below.checked_sub(1).and_then(|at| path.get(at)), path.get(below)) {
        (Some(a), Some(b)) if b.y_mm > a.y_mm => {
            a.x_mm + (y_mm - a.y_mm) / (b.y_mm - a.y_mm) * (b.x_mm - a.x_mm)
        }
        (Some(only), _) | (None, Some(only)) => only.x_mm,
        (None, None) => 0.0,
    }
}
