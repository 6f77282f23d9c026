//! The front and the back wall of the bodies, and the depth of the person that the back walls agree on.

use super::body::{Body, Vector, WALL_PLACES, Wall, dot, less, place_on_wall, sum, times};
use super::prior::{Build, template};
use super::raster::Raster;
use super::strip::{Path, STEP_MM, Strip};
use super::{Round, rim};
use crate::reference::vertebrae::SpineModel;

/// The edge of a wall.
#[derive(Clone, Debug)]
pub(super) struct WallEdge {
    /// Points of the edge, from above.
    pub(super) points: Vec<Vector>,
    /// Strength at each, where 1 is a clear edge of this image.
    pub(super) path: Path,
    /// Mean strength.
    pub(super) strength: f64,
}

/// Behind the upper half of the wall lies the pedicle; below this share of the height the wall can show.
const SHOWS_FROM: f64 = 0.45;
/// How far from where it is now a wall is looked for: some people are a third deeper than others of their height.
const FRONT_REACH_MM: f64 = 6.0;
const BACK_REACH_MM: f64 = 12.0;
/// From here to there before an edge another one makes it a foramen's; how much that one counts.
const BEFORE_MM: [f64; 2] = [1.75, 4.0];
const BEFORE_WORTH: f64 = 0.8;
/// Gray is compared over this far on both sides of an edge; a clear edge falls over this width.
const STEP_SPAN_MM: f64 = 2.0;
const EDGE_WIDTH_MM: f64 = 1.5;
/// An edge of this strength is seen; a stronger one says no more.
const SEEN: f64 = 0.6;
/// What a seen edge is worth.
const WORTH: f64 = 6.5;
/// Added to the scatter of the step between neighbors.
const STRAY_MM: f64 = 0.4;
/// What a step that no model expects costs: bodies do slip.
const STRAY_COST: f64 = 6.0;
/// Scatter of the depth of people of one size, and of each body.
const DEPTH_SD_MM: f64 = 1.9;
const OWN_SD_MM: f64 = 6.0;

fn sampled(
    raster: &Raster,
    body: &Body,
    wall: Wall,
    reach_mm: f64,
    smooth_mm: f64,
) -> (Strip, Vec<Vector>, Vector) {
    let outward = times(body.frame().anterior, wall.sign());
    let starts: Vec<Vector> =
        (0..WALL_PLACES).map(|place| body.on_wall(wall, place_on_wall(place))).collect();
    (Strip::sample(raster, &starts, &vec![outward; WALL_PLACES], reach_mm, smooth_mm, 0), starts, outward)
}

/// How much a place along a wall counts.
pub(super) fn share_of(wall: Wall, place: usize) -> f64 {
    if wall == Wall::Posterior && place_on_wall(place) < SHOWS_FROM { 0.0 } else { 1.0 }
}

/// Finds the edge of a wall near where it is expected.
pub(super) fn edge(
    raster: &Raster,
    body: &Body,
    wall: Wall,
    round: &Round,
    reach_mm: f64,
    belief_mm: f64,
    unit: f64,
) -> WallEdge {
    let (strip, starts, outward) = sampled(raster, body, wall, reach_mm, round.smooth_mm);
    let shares: Vec<f64> = (0..WALL_PLACES).map(|place| share_of(wall, place)).collect();
    let unit = strip.contrast().clamp(0.5 * unit, 1.5 * unit);
    let mut path = strip.scored(unit, false).path(&shares, belief_mm, &[]);
    if round.is_last() {
        rim::place(&strip, &mut path, &shares, &rim::WALL);
    }
    let points =
        (0..WALL_PLACES).map(|place| sum(starts[place], times(outward, path.at[place] * STEP_MM))).collect();
    let total: f64 = shares.iter().sum();
    let strength = path
        .strength
        .iter()
        .zip(&shares)
        .map(|(strength, share)| strength.clamp(-0.2, 1.2) * share)
        .sum::<f64>()
        / total;
    WallEdge { points, path, strength }
}

