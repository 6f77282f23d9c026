//! The lines along which a sampled surface is zero.

use crate::geometry::{AcrossPolygon, DetectorPoint, ImagePoint, Polygon};
use crate::study::PixelSpacing;

/// A rectangle of samples; those at or above zero are inside.
pub(super) struct Lattice {
    /// Row by row.
    pub(super) values: Vec<f32>,
    /// Places of rows and columns, in pixels of the image.
    pub(super) rows: Vec<f64>,
    pub(super) columns: Vec<f64>,
}

/// Corners are kept to this part of a pixel, so that a printed outline is the outline.
const PARTS_OF_A_PIXEL: f64 = 1000.0;

impl Lattice {
    /// Outlines of everything inside; nothing may be inside at the rim of the lattice.
    ///
    /// The outline of a piece with holes runs through it to each hole, around that, and back the same way: one
    /// polygon, whose area and inside are those of the piece without its holes.
    pub(super) fn outlines(&self, spacing: PixelSpacing) -> Vec<Polygon> {
        let (mut outlines, holes): (Vec<Polygon>, Vec<Polygon>) =
            self.contours(spacing).into_iter().partition(is_outer);
        for hole in holes {
            let within =
                hole.corners.first().and_then(|corner| outlines.iter_mut().find(|o| o.contains(*corner)));
            within.into_iter().for_each(|outline| join(outline, &hole));
        }
        outlines
    }

    /// The lines between inside and outside, around pieces and around holes in them; all run with the inside on
    /// the same hand.
    ///
    /// # References
    /// Marching squares: Lorensen & Cline 1987, doi 10.1145/37401.37422, in two dimensions.
    pub(super) fn contours(&self, spacing: PixelSpacing) -> Vec<Polygon> {
        let mut steps = self.steps();
        steps.sort_unstable();
        let mut visited = vec![false; steps.len()];
        let mut contours = Vec::new();
        for start in 0..steps.len() {
            let mut corners = Vec::new();
            let mut at = start;
            while !visited[at] {
                visited[at] = true;
                corners.push(self.crossing(steps[at].0));
                match steps.binary_search_by_key(&steps[at].1, |step| step.0) {
                    Ok(next) => at = next,
                    Err(_) => break,
                }
            }
            corners.dedup();
            if corners.len() > 2 {
                let corners = corners.iter().map(|corner| corner.to_detector(spacing)).collect();
                contours.push(Polygon { corners });
            }
        }
        contours
    }

    /// For each piece of contour the edge of the lattice where it begins and the one where it ends.
    fn steps(&self) -> Vec<(u32, u32)> {
        let wide = self.columns.len();
        let mut steps = Vec::new();
        for row in 0..self.rows.len().saturating_sub(1) {
            for column in 0..wide.saturating_sub(1) {
                let first = row * wide + column;
                let corners = [first, first + 1, first + wide + 1, first + wide];
                let inside = corners.map(|corner| self.values[corner] >= 0.0);
                if inside == [true; 4] || inside == [false; 4] {
                    continue;
                }
                // Edges in the order of the corners that they follow: top, right, bottom, left.
                let edges = [2 * first, 2 * (first + 1) + 1, 2 * (first + wide), 2 * first + 1]
                    .map(|edge| edge as u32);
                let entered = (0..4).filter(|edge| !inside[*edge] && inside[(edge + 1) % 4]);
                let left: Vec<usize> =
                    (0..4).filter(|edge| inside[*edge] && !inside[(edge + 1) % 4]).collect();
                let middle: f32 = corners.iter().map(|corner| self.values[*corner]).sum();
                for entry in entered {
                    let next = (1..4).map(|step| (entry + step) % 4).find(|edge| left.contains(edge));
                    let far = left.iter().copied().find(|edge| Some(*edge) != next).or(next);
                    let exit = if middle >= 0.0 { far } else { next };
                    steps.extend(exit.map(|exit| (edges[entry], edges[exit])));
                }
            }
        }
        steps
    }

    /// Where the surface is zero on an edge of the lattice.
    fn crossing(&self, edge: u32) -> ImagePoint {
        let (sample, is_vertical) = (edge as usize / 2, edge % 2 == 1);
        let (row, column) = (sample / self.columns.len(), sample % self.columns.len());
        let other = if is_vertical { (row + 1, column) } else { (row, column + 1) };
        let value = |(row, column): (usize, usize)| f64::from(self.values[row * self.columns.len() + column]);
        let (from, to) = (value((row, column)), value(other));
        let part = from / (from - to);
        let between = |places: &[f64], from: usize, to: usize| {
            let place = places[from] + part * (places[to] - places[from]);
            (place * PARTS_OF_A_PIXEL).round() / PARTS_OF_A_PIXEL
        };
        ImagePoint { x: between(&self.columns, column, other.1), y: between(&self.rows, row, other.0) }
    }
}

