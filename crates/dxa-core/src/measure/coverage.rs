//! How much of each pixel lies inside of polygons.

use ndarray::{Array2, Axis, Slice};

use crate::geometry::{ImagePoint, Polygon};
use crate::study::PixelSpacing;

/// The part of every pixel of a window that lies inside of polygons that do not overlap, exactly.
///
/// Each edge adds, row by row, the signed area between it and the right end of the row.
///
/// # Shape
/// `size` rows × columns from pixel `origin` on.
pub(super) fn coverage(
    polygons: &[Polygon],
    spacing: PixelSpacing,
    origin: (usize, usize),
    size: (usize, usize),
) -> Array2<f64> {
    let mut signed = Array2::zeros((size.0, size.1 + 1));
    for polygon in polygons {
        let mut of_polygon = Array2::zeros((size.0, size.1 + 1));
        let corners: Vec<ImagePoint> = polygon
            .corners
            .iter()
            .map(|corner| corner.to_image(spacing))
            .map(|point| ImagePoint { x: point.x - origin.1 as f64, y: point.y - origin.0 as f64 })
            .collect();
        let next = corners.iter().cycle().skip(1);
        corners.iter().zip(next).for_each(|(from, to)| add_edge(&mut of_polygon, *from, *to));
        let next = corners.iter().cycle().skip(1);
        let doubled: f64 = corners.iter().zip(next).map(|(a, b)| a.x * b.y - b.x * a.y).sum();
        signed.scaled_add(-doubled.signum(), &of_polygon);
    }
    for mut row in signed.rows_mut() {
        let mut sum = 0.0;
        row.iter_mut().for_each(|part| {
            sum += *part;
            *part = sum.clamp(0.0, 1.0);
        });
    }
    signed.slice_axis_inplace(Axis(1), Slice::from(..size.1));
    signed
}

/// Adds the differences along each row that an edge makes to the coverage to its right.
fn add_edge(parts: &mut Array2<f64>, from: ImagePoint, to: ImagePoint) {
    let (rows, columns) = parts.dim();
    let (top, bottom, sign) = if from.y < to.y { (from, to, 1.0) } else { (to, from, -1.0) };
    let slope = (bottom.x - top.x) / (bottom.y - top.y);
    if !slope.is_finite() {
        return;
    }
    let first = top.y.max(0.0) as usize;
    let last = bottom.y.ceil().clamp(0.0, rows as f64) as usize;
    for row in first..last {
        let (y0, y1) = (top.y.max(row as f64), bottom.y.min(row as f64 + 1.0));
        if y1 <= y0 {
            continue;
        }
        let at = |y: f64| (top.x + (y - top.y) * slope).clamp(0.0, (columns - 1) as f64);
        add_span(&mut parts.row_mut(row), at(y0), at(y1), sign * (y1 - y0));
    }
}

/// Spreads the height of a piece of edge over the pixels between its two ends.
fn add_span(row: &mut ndarray::ArrayViewMut1<'_, f64>, x0: f64, x1: f64, height: f64) {
    let (left, right) = (x0.min(x1), x0.max(x1));
    let last = row.len() - 1;
    let mut column = left as usize;
    // Covered part of each pixel by what is right of the edge, as differences from pixel to pixel.
    let covered_up_to = |x: f64| {
        // Mean over the piece of max(0, x − edge).
        if x <= left {
            0.0
        } else if x >= right {
            x - f64::midpoint(left, right)
        } else {
            (x - left).powi(2) / (2.0 * (right - left))
        }
    };
    let mut before = 0.0;
    loop {
        let here = covered_up_to(column as f64 + 1.0) - covered_up_to(column as f64);
        row[column.min(last)] += height * (here - before);
        before = here;
        if column as f64 >= right || column >= last {
            break;
        }
        column += 1;
    }
    if before < 1.0 {
        row[(column + 1).min(last)] += height * (1.0 - before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::DetectorPoint;

    const SPACING: PixelSpacing = PixelSpacing { row_mm: 1.05, column_mm: 0.6 };

    fn polygon(corners: &[(f64, f64)]) -> Polygon {
        let corner = |&(x, y): &(f64, f64)| ImagePoint { x, y }.to_detector(SPACING);
        Polygon { corners: corners.iter().map(corner).collect::<Vec<DetectorPoint>>() }
    }

    #[test]
    fn parts_of_a_square_are_what_they_are_by_hand() {
        let square = polygon(&[(1.5, 0.25), (3.0, 0.25), (3.0, 2.0), (1.5, 2.0)]);
        let found = coverage(&[square], SPACING, (0, 0), (3, 4));
        let expected = [[0.0, 0.375, 0.75, 0.0], [0.0, 0.5, 1.0, 0.0], [0.0; 4]];
        for (found, expected) in found.rows().into_iter().zip(expected) {
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found}");
        }
    }

    #[test]
    fn the_parts_of_a_slanted_shape_add_up_to_its_area() {
        for turn in [1.0, -1.0] {
            let mut corners = vec![(0.7, 0.3), (6.9, 2.2), (5.1, 6.7), (2.2, 5.9)];
            if turn < 0.0 {
                corners.reverse();
            }
            let shape = polygon(&corners);
            let found = coverage(std::slice::from_ref(&shape), SPACING, (0, 0), (8, 8));
            let area = found.sum() * SPACING.row_mm * SPACING.column_mm;
            assert!((area - shape.area_mm2()).abs() < 1e-9, "{area} {}", shape.area_mm2());
            // Cut by hand: the pixel in row 0, column 1 is crossed by the upper edge only.
            let upper = |x: f64| 0.3 + (x - 0.7) * 1.9 / 6.2;
            assert!((found[(0, 1)] - (1.0 - f64::midpoint(upper(1.0), upper(2.0)))).abs() < 1e-12);
        }
    }
}
