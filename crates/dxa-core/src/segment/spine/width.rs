//! The spine width: where the vertebral bodies end on each side, transverse processes left out.

use super::column::{Column, quantile};
use super::path::brightest_path;
use super::raster::STEP_MM;
use super::straight::{REACH_MM, Straight};

/// From where to where beside the middle the edge of a body is looked for.
const EDGE_MM: (f64, f64) = (11.0, 38.0);
/// Width inside and outside of an edge that is compared.
const FLANK_MM: f64 = 3.5;
/// Rows above and below that are averaged.
const ROW_REACH: usize = 4;
/// What a step of half a millimeter to the side costs, in contrast of an edge.
const STEP_COST: f32 = 0.05;

/// Distance from the middle line to the edge of the spine on each side, one for each row.
#[derive(Clone, Debug)]
pub(super) struct Width {
    /// To the left of the image, positive.
    pub(super) left_mm: Vec<f64>,
    /// To the right of the image.
    pub(super) right_mm: Vec<f64>,
    /// Contrast of the edges along their way: that of bone against soft tissue is near one.
    pub(super) contrast: Vec<f32>,
}

impl Width {
    /// Finds both edges as smooth ways of the strongest fall in brightness.
    pub(super) fn of(straight: &Straight) -> Self {
        let (left_mm, left) = edge(straight, -1.0);
        let (right_mm, right) = edge(straight, 1.0);
        let contrast = left.iter().zip(&right).map(|(left, right)| left.min(*right)).collect();
        Self { left_mm, right_mm, contrast }
    }

    /// The middle between the edges as a new line down the spine.
    pub(super) fn middle(&self, straight: &Straight) -> Column {
        let points: Vec<(f64, f64)> = (0..straight.rows())
            .map(|row| {
                let across = (self.right_mm[row] - self.left_mm[row]) / 2.0;
                let point = straight.column.point(row as f64, across);
                (point.y_mm, point.x_mm)
            })
            .collect();
        Column::through(&points, straight.rows())
    }

    /// Half the usual width of the spine.
    pub(super) fn half_mm(&self) -> f64 {
        let halves =
            self.left_mm.iter().zip(&self.right_mm).map(|(left, right)| ((left + right) / 2.0) as f32);
        f64::from(quantile(halves, 0.5))
    }
}

/// Distance of the edge from the middle in each row, and its contrast there.
fn edge(straight: &Straight, side: f64) -> (Vec<f64>, Vec<f32>) {
    let steps = ((EDGE_MM.1 - EDGE_MM.0) / STEP_MM) as usize + 1;
    let falls = falls(straight, side, steps);
    let path = brightest_path(&falls, STEP_COST);
    let contrast = path.iter().enumerate().map(|(row, step)| falls[(row, *step)]).collect();
    let place = |(row, step): (usize, usize)| EDGE_MM.0 + (step as f64 + top_of(&falls, row, step)) * STEP_MM;
    (path.into_iter().enumerate().map(place).collect(), contrast)
}

/// Where between steps the fall is largest, from a parabola.
fn top_of(falls: &ndarray::Array2<f32>, row: usize, step: usize) -> f64 {
    let at = |step: usize| falls.get((row, step)).copied();
    let (Some(before), Some(here), Some(after)) = (step.checked_sub(1).and_then(at), at(step), at(step + 1))
    else {
        return 0.0;
    };
    let bend = before - 2.0 * here + after;
    if bend < -1e-6 { f64::from((before - after) / (2.0 * bend)).clamp(-0.5, 0.5) } else { 0.0 }
}

/// Fall in brightness going outward, for each row and distance from the middle.
fn falls(straight: &Straight, side: f64, steps: usize) -> ndarray::Array2<f32> {
    let rows = straight.rows();
    let middle = (REACH_MM / STEP_MM) as isize;
    let flank = (FLANK_MM / STEP_MM) as isize;
    let first = (EDGE_MM.0 / STEP_MM) as isize;
    let sign = side as isize;
    let raw = ndarray::Array2::from_shape_fn((rows, steps), |(row, step)| {
        let at = first + step as isize;
        let mean = |from: isize, to: isize| {
            let sum: f32 = (from..to)
                .map(|away| straight.values[(row, (middle + sign * away) as usize)].clamp(-0.3, 1.5))
                .sum();
            sum / (to - from) as f32
        };
        mean(at - flank, at) - mean(at + 1, at + 1 + flank)
    });
    ndarray::Array2::from_shape_fn((rows, steps), |(row, step)| {
        let (top, bottom) = (row.saturating_sub(ROW_REACH), (row + ROW_REACH).min(rows - 1));
        (top..=bottom).map(|row| raw[(row, step)]).sum::<f32>() / (bottom - top + 1) as f32
    })
}
