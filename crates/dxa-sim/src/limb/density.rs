//! Areal density below an outline: it rises from the edge, is highest in the cortex, and follows the place.

use super::plane::Point;
use crate::scene::edge::Edge;

/// How density depends on the depth below the outline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Wall {
    /// How it rises from the edge to the plateau.
    pub(crate) edge: Edge,
    /// Extra density of the cortical wall as a share of the plateau.
    pub(crate) cortex: f64,
    /// Depth of the middle of the wall, mm.
    pub(crate) cortex_mm: f64,
}

impl Wall {
    /// Share of the plateau at this depth; zero outside. A slab has no wall.
    pub(crate) fn share(&self, depth_mm: f64) -> f64 {
        if depth_mm < 0.0 {
            return 0.0;
        }
        let cortex = if self.edge == Edge::Slab { 0.0 } else { self.cortex };
        self.edge.share(depth_mm) + cortex * bump((depth_mm - self.cortex_mm) / self.cortex_mm)
    }
}

/// A smooth bump of height one that ends at ±1; no exponential, so that every machine gives the same bits.
fn bump(offset: f64) -> f64 {
    let left = (1.0 - offset * offset).max(0.0);
    left * left
}

/// Plateau density as a mean of anchors, each weighing less with its distance.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plateau {
    /// Places and their density, g/cm².
    pub(crate) anchors: Vec<(Point, f64)>,
    /// Distance at which an anchor has lost most of its weight, mm.
    pub(crate) reach_mm: f64,
}

impl Plateau {
    /// Density at a place, g/cm².
    pub(crate) fn at(&self, point: Point) -> f64 {
        let (mut sum, mut weights) = (0.0, 0.0);
        for &(anchor, density) in &self.anchors {
            let offset = point.from(anchor);
            let nearness = 1.0 / (1.0 + offset.dot(offset) / (self.reach_mm * self.reach_mm));
            let weight = nearness * nearness;
            sum += weight * density;
            weights += weight;
        }
        sum / weights
    }
}

#[cfg(test)]
mod tests {
    use super::{Plateau, Wall};
    use crate::limb::plane::Point;
    use crate::scene::edge::Edge;

    #[test]
    fn density_starts_at_the_edge_share_and_ends_on_the_plateau() {
        let wall = Wall { edge: Edge::Curved, cortex: 0.2, cortex_mm: 2.5 };
        assert!(wall.share(-0.1).abs() < 1e-12);
        assert!((wall.share(0.0) - 0.4).abs() < 1e-12);
        assert!((wall.share(9.0) - 1.0).abs() < 1e-12);
        assert!((wall.share(2.5) - 0.2 - Edge::Curved.share(2.5)).abs() < 1e-12);
        assert!((Wall { edge: Edge::Slab, ..wall }.share(2.5) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_plateau_of_equal_anchors_is_flat() {
        let anchors = vec![(Point::new(0.0, 0.0), 0.9), (Point::new(30.0, 10.0), 0.9)];
        let plateau = Plateau { anchors, reach_mm: 12.0 };
        assert!((plateau.at(Point::new(17.0, -4.0)) - 0.9).abs() < 1e-12);
    }
}
