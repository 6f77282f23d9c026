//! The outline where a grid crosses zero, as closed polygons (marching squares).

use std::collections::BTreeMap;

use super::grid::Grid;
use crate::geometry::{DetectorPoint, Polygon};

/// The outline of the part above zero that holds a point; holes are filled.
///
/// Between samples the outline is interpolated linearly; at the edge of the image it runs along the edge.
pub(in crate::segment) fn around(grid: &Grid, inside: DetectorPoint) -> Option<Polygon> {
    rings(grid)
        .into_iter()
        .filter(|ring| ring.contains(inside))
        .max_by(|a, b| a.area_mm2().total_cmp(&b.area_mm2()))
}

/// A side of a cell: the sample above or left of it, and whether it runs downward.
type CellSide = (usize, usize, bool);

/// Every closed line at zero.
pub(in crate::segment) fn rings(grid: &Grid) -> Vec<Polygon> {
    let padded = Padded { grid };
    let mut next = steps(&padded);
    let mut rings = Vec::new();
    while let Some((start, mut at)) = next.pop_first() {
        let mut corners = vec![padded.crossing(start)];
        while at != start {
            corners.push(padded.crossing(at));
            match next.remove(&at) {
                Some(following) => at = following,
                None => break,
            }
        }
        rings.push(Polygon { corners });
    }
    rings
}

/// A grid with one sample more on each side, which mirrors the sign of its neighbor.
struct Padded<'a> {
    grid: &'a Grid,
}

impl Padded<'_> {
    fn shape(&self) -> (usize, usize) {
        let (rows, columns) = self.grid.values.dim();
        (rows + 2, columns + 2)
    }

    /// Value of a sample; outside the image the opposite of bone, so that the outline ends on the edge.
    fn value(&self, row: usize, column: usize) -> f64 {
        let (rows, columns) = self.grid.values.dim();
        let nearest = (row.clamp(1, rows) - 1, column.clamp(1, columns) - 1);
        let value = f64::from(self.grid.values[nearest]);
        if nearest == (row.wrapping_sub(1), column.wrapping_sub(1)) { value } else { -value.abs() }
    }

    fn is_bone(&self, row: usize, column: usize) -> bool {
        self.value(row, column) > 0.0
    }

    /// The point of a cell side at zero.
    fn crossing(&self, (row, column, down): CellSide) -> DetectorPoint {
        let (from, to) =
            (self.value(row, column), self.value(row + usize::from(down), column + usize::from(!down)));
        let part = if from == to { 0.5 } else { from / (from - to) };
        let (right, below) = if down { (0.0, part) } else { (part, 0.0) };
        DetectorPoint {
            x_mm: (column as f64 + right - 0.5) * self.grid.column_mm,
            y_mm: (row as f64 + below - 0.5) * self.grid.row_mm,
        }
    }
}

/// For each crossed cell side the one that follows with bone on the right hand.
fn steps(padded: &Padded<'_>) -> BTreeMap<CellSide, CellSide> {
    let (rows, columns) = padded.shape();
    let mut next = BTreeMap::new();
    for row in 0..rows - 1 {
        for column in 0..columns - 1 {
            let corners = [(0, 0), (0, 1), (1, 1), (1, 0)]
                .map(|(down, right)| padded.is_bone(row + down, column + right));
            if corners.iter().all(|bone| *bone) || !corners.iter().any(|bone| *bone) {
                continue;
            }
            let sides = [
                (row, column, false),
                (row, column + 1, true),
                (row + 1, column, false),
                (row, column, true),
            ];
            next.extend(cell_steps(corners, sides));
        }
    }
    next
}

/// The one or two ways through a cell; where bone touches bone by a corner only, it is kept apart.
fn cell_steps(corners: [bool; 4], sides: [CellSide; 4]) -> Vec<(CellSide, CellSide)> {
    // Clockwise, side i lies between corner i and corner i + 1; bone is entered and left in turn.
    let entered: Vec<usize> = (0..4).filter(|i| !corners[*i] && corners[(i + 1) % 4]).collect();
    let left_after =
        |entry: usize| (1..4).map(|k| (entry + k) % 4).find(|i| corners[*i] && !corners[(i + 1) % 4]);
    entered
        .into_iter()
        .filter_map(|entry| left_after(entry).map(|exit| (sides[exit], sides[entry])))
        .collect()
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn grid(rows: usize, columns: usize, value: impl Fn(f64, f64) -> f64) -> Grid {
        let values = Array2::from_shape_fn((rows, columns), |(row, column)| {
            value((column as f64 + 0.5) * 0.5, (row as f64 + 0.5) * 0.5) as f32
        });
        Grid { values, row_mm: 0.5, column_mm: 0.5 }
    }

    #[test]
    fn a_disk_has_the_area_of_a_disk() {
        let disk = grid(60, 50, |x, y| 10.0 - (x - 12.3).hypot(y - 15.1));
        let outline = around(&disk, DetectorPoint { x_mm: 12.0, y_mm: 15.0 }).unwrap();
        assert!(
            (outline.area_mm2() / (std::f64::consts::PI * 100.0) - 1.0).abs() < 2e-3,
            "{}",
            outline.area_mm2()
        );
    }

    #[test]
    fn a_hole_is_filled_and_a_neighbor_left_out() {
        let ring = grid(60, 100, |x, y| {
            let ring = 3.0 - ((x - 15.0).hypot(y - 15.0) - 9.0).abs();
            ring.max(4.0 - (x - 40.0).hypot(y - 15.0))
        });
        let outline = around(&ring, DetectorPoint { x_mm: 15.0, y_mm: 6.0 }).unwrap();
        assert!(
            (outline.area_mm2() / (std::f64::consts::PI * 144.0) - 1.0).abs() < 5e-3,
            "{}",
            outline.area_mm2()
        );
        assert_eq!(rings(&ring).len(), 3);
    }

    #[test]
    fn bone_that_leaves_the_image_ends_on_its_edge() {
        let bar = grid(40, 40, |x, _| 3.0 - (x - 10.0).abs());
        let outline = around(&bar, DetectorPoint { x_mm: 10.0, y_mm: 10.0 }).unwrap();
        assert!((outline.area_mm2() - 6.0 * 20.0).abs() < 0.3, "{}", outline.area_mm2());
    }
}
