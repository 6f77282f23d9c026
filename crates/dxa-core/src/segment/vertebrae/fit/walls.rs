//! The front and the back wall of the bodies, and the depth of the person that the back walls agree on.

use super::body::{Body, Vector, WALL_PLACES, Wall, place_on_wall, sum, times};
use super::Round;
use super::raster::Raster;
use super::strip::{Path, STEP_MM, Strip};

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
/// How far from where it is now a back wall is looked for.
const BACK_REACH_MM: f64 = 6.0;
/// From here to there before an edge another one makes it a foramen's.
const BEFORE_MM: [f64; 2] = [1.75, 5.0];
/// An edge of this strength is seen; a stronger one says no more.
const SEEN: f64 = 0.6;
/// What a seen edge is worth.
const BACK_WORTH: f64 = 6.0;
/// Scatter of the depth of people of one size, and of a body's depth against its neighbor's.
const DEPTH_SD_MM: f64 = 1.6;
const NEIGHBOR_SD_MM: f64 = 0.8;

fn sampled(raster: &Raster, body: &Body, wall: Wall, reach_mm: f64, smooth_mm: f64) -> (Strip, Vec<Vector>, Vector) {
    let outward = times(body.frame().anterior, wall.sign());
    let starts: Vec<Vector> = (0..WALL_PLACES).map(|place| body.on_wall(wall, place_on_wall(place))).collect();
    (Strip::sample(raster, &starts, &vec![outward; WALL_PLACES], reach_mm, smooth_mm), starts, outward)
}

/// How much a place along a wall counts.
pub(super) fn share_of(wall: Wall, place: usize) -> f64 {
    if wall == Wall::Posterior && place_on_wall(place) < SHOWS_FROM { 0.0 } else { 1.0 }
}

/// Finds the edge of a wall near where it is expected.
pub(super) fn edge(raster: &Raster, body: &Body, wall: Wall, round: &Round, reach_mm: f64, belief_mm: f64, unit: f64) -> WallEdge {
    let (strip, starts, outward) = sampled(raster, body, wall, reach_mm, round.smooth_mm);
    let shares: Vec<f64> = (0..WALL_PLACES).map(|place| share_of(wall, place)).collect();
    let unit = strip.contrast().clamp(0.5 * unit, 1.5 * unit);
    let path = strip.path(unit, &shares, belief_mm, false, &[]);
    let points = (0..WALL_PLACES).map(|place| sum(starts[place], times(outward, path.at[place] * STEP_MM))).collect();
    let total: f64 = shares.iter().sum();
    let strength = path.strength.iter().zip(&shares).map(|(strength, share)| strength.clamp(-0.2, 1.2) * share).sum::<f64>() / total;
    WallEdge { points, path, strength }
}

/// How far outward of where it is now the back wall of each body lies, as all bodies together show best.
///
/// Behind a wall that hardly shows, a foramen has a strong edge: an edge counts only by what it is stronger
/// than any edge before it.
pub(super) fn back_offsets(raster: &Raster, bodies: &[Body], unit: f64) -> Vec<f64> {
    let steps = (2.0 * BACK_REACH_MM / STEP_MM).round() as usize + 1;
    let offset = |step: usize| step as f64 * STEP_MM - BACK_REACH_MM;
    let mut totals: Vec<Vec<f64>> = Vec::new();
    let mut from: Vec<Vec<usize>> = Vec::new();
    for body in bodies {
        let profile = back_profile(raster, body, unit);
        let own = (0..steps).map(|step| {
            BACK_WORTH * innermost(&profile, offset(step)) - 0.5 * (offset(step) / DEPTH_SD_MM).powi(2) / bodies.len() as f64
        });
        let (row, source) = own
            .enumerate()
            .map(|(step, own)| {
                let Some(before) = totals.last() else { return (own, step) };
                let along = |other: usize| before[other] - 0.5 * ((offset(step) - offset(other)) / NEIGHBOR_SD_MM).powi(2);
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

/// How gray falls backward across the back wall of a body, mean over the places where it can show.
fn back_profile(raster: &Raster, body: &Body, unit: f64) -> Vec<f64> {
    let (strip, ..) = sampled(raster, body, Wall::Posterior, BACK_REACH_MM + BEFORE_MM[1], 0.6);
    let own = strip.contrast().clamp(0.5 * unit, 1.5 * unit);
    let lines: Vec<&Vec<f64>> =
        (0..WALL_PLACES).filter(|place| share_of(Wall::Posterior, *place) > 0.0).map(|place| &strip.falls[place]).collect();
    (0..2 * strip.reach + 1)
        .map(|step| lines.iter().map(|line| (line[step] / own).clamp(-0.3, 1.0)).sum::<f64>() / lines.len() as f64)
        .collect()
}

/// The strength of an edge less that of the strongest edge some way before it.
fn innermost(profile: &[f64], offset: f64) -> f64 {
    let steps = ((BEFORE_MM[1] - BEFORE_MM[0]) / STEP_MM) as usize;
    let before = (0..=steps).map(|step| at(profile, offset - BEFORE_MM[0] - step as f64 * STEP_MM)).fold(0.0, f64::max);
    at(profile, offset).min(SEEN) - before.min(SEEN)
}

/// A profile between its steps, `offset` millimeters outward of its middle.
fn at(profile: &[f64], offset: f64) -> f64 {
    let place = (offset / STEP_MM + (profile.len() / 2) as f64).clamp(0.0, profile.len() as f64 - 1.001);
    let (low, part) = (place as usize, place.fract());
    profile[low] * (1.0 - part) + profile[(low + 1).min(profile.len() - 1)] * part
}
