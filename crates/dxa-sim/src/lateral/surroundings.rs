//! Everything around the spine: trunk, lungs, diaphragm, heart, gas, sacrum, iliac wings, shoulder.

use super::outline::{Point, between, minus, plus, unit};
use super::person::{Vertebra, sacral_plate};
use super::raster::{Raster, bounds, from_segment, ramp};
use crate::limb::draws::around;
use crate::random::Random;

/// What of it is drawn or set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trunk {
    /// Greatest soft tissue, g/cm².
    pub(super) thickness: f64,
    /// Part of it that is fat.
    pub(super) fat: f64,
    /// How much structures overlap: 0 little, 1 as in life.
    pub(super) clutter: f64,
    /// Bubbles of gas.
    pub(super) gas: u32,
    /// Mineral of bones, 1 as usual.
    pub(super) density: f64,
}

/// Where the front and the back of the bodies run at each height.
struct Course(Vec<[f64; 3]>);

impl Course {
    fn of(spine: &[Vertebra]) -> Self {
        let points = spine.iter().flat_map(|one| {
            [0.1, 0.9].map(|down| {
                let (back, front) = (one.body.at(0.0, down), one.body.at(1.0, down));
                [f64::midpoint(back[1], front[1]), back[0], front[0]]
            })
        });
        let mut points: Vec<[f64; 3]> = points.collect();
        points.sort_by(|a, b| a[0].total_cmp(&b[0]));
        Self(points)
    }

    /// Back and front at a height.
    fn at(&self, y: f64) -> [f64; 2] {
        let after = self.0.iter().position(|point| point[0] > y).unwrap_or(self.0.len());
        let (first, last) = (after.saturating_sub(1), after.min(self.0.len() - 1));
        let (a, b) = (self.0[first], self.0[last]);
        let part = if b[0] > a[0] { ((y - a[0]) / (b[0] - a[0])).clamp(0.0, 1.0) } else { 0.0 };
        [a[1] + part * (b[1] - a[1]), a[2] + part * (b[2] - a[2])]
    }
}

/// Fills the raster with soft tissue and adds the bones that are no vertebrae.
pub(super) fn add(raster: &mut Raster, spine: &[Vertebra], trunk: &Trunk, random: &mut Random) {
    let course = Course::of(spine);
    let place =
        |level: &str| spine.iter().find(|one| one.level == level).map_or([0.0; 2], |one| one.body.middle());
    fill(raster, &course, trunk, place("T11"), random);
    add_heart(raster, place("T8"), trunk, random);
    add_gas(raster, place("L3"), trunk, random);
    add_pelvis(raster, spine, trunk, random);
    add_shoulder(raster, place("T3"), trunk, random);
}

fn fill(raster: &mut Raster, course: &Course, trunk: &Trunk, t11: Point, random: &mut Random) {
    let lung = trunk.thickness * random.uniform(0.5, 0.62);
    let domes = [(); 2].map(|()| {
        [t11[1] + random.uniform(0.0, 45.0), random.uniform(35.0, 75.0), random.uniform(28.0, 45.0)]
    });
    let (skin, depth) = (random.uniform(62.0, 88.0), random.uniform(105.0, 135.0));
    let fat_back = random.uniform(8.0, 22.0);
    let mut lean = Vec::with_capacity(raster.rows * raster.columns);
    let mut last_row = f64::NAN;
    let mut edges = [0.0; 2];
    raster.within(raster.all(), |_, [x, y]| {
        if y.to_bits() != last_row.to_bits() {
            edges = course.at(y);
            last_row = y;
        }
        let [back, front] = edges;
        let surface = back - skin;
        let place = ((x - surface - depth) / depth).clamp(-1.0, 1.0);
        let width = (1.0 - place * place).max(0.0).sqrt();
        let mut tissue = trunk.thickness * width;
        let fat = trunk.fat + (0.9 - trunk.fat) * ramp(surface + fat_back - x, 4.0);
        for [height, rise, steep] in domes {
            // Low behind the spine, high toward the front.
            let dome =
                height - rise * (1.0 - libm::exp(-(x - back).max(0.0) / steep)) + 0.25 * (back - x).max(0.0);
            let beside = ramp(x - (back - 12.0), 22.0);
            let free = 0.74 + 0.26 * ramp(x - front - 1.5, 3.0);
            tissue -= 0.5 * lung * width * ramp(dome - y, 1.6) * beside * free;
        }
        lean.push([tissue.max(0.3) * (1.0 - fat), tissue.max(0.3) * fat]);
    });
    for (index, [lean, fat]) in lean.into_iter().enumerate() {
        raster.lean[index] = lean;
        raster.fat[index] = fat;
    }
}

