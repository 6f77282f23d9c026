//! The spine of one simulated person: a real one, scaled, bent, deformed, and continued at both ends.

use super::outline::{Body, Point, Spine, between, minus, plus, spines, turned, unit};
use crate::limb::draws::around;
use crate::random::Random;

/// Levels of the table.
const READ: [&str; 13] = ["T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12", "L1", "L2", "L3", "L4"];
/// Levels that can be continued above it.
const ABOVE: [&str; 4] = ["T3", "T2", "T1", "C7"];

/// How a body is deformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The front sinks.
    Wedge,
    /// The middles of both plates sink.
    Biconcave,
    /// All of it sinks.
    Crush,
}

impl Form {
    pub(super) const NAMES: [(&'static str, Self); 3] =
        [("wedge", Self::Wedge), ("biconcave", Self::Biconcave), ("crush", Self::Crush)];

    pub(super) fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, form)| *form == self).map_or("", |(name, _)| name)
    }
}

/// A deformity that is asked for: level, form, lost percent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Deformity {
    pub(super) level: String,
    pub(super) form: Form,
    pub(super) percent: f64,
}

/// A body of the person.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Vertebra {
    /// Its level, from C7 to L5.
    pub(super) level: &'static str,
    /// Its outline, mm.
    pub(super) body: Body,
    /// Grade in the final reading of the real one.
    pub(super) grade_read: Option<u8>,
    /// Deformity that was added.
    pub(super) deformity: Option<Deformity>,
}

/// What of the spine is drawn or set.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Choices {
    /// Chance that the person is one with a fracture.
    pub(super) fractured: f64,
    /// Chance of an added deformity for every body.
    pub(super) deformed: f64,
    /// Deformities asked for.
    pub(super) asked: Vec<Deformity>,
    /// Greatest distance of both lines of a plate by tilt, mm.
    pub(super) scoliosis: f64,
    /// A person of the table, by number from 1.
    pub(super) person: Option<usize>,
}

/// Draws a spine, from above; corners of T4 begin near the origin of the table.
pub(super) fn draw(choices: &Choices, random: &mut Random) -> (Vec<Vertebra>, bool) {
    let spine = chosen(choices, random);
    let factor = around(random, 1.04, 0.05).clamp(0.9, 1.2);
    let bend = around(random, 0.0, 0.06);
    let bodies: Vec<Body> =
        spine.bodies.iter().map(|read| read.body.moved(factor, |p| plus([0.0; 2], p, factor))).collect();
    let mut vertebrae: Vec<Vertebra> = READ
        .iter()
        .zip(bent(&bodies, bend))
        .zip(&spine.bodies)
        .map(|((level, body), read)| Vertebra { level, body, grade_read: Some(read.grade), deformity: None })
        .collect();
    let asked: Vec<Deformity> = vertebrae.iter().filter_map(|one| deformity(one, choices, random)).collect();
    for one in asked {
        deform(&mut vertebrae, one);
    }
    tilt(&mut vertebrae, choices.scoliosis, random);
    extend(&mut vertebrae, random);
    (vertebrae, spine.is_male)
}

fn chosen(choices: &Choices, random: &mut Random) -> &'static Spine {
    let wants_fracture = random.fraction() < choices.fractured;
    let pool: Vec<&Spine> = spines().iter().filter(|spine| spine.is_fractured() == wants_fracture).collect();
    let drawn = random.between(0, pool.len().saturating_sub(1) as u32) as usize;
    let named = choices.person.and_then(|number| spines().get(number - 1));
    named.or(pool.get(drawn).copied()).unwrap_or(&spines()[0])
}

/// The spine bent around the middle of its length: positive angles, in radians over the length, are kyphosis.
fn bent(bodies: &[Body], radians: f64) -> Vec<Body> {
    let middle = bodies.len() as f64 / 2.0;
    let mut bent: Vec<Body> = bodies.to_vec();
    for index in 0..bodies.len().saturating_sub(1) {
        // Every joint turns what is above it by its share.
        let share = radians / bodies.len() as f64 * if (index as f64) < middle { 1.0 } else { 0.4 };
        let joint = bent[index].at(0.5, 1.0);
        for body in bent.iter_mut().take(index + 1) {
            *body = body.moved(1.0, |p| turned(p, joint, share));
        }
    }
    bent
}

