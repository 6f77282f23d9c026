//! Angles between endplates: of one vertebra, across it, and of the thoracic spine.

use std::collections::BTreeMap;

use super::{cross, dot, step};
use crate::vertebra::{Level, SixPoints};

/// An angle between two endplates, named by its levels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpineAngle {
    /// Level of the upper endplate.
    pub upper: Level,
    /// Level of the lower endplate.
    pub lower: Level,
    /// Degrees; kyphosis is positive, lordosis negative.
    pub degrees: f64,
}

/// An endplate of a body.
#[derive(Clone, Copy, PartialEq)]
enum Endplate {
    Superior,
    Inferior,
}

/// Angle between the two endplates of one vertebra: positive where the anterior wall is the lower one.
///
/// # Units
/// Degrees.
#[must_use]
pub fn vertebral_angle_deg(points: &SixPoints) -> f64 {
    between((points, Endplate::Superior), (points, Endplate::Inferior))
}

/// Angle across a vertebra: from the inferior endplate of the one above to the superior endplate of the one
/// below; `None` when one of the two is not there.
///
/// # Units
/// Degrees; kyphosis is positive.
///
/// # References
/// Clinical rule `kyphosis`.
#[must_use]
pub fn local_kyphosis_deg(spine: &BTreeMap<Level, SixPoints>, level: Level) -> Option<SpineAngle> {
    let (upper, lower) = (level.above()?, level.below()?);
    let degrees = between((spine.get(&upper)?, Endplate::Inferior), (spine.get(&lower)?, Endplate::Superior));
    Some(SpineAngle { upper, lower, degrees })
}

/// Cobb angle from the superior endplate of one vertebra to the inferior endplate of another below it.
///
/// # Units
/// Degrees; kyphosis is positive.
#[must_use]
pub fn cobb_angle_deg(spine: &BTreeMap<Level, SixPoints>, upper: Level, lower: Level) -> Option<SpineAngle> {
    let degrees = between((spine.get(&upper)?, Endplate::Superior), (spine.get(&lower)?, Endplate::Inferior));
    (upper < lower).then_some(SpineAngle { upper, lower, degrees })
}

/// Fewest thoracic levels that an angle is given over.
const FEWEST_LEVELS: usize = 4;

/// Kyphosis of the thoracic spine: T4 to T12, or the widest part of it that is there, named by its levels.
///
/// # Units
/// Degrees; kyphosis is positive.
#[must_use]
pub fn kyphosis_deg(spine: &BTreeMap<Level, SixPoints>) -> Option<SpineAngle> {
    let mut thoracic = spine.range(Level::T4..=Level::T12).map(|(level, _)| *level);
    let upper = thoracic.next()?;
    let lower = thoracic.next_back().filter(|lower| upper.distance(*lower) + 1 >= FEWEST_LEVELS)?;
    cobb_angle_deg(spine, upper, lower)
}

/// Signed angle between two endplates. Which way is anterior and which caudal is read from the bodies, so
/// that turning or mirroring the image changes nothing.
fn between(upper: (&SixPoints, Endplate), lower: (&SixPoints, Endplate)) -> f64 {
    let (a, b) = (forward(upper), forward(lower));
    let handedness = cross(step(upper.0.ps, upper.0.as_), step(upper.0.ms, upper.0.mi)).signum();
    (handedness * cross(b, a)).atan2(dot(a, b)).to_degrees()
}

/// From the posterior to the anterior corner of an endplate.
fn forward((points, endplate): (&SixPoints, Endplate)) -> (f64, f64) {
    match endplate {
        Endplate::Superior => step(points.ps, points.as_),
        Endplate::Inferior => step(points.pi, points.ai),
    }
}
