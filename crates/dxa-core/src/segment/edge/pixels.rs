//! The pixels on both sides of an edge, each given to the place of an outline that it is nearest to.

use ndarray::Array2;

use super::line::Line;
use crate::geometry::DetectorPoint;
use crate::study::PixelSpacing;

/// Pixels belong to the place of an outline that is nearest, within this distance.
const BAND_MM: f64 = 2.5;

/// What one pixel tells of the edge that it is near to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    /// Depth of its middle below the line.
    pub(super) depth_mm: f64,
    /// Which pixel.
    pub(super) at: (usize, usize),
}

/// The pixels of every place of all lines, counted through.
pub(super) fn of_places(shape: (usize, usize), pixel: PixelSpacing, lines: &[Line]) -> Vec<Vec<Shown>> {
    let near = nearest(shape, pixel, lines);
    let normals = || lines.iter().flat_map(|line| &line.normals);
    let places: Vec<(DetectorPoint, (f64, f64))> =
        lines.iter().flat_map(|line| &line.places).copied().zip(normals().copied()).collect();
    let mut shown = vec![Vec::new(); places.len()];
    for (at, (_, index)) in near.indexed_iter().filter(|(_, (squared, _))| squared.is_finite()) {
        let (place, (x, y)) = places[*index as usize];
        let (down, across) = offset(at, pixel, place);
        shown[*index as usize].push(Shown { depth_mm: -(across * x + down * y), at });
    }
    shown
}

/// Squared distance of every pixel from the nearest place, infinite where none is near, and which that is.
fn nearest(shape: (usize, usize), pixel: PixelSpacing, lines: &[Line]) -> Array2<(f32, u32)> {
    let mut near = Array2::from_elem(shape, (f32::INFINITY, 0));
    let places = lines.iter().flat_map(|line| &line.places);
    for (index, place) in (0u32..).zip(places) {
        let span = |mm: f64, pixel: f64, count: usize| {
            let from = ((mm - BAND_MM) / pixel).floor().max(0.0) as usize;
            from.min(count)..(((mm + BAND_MM) / pixel).ceil().max(0.0) as usize).min(count)
        };
        for row in span(place.y_mm, pixel.row_mm, shape.0) {
            for column in span(place.x_mm, pixel.column_mm, shape.1) {
                let (down, across) = offset((row, column), pixel, *place);
                let squared = down * down + across * across;
                let nearest = &mut near[(row, column)];
                if squared < BAND_MM * BAND_MM && (squared as f32) < nearest.0 {
                    *nearest = (squared as f32, index);
                }
            }
        }
    }
    near
}

/// From a place to the middle of a pixel, down and across.
fn offset((row, column): (usize, usize), pixel: PixelSpacing, place: DetectorPoint) -> (f64, f64) {
    let middle = |index: usize, mm: f64| (index as f64 + 0.5) * mm;
    (middle(row, pixel.row_mm) - place.y_mm, middle(column, pixel.column_mm) - place.x_mm)
}
