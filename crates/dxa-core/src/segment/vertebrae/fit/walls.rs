//! The front and the back wall of the bodies, and the depth of the person that the back walls agree on.

use super::body::{Body, Vector, WALL_PLACES, Wall, place_on_wall, sum, times};
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
/// How far the depth of the person is searched, and in which steps.
const DEPTH_REACH: f64 = 0.20;
const DEPTH_STEP: f64 = 0.005;
/// Scatter of the depth of people of one size.
const DEPTH_SD: f64 = 0.057;
/// What the agreement of the back walls is worth against that.
const DEPTH_WORTH: f64 = 1.2;

fn sampled(raster: &Raster, body: &Body, wall: Wall, reach_mm: f64) -> (Strip, Vec<Vector>, Vector) {
    let outward = times(body.frame().anterior, wall.sign());
    let starts: Vec<Vector> = (0..WALL_PLACES).map(|place| body.on_wall(wall, place_on_wall(place))).collect();
    (Strip::sample(raster, &starts, &vec![outward; WALL_PLACES], reach_mm), starts, outward)
}

/// How much a place along a wall counts.
pub(super) fn share_of(wall: Wall, place: usize) -> f64 {
    if wall == Wall::Posterior && place_on_wall(place) < SHOWS_FROM { 0.0 } else { 1.0 }
}

/// Finds the edge of a wall near where it is expected.
pub(super) fn edge(raster: &Raster, body: &Body, wall: Wall, reach_mm: f64, belief_mm: f64, unit: f64) -> WallEdge {
    let (strip, starts, outward) = sampled(raster, body, wall, reach_mm);
    let shares: Vec<f64> = (0..WALL_PLACES).map(|place| share_of(wall, place)).collect();
    let unit = strip.contrast().clamp(0.5 * unit, 1.5 * unit);
    let path = strip.path(unit, &shares, belief_mm, false, &[]);
    let points = (0..WALL_PLACES).map(|place| sum(starts[place], times(outward, path.at[place] * STEP_MM))).collect();
    let total: f64 = shares.iter().sum();
    let strength = path.strength.iter().zip(&shares).map(|(strength, share)| strength.clamp(-0.2, 1.2) * share).sum::<f64>() / total;
    WallEdge { points, path, strength }
}

/// The factor by which all bodies are deeper than they are now, as their back walls together show best, and
/// how far that stands out.
pub(super) fn common_depth(raster: &Raster, bodies: &[Body], unit: f64) -> f64 {
    let deepest = bodies.iter().map(Body::depth).fold(0.0, f64::max);
    let reach_mm = DEPTH_REACH * deepest + 1.0;
    let profiles: Vec<(f64, Vec<f64>)> = bodies
        .iter()
        .map(|body| {
            let (strip, ..) = sampled(raster, body, Wall::Posterior, reach_mm);
            let own = strip.contrast().clamp(0.5 * unit, 1.5 * unit);
            let lines: Vec<&Vec<f64>> = (0..WALL_PLACES).filter(|place| share_of(Wall::Posterior, *place) > 0.0).map(|place| &strip.falls[place]).collect();
            let mean = (0..2 * strip.reach + 1)
                .map(|step| lines.iter().map(|line| (line[step] / own).clamp(-0.3, 1.0)).sum::<f64>() / lines.len() as f64)
                .collect();
            (body.depth(), mean)
        })
        .collect();
    let steps = (DEPTH_REACH / DEPTH_STEP).round() as i32;
    let value = |step: i32| -> f64 {
        let change = f64::from(step) * DEPTH_STEP;
        let seen: f64 = profiles.iter().map(|(depth, profile)| at(profile, change * depth)).sum();
        DEPTH_WORTH * seen - 0.5 * (change / DEPTH_SD).powi(2)
    };
    let best = (-steps..=steps).max_by(|a, b| value(*a).total_cmp(&value(*b))).unwrap_or(0);
    1.0 + f64::from(best) * DEPTH_STEP
}

/// A profile between its steps, `offset` millimeters outward of its middle.
fn at(profile: &[f64], offset: f64) -> f64 {
    let place = (offset / STEP_MM + (profile.len() / 2) as f64).clamp(0.0, profile.len() as f64 - 1.001);
    let (low, part) = (place as usize, place.fract());
    profile[low] * (1.0 - part) + profile[(low + 1).min(profile.len() - 1)] * part
}