fn deformity(vertebra: &Vertebra, choices: &Choices, random: &mut Random) -> Option<Deformity> {
    let chance = random.fraction();
    let form = match random.between(0, 9) {
        0..=5 => Form::Wedge,
        6..=7 => Form::Biconcave,
        _ => Form::Crush,
    };
    let percent = random.uniform(18.0, 55.0);
    if let Some(asked) = choices.asked.iter().find(|one| one.level == vertebra.level) {
        return Some(asked.clone());
    }
    let level = vertebra.level.to_owned();
    (chance < choices.deformed && vertebra.grade_read == Some(0)).then_some(Deformity {
        level,
        form,
        percent,
    })
}

/// Lowers a body to the loss asked for and lets what is above follow.
fn deform(vertebrae: &mut [Vertebra], asked: Deformity) {
    let Some(index) = vertebrae.iter().position(|one| one.level == asked.level) else { return };
    let body = vertebrae[index].body.clone();
    let [_, down] = body.axes();
    let [posterior, middle, anterior] = heights(&body);
    let kept = 1.0 - asked.percent / 100.0;
    // How far the superior plate sinks behind, in the middle and in front, and the inferior plate rises in the middle.
    let (sink, rise) = match asked.form {
        Form::Wedge => {
            let front = anterior - posterior * kept;
            let center = (middle - f64::midpoint(posterior * 0.93, posterior * kept))
                .clamp(0.35 * front, 0.75 * front);
            ([0.0, center, front], 0.0)
        }
        Form::Biconcave => {
            let center = middle - posterior * kept;
            let front =
                (anterior - posterior * (kept + 0.7 * (1.0 - kept))).clamp(0.0, 0.5 * center.max(0.0));
            ([0.0, 0.6 * center, front], 0.4 * center)
        }
        Form::Crush => (
            [posterior * (1.0 - kept), middle - posterior * kept * 0.85, anterior - posterior * kept * 0.9],
            0.0,
        ),
    };
    let deformed = &mut vertebrae[index];
    let [ps, as_, ai, pi] = body.corners;
    deformed.body.corners = [plus(ps, down, sink[0]), plus(as_, down, sink[2]), ai, pi];
    let bow = sink[1] - f64::midpoint(sink[0], sink[2]);
    for (at, distance) in deformed.body.superior.iter_mut().enumerate() {
        let t = (at as f64 + 1.0) / 6.0;
        *distance += bow * 4.0 * t * (1.0 - t);
    }
    for (at, distance) in deformed.body.inferior.iter_mut().enumerate() {
        let t = (at as f64 + 1.0) / 6.0;
        *distance -= rise * 4.0 * t * (1.0 - t);
    }
    deformed.deformity = Some(asked);
    let turn = 0.7 * libm::atan((sink[2] - sink[0]) / body.depth());
    let joint = deformed.body.corners[0];
    for above in vertebrae.iter_mut().take(index) {
        above.body = above.body.moved(1.0, |p| turned(plus(p, down, sink[0]), joint, turn));
    }
}

/// Posterior, middle and anterior height.
pub(super) fn heights(body: &Body) -> [f64; 3] {
    let [ps, ms, as_, ai, mi, pi] = body.six();
    [(ps, pi), (ms, mi), (as_, ai)].map(|(a, b)| super::outline::length(minus(a, b)))
}

/// Widens the double contours as a bend to the side does: most at its middle.
fn tilt(vertebrae: &mut [Vertebra], scoliosis: f64, random: &mut Random) {
    let (middle, width) = (random.uniform(3.0, 10.0), random.uniform(2.5, 5.0));
    let sign = if random.fraction() < 0.5 { -1.0 } else { 1.0 };
    for (index, one) in vertebrae.iter_mut().enumerate() {
        let place = (index as f64 - middle) / width;
        let tilt = sign * scoliosis * libm::exp(-0.5 * place * place);
        one.body.superior_gap[0] += tilt;
        one.body.inferior_gap[0] += tilt;
        one.body.superior_gap[1] += 0.3 * tilt * random.uniform(-1.0, 1.0);
        one.body.posterior_gap += 0.5 * tilt * random.uniform(-1.0, 1.0);
    }
}

