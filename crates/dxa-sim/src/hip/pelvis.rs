//! The half of the pelvis that a hip scan shows: brighter than the femur, and partly in front of its head.
//!
//! Coordinates are those of the femur without its abduction: origin in the head, `x` lateral, `y` down.

use crate::limb::density::Wall;
use crate::limb::draws::around;
use crate::limb::plane::{Bar, Point, circle, joined};
use crate::random::Random;
use crate::scene::edge::Edge;

/// Ilium, acetabulum, pubis and ischium with its ramus.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pelvis {
    roof: (f64, f64),
    ilium: Bar,
    pubis: Bar,
    ischium: Bar,
    ramus: Bar,
    wall: (Point, f64),
    body_density: f64,
    wall_density: f64,
    bone: Wall,
}

/// Width of the joint space, mm.
const JOINT_MM: f64 = 3.5;
/// Rounding between the bones, mm.
const CORNER: f64 = 8.0;

impl Pelvis {
    /// A pelvis around a head of this radius; `ischium_mm` moves the ischium laterally.
    pub(crate) fn drawn(random: &mut Random, head_radius: f64, ischium_mm: f64, density: f64) -> Self {
        let size = head_radius / 23.0;
        let socket = head_radius + JOINT_MM;
        let gap = random.uniform(0.0, 5.0);
        let ischium_x = ischium_mm - gap;
        Self {
            roof: (socket, socket + around(random, 9.0, 1.0)),
            ilium: Bar {
                from: Point::new(-13.0 * size, -socket - 10.0),
                from_radius: 20.0 * size,
                to: Point::new(-24.0 * size, -120.0),
                to_radius: 58.0 * size,
            },
            ramus: Bar {
                from: Point::new(-24.0 * size + ischium_x, 68.0 * size),
                from_radius: 7.0 * size,
                to: Point::new(-80.0 * size, 60.0 * size),
                to_radius: 6.0 * size,
            },
            pubis: Bar {
                from: Point::new(-socket - 6.0, 8.0 * size),
                from_radius: 13.0 * size,
                to: Point::new(-95.0, 34.0 * size),
                to_radius: 9.0 * size,
            },
            ischium: Bar {
                from: Point::new(-20.0 * size + 0.4 * ischium_x, 22.0 * size),
                from_radius: 9.0 * size,
                to: Point::new(-22.0 * size + ischium_x, 62.0 * size),
                to_radius: 13.0 * size,
            },
            wall: (Point::new(-15.0 * size, -9.0 * size), 25.0 * size),
            body_density: density * around(random, 1.05, 0.08),
            wall_density: density * around(random, 0.50, 0.06),
            bone: Wall { edge: Edge::Curved, cortex: 0.12, cortex_mm: 3.0 },
        }
    }

    /// Areal density of the pelvis at a place, g/cm²; zero outside.
    pub(crate) fn density(&self, point: Point) -> f64 {
        let wall = (-circle(point, self.wall.0, self.wall.1)).min(self.roof.0 + 0.5 - point.length());
        self.body_density * self.bone.share(-self.body_distance(point))
            + self.wall_density * self.bone.share(wall)
    }

    /// Signed distance from the ischium alone.
    pub(crate) fn ischium_distance(&self, point: Point) -> f64 {
        self.ischium.distance(point)
    }

    /// Everything but the walls of the socket that overlap the head.
    fn body_distance(&self, point: Point) -> f64 {
        let upper = joined(self.ilium.distance(point), self.roof_distance(point), CORNER);
        let lower = joined(self.pubis.distance(point), self.ischium.distance(point), CORNER);
        let lower = joined(lower, self.ramus.distance(point), CORNER);
        joined(upper, lower, CORNER).max(self.roof.0 - point.length())
    }

    /// The dense arc over the head, from above its lateral third to its medial side.
    fn roof_distance(&self, point: Point) -> f64 {
        let from_head = point.length();
        let arc = (from_head - self.roof.1).max(self.roof.0 - from_head);
        // The arc ends laterally where a line from the middle of the head leans out by a third.
        let lateral = point.x * 0.93 + point.y * 0.37;
        let below = point.y - 12.0;
        arc.max(lateral).max(below)
    }
}
