//! Strips across the forearm, and what radius and ulna hold in each, by the sentences of docs/regions.md.

use serde_json::{Value, json};

use super::bones::Bones;
use crate::limb::integral::{Frame, Place, Sums, sums};
use crate::limb::plane::{Point, rounded};
use crate::limb::pose::Pose;

/// Where the strips run along the forearm axis, from the ulnar styloid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Strips {
    /// The radial endplate.
    pub(crate) endplate: f64,
    /// Length of the ulna.
    pub(crate) ulna_length: f64,
}

/// Middle of the site as a share of the length of the ulna, and its half-length, mm.
const SITE_33: (f64, f64) = (0.33, 10.0);
/// Length of the ultradistal site, mm.
const ULTRADISTAL: f64 = 15.0;
/// Names of the strips, from the elbow to the wrist.
const NAMES: [&str; 3] = ["33", "mid", "ud"];

/// Where the 33 % site ends toward the elbow.
pub(crate) fn end_of_33(ulna_length: f64) -> f64 {
    SITE_33.0 * ulna_length + SITE_33.1
}

impl Strips {
    /// Where the last strip ends toward the elbow.
    pub(crate) fn end(&self) -> f64 {
        end_of_33(self.ulna_length)
    }

    /// Both ends of each strip in the order of [`NAMES`].
    fn ends(&self) -> [[f64; 2]; 3] {
        let start_33 = self.end() - 2.0 * SITE_33.1;
        let end_ud = self.endplate + ULTRADISTAL;
        [[start_33, self.end()], [end_ud, start_33], [self.endplate, end_ud]]
    }
}

/// Subdivisions of a cell on a border.
const FINENESS: u32 = 6;
/// Farther outside than this nothing counts, mm.
const FAR: f64 = 2.0;

/// Sums of the radius in each strip, and of the ulna.
fn strip_sums(bones: &Bones, pose: Pose, strips: &Strips, fineness: u32) -> [Sums; 6] {
    let ends = strips.ends();
    sums(bounds(pose, strips), fineness, |point| {
        let local = pose.to_bone(point);
        let [radius, ulna] = [bones.radius_distance(local), bones.ulna_distance(local)];
        let nearest = radius.min(ulna);
        if nearest > FAR {
            return Place { distances: [nearest; 6], bone: 0.0, other: 0.0 };
        }
        let within = ends.map(|[from, to]| (from - local.y).max(local.y - to));
        let mut distances = [0.0; 6];
        for (index, distance) in distances.iter_mut().enumerate() {
            let bone = if index < 3 { radius } else { ulna };
            *distance = within.get(index % 3).map_or(bone, |strip| strip.max(bone));
        }
        Place { distances, bone: bones.density(local.y, nearest.min(0.0)), other: 0.0 }
    })
}

/// The part of the plane that holds all strips.
fn bounds(pose: Pose, strips: &Strips) -> Frame {
    let corners =
        [(-45.0, strips.endplate), (45.0, strips.endplate), (-45.0, strips.end()), (45.0, strips.end())];
    Frame::around(&corners.map(|(x, y)| pose.to_image(Point::new(x, y))))
}

/// Every region as the truth document has it; a strip that leaves the image has none.
pub(crate) fn to_json(
    bones: &Bones,
    pose: Pose,
    strips: &Strips,
    image: [f64; 2],
    laterality: &str,
) -> Vec<Value> {
    let found = strip_sums(bones, pose, strips, FINENESS);
    let (radius, ulna) = found.split_at(NAMES.len());
    let held: Vec<bool> = strips.ends().iter().map(|ends| lies_within(pose, *ends, image)).collect();
    let both: Vec<Sums> = radius.iter().zip(ulna).map(|(radius, ulna)| add(*radius, *ulna)).collect();
    let mut regions = Vec::new();
    for (bone, sums) in [("radius", radius), ("radius_ulna", both.as_slice())] {
        for ((name, sums), held) in NAMES.iter().zip(sums).zip(&held) {
            if *held {
                regions.push(region(&format!("{bone}_{name}"), laterality, *sums));
            }
        }
        if held.iter().all(|held| *held) {
            let total = sums.iter().fold(Sums::default(), |total, sums| add(total, *sums));
            regions.push(region(&format!("{bone}_total"), laterality, total));
        }
    }
    regions
}

/// Whether the strip lies in the image, over the width that radius and ulna can have.
fn lies_within(pose: Pose, [from, to]: [f64; 2], [width, height]: [f64; 2]) -> bool {
    [(-24.0, from), (24.0, from), (-24.0, to), (24.0, to)].into_iter().all(|(x, y)| {
        let point = pose.to_image(Point::new(x, y));
        (0.0..=width).contains(&point.x) && (0.0..=height).contains(&point.y)
    })
}

