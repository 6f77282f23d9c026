//! What lies behind the bodies: pedicles, articular processes, laminae, spinous processes, and the foramina between.

use super::outline::{Body, Point, length, minus, plus};
use super::person::Vertebra;
use super::raster::{Raster, bounds, ramp};
use crate::limb::draws::around;
use crate::random::Random;

/// Amounts of the posterior elements, g/cm².
#[derive(Clone, Copy, Debug)]
pub(super) struct Strength {
    /// Of pedicles and processes.
    pub(super) bone: f64,
    /// How far behind the bodies all of it lies, 1 as usual.
    pub(super) distance: f64,
    /// How far pedicles reach over the body, mm.
    pub(super) overlap: f64,
    /// What is left of mineral in a foramen.
    pub(super) foramen: f64,
}

/// Adds all of them; the foramina are cut out last, so that they are dark.
pub(super) fn add(raster: &mut Raster, spine: &[Vertebra], strength: Strength, random: &mut Random) {
    for pair in spine.windows(2) {
        let [one, next] = pair else { continue };
        add_column(raster, &one.body, &next.body, is_thoracic(one.level), strength, random);
    }
    for pair in spine.windows(2) {
        let [one, next] = pair else { continue };
        cut_foramen(raster, &one.body, &next.body, is_thoracic(one.level), strength, random);
    }
    for one in spine {
        add_pedicle(raster, &one.body, is_thoracic(one.level), strength, random);
        add_spinous(raster, &one.body, is_thoracic(one.level), strength, random);
    }
}

fn is_thoracic(level: &str) -> bool {
    level.starts_with('T')
}

/// Articular processes and laminae: one uneven band from level to level.
fn add_column(
    raster: &mut Raster,
    body: &Body,
    next: &Body,
    thoracic: bool,
    strength: Strength,
    random: &mut Random,
) {
    let scale = body.depth() / 30.0;
    let behind = if thoracic { 14.0 } else { 17.0 } * scale * strength.distance * around(random, 1.0, 0.06);
    let half = if thoracic { 6.5 } else { 8.0 } * scale;
    for _ in 0..2 {
        let shift = random.uniform(-1.5, 1.5);
        let at =
            |body: &Body, down: f64, back: f64| plus(body.at(0.0, down), body.axes()[0], -(back + shift));
        // From the superior process over the lamina to the inferior process behind the next body.
        let line = [
            at(body, -0.12, behind - 3.0),
            at(body, 0.25, behind - 1.0),
            at(body, 0.65, behind + 2.0),
            at(body, 1.0, behind + 3.0),
            at(next, 0.22, behind + 3.5),
        ];
        let amount = 0.5 * strength.bone * around(random, 1.0, 0.15);
        let (cycles, phase) = (random.uniform(1.0, 2.5), random.uniform(0.0, 6.2));
        raster.add_tube(&line, half + 2.0, |distance, part| {
            let width = half * (0.82 + 0.25 * libm::sin(std::f64::consts::TAU * cycles * part + phase));
            amount
                * ramp(width - distance, 1.4)
                * (0.75 + 0.35 * libm::exp(-libm::pow((width - distance - 1.0) / 1.0, 2.0)))
        });
    }
}

/// Two pedicles, left and right, from inside the upper half of the body to the articular processes.
fn add_pedicle(raster: &mut Raster, body: &Body, thoracic: bool, strength: Strength, random: &mut Random) {
    let half = if thoracic { 0.22 } else { 0.24 } * body.height();
    for _ in 0..2 {
        let (shift, lift) = (random.uniform(-1.2, 1.2), random.uniform(-0.04, 0.04));
        let from = plus(body.at(0.0, 0.27 + lift), body.axes()[0], strength.overlap + shift);
        let to = plus(body.at(0.0, 0.30 + lift), body.axes()[0], -12.0 * body.depth() / 30.0);
        let amount = 0.5 * strength.bone * around(random, 0.85, 0.15);
        raster.add_tube(&[from, to], half + 2.0, |distance, _| {
            // An oval tube: its rim is brighter.
            amount
                * ramp(half - distance, 0.9)
                * (0.7 + 0.6 * libm::exp(-libm::pow((half - distance - 0.8) / 0.8, 2.0)))
        });
    }
}

/// The opening between two pedicles: behind the lower half of the body and the disc.
fn cut_foramen(
    raster: &mut Raster,
    body: &Body,
    next: &Body,
    thoracic: bool,
    strength: Strength,
    random: &mut Random,
) {
    let scale = body.depth() / 30.0;
    let wall = around(random, 2.8, 0.8).clamp(1.0, 5.0) * scale;
    let half_width = if thoracic { 3.6 } else { 4.6 } * scale * around(random, 1.0, 0.12);
    let [_, down] = body.axes();
    let top = plus(body.at(0.0, 0.62), body.axes()[0], -(wall + half_width));
    let bottom = plus(next.at(0.0, 0.02), next.axes()[0], -(wall + half_width + 1.0));
    let half_height = 0.5 * length(minus(bottom, top)).max(6.0);
    let middle = [f64::midpoint(top[0], bottom[0]), f64::midpoint(top[1], bottom[1])];
    let across: Point = [down[1], -down[0]];
    raster.scale_bone(bounds(&[middle], half_height + 3.0), |point| {
        let step = minus(point, middle);
        let (a, b) = (step[0] * across[0] + step[1] * across[1], step[0] * down[0] + step[1] * down[1]);
        let round = libm::hypot(a / half_width, b / half_height);
        1.0 - (1.0 - strength.foramen) * ramp((1.0 - round) * half_width, 0.9)
    });
}

/// A faint blade to the back and downward.
fn add_spinous(raster: &mut Raster, body: &Body, thoracic: bool, strength: Strength, random: &mut Random) {
    let [across, down] = body.axes();
    let back = 24.0 * body.depth() / 30.0;
    let from = plus(plus(body.at(0.0, 0.6), across, -back), down, 0.0);
    let (out, drop) = if thoracic { (24.0, 24.0) } else { (26.0, 6.0) };
    let to = plus(plus(from, across, -out), down, drop * around(random, 1.0, 0.15));
    let amount = 0.28 * strength.bone * around(random, 1.0, 0.2);
    let half = if thoracic { 4.0 } else { 8.0 };
    raster.add_tube(&[from, to], half + 2.0, |distance, part| {
        amount * (1.0 - 0.3 * part) * ramp(half - distance, 1.2)
    });
}
