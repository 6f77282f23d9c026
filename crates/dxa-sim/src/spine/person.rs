//! The bone of one person, as the seed draws it.

use super::faults::Faults;
use super::vertebra::Vertebra;
use crate::patient::Sex;
use crate::random::Random;
use crate::scene::edge::Edge;

/// Half widths and half heights of bodies from T11 to L6, mm: L1 to L4 from the field notes, the others by
/// continuing the series.
const HALVES: [[f64; 2]; 8] = [
    [18.0, 12.5],
    [18.8, 13.25],
    [19.5, 13.75],
    [20.5, 14.25],
    [21.75, 14.5],
    [23.5, 14.75],
    [25.0, 14.25],
    [25.0, 14.0],
];
/// Densities from T11 to L6 over the mean of L1 to L4: the reference means of women and men at L1 to L4
/// (Biology Direct 2025, s13062-025-00627-w, table 1), the others by continuing the series.
const WOMEN: [f64; 8] = [0.83, 0.87, 0.912, 1.011, 1.045, 1.032, 1.03, 1.03];
const MEN: [f64; 8] = [0.87, 0.91, 0.946, 1.016, 1.024, 1.014, 1.02, 1.02];
/// Length and radius of the transverse processes from T11 to L6, mm: longest at L3, stout at L5.
const TRANSVERSE: [[f64; 2]; 8] =
    [[7.0, 4.0], [9.0, 4.0], [17.0, 4.2], [21.0, 4.4], [25.0, 4.4], [21.0, 4.8], [17.0, 7.5], [17.0, 7.5]];
/// Length over which the curve of a spine comes back, mm.
const CURVE_MM: f64 = 190.0;

/// Everything of a person that does not change between visits; the origin is the middle of L2 and L3.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Person {
    /// From above.
    pub(crate) vertebrae: Vec<Vertebra>,
    /// Index of the first lumbar vertebra.
    pub(crate) first_lumbar: usize,
    /// Angle between the most tilted vertebrae, degrees.
    pub(crate) curve_deg: f64,
    /// Mean density that was asked for or drawn, g/cm².
    pub(crate) density: f64,
    /// Highest point of the iliac crests: distance from the middle and height, mm.
    pub(crate) crest: [f64; 2],
    /// Direction of the last ribs: mm down for each mm outwards.
    pub(crate) rib_slope: f64,
}

impl Person {
    /// Draws a person; faults change what was drawn, never what is drawn after it.
    pub(crate) fn drawn(sex: Sex, faults: &Faults, edge: Edge, random: &mut Random) -> Self {
        let build = random.uniform(0.92, 1.08) * if sex == Sex::Male { 1.08 } else { 1.0 };
        let drawn_density = random.uniform(0.60, 1.35);
        let density = faults.density.unwrap_or(drawn_density);
        let disc = random.uniform(5.0, 8.0);
        let drawn_curve = random.uniform(-4.0, 4.0);
        let curve_deg = faults.scoliosis_deg.unwrap_or(drawn_curve);
        let phase = random.uniform(0.0, std::f64::consts::TAU);
        let shape = Shape { build, density, disc, curve_deg, phase, sex, edge };
        let vertebrae = shape.vertebrae(faults, random);
        let first_lumbar = 2;
        let last = vertebrae.len() - 1;
        let level = vertebrae.get(last).map_or(0.0, |lowest| lowest.middle[1] - lowest.half[1]);
        let crest = [random.uniform(60.0, 70.0), level - disc / 2.0 + random.uniform(-7.0, 5.0)];
        Self { vertebrae, first_lumbar, curve_deg, density, crest, rib_slope: random.uniform(0.35, 0.65) }
    }

    /// The lumbar vertebrae that are measured.
    pub(crate) fn measured(&self) -> &[Vertebra] {
        self.vertebrae.get(self.first_lumbar..self.first_lumbar + 4).unwrap_or_default()
    }
}

/// What the vertebrae of a person share.
struct Shape {
    build: f64,
    density: f64,
    disc: f64,
    curve_deg: f64,
    phase: f64,
    sex: Sex,
    edge: Edge,
}

impl Shape {
    /// Stacks the vertebrae from T11 down, and puts the origin between L2 and L3.
    fn vertebrae(&self, faults: &Faults, random: &mut Random) -> Vec<Vertebra> {
        let count = 2 + usize::from(faults.lumbar);
        let mut vertebrae = Vec::new();
        let mut top = 0.0;
        for index in 0..count {
            // With four lumbar vertebrae the fourth is the last and looks it.
            let looks = if index + 1 == count { index.clamp(6, 7) } else { index };
            let mut vertebra = self.vertebra(looks, level(index), random);
            faults.change(&mut vertebra);
            vertebra.middle[1] = top + vertebra.half[1];
            let disc = self.disc * random.uniform(0.85, 1.15);
            top = vertebra.middle[1] + vertebra.half[1] + disc;
            vertebrae.push(vertebra);
        }
        let origin = match vertebrae.get(3..5) {
            Some([second, third]) => 0.5 * (second.middle[1] + third.middle[1]),
            _ => 0.0,
        };
        for vertebra in &mut vertebrae {
            vertebra.middle[1] -= origin;
            self.bend(vertebra);
        }
        vertebrae
    }

    fn vertebra(&self, looks: usize, level: String, random: &mut Random) -> Vertebra {
        let of = |table: &[[f64; 2]; 8]| table.get(looks).copied().unwrap_or_default();
        let [width, height] = of(&HALVES).map(|half| half * self.build * random.uniform(0.97, 1.03));
        let shares = if self.sex == Sex::Male { &MEN } else { &WOMEN };
        let share = shares.get(looks).copied().unwrap_or(1.0) * random.uniform(0.95, 1.05);
        let [length, radius] = of(&TRANSVERSE);
        Vertebra {
            level,
            middle: [0.0, 0.0],
            turn: [1.0, 0.0],
            half: [width, height],
            density: self.density * share,
            rotation: 0.0,
            transverse: [length * self.build * random.uniform(0.9, 1.1), radius * self.build],
            osteophyte: None,
            edge: self.edge,
        }
    }

    /// Moves a vertebra onto the curve of the spine: x = A·sin(2πy/λ + φ), so that the angle between the most
    /// tilted ones is the angle of the curve.
    fn bend(&self, vertebra: &mut Vertebra) {
        let wave = std::f64::consts::TAU / CURVE_MM;
        let steepest = libm::tan(self.curve_deg.to_radians() / 2.0);
        let at = |y: f64| steepest / wave * libm::sin(wave * y + self.phase);
        let y = vertebra.middle[1];
        vertebra.middle[0] = at(y) - at(0.0);
        let slope = steepest * libm::cos(wave * y + self.phase);
        let length = (1.0 + slope * slope).sqrt();
        vertebra.turn = [1.0 / length, slope / length];
    }
}

/// `T11`, `T12`, `L1`, …
fn level(index: usize) -> String {
    match index {
        0 => "T11".to_owned(),
        1 => "T12".to_owned(),
        lumbar => format!("L{}", lumbar - 1),
    }
}
