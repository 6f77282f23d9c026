//! Normal shapes by level and sex: trimmed mean and standard deviation of each measure.

use std::collections::BTreeMap;

use dxa_core::grade::{InSpine, SpineHeights};
use dxa_core::measure::morphometry::{Heights, heights};
use dxa_core::patient::Sex;
use dxa_core::reference::vertebrae::{Normal, VertebralMeasure, VertebralNormals};
use dxa_core::units::round_half_away;
use dxa_core::vertebra::Level;

use super::records::Reading;

/// Standard deviations beyond which a value is left out, again and again until none is.
const TRIM: f64 = 3.0;
/// Decimals of the table.
const DECIMALS: i32 = 5;

/// Values by measure, level and sex.
type Values = BTreeMap<(VertebralMeasure, Level, Option<Sex>), Vec<f64>>;

/// The normals of these people: of their vertebrae with a final grade of 0.
///
/// First the profiles of heights, then what is measured against them.
pub(super) fn make(people: &[&Reading]) -> VertebralNormals {
    let mut normals = VertebralNormals::default();
    let spines: Vec<SpineHeights> = people.iter().map(|reading| measured(reading)).collect();
    add_profiles(&mut normals, people, &spines);
    let mut values = Values::new();
    for (reading, spine) in people.iter().zip(&spines) {
        for (level, points) in normal_levels(reading).filter(|(level, _)| spine.contains_key(level)) {
            let vertebra = InSpine { level, points, spine, normals: &normals };
            for measure in VertebralMeasure::ALL {
                let Some(value) = vertebra.value(measure) else { continue };
                for sex in [None, reading.person.sex] {
                    values.entry((measure, level, sex)).or_default().push(value);
                }
            }
        }
    }
    for ((measure, level, sex), values) in values {
        normals.set(measure, level, sex, trimmed(values));
    }
    normals
}

fn measured(reading: &Reading) -> SpineHeights {
    reading.points.iter().filter_map(|(level, points)| Some((*level, heights(points).ok()?))).collect()
}

fn normal_levels(reading: &Reading) -> impl Iterator<Item = (Level, &dxa_core::vertebra::SixPoints)> {
    let is_normal = |level: &Level| reading.grades.get(level) == Some(&0);
    reading.points.iter().filter(move |(level, _)| is_normal(level)).map(|(level, points)| (*level, points))
}

/// Anterior and posterior heights by level, in parts of the mean of the posterior heights of all levels.
fn add_profiles(normals: &mut VertebralNormals, people: &[&Reading], spines: &[SpineHeights]) {
    let profile = |height: fn(&Heights) -> f64| {
        let mut values: BTreeMap<Level, Vec<f64>> = BTreeMap::new();
        for (reading, spine) in people.iter().zip(spines) {
            for (level, _) in normal_levels(reading) {
                values.entry(level).or_default().extend(spine.get(&level).map(height));
            }
        }
        values.into_iter().map(|(level, values)| (level, mean_and_sd(values))).collect::<BTreeMap<_, _>>()
    };
    let posterior = profile(|heights| heights.posterior);
    let unit = posterior.values().map(|normal| normal.mean).sum::<f64>() / posterior.len() as f64;
    for (measure, profile) in [
        (VertebralMeasure::AnteriorHeight, profile(|heights| heights.anterior)),
        (VertebralMeasure::PosteriorHeight, posterior),
    ] {
        for (level, Normal { n, mean, sd }) in profile {
            normals.set(measure, level, None, rounded(Normal { n, mean: mean / unit, sd: sd / unit }));
        }
    }
}

fn trimmed(values: Vec<f64>) -> Normal {
    rounded(mean_and_sd(values))
}

/// Mean and standard deviation after leaving out, until nothing changes, what lies beyond the trim.
fn mean_and_sd(mut values: Vec<f64>) -> Normal {
    loop {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let sd = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let before = values.len();
        values.retain(|value| (value - mean).abs() <= TRIM * sd);
        if values.len() == before {
            return Normal { n: u32::try_from(before).unwrap_or(u32::MAX), mean, sd };
        }
    }
}

/// As the table will say it, so that what is fitted on it is fitted on what is used.
fn rounded(normal: Normal) -> Normal {
    let round = |value| round_half_away(value, DECIMALS);
    Normal { n: normal.n, mean: round(normal.mean), sd: round(normal.sd) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1 to 9 and an outlier: mean 5 and SD √7.5 once the outlier is out.
    #[test]
    fn outliers_are_trimmed_until_none_is_left() {
        let mut values: Vec<f64> = (0..5).flat_map(|_| (1..=9).map(f64::from)).collect();
        values.push(1000.0);
        let normal = mean_and_sd(values);
        assert_eq!((normal.n, normal.mean), (45, 5.0));
        assert!((normal.sd - (300.0f64 / 44.0).sqrt()).abs() < 1e-12);
    }
}