fn add(first: Sums, second: Sums) -> Sums {
    Sums {
        area_cm2: first.area_cm2 + second.area_cm2,
        bmc_g: first.bmc_g + second.bmc_g,
        overlap_g: first.overlap_g + second.overlap_g,
    }
}

fn region(site: &str, laterality: &str, sums: Sums) -> Value {
    json!({
        "site": site,
        "laterality": laterality,
        "area_cm2": sums.area_cm2,
        "bmc_g": sums.bmc_g,
        "bmd_g_cm2": sums.bmc_g / sums.area_cm2,
    })
}

/// Points and lines in mm of the image.
pub(crate) fn landmarks(bones: &Bones, pose: Pose, strips: &Strips) -> Value {
    let place = |point: Point| pose.to_image(point).to_json();
    let site = strips.ends()[0];
    let [from, to] = site.map(|y| bones.middles(y).map(place));
    let strip = |[from, to]: [f64; 2]| {
        [(-24.0, from), (24.0, from), (24.0, to), (-24.0, to)].map(|(x, y)| place(Point::new(x, y)))
    };
    let strips: serde_json::Map<String, Value> = NAMES
        .iter()
        .zip(strips.ends())
        .map(|(name, ends)| ((*name).to_owned(), json!(strip(ends))))
        .collect();
    json!({
        "ulnar_styloid": place(bones.styloid_tip()),
        "radial_endplate": place(Point::new(bones.endplate_x, bones.endplate)),
        "endplate_from_styloid_mm": rounded(bones.endplate),
        "forearm_axis": [place(Point::new(0.0, site[0])), place(Point::new(0.0, site[1]))],
        "radius_axis": [from[0].clone(), to[0].clone()],
        "ulna_axis": [from[1].clone(), to[1].clone()],
        "strips": strips,
    })
}

#[cfg(test)]
mod tests {
    use super::{FINENESS, NAMES, Strips, strip_sums};
    use crate::forearm::bones::Bones;
    use crate::limb::plane::Point;
    use crate::limb::pose::Pose;
    use crate::random::Random;
    use crate::scene::edge::Edge;

    fn forearm(seed: u64, lateral: f64, tilt: f64) -> (Bones, Pose, Strips) {
        let bones = Bones::drawn(&mut Random::new(seed, "strips"), 0.7, Edge::Curved);
        let strips = Strips { endplate: bones.endplate, ulna_length: 251.0 };
        (bones, Pose::new(Point::new(55.0, 30.0), lateral, tilt), strips)
    }

    #[test]
    fn strips_hold_what_darts_thrown_at_the_image_find() {
        for (seed, lateral, tilt) in [(1, 1.0, 0.0), (2, -1.0, 6.0)] {
            let (bones, pose, strips) = forearm(seed, lateral, tilt);
            let mut random = Random::new(9, "darts");
            let (mut found, darts, size) = ([[0.0; 2]; 6], 400_000, [110.0, 150.0]);
            for _ in 0..darts {
                let local =
                    pose.to_bone(Point::new(random.uniform(0.0, size[0]), random.uniform(0.0, size[1])));
                let strip = if (251.0 * 0.33 - local.y).abs() < 10.0 {
                    0
                } else if local.y > bones.endplate && local.y < bones.endplate + 15.0 {
                    2
                } else if local.y > bones.endplate && local.y < 251.0 * 0.33 {
                    1
                } else {
                    continue;
                };
                for (bone, distance) in [(0, bones.radius_distance(local)), (3, bones.ulna_distance(local))] {
                    if distance < 0.0 {
                        found[bone + strip][0] += 1.0;
                        found[bone + strip][1] += bones.density(local.y, distance);
                    }
                }
            }
            let field = size[0] * size[1] / 100.0;
            for (exact, [area, bmc]) in strip_sums(&bones, pose, &strips, FINENESS).iter().zip(found) {
                let (area, bmc) = (area * field / f64::from(darts), bmc * field / f64::from(darts));
                // Four standard errors of a share of 400,000 darts.
                let error = 4.0 * (area * field / f64::from(darts)).sqrt();
                assert!((exact.area_cm2 - area).abs() < error, "{seed} {exact:?} {area} {error}");
                assert!((exact.bmc_g - bmc).abs() < error, "{seed} {exact:?} {bmc} {error}");
            }
        }
    }

    #[test]
    fn finer_cells_change_nothing_that_counts() {
        let (bones, pose, strips) = forearm(3, 1.0, 1.0);
        let fine = strip_sums(&bones, pose, &strips, 3 * FINENESS);
        for (name, (coarse, fine)) in
            NAMES.iter().cycle().zip(strip_sums(&bones, pose, &strips, FINENESS).iter().zip(fine))
        {
            assert!((coarse.area_cm2 / fine.area_cm2 - 1.0).abs() < 2e-4, "{name} {coarse:?} {fine:?}");
            assert!((coarse.bmc_g / fine.bmc_g - 1.0).abs() < 2e-4, "{name} {coarse:?} {fine:?}");
        }
    }
}
