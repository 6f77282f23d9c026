//! Radius, ulna and carpal bones.
//!
//! Coordinates have their origin in the tip of the ulnar styloid; `y` runs toward the elbow along the forearm
//! axis and `x` toward the thumb.

use crate::limb::density::Wall;
use crate::limb::draws::around;
use crate::limb::plane::{Bar, Point, circle, joined};
use crate::random::Random;
use crate::scene::edge::Edge;

/// A long bone whose middle and half-width are known at every height.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Shaft {
    /// Middle at the height where the widening ends.
    middle: f64,
    /// Growth of the middle with each mm toward the elbow.
    slope: f64,
    /// Half-width of the shaft, mm, and its growth with each mm toward the elbow.
    half_width: f64,
    taper: f64,
    /// How much wider half of it is at the wrist, and how far that side moves toward the thumb, mm.
    widening: f64,
    bend: f64,
    /// Height at which the widening ends.
    end: f64,
}

impl Shaft {
    /// Share of the widening at a height: one at the wrist, none from `end` on, flat at both.
    fn widened(&self, y: f64) -> f64 {
        let share = (1.0 - y / self.end).clamp(0.0, 1.0);
        share * share * (3.0 - 2.0 * share)
    }

    fn middle_at(&self, y: f64) -> f64 {
        self.middle + self.slope * (y - self.end) + self.bend * self.widened(y)
    }

    fn half_width_at(&self, y: f64) -> f64 {
        self.half_width + self.taper * (y - self.end).max(0.0) + self.widening * self.widened(y)
    }

    /// Signed distance from its two sides, negative between them.
    fn distance(&self, point: Point) -> f64 {
        const STEP: f64 = 0.01;
        let side = (point.x - self.middle_at(point.y)).signum();
        let edge = |y: f64| self.middle_at(y) + side * self.half_width_at(y);
        let here = edge(point.y);
        let slope = (edge(point.y + STEP) - here) / STEP;
        side * (point.x - here) / (1.0 + slope * slope).sqrt()
    }
}

/// Bones of a forearm near the wrist.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bones {
    radius: Shaft,
    ulna: Shaft,
    /// Height of the radial endplate where it lies nearest to the elbow.
    pub(crate) endplate: f64,
    /// Place of that point across the forearm.
    pub(crate) endplate_x: f64,
    /// Curvature of the endplate toward the ulna and toward the thumb, 1/mm.
    curvature: [f64; 2],
    head: (Point, f64),
    styloid: Bar,
    carpus: Vec<(Point, f64)>,
    edge: Edge,
    cortex_mm: f64,
    /// Density of the shafts and at the wrist, g/cm².
    density: [f64; 2],
}

/// Rounding of corners, mm; the tip of the styloid is farther from the head of the ulna than this.
const CORNER: f64 = 2.5;
/// Extra density of the cortical wall in the shaft and at the wrist, as a share of the plateau.
const CORTEX: [f64; 2] = [0.35, 0.10];
/// Joint space, mm.
const JOINT_MM: f64 = 2.0;

impl Bones {
    /// Bones drawn from the seed, with a shaft of this density.
    pub(crate) fn drawn(random: &mut Random, density: f64, edge: Edge) -> Self {
        let size = around(random, 1.0, 0.06);
        let endplate = random.uniform(4.0, 8.0);
        let slope = random.uniform(0.008, 0.02);
        let ulna = Shaft {
            middle: -random.uniform(12.0, 12.8) * size,
            slope: -slope,
            half_width: 6.0 * size * around(random, 1.0, 0.05),
            taper: random.uniform(0.004, 0.012),
            widening: 1.6 * size,
            bend: 0.0,
            end: 34.0,
        };
        let radius = Shaft {
            middle: random.uniform(11.2, 12.0) * size,
            slope,
            half_width: 7.2 * size * around(random, 1.0, 0.05),
            taper: random.uniform(0.002, 0.010),
            widening: 8.6 * size * around(random, 1.0, 0.04),
            bend: random.uniform(3.6, 4.4) * size,
            end: random.uniform(46.0, 54.0),
        };
        let head_radius = ulna.half_width + ulna.widening + random.uniform(0.4, 0.9);
        let head = Point::new(ulna.middle_at(12.0), head_radius + random.uniform(3.2, 4.2));
        let tip = random.uniform(1.7, 2.1);
        let styloid_x = head.x - 0.62 * head_radius;
        Self {
            endplate,
            endplate_x: radius.middle_at(endplate) + random.uniform(-3.5, -0.5) * size,
            curvature: [random.uniform(0.012, 0.020), random.uniform(0.030, 0.040)],
            head: (head, head_radius),
            styloid: Bar {
                from: Point::new(styloid_x + 0.5, head.y),
                from_radius: tip + 1.2,
                to: Point::new(styloid_x, tip),
                to_radius: tip,
            },
            carpus: carpus(random, &radius, &ulna, size),
            edge,
            cortex_mm: random.uniform(2.2, 2.8),
            density: [density, density * random.uniform(0.52, 0.64)],
            radius,
            ulna,
        }
    }

    /// Signed distance from the radius, negative inside.
    pub(crate) fn radius_distance(&self, point: Point) -> f64 {
        let across = point.x - self.endplate_x;
        let curvature = if across < 0.0 { self.curvature[0] } else { self.curvature[1] };
        let end = self.endplate - 0.5 * curvature * across * across;
        let slope = curvature * across;
        let beyond = (end - point.y) / (1.0 + slope * slope).sqrt();
        // The corner at the styloid and the one beside the ulna are rounded off.
        -joined(-self.radius.distance(point), -beyond, CORNER)
    }