/// How far outward of where it is now a wall of each body lies, as the walls of all bodies together show best.
pub(super) fn offsets(
    raster: &Raster,
    bodies: &[Body],
    rows: &[usize],
    model: &SpineModel,
    build: Build,
    wall: Wall,
    unit: f64,
) -> Vec<f64> {
    let reach_mm = match wall {
        Wall::Anterior => FRONT_REACH_MM,
        Wall::Posterior => BACK_REACH_MM,
    };
    let steps = (2.0 * reach_mm / STEP_MM).round() as usize + 1;
    let offset = |step: usize| step as f64 * STEP_MM - reach_mm;
    let mut totals: Vec<Vec<f64>> = Vec::new();
    let mut from: Vec<Vec<usize>> = Vec::new();
    for (index, body) in bodies.iter().enumerate() {
        let (stray, stray_sd) = if index == 0 {
            (0.0, 1.0)
        } else {
            step_between(&bodies[index - 1..=index], &rows[index - 1..=index], model, build, wall)
        };
        let profile = profile(raster, body, wall, reach_mm, unit);
        // The front is believed to be where it is, the back where the depth of people of this size puts it.
        let believed = match wall {
            Wall::Anterior => 0.0,
            Wall::Posterior => model.bodies[rows[index]].depth.mean * build.size - body.depth(),
        };
        let belief = |offset: f64| {
            let off = (offset - believed).powi(2);
            0.5 * off / OWN_SD_MM.powi(2) + 0.5 * off / DEPTH_SD_MM.powi(2) / bodies.len() as f64
        };
        let own =
            (0..steps).map(|step| WORTH * evidence(&profile, wall, offset(step)) - belief(offset(step)));
        let (row, source) = own
            .enumerate()
            .map(|(step, own)| {
                let Some(before) = totals.last() else { return (own, step) };
                let along = |other: usize| {
                    before[other]
                        - (0.5 * ((stray + offset(step) - offset(other)) / stray_sd).powi(2)).min(STRAY_COST)
                };
                let best = (0..steps).max_by(|a, b| along(*a).total_cmp(&along(*b))).unwrap_or(step);
                (own + along(best), best)
            })
            .unzip();
        totals.push(row);
        from.push(source);
    }
    let Some(last) = totals.last() else { return Vec::new() };
    let mut step = (0..steps).max_by(|a, b| last[*a].total_cmp(&last[*b])).unwrap_or(0);
    let mut offsets = vec![0.0; bodies.len()];
    for body in (0..bodies.len()).rev() {
        offsets[body] = offset(step);
        step = from[body][step];
    }
    offsets
}

/// How far outward the wall of the lower of two neighbors lies of where the upper one lets expect it, and the
/// scatter of that.
fn step_between(bodies: &[Body], rows: &[usize], model: &SpineModel, build: Build, wall: Wall) -> (f64, f64) {
    if rows[1] != rows[0] + 1 {
        return (0.0, 10.0);
    }
    let pair = &model.pairs[rows[0]];
    let [upper, lower] = [0, 1].map(|at| template(&model.bodies[rows[at]], build));
    let [top, bottom] = wall.points();
    let expected =
        pair.offset.mean * build.size + (lower[top][0] - lower[1][0]) - (upper[bottom][0] - upper[4][0]);
    let axes = [0, 1].map(|at| bodies[at].frame().anterior);
    let anterior = times(sum(axes[0], axes[1]), 0.5);
    let now = dot(less(bodies[1].points[top], bodies[0].points[bottom]), anterior);
    (wall.sign() * (now - expected), 1.2 * pair.offset.sd * build.size + STRAY_MM)
}

/// How strongly gray falls outward across a wall, mean over the places where it can show: a fall counts only
/// as far as gray is lower beyond it, for ribs and folds are lines.
fn profile(raster: &Raster, body: &Body, wall: Wall, reach_mm: f64, unit: f64) -> Vec<f64> {
    let (strip, ..) = sampled(raster, body, wall, reach_mm + BEFORE_MM[1] + STEP_SPAN_MM, 0.6);
    let own = strip.contrast().clamp(0.5 * unit, 1.5 * unit);
    let places: Vec<usize> = (0..WALL_PLACES).filter(|place| share_of(wall, *place) > 0.0).collect();
    let span = (STEP_SPAN_MM / STEP_MM) as usize;
    let value = |place: usize, step: usize| {
        let fall = (strip.falls[place][step] / own).clamp(-0.3, 1.0);
        let grays = &strip.grays[place];
        let mean = |from: usize, to: usize| grays[from..to].iter().sum::<f64>() / (to - from) as f64;
        let lower =
            mean(step.saturating_sub(span), step) - mean(step + 1, (step + 1 + span).min(grays.len()));
        fall.min(lower / (own * EDGE_WIDTH_MM))
    };
    (0..2 * strip.reach + 1)
        .map(|step| {
            if step == 0 || step == 2 * strip.reach {
                return 0.0;
            }
            places.iter().map(|place| value(*place, step)).sum::<f64>() / places.len() as f64
        })
        .collect()
}

/// The strength of an edge. Behind a back wall that hardly shows, a foramen has a strong edge: there an edge
/// counts less when there is another one some way before it.
fn evidence(profile: &[f64], wall: Wall, offset: f64) -> f64 {
    let here = at(profile, offset).min(SEEN);
    if wall == Wall::Anterior {
        return here;
    }
    let steps = ((BEFORE_MM[1] - BEFORE_MM[0]) / STEP_MM) as usize;
    let before = (0..=steps)
        .map(|step| at(profile, offset - BEFORE_MM[0] - step as f64 * STEP_MM))
        .fold(0.0, f64::max);
    here - BEFORE_WORTH * before.min(SEEN)
}

/// A profile between its steps, `offset` millimeters outward of its middle.
fn at(profile: &[f64], offset: f64) -> f64 {
    let place = (offset / STEP_MM + (profile.len() / 2) as f64).clamp(0.0, profile.len() as f64 - 1.001);
    let (low, part) = (place as usize, place.fract());
    profile[low] * (1.0 - part) + profile[(low + 1).min(profile.len() - 1)] * part
}
