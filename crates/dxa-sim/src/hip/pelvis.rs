//! The half of the pelvis that a hip scan shows: brighter than the femur, and partly in front of its head.
//!
//! Coordinates are those of the femur without its abduction: origin in the head, `x` lateral, `y` down.

use crate::limb::density::EdgeProfile;
use crate::limb::draws::around;
use crate::limb::plane::{Bar, Point, circle, joined};
use crate::random::Random;

/// Ilium, acetabulum, pubis and ischium.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pelvis {
    roof: (f64, f64),
    ilium: Bar,
    pubis: Bar,
    ischium: Bar,
    wall: (Point, f64),
    body_density: f64,
    wall_density: f64,
    profile: EdgeProfile,
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
                from: Point::new(-14.0 * size, -socket - 14.0),
                from_radius: 15.0 * size,
                to: Point::new(-16.0 * size, -110.0),
                to_radius: 34.0 * size,
            },
            pubis: Bar {
                from: Point::new(-socket - 6.0, 8.0 * size),
                from_radius: 10.0 * size,
                to: Point::new(-95.0, 34.0 * size),
                to_radius: 8.0 * size,
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
            profile: EdgeProfile { edge: 0.45, rise_mm: 4.0, cortex: 0.12, cortex_mm: 3.0 },
        }
    }

    /// Areal density of the pelvis at a place, g/cm²; zero outside.
    pub(crate) fn density(&self, point: Point) -> f64 {
        let wall = -circle(point, self.wall.0, self.wall.1);
        self.body_density * self.profile.share(-self.body_distance(point))
            + self.wall_density * self.profile.share(wall)
    }

    /// Signed distance from the outline of all of it, negative inside.
    pub(crate) fn distance(&self, point: Point) -> f64 {
        self.body_distance(point).min(circle(point, self.wall.0, self.wall.1))
    }

    /// Signed distance from the ischium alone.
    pub(crate) fn ischium_distance(&self, point: Point) -> f64 {
        self.ischium.distance(point)
    }

    /// Everything but the walls of the socket that overlap the head.
    fn body_distance(&self, point: Point) -> f64 {
        let upper = joined(self.ilium.distance(point), self.roof_distance(point), CORNER);
        let lower = joined(self.pubis.distance(point), self.ischium.distance(point), CORNER);
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