    /// Signed distance from the ulna, negative inside.
    pub(crate) fn ulna_distance(&self, point: Point) -> f64 {
        let shaft = self.ulna.distance(point).max(self.head.0.y - point.y);
        let head = joined(shaft, circle(point, self.head.0, self.head.1), CORNER);
        joined(head, self.styloid.distance(point), CORNER)
    }

    /// Areal density of radius or ulna at a height and a distance from its outline, g/cm².
    pub(crate) fn density(&self, y: f64, distance: f64) -> f64 {
        let near_wrist = self.radius.widened(y);
        let mix = |[shaft, wrist]: [f64; 2]| shaft + (wrist - shaft) * near_wrist;
        let wall = Wall { edge: self.edge, cortex: mix(CORTEX), cortex_mm: self.cortex_mm };
        mix(self.density) * wall.share(-distance)
    }

    /// Areal density of the carpal bones at a place, g/cm².
    pub(crate) fn carpal_density(&self, point: Point) -> f64 {
        let wall = Wall { edge: Edge::Curved, cortex: 0.15, cortex_mm: 2.0 };
        let distances = self.carpus.iter().map(|&(middle, radius)| circle(point, middle, radius));
        let nearest =
            distances.fold(f64::INFINITY, |least, distance| joined(least.min(90.0), distance, CORNER));
        // No bone of the hand reaches into the joint.
        let clear =
            nearest.max(JOINT_MM - self.radius_distance(point)).max(JOINT_MM - self.ulna_distance(point));
        self.density[1] * wall.share(-clear)
    }

    /// The tip of the ulnar styloid.
    pub(crate) fn styloid_tip(&self) -> Point {
        Point::new(self.styloid.to.x, self.styloid.to.y - self.styloid.to_radius)
    }

    /// Middle of the radius and of the ulna at a height.
    pub(crate) fn middles(&self, y: f64) -> [Point; 2] {
        [Point::new(self.radius.middle_at(y), y), Point::new(self.ulna.middle_at(y), y)]
    }
}

/// Two rows of bones above the joint and the bases of the hand above them.
fn carpus(random: &mut Random, radius: &Shaft, ulna: &Shaft, size: f64) -> Vec<(Point, f64)> {
    let (left, right) = (ulna.middle_at(0.0) - 2.0, radius.middle_at(0.0) + 8.0);
    let mut bones = Vec::new();
    for (row, count) in [(0.0, 4_u32), (1.0, 4), (2.0, 5)] {
        for index in 0..count {
            let share = (f64::from(index) + 0.5) / f64::from(count);
            let arch = 5.0 * (1.0 - (2.0 * share - 1.0) * (2.0 * share - 1.0));
            let x = left + (right - left) * share + random.uniform(-1.0, 1.0);
            let y = -7.0 - arch - 13.0 * row + random.uniform(-1.0, 1.0);
            bones.push((Point::new(x, y * size), size * random.uniform(5.6, 7.2)));
        }
    }
    bones
}

#[cfg(test)]
mod tests {
    use super::Bones;
    use crate::limb::plane::Point;
    use crate::random::Random;
    use crate::scene::edge::Edge;

    fn bones(seed: u64) -> Bones {
        Bones::drawn(&mut Random::new(seed, "bones"), 0.75, Edge::Curved)
    }

    fn points() -> impl Iterator<Item = Point> {
        (0..300).flat_map(|row| {
            (0..280)
                .map(move |column| Point::new(f64::from(column) * 0.25 - 35.0, f64::from(row) * 0.1 - 12.0))
        })
    }

    #[test]
    fn the_styloid_ends_at_the_origin() {
        for seed in 0..30 {
            let bones = bones(seed);
            let ulna = points().filter(|point| bones.ulna_distance(*point) < 0.0);
            let tip = ulna.map(|point| point.y).fold(f64::INFINITY, f64::min);
            assert!((0.0..0.15).contains(&tip), "{seed}: {tip}");
        }
    }

    #[test]
    fn the_endplate_lies_where_it_is_said_to() {
        for seed in 0..30 {
            let bones = bones(seed);
            let proximal = bones.endplate + 5.0;
            let width: Vec<f64> = (-400..400)
                .map(|x| f64::from(x) * 0.1)
                .filter(|&x| bones.radius_distance(Point::new(x, proximal)) < 0.0)
                .collect();
            let (left, right) = (width[0], width[width.len() - 1]);
            let quarter = (right - left) / 4.0;
            let end = |x: f64| {
                let heights = (0..400).map(|row| f64::from(row) * 0.05 - 8.0);
                heights.into_iter().find(|&y| bones.radius_distance(Point::new(x, y)) < 0.0).unwrap()
            };
            let middle_half = (0..60).map(|step| left + quarter + 2.0 * quarter * f64::from(step) / 60.0);
            let deepest = middle_half.map(end).fold(f64::NEG_INFINITY, f64::max);
            assert!((deepest - bones.endplate).abs() < 0.06, "{seed}: {deepest} {}", bones.endplate);
        }
    }

    #[test]
    fn radius_and_ulna_never_touch() {
        for seed in 0..60 {
            let bones = bones(seed);
            for point in points() {
                assert!(
                    bones.radius_distance(point) > 0.3 || bones.ulna_distance(point) > 0.3,
                    "{seed} {point:?}"
                );
            }
        }
    }
}
