//! The lumbar spine of a CT, summed along rays from front to back.

use serde_json::{Value, json};

use super::nifti::Volume;
use super::tissue::GrayScale;
use crate::random::Random;
use crate::scene::integral::{Measured, integrate};
use crate::scene::{Anatomy, Column, Frame};

/// The three volumes of a CT, on one grid.
#[derive(Clone, Debug)]
pub(crate) struct Volumes {
    /// HU.
    pub(crate) gray: Volume,
    /// Number of the bone: 28 to 32 are L4, L3, L2, L1 and T12.
    pub(crate) labels: Volume,
    /// 1 in the body of a vertebra, 2 in a disc.
    pub(crate) bodies: Volume,
}

/// Measured vertebrae with the number of their label.
const MEASURED: [(&str, u32); 4] = [("L1", 31), ("L2", 30), ("L3", 29), ("L4", 28)];
/// Labels of all vertebrae that can have a measured one beside them.
const SPINE: std::ops::RangeInclusive<u32> = 27..=33;
const BODY: u32 = 1;
const DISC: u32 = 2;
/// Width of the field, and how far it reaches below the disc under L5, mm.
const FIELD_WIDTH: f64 = 150.0;
const BELOW_MM: f64 = 45.0;

/// A line between two vertebrae: height over the place across, both mm of the grid.
#[derive(Clone, Copy, Debug, PartialEq)]
struct DiscLine {
    height: f64,
    slope: f64,
}

impl DiscLine {
    fn at(&self, x: f64) -> f64 {
        self.height + self.slope * x
    }
}

/// A measured vertebra: label, disc lines above and below it, and the sides of its body.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Level {
    name: &'static str,
    above: DiscLine,
    below: DiscLine,
    sides: [f64; 2],
}

/// What rays through one column of voxels meet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Ray {
    column: Column,
    /// Mineral of labelled vertebrae, g/cm².
    mineral: f64,
    /// One where a vertebra is in the way.
    occupied: f64,
}

/// A projected spine. Its grid runs from the right of the person to the left and downward.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CtSpine {
    rays: Vec<Ray>,
    columns: usize,
    rows: usize,
    spacing: [f64; 2],
    levels: Vec<Level>,
    /// Upper left corner of the field on the grid, and its size, mm.
    corner: [f64; 2],
    field: [f64; 2],
}

impl CtSpine {
    /// Projects the spine and finds its disc lines; none where one of them is not there.
    pub(super) fn projected(volumes: &Volumes, visit: &mut Random) -> Option<Self> {
        let [columns, _, rows] = volumes.gray.size;
        let spacing = [volumes.gray.spacing[0], volumes.gray.spacing[2]];
        let levels: Vec<Level> = MEASURED.iter().map(|level| find(volumes, *level)).collect::<Option<_>>()?;
        let (first, last) = (levels.first()?, levels.last()?);
        let middle = f64::midpoint(first.sides[0] + first.sides[1], last.sides[0] + last.sides[1]) / 2.0;
        let left = (middle - FIELD_WIDTH / 2.0 + visit.uniform(-4.0, 4.0)).max(0.0);
        let height =
            (last.below.at(middle) + BELOW_MM + visit.uniform(-4.0, 4.0)).min(spacing[1] * rows as f64);
        let width = FIELD_WIDTH.min(spacing[0] * columns as f64 - left);
        let rays = rays(volumes);
        Some(Self { rays, columns, rows, spacing, levels, corner: [left, 0.0], field: [width, height] })
    }

    /// Gives the soft tissue of every ray one and the same share of fat, that of all rays.
    ///
    /// Fat over the bone that differs from that beside it looks like bone to any two energies.
    pub(super) fn even_tissue(&mut self) {
        let (fat, soft) = self.rays.iter().fold((0.0, 0.0), |(fat, soft), ray| {
            (fat + ray.column.fat, soft + ray.column.fat + ray.column.lean)
        });
        for ray in &mut self.rays {
            let soft_of_ray = ray.column.fat + ray.column.lean;
            ray.column.fat = soft_of_ray * fat / soft;
            ray.column.lean = soft_of_ray - ray.column.fat;
        }
    }

