//! A spine as it lies in the field: bone, soft tissue and metal at every point.

use serde_json::Value;

use super::faults::{Artefact, Faults, Missing};
use super::person::Person;
use super::truth;
use super::vertebra::{Density, Vertebra};
use crate::SimError;
use crate::patient::Study;
use crate::random::Random;
use crate::scene::edge::{Edge, bar_depth, ellipse_depth};
use crate::scene::soft_tissue::SoftTissue;
use crate::scene::{Anatomy, Column, Frame};
use crate::settings::Settings;

/// Density of ribs, crests and sacrum over that of the spine.
const RIB: f64 = 0.34;
const CREST: f64 = 0.57;
const SACRUM: f64 = 0.85;
/// Width and height of the sacrum, halved, and the gap above it, mm.
const SACRUM_HALF: [f64; 2] = [46.0, 23.0];
pub(super) const LUMBOSACRAL_GAP: f64 = 6.0;
/// Length of the part of a rib that can lie in the field, mm across.
const RIB_ACROSS: f64 = 70.0;
/// Radius of the top of a crest, mm.
pub(super) const CREST_RADIUS: f64 = 45.0;
/// Thickness of a button, and diameter of a rod, in g/cm² of titanium at their middle.
const BUTTON: f64 = 0.9;
const ROD: f64 = 2.5;

/// One scan of a person.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spine {
    /// The bone.
    pub(crate) person: Person,
    /// Where it lies.
    pub(crate) placement: Placement,
    /// What is around it.
    pub(crate) soft: SoftTissue,
    /// What is wrong with it.
    pub(crate) faults: Faults,
    /// Middle and radius of a button, in the image, mm.
    pub(crate) button: Option<([f64; 2], f64)>,
}

/// Where the middle of L1 to L4 lies in the field, and how it is turned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Placement {
    /// Width and height of the field, mm.
    pub(crate) field: [f64; 2],
    /// The middle in the person.
    pub(crate) pivot: [f64; 2],
    /// The middle in the image.
    pub(crate) image: [f64; 2],
    /// Cosine and sine of the turn; the lower end goes to the right.
    pub(crate) turn: [f64; 2],
}

impl Placement {
    /// A point of the image in the person.
    pub(crate) fn person(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let ([dx, dy], [cos, sin]) = ([x - self.image[0], y - self.image[1]], self.turn);
        [self.pivot[0] + cos * dx - sin * dy, self.pivot[1] + sin * dx + cos * dy]
    }

    /// A point of the person in the image.
    pub(crate) fn image(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let ([dx, dy], [cos, sin]) = ([x - self.pivot[0], y - self.pivot[1]], self.turn);
        [self.image[0] + cos * dx + sin * dy, self.image[1] - sin * dx + cos * dy]
    }
}

impl Spine {
    /// Draws the person from the seed and the rest from the visit.
    ///
    /// # Errors
    /// A value that its setting does not take.
    pub(crate) fn of(study: &Study, settings: &Settings, visit: &mut Random) -> Result<Self, SimError> {
        let faults = Faults::of(settings)?;
        let mut random = Random::new(study.seed(), "ap-spine person");
        let person = Person::drawn(study.patient.sex, &faults, Edge::of(settings)?, &mut random);
        let soft = SoftTissue::of(settings, &mut random, visit)?;
        let width_mm = random.uniform(138.0, 165.0);
        let tilt = settings.number("tilt", [-30.0, 30.0], "-30 to 30 degrees")?;
        let offset = settings.number("offset", [-60.0, 60.0], "-60 to 60 mm")?;
        let tilt = tilt.unwrap_or(visit.uniform(-2.5, 2.5));
        let offset = offset.unwrap_or(visit.uniform(-7.0, 7.0));
        let placement = placed(&person, faults.missing, width_mm, tilt, offset, visit);
        let button = button(&placement, faults.artefact, visit);
        Ok(Self { person, placement, soft, faults, button })
    }

    /// Bone at a point of the person, g/cm².
    pub(crate) fn bone(&self, point: [f64; 2]) -> Density {
        let mut sum = Density { measured: 0.0, other: self.ribs(point) + self.pelvis(point) };
        for vertebra in &self.person.vertebrae {
            let density = vertebra.at(point);
            sum.measured += density.measured;
            sum.other += density.other;
        }
        sum
    }

    fn ribs(&self, point: [f64; 2]) -> f64 {
        let rib = |vertebra: &Vertebra| {
            let [width, height] = vertebra.half;
            let [u, v] = vertebra.local(point);
            let from = [width - 1.0, -0.3 * height];
            let to = [from[0] + RIB_ACROSS, from[1] + RIB_ACROSS * self.person.rib_slope];
            let depth = bar_depth([u.abs(), v], from, to, [5.0, 4.5]);
            if depth > 0.0 { RIB * self.person.density * vertebra.edge.share(depth) } else { 0.0 }
        };
        self.person.vertebrae.iter().take(self.person.first_lumbar).map(rib).sum()
    }

    /// Iliac crests and sacrum.
    fn pelvis(&self, [x, y]: [f64; 2]) -> f64 {
        let Some(lowest) = self.person.vertebrae.last() else { return 0.0 };
        let share = |depth: f64, part: f64| {
            if depth > 0.0 { part * self.person.density * lowest.edge.share(depth) } else { 0.0 }
        };
        let [apart, level] = self.person.crest;
        let [u, v] = lowest.local([x, y]);
        let side = u.abs() - apart;
        let crest = (y - level - side * side / (2.0 * CREST_RADIUS)) * 0.8;
        let sacrum = ellipse_depth(u, v - lowest.half[1] - LUMBOSACRAL_GAP - SACRUM_HALF[1], SACRUM_HALF);
        share(crest.min(u.abs() - 20.0), CREST) + share(sacrum, SACRUM)
    }