/// Adds C7 to T3 above and L5 below as the spine goes on.
fn extend(vertebrae: &mut Vec<Vertebra>, random: &mut Random) {
    for level in ABOVE {
        let body = above(vertebrae, random);
        vertebrae.insert(0, Vertebra { level, body, grade_read: None, deformity: None });
    }
    let body = below(vertebrae, random);
    vertebrae.push(Vertebra { level: "L5", body, grade_read: None, deformity: None });
}

fn above(vertebrae: &[Vertebra], random: &mut Random) -> Body {
    let (first, second) = (&vertebrae[0].body, &vertebrae[1].body);
    let step = minus(first.middle(), second.middle());
    let factor = around(random, 0.965, 0.015);
    let turn = around(random, 0.055, 0.03);
    let middle = first.middle();
    let place = plus(middle, turned(step, [0.0; 2], turn * 0.8), factor);
    // A fractured neighbor is no model of a healthy one: its heights are evened out.
    let model = if vertebrae[0].deformity.is_some() || vertebrae[0].grade_read.unwrap_or(0) > 0 {
        second
    } else {
        first
    };
    let center = model.middle();
    let lean = angle(first) - angle(model);
    model.moved(factor, |p| plus(place, turned(minus(p, center), [0.0; 2], lean + turn), factor))
}

fn angle(body: &Body) -> f64 {
    let [across, _] = body.axes();
    libm::atan2(across[1], across[0])
}

/// L5: deeper, higher in front than behind, and tilted over the promontory.
fn below(vertebrae: &[Vertebra], random: &mut Random) -> Body {
    let last = &vertebrae[vertebrae.len() - 1].body;
    let before = &vertebrae[vertebrae.len() - 2].body;
    let disc = around(random, 11.0, 2.0).clamp(6.0, 16.0);
    let turn = around(random, 0.21, 0.07);
    let lean = angle(last) + turn;
    let depth = f64::midpoint(last.depth(), before.depth()) * around(random, 1.0, 0.03);
    let front = before.height() * around(random, 1.03, 0.04);
    let back = front * around(random, 0.84, 0.05);
    let joint = last.at(0.5, 1.0);
    let (across, down) = ([libm::cos(lean), libm::sin(lean)], [-libm::sin(lean), libm::cos(lean)]);
    let top = plus(joint, plus([0.0; 2], down, disc), 1.0);
    let ps = plus(top, across, -0.5 * depth);
    let as_ = plus(top, across, 0.5 * depth);
    let (pi, ai) = (plus(plus(ps, down, back), across, 1.0), plus(plus(as_, down, front), across, -1.0));
    let bow = around(random, 2.2, 0.5);
    let arc = [1.0, 2.0, 3.0, 4.0, 5.0].map(|i: f64| bow * 4.0 * (i / 6.0) * (1.0 - i / 6.0));
    Body {
        corners: [ps, as_, ai, pi],
        superior: arc,
        inferior: arc.map(|value| -0.6 * value),
        ..last.clone()
    }
}

/// Where the superior plate of the sacrum runs below L5: its back and its front end.
pub(super) fn sacral_plate(l5: &Body, random: &mut Random) -> [Point; 2] {
    let turn = around(random, 0.2, 0.06);
    let lean = {
        let [_, _, ai, pi] = l5.corners;
        let [x, y] = unit(minus(ai, pi));
        libm::atan2(y, x) + turn
    };
    let gap = around(random, 8.5, 2.0).clamp(4.0, 13.0);
    let [_, _, ai, pi] = l5.corners;
    let [_, down] = l5.axes();
    let middle = plus(between(pi, ai, 0.45), down, gap);
    let (across, half) = ([libm::cos(lean), libm::sin(lean)], 0.47 * l5.depth());
    [plus(middle, across, -half), plus(middle, across, half)]
}
