//! The upper end of a femur: head, waisted neck, trochanters and shaft as one outline with a density below it.
//!
//! Coordinates have their origin in the middle of the head, `x` runs laterally and `y` down the shaft.

use crate::limb::density::{Plateau, Wall};
use crate::limb::draws::around;
use crate::limb::plane::{Bar, Point, circle, joined};
use crate::random::Random;
use crate::scene::edge::Edge;

/// What a caller decides about the bone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FemurForm {
    /// Rotation away from the best projection of the neck, degrees; positive is outward.
    pub(crate) rotation_deg: f64,
    /// Factor of all densities.
    pub(crate) density: f64,
    /// How density rises from the edge.
    pub(crate) edge: Edge,
}

/// A femur.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Femur {
    /// Radius of the head, mm.
    pub(crate) head_radius: f64,
    /// Narrowest width of the neck, mm.
    pub(crate) neck_width: f64,
    /// Distance from the middle of the head to the waist, mm.
    pub(crate) waist: f64,
    /// Direction of the neck, from the head laterally.
    pub(crate) neck: Point,
    shaft: Bar,
    /// Flare of the neck toward the head and away from it: half-width grows by this times distance squared.
    flare: [f64; 2],
    neck_ends: [f64; 2],
    greater: Bar,
    lesser: (Point, f64),
    wall: Wall,
    plateau: Plateau,
}

/// Depth over which the corners between the parts are rounded, mm; the waist is farther from all other
/// parts than these, which keeps its width exact.
const HEAD_CORNER: f64 = 6.0;
const NECK_CORNER: f64 = 5.5;
const GREATER_CORNER: f64 = 8.0;
const LESSER_CORNER: f64 = 6.0;
/// The lesser trochanter comes forward by this much for each degree of outward rotation, mm.
const LESSER_PER_DEGREE: f64 = 0.2;
/// Distance from the waist over which the neck flares, mm.
const FLARE_REACH: f64 = 16.0;
/// Radius of the lesser trochanter, mm.
const LESSER_RADIUS: f64 = 14.0;

impl Femur {
    /// A femur drawn from the seed: head radius 23 ± 1.5 mm, neck 33 ± 2.5 mm, shaft 30 ± 2 mm, neck-shaft
    /// angle 127 ± 5°.
    pub(crate) fn drawn(random: &mut Random, form: FemurForm) -> Self {
        let head_radius = around(random, 23.0, 1.5);
        let size = head_radius / 23.0;
        let neck_width = 33.0 * size * around(random, 1.0, 0.035);
        let angle = around(random, 127.0, 5.0).to_radians();
        let shortening = libm::cos(form.rotation_deg.to_radians());
        let neck_vector = Point::new(libm::sin(angle) * shortening, -libm::cos(angle));
        let waist = size * around(random, 30.2, 0.8) * neck_vector.length();
        let shaft_x = size * around(random, 44.5, 1.2) * shortening;
        let half_shaft = 15.0 * (1.0 + (size - 1.0) * 0.5) * around(random, 1.0, 0.05);
        let neck = neck_vector.unit();
        // Where the axes of neck and shaft meet; trochanters and shaft keep their places around it.
        let meeting = Point::new(shaft_x, shaft_x / neck.x * neck.y);
        let shaft = shaft(meeting, half_shaft);
        let greater = greater_trochanter(random, meeting, half_shaft, size);
        let calcar = calcar(neck, neck_width, shaft_x - half_shaft);
        let lesser = lesser_trochanter(random, &shaft, calcar, size, form.rotation_deg);
        let start = 0.45 * head_radius;
        let toward_head = (0.84 * head_radius - neck_width / 2.0).max(0.6) / (waist - start).powi(2);
        Self {
            head_radius,
            neck_width,
            waist,
            neck,
            flare: [toward_head, random.uniform(0.009, 0.013)],
            neck_ends: [start, shaft_x / neck.x + 3.0],
            greater,
            lesser,
            wall: wall(random, form.edge),
            plateau: plateau(random, neck, meeting, &greater, form.density, shortening),
            shaft,
        }
    }

    /// Distance along the neck axis from the middle of the head, and from that axis upward.
    pub(crate) fn neck_coordinates(&self, point: Point) -> (f64, f64) {
        (point.dot(self.neck), -point.dot(self.neck.quarter_turn()))
    }

    /// The point at these coordinates of the neck.
    pub(crate) fn at_neck(&self, s: f64, n: f64) -> Point {
        Point::new(0.0, 0.0).along(self.neck, s).along(self.neck.quarter_turn(), -n)
    }

    /// Signed distance from the outline, negative inside; exact on the outline, near enough elsewhere.
    pub(crate) fn distance(&self, point: Point) -> f64 {
        let shaft = self.shaft.distance(point);
        let lower = joined(shaft, circle(point, self.lesser.0, self.lesser.1), LESSER_CORNER);
        let lateral = joined(lower, self.greater.distance(point), GREATER_CORNER);
        let upper = joined(
            circle(point, Point::new(0.0, 0.0), self.head_radius),
            self.neck_distance(point),
            HEAD_CORNER,
        );
        joined(upper, lateral, NECK_CORNER)
    }