fn add_ellipse(raster: &mut Raster, middle: Point, [half_x, half_y]: [f64; 2], amount: f64, soft: f64) {
    raster.add_lean(
        bounds(&[middle], half_x.max(half_y) * (1.0 + soft / half_x.min(half_y)) + 1.0),
        |[x, y]| {
            let round = libm::hypot((x - middle[0]) / half_x, (y - middle[1]) / half_y);
            amount * ramp((1.0 - round) * half_x.min(half_y), soft)
        },
    );
}

fn add_heart(raster: &mut Raster, t8: Point, trunk: &Trunk, random: &mut Random) {
    let middle = plus(t8, [random.uniform(62.0, 85.0), random.uniform(0.0, 25.0)], 1.0);
    add_ellipse(raster, middle, [random.uniform(32.0, 45.0), random.uniform(45.0, 60.0)], 6.0, 8.0);
    // The aorta descends in front of the bodies.
    let x = random.uniform(8.0, 24.0) + 15.0;
    let top = plus(t8, [x, -95.0], 1.0);
    let bottom = plus(t8, [x - 4.0, 240.0], 1.0);
    raster.add_lean(bounds(&[top, bottom], 18.0), |point| {
        let (distance, _) = from_segment(point, top, bottom);
        1.8 * trunk.clutter * ramp(12.0 - distance, 4.0)
    });
}

fn add_gas(raster: &mut Raster, l3: Point, trunk: &Trunk, random: &mut Random) {
    for _ in 0..trunk.gas {
        let middle = plus(l3, [random.uniform(0.0, 75.0), random.uniform(-80.0, 70.0)], 1.0);
        let size = [random.uniform(6.0, 17.0), random.uniform(5.0, 13.0)];
        add_ellipse(raster, middle, size, -random.uniform(1.0, 4.0), 2.0);
    }
}