    /// Metal at a point of the image and the person, g/cm².
    fn metal(&self, [x, y]: [f64; 2], person: [f64; 2]) -> f64 {
        let button = self.button.map_or(0.0, |([bx, by], radius)| {
            if (x - bx) * (x - bx) + (y - by) * (y - by) < radius * radius { BUTTON } else { 0.0 }
        });
        if self.faults.artefact != Artefact::Rods {
            return button;
        }
        let Some([_, second, _, fourth]) = self.person.measured().get(0..4) else { return button };
        [-1.0, 1.0]
            .into_iter()
            .map(|side| {
                let screw = |vertebra: &Vertebra| vertebra.global([side * 0.62 * vertebra.half[0], 0.0]);
                let depth = bar_depth(person, screw(second), screw(fourth), [2.75, 2.75]);
                // The chord of a round rod.
                if depth > 0.0 { ROD * (depth * (5.5 - depth)).sqrt() / 2.75 } else { 0.0 }
            })
            .sum()
    }
}

impl Anatomy for Spine {
    fn column(&self, x_mm: f64, y_mm: f64) -> Column {
        let person = self.placement.person([x_mm, y_mm]);
        let bone = self.bone(person);
        let [x, y] = [person[0] - self.placement.pivot[0], person[1] - self.placement.pivot[1]];
        let tissue = self.soft.column(x, y).with_bone(bone.measured + bone.other);
        Column { metal: self.metal([x_mm, y_mm], person), ..tissue }
    }

    fn width_mm(&self) -> f64 {
        self.placement.field[0]
    }

    fn height_mm(&self) -> f64 {
        self.placement.field[1]
    }

    fn truth(&self, frame: &Frame) -> Value {
        truth::of(self, frame)
    }
}

/// Puts a person into a field whose edges show so much of T12 and of the lowest vertebra as a technologist
/// means to, unless something is to be missing.
fn placed(
    person: &Person,
    missing: Missing,
    width_mm: f64,
    tilt_deg: f64,
    offset_mm: f64,
    visit: &mut Random,
) -> Placement {
    let (upper_share, lower_share) = (visit.uniform(0.45, 1.2), visit.uniform(0.45, 1.3));
    let (cut_above, cut_below) = (visit.uniform(-0.04, 0.04), visit.uniform(-0.04, 0.04));
    let measured = person.measured();
    let above = |vertebra: Option<&Vertebra>, share: f64| {
        vertebra.map_or(0.0, |vertebra| vertebra.middle[1] + vertebra.half[1] * (1.0 - 2.0 * share))
    };
    let below = |vertebra: Option<&Vertebra>, share: f64| {
        vertebra.map_or(0.0, |vertebra| vertebra.middle[1] - vertebra.half[1] * (1.0 - 2.0 * share))
    };
    let twelfth = person.vertebrae.get(person.first_lumbar - 1);
    // Below the measured four; a spine of four has only the sacrum there.
    let fifth = person.vertebrae.get(person.first_lumbar + 4).or(measured.last());
    let top = match missing {
        Missing::T12 => above(twelfth, cut_above),
        Missing::L1 => above(measured.first(), 0.5 + cut_above),
        _ => above(twelfth, upper_share),
    };
    let bottom = match missing {
        Missing::L5 => below(fifth, cut_below),
        Missing::L4 => below(measured.last(), 0.5 + cut_below),
        _ if measured.last() == fifth => below(fifth, 1.2 + 0.5 * lower_share),
        _ => below(fifth, lower_share),
    };
    let (pivot, own) = axis(measured);
    let turn = tilt_deg.to_radians() - own;
    Placement {
        field: [width_mm, bottom - top],
        pivot,
        image: [0.5 * width_mm + offset_mm, pivot[1] - top],
        turn: [libm::cos(turn), libm::sin(turn)],
    }
}

/// The middle of some vertebrae, and the angle from the vertical of the line that fits their middles best.
pub(super) fn axis(vertebrae: &[Vertebra]) -> ([f64; 2], f64) {
    let count = vertebrae.len() as f64;
    let mean = |axis: usize| vertebrae.iter().map(|vertebra| vertebra.middle[axis]).sum::<f64>() / count;
    let middle = [mean(0), mean(1)];
    let moment = |other: usize| -> f64 {
        let product =
            |vertebra: &Vertebra| (vertebra.middle[other] - middle[other]) * (vertebra.middle[1] - middle[1]);
        vertebrae.iter().map(product).sum()
    };
    (middle, libm::atan2(moment(0), moment(1)))
}

fn button(placement: &Placement, artefact: Artefact, visit: &mut Random) -> Option<([f64; 2], f64)> {
    let (radius, along, across) =
        (visit.uniform(4.0, 9.0), visit.uniform(-50.0, 50.0), visit.uniform(0.0, 1.0));
    let [x, y] = placement.image;
    match artefact {
        Artefact::None | Artefact::Rods => None,
        Artefact::OverSpine => Some(([x - 12.0 + 24.0 * across, y + along], radius)),
        Artefact::BesideSpine => {
            let side = if along > 0.0 { 1.0 } else { -1.0 };
            Some(([x + side * (40.0 + 12.0 * across), y + along], radius))
        }
    }
}