    /// Greatest amount of soft tissue in the field, g/cm².
    pub(super) fn soft_tissue(&self) -> f64 {
        self.rays.iter().map(|ray| ray.column.lean + ray.column.fat).fold(0.0, f64::max)
    }

    /// What lies at a point of the grid, between the middles of its four nearest columns of voxels.
    fn ray(&self, x: f64, y: f64) -> Ray {
        let place = |value: f64, step: f64, count: usize| {
            let value = (value / step - 0.5).clamp(0.0, count as f64 - 1.0);
            let index = (value as usize).min(count.saturating_sub(2));
            (index, value - index as f64)
        };
        let (column, right) = place(x, self.spacing[0], self.columns);
        let (row, down) = place(y, self.spacing[1], self.rows);
        let at = |row: usize, column: usize| {
            self.rays.get(row * self.columns + column).copied().unwrap_or_default()
        };
        let upper = mixed(at(row, column), at(row, column + 1), right);
        let lower = mixed(at(row + 1, column), at(row + 1, column + 1), right);
        mixed(upper, lower, down)
    }

    /// What lies between the disc lines of a level and within the sides of its body: the area of the outline of
    /// the spine, and all mineral, for the grid spreads that of the rim over the outline.
    fn measured(&self, level: &Level) -> Measured {
        let [left, right] = level.sides;
        let top = level.above.at(left).min(level.above.at(right));
        let bottom = level.below.at(left).max(level.below.at(right));
        let within = |least: f64| {
            integrate([left, top, right, bottom], &|x, y| {
                let inside = (left..right).contains(&x) && y > level.above.at(x) && y < level.below.at(x);
                let ray = self.ray(x, y);
                (inside && ray.occupied >= least).then_some(ray.mineral)
            })
        };
        Measured { area_cm2: within(0.5).area_cm2, bmc_g: within(0.0).bmc_g }
    }

    fn landmark(&self, name: &str, line: &DiscLine, sides: [f64; 2]) -> Value {
        let end = |x: f64| [x - self.corner[0], line.at(x) - self.corner[1]];
        json!({ "name": name, "ends_mm": sides.map(end), "angle_deg": libm::atan(line.slope).to_degrees() })
    }
}

impl Anatomy for CtSpine {
    fn column(&self, x_mm: f64, y_mm: f64) -> Column {
        self.ray(x_mm + self.corner[0], y_mm + self.corner[1]).column
    }

    fn width_mm(&self) -> f64 {
        self.field[0]
    }

    fn height_mm(&self) -> f64 {
        self.field[1]
    }

    fn truth(&self, _frame: &Frame) -> Value {
        let measured: Vec<Measured> = self.levels.iter().map(|level| self.measured(level)).collect();
        let named = self.levels.iter().zip(&measured);
        let mut regions: Vec<Value> = named.map(|(level, found)| found.to_json(level.name)).collect();
        regions.push(Measured::sum(measured).to_json("L1-L4"));
        let first = self.levels.first().map(|level| self.landmark("disc_t12_l1", &level.above, level.sides));
        let names = ["disc_l1_l2", "disc_l2_l3", "disc_l3_l4", "disc_l4_l5"];
        let others = self.levels.iter().zip(names);
        let others = others.map(|(level, name)| self.landmark(name, &level.below, level.sides));
        json!({
            "anatomy": "ct_ap_spine",
            "exact": false,
            "grid_mm": self.spacing,
            "regions": regions,
            "landmarks": first.into_iter().chain(others).collect::<Vec<_>>(),
            "field_mm": self.field,
        })
    }
}

/// Sums along the rays of every column of voxels, seen from the front: the left of the person is on the right.
fn rays(volumes: &Volumes) -> Vec<Ray> {
    let scale = GrayScale::new();
    let [columns, depth, rows] = volumes.gray.size;
    let step_cm = volumes.gray.spacing[1] / 10.0;
    let mut rays = Vec::with_capacity(columns * rows);
    for row in 0..rows {
        for column in 0..columns {
            let mut ray = Ray::default();
            for y in 0..depth {
                let voxel = [columns - 1 - column, y, rows - 1 - row];
                let label = volumes.labels.at(voxel) as u32;
                let found = scale.densities(f64::from(volumes.gray.at(voxel)), label != 0);
                ray.column = plus(ray.column, found, step_cm);
                if SPINE.contains(&label) {
                    ray.mineral += found.bone * step_cm;
                    ray.occupied = 1.0;
                }
            }
            rays.push(ray);
        }
    }
    rays
}