/// Sacrum below L5 and both iliac wings over L4 and L5.
fn add_pelvis(raster: &mut Raster, spine: &[Vertebra], trunk: &Trunk, random: &mut Random) {
    let Some(l5) = spine.last() else { return };
    let [back, front] = sacral_plate(&l5.body, random);
    let along = unit(minus(front, back));
    let down = turned_down(along, around(random, 0.1, 0.08));
    let size = raster.size();
    let sacrum = trunk.density * around(random, 0.85, 0.1);
    raster.add_bone([0.0, (back[1].min(front[1]) - 5.0).max(0.0), size[0], size[1]], |point| {
        let step = minus(point, back);
        let across = step[0] * along[0] + step[1] * along[1];
        let below = step[1] * along[0] - step[0] * along[1];
        let deep = (step[0] * down[0] + step[1] * down[1]).max(0.0);
        let length = libm::hypot(front[0] - back[0], front[1] - back[1]);
        let narrowed = length * (1.0 - 0.006 * deep).max(0.3);
        let lean = across - (down[0] * along[0] + down[1] * along[1]) * deep;
        let inside = ramp(below, 0.5) * ramp(lean + 14.0, 2.0) * ramp(narrowed - lean, 0.6);
        let remnant = 1.0 - 0.3 * libm::exp(-libm::pow((deep - 27.0) / 2.5, 2.0));
        let rim = libm::exp(-below.max(0.0) / 1.0) + 0.6 * libm::exp(-(narrowed - lean).max(0.0) / 1.0);
        sacrum * inside * (0.5 + 0.45 * ramp(deep - 8.0, 9.0)) * remnant + 0.3 * sacrum * inside * rim
    });
    let height = l5.body.height();
    for _ in 0..2 {
        let shift = random.uniform(-0.7, 0.55) * height * (0.5 + 0.5 * trunk.clutter);
        let crest = plus(l5.body.at(random.uniform(0.1, 0.6), 0.0), [0.0, 1.0], shift);
        let (behind, before) = (random.uniform(0.004, 0.010), random.uniform(0.0025, 0.006));
        let wing = trunk.density * around(random, 0.2, 0.04);
        raster.add_bone([0.0, (crest[1] - 5.0).max(0.0), size[0], size[1]], |[x, y]| {
            let x = x - crest[0];
            let edge = crest[1] + x * x * if x < 0.0 { behind } else { before };
            let below = y - edge;
            let reach = ramp(x + 75.0, 10.0) * ramp(95.0 - x, 12.0);
            let rim = 1.4 * libm::exp(-libm::pow((below - 3.0) / 2.6, 2.0));
            wing * reach * ramp(below, 1.2) * (0.55 + 0.016 * below.clamp(0.0, 70.0) + rim)
        });
    }
}

fn turned_down(along: Point, radians: f64) -> Point {
    super::outline::turned([-along[1], along[0]], [0.0; 2], radians)
}

/// Scapula, clavicle, humerus and trachea around the uppermost bodies.
fn add_shoulder(raster: &mut Raster, t3: Point, trunk: &Trunk, random: &mut Random) {
    let bone = 0.3 * trunk.density * (0.4 + 0.6 * trunk.clutter);
    for _ in 0..2 {
        let top = plus(t3, [random.uniform(-25.0, 15.0), random.uniform(-45.0, -20.0)], 1.0);
        let bottom = plus(top, [random.uniform(-45.0, -5.0), random.uniform(75.0, 120.0)], 1.0);
        let middle = plus(between(top, bottom, 0.5), [random.uniform(-8.0, 8.0), 0.0], 1.0);
        raster.add_tube(&[top, middle, bottom], 9.0, |distance, part| {
            let half = 6.5 - 2.5 * part;
            bone * ramp(half - distance, 1.0)
                * (0.3 + 0.9 * libm::exp(-libm::pow((half - distance - 1.0) / 1.0, 2.0)))
        });
    }
    let head = plus(t3, [random.uniform(5.0, 55.0), random.uniform(-75.0, -35.0)], 1.0);
    let shaft = plus(head, [random.uniform(50.0, 110.0), random.uniform(-60.0, 10.0)], 1.0);
    raster.add_tube(&[head, shaft], 27.0, |distance, part| {
        let half = 23.0 - 11.0 * ramp(part - 0.3, 0.2);
        1.5 * bone
            * ramp(half - distance, 1.2)
            * (0.5 + 0.5 * libm::exp(-libm::pow((half - distance - 2.0) / 2.0, 2.0)))
    });
    raster.add_lean(bounds(&[head, shaft], 45.0), |point| {
        let (distance, _) = from_segment(point, head, shaft);
        9.0 * ramp(40.0 - distance, 6.0)
    });
    let windpipe = [plus(t3, [38.0, -90.0], 1.0), plus(t3, [36.0, 45.0], 1.0)];
    raster.add_lean(bounds(&windpipe, 12.0), |point| {
        let (distance, _) = from_segment(point, windpipe[0], windpipe[1]);
        -1.7 * ramp(8.0 - distance, 3.0)
    });
}
