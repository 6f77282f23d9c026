//! Vertebral bodies in the beam: two halves, left and right, whose plates and walls need not lie behind each other.

use super::outline::{Body, Point, curve, length, minus};
use super::raster::{Raster, bounds, ramp};
use crate::limb::draws::around;
use crate::random::Random;

/// Width of a body from left to right for its depth.
const WIDTH: f64 = 1.3;

/// Mineral of one body.
#[derive(Clone, Debug)]
pub(super) struct Mineral {
    /// Of the spongy inside, g/cm³.
    pub(super) inside: f64,
    /// Of the plates, g/cm² at their edge for each cm of width.
    pub(super) plate: f64,
    /// Of the walls, likewise.
    pub(super) wall: f64,
    /// How thick both appear, mm.
    pub(super) thickness: f64,
    /// Part of a plate's mineral that lies in its sunken middle, and how deep that is, mm.
    pub(super) dish: [f64; 2],
    /// Waves along each plate that thin it.
    waves: [[f64; 3]; 4],
}

impl Mineral {
    /// Draws one; `hard` makes plates fainter and more uneven.
    pub(super) fn draw(density: f64, hard: bool, random: &mut Random) -> Self {
        let uneven = if hard { 0.45 } else { 0.18 };
        let waves = [(); 4]
            .map(|()| [random.uniform(0.0, uneven), random.uniform(0.6, 3.0), random.uniform(0.0, 6.2)]);
        let dish = if hard {
            [random.uniform(0.1, 0.55), random.uniform(0.8, 2.8)]
        } else {
            [random.uniform(0.05, 0.25), random.uniform(0.5, 1.5)]
        };
        Self {
            inside: 0.125 * density * around(random, 1.0, if hard { 0.13 } else { 0.07 }),
            plate: 0.105 * density * around(random, 1.0, if hard { 0.25 } else { 0.12 }),
            wall: 0.07 * density * around(random, 1.0, 0.25),
            thickness: random.uniform(0.55, if hard { 1.2 } else { 0.9 }),
            dish,
            waves,
        }
    }

    fn wave(&self, plate: usize, part: f64) -> f64 {
        let [depth, cycles, phase] = self.waves[plate];
        1.0 - depth * (0.5 + 0.5 * libm::sin(std::f64::consts::TAU * cycles * part + phase))
    }
}

/// Depths of a point below the superior plate, above the inferior one, behind the anterior wall and before the
/// posterior one; inside all are positive.
pub(super) fn depths(body: &Body, point: Point, side: f64) -> [f64; 4] {
    let [ps, as_, ai, pi] = body.corners;
    let half = 0.5 * side;
    let gap = |[mean, turn]: [f64; 2], part: f64| half * (mean + turn * (part.clamp(0.0, 1.0) - 0.5));
    let (below, part) = aside(ps, as_, point);
    let superior = below - curve(&body.superior, part) - gap(body.superior_gap, part);
    let (below, part) = aside(pi, ai, point);
    let inferior = curve(&body.inferior, part) + gap(body.inferior_gap, part) - below;
    let (behind, part) = aside(as_, ai, point);
    let anterior = behind - curve(&body.anterior, part);
    let (behind, part) = aside(ps, pi, point);
    let posterior = curve(&body.posterior, part) + half * body.posterior_gap - behind;
    [superior, inferior, anterior, posterior]
}

/// How far a point lies to the right of a way, and at which part of it.
fn aside(from: Point, to: Point, point: Point) -> (f64, f64) {
    let (along, step) = (minus(to, from), minus(point, from));
    let length = length(along).max(1e-9);
    (
        (along[0] * step[1] - along[1] * step[0]) / length,
        (along[0] * step[0] + along[1] * step[1]) / (length * length),
    )
}

