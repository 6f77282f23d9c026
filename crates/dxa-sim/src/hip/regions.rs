//! Area and mineral of the regions of a femur, by the sentences of docs/regions.md.

use serde_json::{Value, json};

use super::femur::Femur;
use super::landmarks::{BOX_HALF_WIDTH, BOX_LENGTH, Convention, Landmarks};
use super::pelvis::Pelvis;

use crate::limb::integral::{Frame, Place, Sums, sums};
use crate::limb::plane::{Point, rounded};
use crate::limb::pose::Pose;

/// Regions of one convention, in the order in which they are summed.
const SITES: [&str; 4] = ["total_hip", "femoral_neck", "trochanter", "intertrochanter"];
/// Subdivisions of a cell on a border.
pub(crate) const FINENESS: u32 = 6;
/// Farther outside than this nothing counts, mm.
const FAR: f64 = 2.0;

/// A femur in an image, with everything that its regions depend on.
#[derive(Clone, Debug)]
pub(crate) struct Setting<'a> {
    /// The bone.
    pub(crate) femur: &'a Femur,
    /// What lies over it.
    pub(crate) pelvis: &'a Pelvis,
    /// Where both lie.
    pub(crate) pose: Pose,
    /// Its lines.
    pub(crate) landmarks: Landmarks,
    /// Width and height of the image, mm.
    pub(crate) image: [f64; 2],
}

impl Setting<'_> {
    /// Sums of the four regions for either neck box: those of Hologic first.
    pub(crate) fn sums(&self, fineness: u32) -> [Sums; 8] {
        sums(self.bounds(), fineness, |point| self.place(point))
    }

    /// The part of the image in which the regions lie; its lower edge is theirs.
    fn bounds(&self) -> Frame {
        let [width, height] = self.image;
        let reach = 2.0 * self.femur.head_radius + 60.0;
        let x = |x: f64| x.clamp(0.0, width);
        Frame {
            from: Point::new(x(self.pose.origin.x - reach), (self.pose.origin.y - reach).max(0.0)),
            to: Point::new(x(self.pose.origin.x + reach), self.landmarks.lower_end.min(height)),
        }
    }

    fn place(&self, point: Point) -> Place<8> {
        let local = self.pose.to_bone(point);
        let outline = self.femur.distance(local);
        if outline > FAR {
            return Place { distances: [outline; 8], bone: 0.0, other: 0.0 };
        }
        let [hologic, lunar] = [Convention::Hologic, Convention::Lunar].map(|convention| {
            let edge = self.landmarks.box_edge(convention);
            self.distances(local, outline, edge)
        });
        let mut distances = [0.0; 8];
        for (distance, found) in distances.iter_mut().zip(hologic.into_iter().chain(lunar)) {
            *distance = found;
        }
        Place {
            distances,
            bone: self.femur.density_below(local, outline.min(0.0)),
            other: self.pelvis.density(self.pose.to_upright(point)),
        }
    }

    /// Signed distances from the four regions, negative inside, in the order of [`SITES`].
    fn distances(&self, local: Point, outline: f64, lateral_edge: f64) -> [f64; 4] {
        let (s, n) = self.femur.neck_coordinates(local);
        let total = outline.max(lateral_edge - BOX_LENGTH - s);
        let neck_box = (s - lateral_edge).max(n.abs() - BOX_HALF_WIDTH);
        let rest = total.max(-neck_box);
        let below_line = self.below_line(local, lateral_edge);
        [total, total.max(neck_box), rest.max(below_line), rest.max(-below_line)]
    }

    /// Distance from the trochanteric line, negative on the side of the greater trochanter.
    fn below_line(&self, local: Point, lateral_edge: f64) -> f64 {
        let from = self.femur.at_neck(lateral_edge, 0.0);
        let across = self.pose.to_bone(self.landmarks.greater_base).from(from).unit().quarter_turn();
        let distance = |point: Point| point.from(from).dot(across);
        if distance(self.femur.greater_tip()) < 0.0 { distance(local) } else { -distance(local) }
    }

    /// Every region as the truth document has it.
    pub(crate) fn to_json(&self, laterality: &str) -> Vec<Value> {
        let found = self.sums(FINENESS);
        let mut regions = Vec::new();
        for (convention, sums) in
            [Convention::Hologic, Convention::Lunar].into_iter().zip(found.chunks_exact(SITES.len()))
        {
            let entries = SITES.into_iter().zip(sums);
            regions.extend(entries.map(|(site, sums)| region(site, laterality, convention, sums)));
            let wards =
                self.wards(convention).as_ref().map(|sums| region("wards", laterality, convention, sums));
            regions.extend(wards);
        }
        regions
    }
}

