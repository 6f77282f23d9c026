//! Which height a vertebra should have, from the other vertebrae of the same spine.

use std::collections::BTreeMap;

use crate::measure::morphometry::Heights;
use crate::reference::vertebrae::{VertebralMeasure, VertebralNormals};
use crate::vertebra::Level;

/// How far the levels lie that say something about one.
const REACH: usize = 4;
/// Fewest other levels that allow to expect a height.
const FEWEST_OTHERS: usize = 3;
/// Which of their heights is expected: above the median, so that fractured neighbors do not lower it.
const PERCENTILE: f64 = 0.65;
/// How much a level counts, for each level that it lies further away.
const FADING: f64 = 0.6;
/// How far a neighbor's height may lie from the median of all, as a natural logarithm; one in error or
/// fractured pulls no further than this.
const FARTHEST: f64 = 0.1;

/// The bodies of a spine that could be measured.
pub type SpineHeights = BTreeMap<Level, Heights>;

/// Expected posterior height.
///
/// profileᵢ · the 65th percentile (linear between the ordered values) of Hp,ⱼ / profileⱼ over the other levels
/// at most four away; `None` with fewer than three, or at a level without profile.
///
/// # Units
/// The unit of the heights.
///
/// # References
/// Monte-Carlo comparison with neighbors' mean and median: docs/grade.md.
#[must_use]
pub fn expected_posterior(spine: &SpineHeights, level: Level, normals: &VertebralNormals) -> Option<f64> {
    let (profile, ratios) =
        to_profile(spine, level, VertebralMeasure::PosteriorHeight, normals, |heights| heights.posterior)?;
    Some(profile * percentile(ratios.into_iter().map(|(_, ratio)| ratio), PERCENTILE)?)
}

/// The height that near levels let expect, the nearest most: a weighted mean of their deviations from the
/// profile, on the logarithmic scale, each held within a tenth of the median.
///
/// # Units
/// The unit of the heights.
#[must_use]
pub(super) fn expected_of_neighbors(
    spine: &SpineHeights,
    level: Level,
    normals: &VertebralNormals,
    measure: VertebralMeasure,
    height: fn(&Heights) -> f64,
) -> Option<f64> {
    let (profile, ratios) = to_profile(spine, level, measure, normals, height)?;
    let logs: Vec<(usize, f64)> = ratios.iter().map(|(distance, ratio)| (*distance, ratio.ln())).collect();
    let median = percentile(logs.iter().map(|(_, log)| *log), 0.5)?;
    let weight = |distance: usize| FADING.powi(i32::try_from(distance).unwrap_or(i32::MAX));
    let held = |log: f64| log.clamp(median - FARTHEST, median + FARTHEST);
    let sum: f64 = logs.iter().map(|(distance, log)| weight(*distance) * held(*log)).sum();
    let weights: f64 = logs.iter().map(|(distance, _)| weight(*distance)).sum();
    Some(profile * (sum / weights).exp())
}

/// The level's own profile, and the distance and height over profile of the other levels in reach.
fn to_profile(
    spine: &SpineHeights,
    level: Level,
    measure: VertebralMeasure,
    normals: &VertebralNormals,
    height: fn(&Heights) -> f64,
) -> Option<(f64, Vec<(usize, f64)>)> {
    let profile = |level| normals.get(measure, level, None).map(|normal| normal.mean);
    let others = level
        .within(REACH)
        .filter_map(|other| Some((level.distance(other), height(spine.get(&other)?) / profile(other)?)));
    let others: Vec<(usize, f64)> = others.collect();
    (others.len() >= FEWEST_OTHERS).then_some(())?;
    Some((profile(level)?, others))
}

/// A percentile, linear between the ordered values.
fn percentile(values: impl Iterator<Item = f64>, part: f64) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let place = part * (values.len().checked_sub(1)? as f64);
    let low = place.floor();
    let (from, to) = (values.get(low as usize)?, values.get(place.ceil() as usize)?);
    Some(from + (to - from) * (place - low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_linear_between_the_ordered_values() {
        // numpy.percentile([1, 2, 4, 8], 65) = 3.9; of [3, 1, 2] 2.3.
        assert!((percentile([8.0, 1.0, 4.0, 2.0].into_iter(), 0.65).unwrap() - 3.9).abs() < 1e-12);
        assert!((percentile([3.0, 1.0, 2.0].into_iter(), 0.65).unwrap() - 2.3).abs() < 1e-12);
        assert_eq!(percentile(std::iter::empty(), 0.5), None);
    }
}
