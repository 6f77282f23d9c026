//! Which of its possible edges each endplate of the spine has, so that heights and discs make a spine.

use super::body::{Body, PLACES, Plate, Vector, dot, less, place_on_plate, sum, times};
use super::prior::Build;
use super::strip::{Path, STEP_MM};
use crate::reference::vertebrae::SpineModel;

/// A possible edge of an endplate.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) path: Path,
    /// Points of the edge, from posterior to anterior.
    pub(super) points: Vec<Vector>,
    /// Middle of the points.
    pub(super) center: Vector,
    /// Middles of its posterior, middle and anterior third.
    pub(super) thirds: [Vector; 3],
    /// How far it is turned against where it was expected, radians.
    pub(super) turn: f64,
    /// Mean strength, posterior part counting less.
    pub(super) strength: f64,
}

/// What a clear plate is worth against the beliefs below.
const STRENGTH_WORTH: f64 = 12.0;
/// Scatter of the logarithm of a height, and what a fracture costs at most.
const HEIGHT_SD: f64 = 0.09;
const FRACTURE_COST: f64 = 3.0;
/// A body is never lower than this share of what is expected.
const LOWEST: f64 = 0.35;
/// Discs are seldom thinner than this and never overlap, millimeters.
const THINNEST_MM: f64 = 1.5;
/// No third of a disc is thinner than this.
const NARROWEST_MM: f64 = 0.5;
/// Scatter of the turn of a plate, radians, and what a turned plate costs at most.
const TURN_SD: f64 = 0.1;
const TURN_COST: f64 = 6.0;
/// What a wide disc costs at most: above a pressed plate discs are wide.
const WIDE_COST: f64 = 3.0;

/// The share of a place along a plate in a mean: behind lie foramina.
pub(super) fn share_of(place: usize) -> f64 {
    if place_on_plate(place) < 0.25 { 0.3 } else { 1.0 }
}

impl Candidate {
    pub(super) fn new(body: &Body, plate: Plate, path: Path) -> Self {
        let normal = body.normal(plate);
        let points: Vec<Vector> = (0..PLACES)
            .map(|place| {
                sum(body.on_plate(plate, place_on_plate(place)), times(normal, path.at[place] * STEP_MM))
            })
            .collect();
        let shares: Vec<f64> = (0..PLACES).map(share_of).collect();
        let total: f64 = shares.iter().sum();
        let center = points
            .iter()
            .zip(&shares)
            .fold([0.0, 0.0], |center, (point, share)| sum(center, times(*point, share / total)));
        let strength = path
            .strength
            .iter()
            .zip(&shares)
            .map(|(strength, share)| strength.clamp(-0.2, 1.2) * share)
            .sum::<f64>()
            / total;
        let third = |from: usize| {
            let part = &points[from..from + PLACES / 3];
            times(part.iter().fold([0.0, 0.0], |total, point| sum(total, *point)), 3.0 / PLACES as f64)
        };
        let thirds = [third(0), third(PLACES / 3), third(2 * PLACES / 3)];
        let offset = |from: usize| {
            path.at[from..from + PLACES / 3].iter().sum::<f64>() * STEP_MM * 3.0 / PLACES as f64
        };
        let turn = (offset(2 * PLACES / 3) - offset(0)) * 1.5 / body.depth().max(5.0);
        Self { path, points, center, thirds, turn, strength }
    }
}

