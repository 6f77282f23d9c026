//! Ribs: from the back of each thoracic body around behind it and obliquely forward across those below.

use super::outline::{Point, plus};
use super::person::Vertebra;
use super::raster::{Raster, ramp};
use crate::limb::draws::around;
use crate::random::Random;

/// Levels whose ribs reach the front; the last two are short.
const LEVELS: [&str; 12] = ["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12"];

/// Adds both ribs of every thoracic body; `bone` is their mineral in g/cm², `clutter` how thick their heads get.
pub(super) fn add(raster: &mut Raster, spine: &[Vertebra], bone: f64, clutter: f64, random: &mut Random) {
    for one in spine.iter().filter(|one| LEVELS.contains(&one.level)) {
        for _ in 0..2 {
            let line = line(one, random);
            let half = around(random, 4.6, 0.7).clamp(3.0, 6.5);
            let amount = bone * around(random, 1.0, 0.2);
            let head = random.uniform(0.5, 0.5 + 2.0 * clutter);
            raster.add_tube(&line, half + 1.5, |distance, part| {
                let shell = libm::exp(-libm::pow((half - distance - 0.7) / 0.7, 2.0));
                let head = 1.0 + head * libm::exp(-part * 30.0);
                amount * head * ramp(half - distance, 0.8) * (0.45 + 0.9 * shell)
            });
        }
    }
}

fn line(one: &Vertebra, random: &mut Random) -> Vec<Point> {
    let short = match one.level {
        "T12" => 0.45,
        "T11" => 0.7,
        _ => 1.0,
    };
    let head = plus(one.body.at(around(random, 0.12, 0.08), around(random, 0.1, 0.06)), [1.0, 0.0], 0.0);
    let back = around(random, 40.0, 4.0) * (0.6 + 0.4 * short);
    let slope = libm::tan(around(random, 35.0, 4.5).to_radians());
    let reach = 190.0 * short * short;
    let turn = around(random, 20.0, 4.0);
    let mut line = vec![head, [head[0] - 0.5 * back, head[1] + 0.22 * turn]];
    for step in 0..=6 {
        // Half of an ellipse around the angle of the rib.
        let angle = std::f64::consts::PI * (f64::from(step) / 6.0);
        let x = head[0] - 0.72 * back - 0.28 * back * libm::sin(angle);
        line.push([x, head[1] + 0.35 * turn + 0.5 * turn * (1.0 - libm::cos(angle))]);
    }
    let from = *line.last().unwrap_or(&head);
    for step in 1..=12 {
        let x = reach * f64::from(step) / 12.0;
        line.push([from[0] + x, from[1] + slope * x * (1.0 - 0.15 * x / 190.0)]);
    }
    line
}