/// Adds a body.
pub(super) fn add(raster: &mut Raster, body: &Body, mineral: &Mineral) {
    let half_pixel = 0.5 * raster.spacing[0].max(raster.spacing[1]);
    let width_cm = 0.5 * WIDTH * body.depth() / 10.0;
    for side in [-1.0, 1.0] {
        raster.add_bone(bounds(&body.corners, 6.0), |point| {
            let [superior, inferior, anterior, posterior] = depths(body, point, side);
            if superior.min(inferior).min(anterior).min(posterior) < -2.0 * half_pixel {
                return 0.0;
            }
            let inside =
                [superior, inferior, anterior, posterior].map(|depth| ramp(depth, half_pixel.max(0.2)));
            let cover: f64 = inside.iter().product();
            if cover <= 0.0 {
                return 0.0;
            }
            let across = posterior.max(0.0) / (posterior.max(0.0) + anterior.max(0.0)).max(1e-6);
            let chord = chord(across);
            let fade = |depth: f64, thickness: f64| libm::exp(-depth.max(0.0) / thickness);
            let sunken = mineral.dish[1] * 4.0 * across * (1.0 - across);
            let plate = |depth: f64, index: usize| {
                let rim =
                    (1.0 - mineral.dish[0]) * fade(depth, mineral.thickness) * mineral.wave(index, across);
                let dish = mineral.dish[0] * libm::exp(-libm::pow((depth - sunken) / mineral.thickness, 2.0));
                // The ring apophysis thickens both ends.
                let ring = 1.0 + 0.5 * (libm::exp(-across * 9.0) + libm::exp(-(1.0 - across) * 9.0));
                (rim * ring + dish) * (0.25 + 0.75 * chord)
            };
            let plates = plate(superior, 0) + plate(inferior, 1);
            let down = superior.max(0.0) / (superior.max(0.0) + inferior.max(0.0)).max(1e-6);
            let walls = fade(anterior, 0.7) * mineral.wave(2, down)
                + 0.8 * fade(posterior, 0.7) * mineral.wave(3, down);
            cover
                * width_cm
                * (10.0 * 0.1 * mineral.inside * chord + mineral.plate * plates + mineral.wall * walls)
        });
    }
}

/// How much of the width lies in the beam at a part of the way from the back to the front.
fn chord(across: f64) -> f64 {
    let place = (2.0 * across - 1.0).abs().min(1.0);
    libm::pow(1.0 - libm::pow(place, 2.6), 1.0 / 2.6)
}

/// A lip of bone at a front corner, as far out as `size` mm.
pub(super) fn add_osteophyte(raster: &mut Raster, body: &Body, is_superior: bool, size: f64, density: f64) {
    let [_, as_, ai, _] = body.corners;
    let [across, down] = body.axes();
    let (corner, way) = if is_superior { (as_, -1.0) } else { (ai, 1.0) };
    let tip = [
        corner[0] + size * across[0] + 0.5 * way * size * down[0],
        corner[1] + size * across[1] + 0.5 * way * size * down[1],
    ];
    let root = [
        corner[0] - 2.0 * across[0] - way * 2.5 * down[0],
        corner[1] - 2.0 * across[1] - way * 2.5 * down[1],
    ];
    raster.add_tube(&[root, corner, tip], 3.0, |distance, part| {
        let radius = 2.6 * (1.0 - 0.7 * part);
        0.35 * density * ramp(radius - distance, 0.6)
    });
}

#[cfg(test)]
mod tests {
    use super::depths;
    use crate::lateral::outline::spines;

    #[test]
    fn corners_lie_on_their_plates_and_walls() {
        for read in &spines()[0].bodies {
            let mut body = read.body.clone();
            (body.superior_gap, body.inferior_gap, body.posterior_gap) = ([0.0; 2], [0.0; 2], 0.0);
            let [ps, ms, as_, ai, mi, pi] = body.six();
            for (point, [first, second]) in [(ps, [0, 3]), (as_, [0, 2]), (ai, [1, 2]), (pi, [1, 3])] {
                let depths = depths(&body, point, 1.0);
                assert!(depths[first].abs() < 1e-9 && depths[second].abs() < 1e-9, "{depths:?}");
            }
            assert!(depths(&body, ms, 1.0)[0].abs() < 1e-9 && depths(&body, mi, 1.0)[1].abs() < 1e-9);
        }
    }
}
