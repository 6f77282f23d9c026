//! Lines, points and angles of a femur in an image, by the sentences of docs/regions.md.

use serde_json::{Value, json};

use super::femur::Femur;

use crate::limb::plane::{Point, crossing, entry, rounded};
use crate::limb::pose::Pose;

/// Length of the neck box along the neck axis, mm.
pub(crate) const BOX_LENGTH: f64 = 15.0;
/// Half of its length across the neck axis, mm.
pub(crate) const BOX_HALF_WIDTH: f64 = 24.5;
/// The region ends this far below the lower edge of the lesser trochanter, mm.
const BELOW_LESSER: f64 = 10.0;
/// A point this far medial of the shaft line belongs to the lesser trochanter, mm.
const LESSER_STEP: f64 = 1.0;
/// A point this far lateral of the shaft line belongs to the greater trochanter, mm.
const GREATER_STEP: f64 = 2.0;
/// How far above its lower edge the lesser trochanter is looked for, mm.
const LESSER_HEIGHT: f64 = 12.0;

/// Where the makers put the neck box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Convention {
    /// Its corner touches the greater trochanter.
    Hologic,
    /// Its middle is the waist.
    Lunar,
}

impl Convention {
    /// Its name in docs/regions.md.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hologic => "hologic",
            Self::Lunar => "lunar",
        }
    }
}

/// What a femur in an image is measured by; lengths along the neck are in coordinates of the neck.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Landmarks {
    /// Lateral edge of the neck box by the touching corner.
    pub(crate) touch: f64,
    /// Lateral edge of the neck box around the waist.
    pub(crate) around_waist: f64,
    /// Lower edge of the lesser trochanter, in the image.
    pub(crate) lesser_edge: Point,
    /// How far it stands out.
    pub(crate) lesser_mm: f64,
    /// Base of the greater trochanter, in the image.
    pub(crate) greater_base: Point,
    /// Row at which the total hip ends, before the end of the image is considered.
    pub(crate) lower_end: f64,
}

impl Landmarks {
    /// Finds them on the outline.
    pub(crate) fn of(femur: &Femur, pose: Pose) -> Self {
        let lesser = edge_of_lesser(femur);
        let lesser_edge = pose.to_image(lesser);
        Self {
            touch: touching_corner(femur),
            around_waist: femur.waist + BOX_LENGTH / 2.0,
            lesser_edge,
            lesser_mm: lesser_prominence(femur, lesser.y),
            greater_base: pose.to_image(base_of_greater(femur)),
            lower_end: lesser_edge.y + BELOW_LESSER,
        }
    }

    /// Lateral edge of the neck box.
    pub(crate) fn box_edge(&self, convention: Convention) -> f64 {
        match convention {
            Convention::Hologic => self.touch,
            Convention::Lunar => self.around_waist,
        }
    }
}

/// The first bone lateral of the waist on the line along which the upper corner of the box moves.
fn touching_corner(femur: &Femur) -> f64 {
    let corner = |s: f64| femur.distance(femur.at_neck(s, BOX_HALF_WIDTH));
    let farthest = femur.waist + 40.0;
    entry(femur.waist, farthest, corner).unwrap_or(farthest)
}

/// A point beside a shaft line: `side` is `-1.0` for the medial one.
fn beside(femur: &Femur, side: f64, y: f64, out: f64) -> Point {
    let edge = femur.shaft_edge(side, y);
    let outward = femur.shaft_edge(side, y + 1.0).from(edge).unit().quarter_turn();
    edge.along(outward, -side * out)
}

/// The first point going up the outline that stands `step` outside of a shaft line.
fn step_out(femur: &Femur, side: f64, step: f64) -> Option<Point> {
    let below_all = femur.shaft_axis(0.0).x + 90.0;
    let y = entry(below_all, 0.0, |y| femur.distance(beside(femur, side, y, step)))?;
    Some(beside(femur, side, y, step))
}

fn edge_of_lesser(femur: &Femur) -> Point {
    step_out(femur, -1.0, LESSER_STEP).unwrap_or_else(|| femur.shaft_axis(0.0))
}

fn base_of_greater(femur: &Femur) -> Point {
    step_out(femur, 1.0, GREATER_STEP).unwrap_or_else(|| {
        let leaves = entry(femur.waist + 120.0, femur.waist, |s| femur.distance(femur.at_neck(s, 0.0)));
        femur.at_neck(leaves.unwrap_or(femur.waist), 0.0)
    })
}

fn lesser_prominence(femur: &Femur, lower_edge_y: f64) -> f64 {
    const ROWS: u32 = 240;
    let farthest = |row: u32| {
        let y = lower_edge_y - LESSER_HEIGHT * f64::from(row) / f64::from(ROWS);
        crossing(0.0, 60.0, |out| femur.distance(beside(femur, -1.0, y, out)))
    };
    (0..=ROWS).map(farthest).fold(0.0, f64::max)
}

/// The corners of a neck box in the image, from the upper lateral one around the box.
pub(crate) fn neck_box(femur: &Femur, pose: Pose, lateral_edge: f64) -> [Point; 4] {
    let medial_edge = lateral_edge - BOX_LENGTH;
    [
        (lateral_edge, BOX_HALF_WIDTH),
        (lateral_edge, -BOX_HALF_WIDTH),
        (medial_edge, -BOX_HALF_WIDTH),
        (medial_edge, BOX_HALF_WIDTH),
    ]
    .map(|(s, n)| pose.to_image(femur.at_neck(s, n)))
}

/// Signed distance from a neck box with this lateral edge, in coordinates of the neck.
pub(crate) fn box_distance(s: f64, n: f64, lateral_edge: f64) -> f64 {
    (s - lateral_edge).max(lateral_edge - BOX_LENGTH - s).max(n.abs() - BOX_HALF_WIDTH)
}

