//! The spine laid straight: one row for each row of the raster, across the spine instead of across the image.

use ndarray::Array2;

use super::column::{Column, quantile};
use super::raster::{Raster, STEP_MM, part};
use crate::geometry::DetectorPoint;

/// How far to each side the straightened image goes.
pub(super) const REACH_MM: f64 = 75.0;
/// Half of the inner width whose brightness is that of bone.
const CORE_MM: f64 = 10.0;
/// Which share of the core is darker than the plateau: discs, and half of the vertebrae.
const PLATEAU_SHARE: f64 = 0.7;

/// The straightened image.
#[derive(Clone, Debug)]
pub(super) struct Straight {
    /// Rows × columns; the middle column lies on the column's line, columns are half a millimeter apart.
    /// Bone of the vertebrae is about one.
    pub(super) values: Array2<f32>,
    /// The line it was straightened along.
    pub(super) column: Column,
    /// Brightness of bone in the units of the raster.
    pub(super) plateau: f32,
}

impl Straight {
    /// Lays the image straight along a line; `None` where there is nothing bright along it.
    pub(super) fn along(raster: &Raster, column: Column) -> Option<Self> {
        let half = (REACH_MM / STEP_MM) as usize;
        let rows = column.x_mm.len();
        let mut values = Array2::zeros((rows, 2 * half + 1));
        for (row, mut line) in values.rows_mut().into_iter().enumerate() {
            let across = column.across(row as f64);
            for (index, value) in line.iter_mut().enumerate() {
                let point = across.point(offset_mm(index));
                *value = raster.sample(point.x_mm, point.y_mm);
            }
        }
        let core = (CORE_MM / STEP_MM) as usize;
        let plateau = quantile(part(&values, 0..rows, half - core..half + core + 1), PLATEAU_SHARE);
        if !(plateau.is_finite() && plateau > f32::EPSILON) {
            return None;
        }
        values.mapv_inplace(|value| value / plateau);
        Some(Self { values, column, plateau })
    }

    /// How many rows.
    pub(super) fn rows(&self) -> usize {
        self.values.nrows()
    }

    /// Value at a fractional row and an offset across; beyond the border the border goes on.
    pub(super) fn sample(&self, row: f64, across_mm: f64) -> f32 {
        let (rows, columns) = self.values.dim();
        let place = |at: f64, count: usize| {
            let at = at.clamp(0.0, (count - 1) as f64);
            let low = (at as usize).min(count.saturating_sub(2));
            (low, (low + 1).min(count - 1), (at - low as f64) as f32)
        };
        let ((top, bottom, down), (left, right, aside)) =
            (place(row, rows), place((across_mm + REACH_MM) / STEP_MM, columns));
        let upper = self.values[(top, left)] * (1.0 - aside) + self.values[(top, right)] * aside;
        let lower = self.values[(bottom, left)] * (1.0 - aside) + self.values[(bottom, right)] * aside;
        upper * (1.0 - down) + lower * down
    }

    /// The row, with a fraction, that lies this far from another one along the line.
    pub(super) fn row_after(&self, row: f64, distance_mm: f64) -> f64 {
        row + distance_mm / (STEP_MM * self.column.at(row).1.hypot(1.0))
    }
}

impl Column {
    /// Place and slope at a fractional row.
    pub(super) fn at(&self, row: f64) -> (f64, f64) {
        let last = self.x_mm.len() - 1;
        let inside = row.clamp(0.0, last as f64);
        let low = (inside as usize).min(last.saturating_sub(1));
        let part = inside - low as f64;
        let between = |values: &[f64]| values[low] * (1.0 - part) + values[(low + 1).min(last)] * part;
        let slope = between(&self.slope);
        // Beyond the image the line goes on as it ended.
        (between(&self.x_mm) + (row - inside) * STEP_MM * slope, slope)
    }

    /// The point of the image this far across the line from one of its rows.
    pub(super) fn point(&self, row: f64, across_mm: f64) -> DetectorPoint {
        self.across(row).point(across_mm)
    }

    /// The line across it at one of its rows.
    fn across(&self, row: f64) -> Across {
        let (x_mm, slope) = self.at(row);
        Across { x_mm, y_mm: (row + 0.5) * STEP_MM, slope, length: (slope * slope + 1.0).sqrt() }
    }
}

/// A line at a right angle to the column.
struct Across {
    x_mm: f64,
    y_mm: f64,
    slope: f64,
    length: f64,
}

impl Across {
    fn point(&self, across_mm: f64) -> DetectorPoint {
        DetectorPoint {
            x_mm: self.x_mm + across_mm / self.length,
            y_mm: self.y_mm - across_mm * self.slope / self.length,
        }
    }
}

/// Offset across the line of a column of the straightened image.
pub(super) fn offset_mm(index: usize) -> f64 {
    index as f64 * STEP_MM - REACH_MM
}