    fn neck_distance(&self, point: Point) -> f64 {
        let (s, n) = self.neck_coordinates(point);
        let from_waist = s - self.waist;
        let flare = if from_waist < 0.0 { self.flare[0] } else { self.flare[1] };
        // Grows with the square at first, and by FLARE_REACH² times the flare at most.
        let damping = 1.0 + from_waist * from_waist / (FLARE_REACH * FLARE_REACH);
        let half_width = self.neck_width / 2.0 + flare * from_waist * from_waist / damping;
        let slope = 2.0 * flare * from_waist / (damping * damping);
        let across = (n.abs() - half_width) / (1.0 + slope * slope).sqrt();
        across.max(self.neck_ends[0] - s).max(s - self.neck_ends[1])
    }

    /// Areal density at a place with this distance from the outline, g/cm²; zero outside.
    pub(crate) fn density_below(&self, point: Point, distance: f64) -> f64 {
        if distance > 0.0 { 0.0 } else { self.plateau.at(point) * self.wall.share(-distance) }
    }

    /// Middle of the shaft at this height.
    pub(crate) fn shaft_axis(&self, y: f64) -> Point {
        Point::new(self.shaft.from.x, y)
    }

    /// A point of the straight edge of the shaft extended upward: medial with `-1.0`, lateral with `1.0`.
    pub(crate) fn shaft_edge(&self, side: f64, y: f64) -> Point {
        let share = (y - self.shaft.from.y) / (self.shaft.to.y - self.shaft.from.y);
        let half = self.shaft.from_radius + (self.shaft.to_radius - self.shaft.from_radius) * share;
        Point::new(self.shaft.from.x + side * half, y)
    }

    /// A point well inside of the greater trochanter, on its side of every trochanteric line.
    pub(crate) fn greater_tip(&self) -> Point {
        self.greater.from
    }
}

fn shaft(meeting: Point, half_width: f64) -> Bar {
    // Widens upward by 0.01 mm a millimeter on each side, and reaches beyond every image.
    Bar {
        from: Point::new(meeting.x, meeting.y + 2.5),
        from_radius: half_width + 0.4,
        to: Point::new(meeting.x, meeting.y + 202.5),
        to_radius: half_width - 1.6,
    }
}

fn greater_trochanter(random: &mut Random, meeting: Point, half_shaft: f64, size: f64) -> Bar {
    let tip = 7.5 * size;
    let base = 14.5 * size;
    let bulge = around(random, 7.5, 0.8);
    let tip_offset = Point::new(random.uniform(8.5, 10.0), -random.uniform(26.0, 29.0));
    Bar {
        from: meeting.along(tip_offset, size),
        from_radius: tip,
        to: Point::new(meeting.x + half_shaft + bulge - base, meeting.y - random.uniform(1.5, 4.5) * size),
        to_radius: base,
    }
}

/// Height at which the lower outline of the neck runs into the medial edge of the shaft.
fn calcar(neck: Point, neck_width: f64, shaft_edge: f64) -> f64 {
    let half = neck_width / 2.0 + 2.0;
    let s = (shaft_edge + neck.y * half) / neck.x;
    s * neck.y + neck.x * half
}

fn lesser_trochanter(
    random: &mut Random,
    shaft: &Bar,
    calcar: f64,
    size: f64,
    rotation_deg: f64,
) -> (Point, f64) {
    let prominence = (random.uniform(2.0, 3.5) + LESSER_PER_DEGREE * rotation_deg).max(0.5);
    let y = calcar + random.uniform(20.0, 23.0) * size;
    let share = (y - shaft.from.y) / (shaft.to.y - shaft.from.y);
    let half = shaft.from_radius + (shaft.to_radius - shaft.from_radius) * share;
    (Point::new(shaft.from.x - half - prominence + LESSER_RADIUS, y), LESSER_RADIUS)
}

fn wall(random: &mut Random, edge: Edge) -> Wall {
    Wall { edge, cortex: random.uniform(0.08, 0.16), cortex_mm: random.uniform(3.2, 4.2) }
}

/// Where the bone is dense: calcar and shaft most, the greater trochanter and Ward's triangle least.
fn plateau(
    random: &mut Random,
    neck: Point,
    meeting: Point,
    greater: &Bar,
    density: f64,
    shortening: f64,
) -> Plateau {
    let at = |s: f64, n: f64| Point::new(0.0, 0.0).along(neck, s).along(neck.quarter_turn(), -n);
    // A neck that points out of the plane is shorter in the image and as heavy.
    let tilted = density / shortening;
    let mut around_mean = |mean: f64| mean * around(random, 1.0, 0.05);
    let anchors = vec![
        (at(0.0, 0.0), tilted * around_mean(1.0)),
        (at(22.0, 4.0), tilted * around_mean(0.88)),
        (at(30.0, -10.0), tilted * around_mean(0.98)),
        (at(41.0, 1.0), tilted * around_mean(0.55)),
        (greater.from, density * around_mean(0.60)),
        (greater.to, density * around_mean(0.72)),
        (meeting.along(Point::new(-10.0, 18.5), 1.0), density * around_mean(1.22)),
        (meeting.along(Point::new(3.0, 14.5), 1.0), density * around_mean(0.98)),
        (meeting.along(Point::new(0.0, 41.5), 1.0), density * around_mean(1.25)),
        (meeting.along(Point::new(0.0, 76.5), 1.0), density * around_mean(1.40)),
    ];
    Plateau { anchors, reach_mm: 20.0 }
}
