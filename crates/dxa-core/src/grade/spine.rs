//! The spine as a whole: deformity index, angles, and which levels were evaluated.

use std::collections::BTreeMap;

use super::{GradedSpine, GradedVertebra};
use crate::measure::morphometry::{SpineAngle, kyphosis_deg, local_kyphosis_deg, vertebral_angle_deg};
use crate::vertebra::{Level, SixPoints};

/// What a spine adds up to.
#[derive(Clone, Debug, PartialEq)]
pub struct SpineSummary {
    /// Sum of the grades T4 to L4 of the evaluated levels; `None` when there are none.
    pub deformity_index: Option<u32>,
    /// The evaluated levels, from above.
    pub levels_evaluated: Vec<Level>,
    /// Kyphosis from T4 to T12, or over the widest part that is there, named by its levels; degrees.
    pub kyphosis: Option<SpineAngle>,
    /// Angle between the endplates of each vertebra, degrees.
    pub vertebral_angles_deg: BTreeMap<Level, f64>,
    /// Angle across each vertebra between its neighbors' endplates, degrees.
    pub local_kyphoses: BTreeMap<Level, SpineAngle>,
}

/// Sums up a graded spine.
///
/// # References
/// Clinical rules `spinal-deformity-index` and `kyphosis`.
#[must_use]
pub fn summarize(graded: &GradedSpine) -> SpineSummary {
    let evaluated: BTreeMap<Level, &GradedVertebra> =
        graded.iter().filter_map(|(level, found)| Some((*level, found.as_ref().ok()?))).collect();
    let points: BTreeMap<Level, SixPoints> =
        evaluated.iter().map(|(level, found)| (*level, found.points)).collect();
    let mut grades = evaluated.range(..=Level::L4).map(|(_, found)| u32::from(found.grade)).peekable();
    SpineSummary {
        deformity_index: grades.peek().is_some().then(|| grades.sum()),
        levels_evaluated: evaluated.keys().copied().collect(),
        kyphosis: kyphosis_deg(&points),
        vertebral_angles_deg: points
            .iter()
            .map(|(level, points)| (*level, vertebral_angle_deg(points)))
            .collect(),
        local_kyphoses: points
            .keys()
            .filter_map(|level| Some((*level, local_kyphosis_deg(&points, *level)?)))
            .collect(),
    }
}
