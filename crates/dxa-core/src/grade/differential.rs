//! What speaks for or against a fracture beside the grade; flags stand beside it and never change it.

use super::expected::SpineHeights;
use super::genant::{MODERATE_FROM, Shape};
use super::measures::InSpine;
use super::{GradedSpine, GradedVertebra};
use crate::measure::morphometry::vertebral_angle_deg;
use crate::reference::vertebrae::{VertebralMeasure as M, VertebralNormals};
use crate::vertebra::Level;

/// Short, yet no endplate is deeper than normal: a short vertebral height more often than a fracture.
const NO_DEPRESSION: &str = "short_vertebra_no_endplate_depression";
/// One of several adjacent mild wedges, as in Scheuermann's disease and in degeneration.
const MULTI_LEVEL: &str = "multi_level_mild_wedge";
/// Shorter than its neighbors, which are normal: as a single fracture is.
const SINGLE_STEP: &str = "single_level_step";

/// Standard deviations above normal from which an endplate is depressed.
const DEPRESSED_FROM: f64 = 2.0;
/// Angle from which a vertebra counts as wedged, degrees.
const WEDGED_FROM_DEG: f64 = 5.0;
/// Adjacent wedges that make a pattern.
const PATTERN_OF: usize = 3;
/// Standard deviations below what the neighbors let expect from which a height is a step.
const STEP_BELOW: f64 = -3.0;

/// Adds the flags of every graded level with a deformity.
pub(super) fn add_flags(graded: &mut GradedSpine, spine: &SpineHeights, normals: &VertebralNormals) {
    let flags: Vec<(Level, Vec<&'static str>)> = graded
        .iter()
        .filter_map(|(level, found)| Some((*level, found.as_ref().ok()?)))
        .filter(|(_, found)| found.grade > 0)
        .map(|(level, found)| {
            let vertebra = InSpine { level, points: &found.points, spine, normals };
            (level, flags(graded, &vertebra, found))
        })
        .collect();
    for (level, flags) in flags {
        if let Some(Ok(found)) = graded.get_mut(&level) {
            found.flags.extend(flags);
        }
    }
}

fn flags(graded: &GradedSpine, vertebra: &InSpine<'_>, found: &GradedVertebra) -> Vec<&'static str> {
    let tests = [
        (NO_DEPRESSION, is_without_depression(vertebra)),
        (MULTI_LEVEL, is_one_of_many_wedges(graded, vertebra.level)),
        (SINGLE_STEP, found.shape != Shape::None && is_single_step(graded, vertebra)),
    ];
    tests.into_iter().filter(|(_, holds)| *holds).map(|(flag, _)| flag).collect()
}

fn is_without_depression(vertebra: &InSpine<'_>) -> bool {
    let flat = |measure| vertebra.deviation(measure, None).is_some_and(|found| found.z() < DEPRESSED_FROM);
    flat(M::SuperiorDepression) && flat(M::InferiorDepression)
}

/// Whether the level lies in a row of three or more wedges none of which is more than mild.
fn is_one_of_many_wedges(graded: &GradedSpine, level: Level) -> bool {
    let is_wedge = |level: &Level| {
        let found = graded.get(level).and_then(|found| found.as_ref().ok());
        found.is_some_and(|found| {
            vertebral_angle_deg(&found.points) >= WEDGED_FROM_DEG && found.losses.largest() < MODERATE_FROM
        })
    };
    if !is_wedge(&level) {
        return false;
    }
    let above = Level::ALL[..level.index()].iter().rev().take_while(|level| is_wedge(level)).count();
    let below = Level::ALL[level.index() + 1..].iter().take_while(|level| is_wedge(level)).count();
    above + 1 + below >= PATTERN_OF
}

fn is_single_step(graded: &GradedSpine, vertebra: &InSpine<'_>) -> bool {
    let neighbors = [vertebra.level.above(), vertebra.level.below()].into_iter().flatten();
    let mut grades = neighbors.filter_map(|level| graded.get(&level)?.as_ref().ok()).map(|found| found.grade);
    let first = grades.next();
    let is_step = [M::AnteriorToNeighbors, M::PosteriorToNeighbors]
        .into_iter()
        .any(|measure| vertebra.deviation(measure, None).is_some_and(|found| found.z() < STEP_BELOW));
    first == Some(0) && grades.all(|grade| grade == 0) && is_step
}