/// `first` and `share` times `second`.
fn plus(first: Column, second: Column, share: f64) -> Column {
    Column {
        bone: first.bone + share * second.bone,
        lean: first.lean + share * second.lean,
        fat: first.fat + share * second.fat,
        water: first.water + share * second.water,
        metal: first.metal + share * second.metal,
    }
}

fn mixed(first: Ray, second: Ray, share: f64) -> Ray {
    let left = plus(Column::default(), first.column, 1.0 - share);
    Ray {
        column: plus(left, second.column, share),
        mineral: first.mineral * (1.0 - share) + second.mineral * share,
        occupied: first.occupied * (1.0 - share) + second.occupied * share,
    }
}

/// Disc lines and sides of a vertebra.
fn find(volumes: &Volumes, (name, label): (&'static str, u32)) -> Option<Level> {
    let body = Extent::of(volumes, |number, part| number == label && part == BODY)?;
    let above = Extent::of(volumes, |number, part| number == label + 1 && part == BODY)?;
    let below = Extent::of(volumes, |number, part| number == label - 1 && part == BODY)?;
    Some(Level {
        name,
        above: disc_line(volumes, above.middle, body.middle)?,
        below: disc_line(volumes, body.middle, below.middle)?,
        sides: body.sides,
    })
}

/// Where some voxels lie on the grid of the projection, mm.
struct Extent {
    sides: [f64; 2],
    /// Mean height.
    middle: f64,
}

impl Extent {
    fn of(volumes: &Volumes, is_part: impl Fn(u32, u32) -> bool) -> Option<Self> {
        let found: Vec<[f64; 2]> = places(volumes, is_part).collect();
        let count = found.len() as f64;
        let half = volumes.gray.spacing[0] / 2.0;
        let left = found.iter().map(|place| place[0]).fold(f64::INFINITY, f64::min) - half;
        let right = found.iter().map(|place| place[0]).fold(f64::NEG_INFINITY, f64::max) + half;
        let middle = found.iter().map(|place| place[1]).sum::<f64>() / count;
        (!found.is_empty()).then_some(Self { sides: [left, right], middle })
    }
}

/// Middles of voxels on the grid of the projection, mm.
fn places(volumes: &Volumes, is_part: impl Fn(u32, u32) -> bool) -> impl Iterator<Item = [f64; 2]> {
    let [columns, depth, rows] = volumes.gray.size;
    let [across, _, up] = volumes.gray.spacing;
    let voxels =
        (0..rows).flat_map(move |z| (0..depth).flat_map(move |y| (0..columns).map(move |x| [x, y, z])));
    voxels
        .filter(move |voxel| is_part(volumes.labels.at(*voxel) as u32, volumes.bodies.at(*voxel) as u32))
        .map(move |[x, _, z]| {
            [(columns - x) as f64 * across - across / 2.0, (rows - z) as f64 * up - up / 2.0]
        })
}

/// The straight line through the voxels of the disc between two heights.
fn disc_line(volumes: &Volumes, from: f64, to: f64) -> Option<DiscLine> {
    let disc = places(volumes, |_, part| part == DISC);
    let found: Vec<[f64; 2]> = disc.filter(|place| (from..to).contains(&place[1])).collect();
    let count = found.len() as f64;
    let mean = |axis: usize| found.iter().filter_map(|place| place.get(axis)).sum::<f64>() / count;
    let (x, y) = (mean(0), mean(1));
    let spread: f64 = found.iter().map(|place| (place[0] - x) * (place[0] - x)).sum();
    let joint: f64 = found.iter().map(|place| (place[0] - x) * (place[1] - y)).sum();
    let slope = joint / spread;
    (found.len() >= 3 && spread > 0.0).then_some(DiscLine { height: y - slope * x, slope })
}

#[cfg(test)]
mod tests {
    use super::{CtSpine, Volumes};
    use crate::ct::nifti::{Volume, tests::file};
    use crate::ct::tissue::GrayScale;
    use crate::random::Random;
    use crate::scene::{Anatomy, Frame};

    /// Six blocks of 16 × 10 × 9 voxels of 3 mm, with discs of three voxels between them, in muscle.
    fn blocks() -> Volumes {
        let size = [60_u16, 30, 75];
        let (mut gray, mut labels, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
        for z in 0..75_i16 {
            for y in 0..30 {
                for x in 0..60 {
                    let inside = (22..38).contains(&x) && (10..20).contains(&y);
                    let (level, within) = (z / 12, z % 12);
                    let body = inside && level < 6 && within < 9;
                    let disc = inside && level < 5 && within >= 9;
                    gray.push(if body { 300 } else { 20 });
                    labels.push(if body { 27 + level } else { 0 });
                    bodies.push(if body {
                        1
                    } else if disc {
                        2
                    } else {
                        0
                    });
                }
            }
        }
        let volume = |values: &[i16]| Volume::read(&file(size, [3.0; 3], values)).unwrap();
        Volumes { gray: volume(&gray), labels: volume(&labels), bodies: volume(&bodies) }
    }

    #[test]
    fn blocks_of_known_gray_hold_the_mineral_of_their_volume() {
        let spine = CtSpine::projected(&blocks(), &mut Random::new(1, "ct")).unwrap();
        let truth = spine.truth(&Frame::covering(&spine, [1.0, 1.0], 1.0));
        let density = GrayScale::new().densities(300.0, true).bone;
        for region in truth["regions"].as_array().unwrap().iter().take(4) {
            let area = region["area_cm2"].as_f64().unwrap();
            // Between four voxels of which one is bone, uv ≥ ½ leaves out (ln 2)/2 − ¼ of a voxel at each corner.
            let corners = 4.0 * 0.09 * (0.5 * 2.0_f64.ln() - 0.25);
            assert!((area - (4.8 * 2.7 - corners)).abs() < 0.003, "{region}");
            // 3 cm deep. On either side it falls to a half over the outer half of a voxel.
            let lost = 1.0 - region["bmc_g"].as_f64().unwrap() / (density * 3.0 * 4.8 * 2.7);
            assert!((lost - 2.0 * 1.5 * 0.25 / 48.0).abs() < 0.001, "{region} {lost}");
        }
        let line = &truth["landmarks"][0];
        assert!((line["angle_deg"].as_f64().unwrap()).abs() < 1e-9, "{line}");
    }

    #[test]
    fn even_tissue_keeps_its_amount_and_has_one_share_of_fat() {
        let mut spine = CtSpine::projected(&blocks(), &mut Random::new(1, "ct")).unwrap();
        let amounts: Vec<f64> = spine.rays.iter().map(|ray| ray.column.fat + ray.column.lean).collect();
        spine.rays[0].column.fat = 3.0;
        spine.rays[0].column.lean = amounts[0] - 3.0;
        spine.even_tissue();
        let share = |ray: &super::Ray| ray.column.fat / (ray.column.fat + ray.column.lean);
        let first = share(&spine.rays[0]);
        assert!(first > 0.0);
        for (ray, amount) in spine.rays.iter().zip(amounts) {
            assert!((ray.column.fat + ray.column.lean - amount).abs() < 1e-9);
            assert!((share(ray) - first).abs() < 1e-12);
        }
    }

    #[test]
    fn without_a_disc_there_is_no_spine() {
        let volumes = blocks();
        let none = Volumes { bodies: volumes.labels.clone(), ..volumes };
        assert!(CtSpine::projected(&none, &mut Random::new(1, "ct")).is_none());
    }

    #[test]
    fn the_field_begins_within_the_ct() {
        let spine = CtSpine::projected(&blocks(), &mut Random::new(1, "ct")).unwrap();
        assert!((140.0..=150.0).contains(&spine.width_mm()) && spine.height_mm() > 150.0);
        assert!(spine.column(75.0, 100.0).lean > 5.0);
    }
}