/// Contours run one way around what is inside, and the other way around holes.
fn is_outer(contour: &Polygon) -> bool {
    contour.signed_area_mm2() < 0.0
}

/// Takes a hole into the outline around it, by way of the two corners that are nearest to each other.
fn join(outline: &mut Polygon, hole: &Polygon) {
    let corners = &mut outline.corners;
    let pairs = (0..corners.len()).flat_map(|own| (0..hole.corners.len()).map(move |other| (own, other)));
    let apart = |(own, other): &(usize, usize)| corners[*own].distance_mm(hole.corners[*other]);
    let Some((own, other)) = pairs.min_by(|a, b| apart(a).total_cmp(&apart(b))) else { return };
    let (before, from) = hole.corners.split_at(other);
    let way = from.iter().chain(before).copied().chain([from[0], corners[own]]).collect::<Vec<_>>();
    corners.splice(own + 1..own + 1, way);
}

/// Depths below the border of a polygon along a line across the image, positive inside.
///
/// From one place to another the depth changes by no more than their distance; where that settles what is asked,
/// it is not measured again.
pub(super) struct DepthsAcross<'a> {
    polygon: &'a Polygon,
    y_mm: f64,
    inside: AcrossPolygon,
    /// How far outside depths need not be known.
    outside_mm: f64,
    /// A place and its depth.
    known: Option<(f64, f64)>,
}

/// Distances are as exact as this.
const ROUNDING_MM: f64 = 1e-6;

impl<'a> DepthsAcross<'a> {
    pub(super) fn of(polygon: &'a Polygon, y_mm: f64, outside_mm: f64) -> Self {
        Self { polygon, y_mm, inside: polygon.across(y_mm), outside_mm, known: None }
    }

    /// The lesser of a value and so much for each millimeter of depth; some value below zero far outside.
    pub(super) fn cut(&mut self, value: f32, x_mm: f64, per_mm: f32) -> f32 {
        if let Some((x, depth)) = self.known {
            let apart = (x_mm - x).abs() + ROUNDING_MM;
            if value <= per_mm * (depth - apart) as f32 {
                return value;
            }
            let most = depth + apart;
            if most < -self.outside_mm {
                return value.min(per_mm * most as f32);
            }
        }
        let depth = self.depth_mm(x_mm);
        self.known = Some((x_mm, depth));
        value.min(per_mm * depth as f32)
    }

    fn depth_mm(&self, x_mm: f64) -> f64 {
        let point = DetectorPoint { x_mm, y_mm: self.y_mm };
        let next = self.polygon.corners.iter().cycle().skip(1);
        let sides = self.polygon.corners.iter().zip(next);
        let squared = sides.map(|(a, b)| to_line(point, *a, *b)).fold(f64::INFINITY, f64::min);
        let distance = squared.sqrt();
        if self.inside.contains(x_mm) { distance } else { -distance }
    }
}

/// Squared distance of a point from the straight line between two others.
fn to_line(point: DetectorPoint, a: DetectorPoint, b: DetectorPoint) -> f64 {
    let (dx, dy) = (b.x_mm - a.x_mm, b.y_mm - a.y_mm);
    let (px, py) = (point.x_mm - a.x_mm, point.y_mm - a.y_mm);
    let squared = dx * dx + dy * dy;
    let along = if squared > 0.0 { ((px * dx + py * dy) / squared).clamp(0.0, 1.0) } else { 0.0 };
    (px - along * dx).powi(2) + (py - along * dy).powi(2)
}

#[cfg(test)]
mod tests {
    use super::Lattice;
    use crate::geometry::DetectorPoint;
    use crate::study::PixelSpacing;

    #[test]
    fn the_outline_of_a_ring_leaves_its_hole_out() {
        let places: Vec<f64> = (0..60).map(f64::from).collect();
        let from_middle = |at: usize| ((at % 60) as f64 - 30.0).hypot((at / 60) as f64 - 30.0);
        // A ring from 8 to 20 around the middle, whose surface is as steep on both sides.
        let values = (0..3600).map(|at| (6.0 - (from_middle(at) - 14.0).abs()) as f32).collect();
        let ring = Lattice { values, rows: places.clone(), columns: places };
        let outlines = ring.outlines(PixelSpacing { row_mm: 1.0, column_mm: 1.0 });
        assert_eq!(outlines.len(), 1);
        let area = std::f64::consts::PI * (20.0f64.powi(2) - 8.0f64.powi(2));
        assert!((outlines[0].area_mm2() / area - 1.0).abs() < 0.01, "{}", outlines[0].area_mm2());
        let inside = |x_mm, y_mm| outlines[0].contains(DetectorPoint { x_mm, y_mm });
        assert!(!inside(30.2, 30.3) && inside(44.2, 30.3) && inside(30.2, 16.3) && !inside(51.2, 30.3));
    }
}