/// Angle between neck and shaft, degrees.
pub(crate) fn neck_shaft_angle(femur: &Femur) -> f64 {
    libm::acos(-femur.neck.y).to_degrees()
}

/// Everything as the truth document has it, in mm of the image.
pub(crate) fn to_json(femur: &Femur, pose: Pose, found: &Landmarks) -> Value {
    let line = |from: Point, to: Point| json!([from.to_json(), to.to_json()]);
    let neck = |s: f64, n: f64| pose.to_image(femur.at_neck(s, n));
    let corners = |edge: f64| neck_box(femur, pose, edge).map(Point::to_json);
    let half = femur.neck_width / 2.0;
    json!({
        "head": { "middle": pose.origin.to_json(), "radius": rounded(femur.head_radius) },
        "waist": neck(femur.waist, 0.0).to_json(),
        "neck_axis": line(pose.origin, neck(femur.waist + 45.0, 0.0)),
        "neck_width": line(neck(femur.waist, half), neck(femur.waist, -half)),
        "neck_width_mm": rounded(femur.neck_width),
        "shaft_axis": line(pose.to_image(femur.shaft_axis(20.0)), pose.to_image(femur.shaft_axis(110.0))),
        "neck_shaft_angle_deg": rounded(neck_shaft_angle(femur)),
        "lesser_trochanter_lower_edge": found.lesser_edge.to_json(),
        "greater_trochanter_base": found.greater_base.to_json(),
        "lower_end_y": rounded(found.lower_end),
        "hologic": {
            "neck_box": corners(found.touch),
            "trochanteric_line": line(neck(found.touch, 0.0), found.greater_base),
        },
        "lunar": {
            "neck_box": corners(found.around_waist),
            "trochanteric_line": line(neck(found.around_waist, 0.0), found.greater_base),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::{BOX_HALF_WIDTH, BOX_LENGTH, Landmarks, neck_shaft_angle};
    use crate::hip::femur::{Femur, FemurForm};

    use crate::limb::plane::{Point, crossing};
    use crate::limb::pose::Pose;
    use crate::random::Random;
    use crate::scene::edge::Edge;

    fn femur(seed: u64, rotation_deg: f64) -> Femur {
        let form = FemurForm { rotation_deg, density: 1.0, edge: Edge::Curved };
        Femur::drawn(&mut Random::new(seed, "landmarks"), form)
    }

    /// Points of the upper and the lower outline of the neck, found without the formula of the waist.
    fn neck_outline(femur: &Femur, side: f64) -> Vec<Point> {
        let place = |s: f64| {
            let n = crossing(0.0, 60.0, |n| femur.distance(femur.at_neck(s, side * n)));
            femur.at_neck(s, side * n)
        };
        (0..140).map(|step| place(femur.waist - 7.0 + 0.1 * f64::from(step))).collect()
    }

    #[test]
    fn no_chord_of_the_neck_is_shorter_than_its_named_width() {
        for seed in 0..60 {
            let femur = femur(seed, f64::from(seed as u32 % 3) * 12.0);
            let lower = neck_outline(&femur, -1.0);
            let chords = neck_outline(&femur, 1.0);
            let shortest = chords
                .iter()
                .flat_map(|upper| lower.iter().map(|point| point.from(*upper).length()))
                .fold(f64::MAX, f64::min);
            assert!((shortest - femur.neck_width).abs() < 1e-3, "{seed} {shortest} {}", femur.neck_width);
        }
    }

    #[test]
    fn the_box_touches_the_greater_trochanter_and_clears_the_head() {
        for seed in 0..300 {
            let femur = femur(seed, 0.0);
            let found = Landmarks::of(&femur, Pose::new(Point::new(60.0, 50.0), 1.0, 0.0));
            let just_before = femur.at_neck(found.touch - 0.01, BOX_HALF_WIDTH);
            assert!(femur.distance(just_before) > 0.0, "{seed}");
            let past_waist = found.touch - femur.waist;
            assert!((3.0..=BOX_LENGTH + 4.0).contains(&past_waist), "{seed}: {past_waist}");
            assert!(found.touch - BOX_LENGTH > 0.8 * femur.head_radius, "{seed}");
        }
    }

    #[test]
    fn the_spread_of_sizes_is_that_of_people() {
        let mut angles: Vec<f64> = (0..400).map(|seed| neck_shaft_angle(&femur(seed, 0.0))).collect();
        angles.sort_by(f64::total_cmp);
        assert!((angles[200] - 127.0).abs() < 1.0 && angles[0] > 113.0 && angles[399] < 141.0);
    }

    #[test]
    fn outward_rotation_brings_the_lesser_trochanter_out() {
        for seed in 0..40 {
            let pose = Pose::new(Point::new(60.0, 50.0), -1.0, 4.0);
            let still = Landmarks::of(&femur(seed, 0.0), pose);
            let turned = Landmarks::of(&femur(seed, 20.0), pose);
            assert!(
                turned.lesser_mm > still.lesser_mm + 2.5,
                "{seed} {} {}",
                still.lesser_mm,
                turned.lesser_mm
            );
            assert!(still.lesser_mm < 5.0, "{seed} {}", still.lesser_mm);
        }
    }

    #[test]
    fn image_and_femur_agree_on_every_point() {
        let pose = Pose::new(Point::new(60.0, 50.0), -1.0, 7.0);
        let point = Point::new(12.0, 71.0);
        let back = pose.to_bone(pose.to_image(point));
        assert!(back.from(point).length() < 1e-12);
        assert!(pose.to_image(Point::new(0.0, 100.0)).x < 60.0);
    }
}