fn region(site: &str, laterality: &str, convention: Convention, sums: &Sums) -> Value {
    json!({
        "site": site,
        "laterality": laterality,
        "convention": convention.name(),
        "area_cm2": sums.area_cm2,
        "bmc_g": sums.bmc_g,
        "bmd_g_cm2": sums.bmc_g / sums.area_cm2,
        "pelvis_overlap_g": rounded(sums.overlap_g),
    })
}

/// Side of Ward's square, mm.
const WARDS_SIDE: f64 = 10.0;
/// Where its middle is looked for along the neck, from the lateral edge of the box, and across the neck, mm.
const WARDS_ALONG: [f64; 2] = [-5.0, 10.0];
const WARDS_ACROSS: f64 = 8.0;
/// Side of the cells over which it is summed, mm; the square moves by two of them.
const WARDS_CELL: f64 = 0.25;
/// Cells along a side of the square.
const WARDS_CELLS: usize = 40;

impl Setting<'_> {
    /// The square of least density; none where no square lies in the bone.
    fn wards(&self, convention: Convention) -> Option<Sums> {
        let edge = self.landmarks.box_edge(convention);
        let columns = cells(WARDS_ALONG[1] - WARDS_ALONG[0] + WARDS_SIDE);
        let rows = cells(2.0 * WARDS_ACROSS + WARDS_SIDE);
        let corner = (edge + WARDS_ALONG[0] - WARDS_SIDE / 2.0, -WARDS_ACROSS - WARDS_SIDE / 2.0);
        let densities: Vec<Vec<f64>> = (0..rows).map(|row| self.wards_row(corner, row, columns)).collect();
        let starts = |count: usize| (0..=count - WARDS_CELLS).step_by(2);
        let squares = starts(rows).flat_map(|row| starts(columns).map(move |column| (row, column)));
        let means = squares.filter_map(|(row, column)| mean_density(&densities, row, column));
        let least = means.min_by(f64::total_cmp)?;
        let area_cm2 = WARDS_SIDE * WARDS_SIDE / 100.0;
        Some(Sums { area_cm2, bmc_g: least * area_cm2, overlap_g: 0.0 })
    }

    /// Densities of one row of cells; a cell outside of the bone has an infinite one.
    fn wards_row(&self, corner: (f64, f64), row: usize, columns: usize) -> Vec<f64> {
        let middle = |index: usize| (index as f64 + 0.5) * WARDS_CELL;
        let density = |column: usize| {
            let point = self.femur.at_neck(corner.0 + middle(column), corner.1 + middle(row));
            let outline = self.femur.distance(point);
            if outline > 0.0 { f64::INFINITY } else { self.femur.density_below(point, outline) }
        };
        (0..columns).map(density).collect()
    }
}

fn cells(length: f64) -> usize {
    (length / WARDS_CELL + 0.5) as usize
}

/// Mean over a square of cells; none where a cell lies outside of the bone.
fn mean_density(densities: &[Vec<f64>], row: usize, column: usize) -> Option<f64> {
    let rows = densities.get(row..row + WARDS_CELLS)?;
    let mut sum = 0.0;
    for line in rows {
        sum += line.get(column..column + WARDS_CELLS)?.iter().sum::<f64>();
    }
    Some(sum / (WARDS_CELLS * WARDS_CELLS) as f64).filter(|mean| mean.is_finite())
}

#[cfg(test)]
mod tests {
    use super::{FINENESS, Setting};
    use crate::hip::femur::{Femur, FemurForm};
    use crate::hip::landmarks::Landmarks;
    use crate::hip::pelvis::Pelvis;

    use crate::limb::plane::Point;
    use crate::limb::pose::Pose;
    use crate::random::Random;
    use crate::scene::edge::Edge;

