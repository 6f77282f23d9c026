//! Ward's square: the least dense place below the neck box.

use ndarray::Array2;

use super::neck::Neck;
use crate::geometry::Polygon;
use crate::segment::limb::grid::Grid;

/// Side of the square.
const SIDE_MM: f64 = 10.0;
/// Distance between places that are tried.
const STEP_MM: f64 = 0.5;
/// Where the middle of the square may lie along the axis, from the lateral edge of the neck box.
const ALONG_MM: (f64, f64) = (-5.0, 10.0);
/// How far from the axis the middle of the square may lie.
const ACROSS_MM: f64 = 8.0;

/// The least dense square near the lateral edge of the neck box that lies wholly in the femur.
pub(super) fn square(level: &Grid, femur: &[Polygon], neck: &Neck, lateral: f64) -> Option<Polygon> {
    let half = 0.5 * SIDE_MM;
    let first = (lateral + ALONG_MM.0 - half, -ACROSS_MM - half);
    let samples = |length: f64| (length / STEP_MM).round() as usize;
    let shape = (samples(ALONG_MM.1 - ALONG_MM.0 + SIDE_MM), samples(2.0 * ACROSS_MM + SIDE_MM));
    let place = |along: usize, across: usize| {
        neck.axis.point(first.0 + (along as f64 + 0.5) * STEP_MM, first.1 + (across as f64 + 0.5) * STEP_MM)
    };
    // Outside of the femur is denser than anything, so no square that holds it is the least dense.
    let sums = summed(Array2::from_shape_fn(shape, |(along, across)| {
        let point = place(along, across);
        let inside = femur.iter().any(|part| part.contains(point));
        if inside { level.at(point).unwrap_or(f64::INFINITY) } else { f64::INFINITY }
    }));
    let side = samples(SIDE_MM);
    let (along, across) = least(&sums, side)?;
    let from = (first.0 + along as f64 * STEP_MM, first.1 + across as f64 * STEP_MM);
    let corner = |along: f64, across: f64| neck.axis.point(from.0 + along, from.1 + across);
    Some(Polygon {
        corners: vec![corner(0.0, SIDE_MM), corner(SIDE_MM, SIDE_MM), corner(SIDE_MM, 0.0), corner(0.0, 0.0)],
    })
}

/// Sums of values and counts of samples without one, over all samples above and left.
struct Sums {
    values: Array2<f64>,
    missing: Array2<u32>,
}

fn summed(values: Array2<f64>) -> Sums {
    let (rows, columns) = values.dim();
    let mut sums = Sums {
        values: Array2::zeros((rows + 1, columns + 1)),
        missing: Array2::zeros((rows + 1, columns + 1)),
    };
    for row in 0..rows {
        for column in 0..columns {
            let value = values[(row, column)];
            let known = value.is_finite();
            let add =
                |sums: &Array2<f64>| sums[(row, column + 1)] + sums[(row + 1, column)] - sums[(row, column)];
            sums.values[(row + 1, column + 1)] = add(&sums.values) + if known { value } else { 0.0 };
            sums.missing[(row + 1, column + 1)] = sums.missing[(row, column + 1)]
                + sums.missing[(row + 1, column)]
                - sums.missing[(row, column)]
                + u32::from(!known);
        }
    }
    sums
}

/// The corner of the square with the least sum and nothing missing.
fn least(sums: &Sums, side: usize) -> Option<(usize, usize)> {
    let (rows, columns) = sums.values.dim();
    let mut best: Option<(f64, (usize, usize))> = None;
    for row in 0..rows.saturating_sub(side) {
        for column in 0..columns.saturating_sub(side) {
            let (below, right) = (row + side, column + side);
            let missing = sums.missing[(below, right)] + sums.missing[(row, column)];
            if missing != sums.missing[(row, right)] + sums.missing[(below, column)] {
                continue;
            }
            let sum = sums.values[(below, right)] + sums.values[(row, column)]
                - sums.values[(row, right)]
                - sums.values[(below, column)];
            if best.as_ref().is_none_or(|(least, _)| sum < *least) {
                best = Some((sum, (row, column)));
            }
        }
    }
    best.map(|(_, corner)| corner)
}