/// The best choice for every plate, superior and inferior of each body in turn, and by how much the choice
/// beats the best that has another edge there.
pub(super) fn choose(
    bodies: &[Body],
    rows: &[usize],
    candidates: &[[Vec<Candidate>; 2]],
    model: &SpineModel,
    build: Build,
) -> Vec<[(usize, f64); 2]> {
    let nodes: Vec<&Vec<Candidate>> = candidates.iter().flatten().collect();
    let cost = |node: usize, upper: usize, lower: usize| -> f64 {
        let (body, above, below) = (node / 2, &nodes[node][upper], &nodes[node + 1][lower]);
        let drop = less(above.center, below.center);
        if node.is_multiple_of(2) {
            let expected = model.bodies[rows[body]].height.mean * build.size;
            height_cost(dot(drop, bodies[body].frame().up), expected)
        } else {
            if rows[body + 1] != rows[body] + 1 {
                return 0.0;
            }
            let pair = &model.pairs[rows[body]];
            let up = times(sum(bodies[body].frame().up, bodies[body + 1].frame().up), 0.5);
            let narrowest = (0..3)
                .map(|third| dot(less(above.thirds[third], below.thirds[third]), up))
                .fold(f64::MAX, f64::min);
            gap_cost(dot(drop, up), narrowest, pair.gap.mean * build.size, pair.gap.sd * build.size)
        }
    };
    let own = |node: usize, choice: usize| {
        STRENGTH_WORTH * nodes[node][choice].strength - turn_cost(nodes[node][choice].turn)
    };
    let down = passed(&nodes, &own, &|node, from, to| cost(node, from, to));
    let reversed: Vec<&Vec<Candidate>> = nodes.iter().rev().copied().collect();
    let last = nodes.len() - 1;
    let up = passed(&reversed, &|node, choice| own(last - node, choice), &|node, from, to| {
        cost(last - node - 1, to, from)
    });
    let best = |node: usize| -> (usize, f64) {
        let totals: Vec<f64> = (0..nodes[node].len())
            .map(|choice| down[node][choice] + up[last - node][choice] - own(node, choice))
            .collect();
        let first = (0..totals.len()).fold(0, |best, at| if totals[at] > totals[best] { at } else { best });
        let second =
            (0..totals.len()).filter(|at| *at != first).map(|at| totals[at]).fold(f64::MIN, f64::max);
        (first, (totals[first] - second).min(50.0))
    };
    (0..bodies.len()).map(|body| [best(2 * body), best(2 * body + 1)]).collect()
}

/// The best total up to and with every choice of every node.
fn passed(
    nodes: &[&Vec<Candidate>],
    own: &dyn Fn(usize, usize) -> f64,
    cost: &dyn Fn(usize, usize, usize) -> f64,
) -> Vec<Vec<f64>> {
    let mut totals: Vec<Vec<f64>> = Vec::with_capacity(nodes.len());
    for (node, choices) in nodes.iter().enumerate() {
        let row = (0..choices.len())
            .map(|choice| {
                let before = totals.last().map_or(0.0, |before| {
                    before
                        .iter()
                        .enumerate()
                        .map(|(from, total)| total - cost(node - 1, from, choice))
                        .fold(f64::MIN, f64::max)
                });
                before + own(node, choice)
            })
            .collect();
        totals.push(row);
    }
    totals
}

/// How unlikely a height is.
fn height_cost(height: f64, expected: f64) -> f64 {
    let share = height / expected.max(1.0);
    if share < LOWEST {
        return 30.0;
    }
    let off = share.ln() / HEIGHT_SD;
    let cost = 0.5 * off * off;
    if off < 0.0 { cost.min(FRACTURE_COST - 0.3 * off) } else { cost.min(20.0) }
}

/// How unlikely it is that a plate is turned against where it was expected.
fn turn_cost(turn: f64) -> f64 {
    (0.5 * (turn / TURN_SD).powi(2)).min(TURN_COST)
}

/// How unlikely a disc is.
fn gap_cost(gap: f64, narrowest: f64, expected: f64, sd: f64) -> f64 {
    let overlap = 6.0 * (NARROWEST_MM - narrowest).max(0.0);
    if gap < THINNEST_MM {
        return 3.0 + 6.0 * (THINNEST_MM - gap) + overlap;
    }
    let off = (gap - expected) / (1.3 * sd + 0.6);
    let cost = 0.5 * off * off;
    overlap + if off > 0.0 { cost.min(WIDE_COST + 0.3 * off) } else { cost.min(8.0) }
}