    fn check(seed: u64, lateral: f64, abduction_deg: f64, probe: impl Fn(&Setting<'_>)) {
        let mut random = Random::new(seed, "regions");
        let form = FemurForm { rotation_deg: 0.0, density: 1.0, edge: Edge::Curved };
        let femur = Femur::drawn(&mut random, form);
        let pelvis = Pelvis::drawn(&mut random, femur.head_radius, 0.0, 1.0);
        let pose = Pose::new(Point::new(75.0, 55.0), lateral, abduction_deg);
        let landmarks = Landmarks::of(&femur, pose);
        probe(&Setting { femur: &femur, pelvis: &pelvis, pose, landmarks, image: [150.0, 190.0] });
    }

    /// Density at random places, each region decided by the sentence and not by a distance.
    fn by_darts(setting: &Setting<'_>) -> [[f64; 2]; 4] {
        let mut random = Random::new(5, "darts");
        let (mut found, darts) = ([[0.0; 2]; 4], 400_000);
        for _ in 0..darts {
            let point = Point::new(random.uniform(0.0, 150.0), random.uniform(0.0, 190.0));
            let local = setting.pose.to_bone(point);
            let density = setting.femur.density_below(local, setting.femur.distance(local));
            let (s, n) = setting.femur.neck_coordinates(local);
            let edge = setting.landmarks.touch;
            if density == 0.0 || point.y > setting.landmarks.lower_end || s < edge - 15.0 {
                continue;
            }
            let neck = s <= edge && n.abs() <= 24.5;
            let start = setting.pose.to_image(setting.femur.at_neck(edge, 0.0));
            let line = setting.landmarks.greater_base.from(start);
            // Above the line: less far down than the line at the same place across.
            let above = point.y < start.y + line.y / line.x * (point.x - start.x);
            for region in [
                Some(0),
                Some(if neck {
                    1
                } else if above {
                    2
                } else {
                    3
                }),
            ]
            .into_iter()
            .flatten()
            {
                found[region][0] += 1.0;
                found[region][1] += density;
            }
        }
        found.map(|sums| sums.map(|sum| sum * 150.0 * 190.0 / 100.0 / f64::from(darts)))
    }

    #[test]
    fn regions_hold_what_darts_thrown_at_the_image_find() {
        for (seed, lateral, abduction) in [(1, 1.0, 0.0), (2, -1.0, 6.0), (3, 1.0, -5.0)] {
            check(seed, lateral, abduction, |setting| {
                let darts = by_darts(setting);
                for (exact, [area, bmc]) in setting.sums(FINENESS).iter().zip(darts) {
                    // Four standard errors of a share of 400,000 darts.
                    let error = 4.0 * 285.0 * (area / 285.0 / 400_000.0).sqrt();
                    assert!((exact.area_cm2 - area).abs() < error, "{seed} {exact:?} {area} {error}");
                    assert!((exact.bmc_g - bmc).abs() < 1.3 * error, "{seed} {exact:?} {bmc} {error}");
                }
            });
        }
    }

    #[test]
    fn finer_cells_change_nothing_that_counts() {
        check(4, -1.0, 2.0, |setting| {
            for (coarse, fine) in setting.sums(FINENESS).iter().zip(setting.sums(3 * FINENESS)) {
                assert!((coarse.area_cm2 / fine.area_cm2 - 1.0).abs() < 1e-4, "{coarse:?} {fine:?}");
                assert!((coarse.bmc_g / fine.bmc_g - 1.0).abs() < 1e-4, "{coarse:?} {fine:?}");
            }
        });
    }

    #[test]
    fn parts_add_up_and_the_pelvis_stays_out_of_them() {
        for seed in 0..20 {
            check(seed, 1.0, 0.0, |setting| {
                let found = setting.sums(FINENESS);
                for [total, parts @ ..] in
                    [[found[0], found[1], found[2], found[3]], [found[4], found[5], found[6], found[7]]]
                {
                    let sum: f64 = parts.iter().map(|part| part.bmc_g).sum();
                    assert!((sum / total.bmc_g - 1.0).abs() < 1e-4, "{seed}");
                    assert!(total.overlap_g < 0.005, "{seed} {total:?}");
                    assert!((25.0..50.0).contains(&total.area_cm2), "{seed} {total:?}");
                    assert!((0.6..1.3).contains(&(total.bmc_g / total.area_cm2)), "{seed} {total:?}");
                }
                let wards = setting.wards(crate::hip::landmarks::Convention::Hologic).unwrap();
                assert!(wards.bmc_g / wards.area_cm2 < found[1].bmc_g / found[1].area_cm2);
            });
        }
    }
}
