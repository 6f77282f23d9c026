//! Simple polygons cut by straight lines.

use super::frame::Frame;
use crate::geometry::{DetectorPoint, Polygon};

/// The parts of a simple polygon where the `across` of a frame is at least zero, each a simple polygon.
pub(in crate::segment) fn beside(polygon: &Polygon, line: &Frame) -> Vec<Polygon> {
    let sides: Vec<(f64, f64)> = polygon.corners.iter().map(|corner| line.of(*corner)).collect();
    if sides.iter().all(|(_, across)| *across >= 0.0) {
        return vec![polygon.clone()];
    }
    let Some(start) = first_entry(&sides) else { return Vec::new() };
    joined(chains(polygon, &sides, start, line))
}

/// A run of corners on the kept side, between where the outline comes in and where it goes out.
struct Chain {
    corners: Vec<DetectorPoint>,
    enters_at: f64,
    leaves_at: f64,
}

/// The corner after which the outline first comes onto the kept side.
fn first_entry(sides: &[(f64, f64)]) -> Option<usize> {
    (0..sides.len()).find(|index| sides[*index].1 < 0.0 && sides[(index + 1) % sides.len()].1 >= 0.0)
}

fn chains(polygon: &Polygon, sides: &[(f64, f64)], start: usize, line: &Frame) -> Vec<Chain> {
    let count = sides.len();
    let mut chains: Vec<Chain> = Vec::new();
    for step in 0..count {
        let (here, next) = ((start + step) % count, (start + step + 1) % count);
        let (kept, next_kept) = (sides[here].1 >= 0.0, sides[next].1 >= 0.0);
        if kept && let Some(chain) = chains.last_mut() {
            chain.corners.push(polygon.corners[here]);
        }
        if kept == next_kept {
            continue;
        }
        let along = crossing(sides[here], sides[next]);
        let point = line.point(along, 0.0);
        match chains.last_mut() {
            Some(chain) if kept => {
                chain.corners.push(point);
                chain.leaves_at = along;
            }
            _ => chains.push(Chain { corners: vec![point], enters_at: along, leaves_at: along }),
        }
    }
    chains
}

/// Where the way between two corners crosses the line.
fn crossing(from: (f64, f64), to: (f64, f64)) -> f64 {
    from.0 + (to.0 - from.0) * from.1 / (from.1 - to.1)
}

/// Chains joined along the line: sorted along it, crossings pair up two by two.
fn joined(chains: Vec<Chain>) -> Vec<Polygon> {
    let mut crossings: Vec<(f64, usize, bool)> = Vec::with_capacity(2 * chains.len());
    for (index, chain) in chains.iter().enumerate() {
        crossings.push((chain.enters_at, index, true));
        crossings.push((chain.leaves_at, index, false));
    }
    crossings.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut follower: Vec<usize> = (0..chains.len()).collect();
    for pair in crossings.chunks_exact(2) {
        match (pair[0], pair[1]) {
            ((_, entered, true), (_, left, false)) | ((_, left, false), (_, entered, true)) => {
                follower[left] = entered;
            }
            _ => {}
        }
    }
    rings(&chains, &follower)
}

fn rings(chains: &[Chain], follower: &[usize]) -> Vec<Polygon> {
    let mut used = vec![false; chains.len()];
    let mut rings = Vec::new();
    for first in 0..chains.len() {
        let mut corners = Vec::new();
        let mut index = first;
        while !used[index] {
            used[index] = true;
            corners.extend_from_slice(&chains[index].corners);
            index = follower[index];
        }
        if corners.len() > 2 {
            rings.push(Polygon { corners });
        }
    }
    rings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polygon(corners: &[(f64, f64)]) -> Polygon {
        Polygon {
            corners: corners.iter().map(|(x_mm, y_mm)| DetectorPoint { x_mm: *x_mm, y_mm: *y_mm }).collect(),
        }
    }

    fn line(from: (f64, f64), to: (f64, f64)) -> Frame {
        let point = |(x_mm, y_mm)| DetectorPoint { x_mm, y_mm };
        Frame::through(point(from), point(to)).unwrap()
    }

    #[test]
    fn a_comb_falls_into_its_teeth() {
        let comb = polygon(&[
            (0., 0.),
            (5., 0.),
            (5., 4.),
            (4., 4.),
            (4., 1.),
            (3., 1.),
            (3., 4.),
            (2., 4.),
            (2., 1.),
            (1., 1.),
            (1., 4.),
            (0., 4.),
        ]);
        let teeth = beside(&comb, &line((0., 2.), (1., 2.)));
        let areas: Vec<f64> = teeth.iter().map(Polygon::area_mm2).collect();
        assert_eq!(areas, [2.0, 2.0, 2.0]);
        let back = beside(&comb, &line((1., 2.), (0., 2.)));
        let area: f64 = back.iter().map(Polygon::area_mm2).sum();
        assert!((area - (comb.area_mm2() - 6.0)).abs() < 1e-12);
        assert_eq!(back.len(), 1);
    }

    #[test]
    fn the_two_sides_of_a_cut_make_the_whole() {
        let shape = polygon(&[(0., 0.), (7., 1.), (6., 6.), (3., 2.), (1., 5.)]);
        for degrees in 0..36 {
            let cut = line((3., 2.5), (4., 2.5)).turned(f64::from(degrees) * 10.0 + 1.0);
            let sum = |cut: &Frame| beside(&shape, cut).iter().map(Polygon::area_mm2).sum::<f64>();
            assert!((sum(&cut) + sum(&cut.turned(180.0)) - shape.area_mm2()).abs() < 1e-9);
        }
    }

    #[test]
    fn a_polygon_beyond_the_line_is_kept_or_lost_whole() {
        let square = polygon(&[(0., 0.), (1., 0.), (1., 1.), (0., 1.)]);
        assert_eq!(beside(&square, &line((0., -1.), (1., -1.))), std::slice::from_ref(&square));
        assert!(beside(&square, &line((0., 2.), (1., 2.))).is_empty());
    }
}
