//! The scale-free measures of one vertebra within its spine.

use super::expected::{SpineHeights, expected_of_neighbors, expected_posterior};
use crate::measure::morphometry::{Heights, endplate_depression};
use crate::patient::Sex;
use crate::reference::vertebrae::{Normal, VertebralMeasure, VertebralNormals};
use crate::vertebra::{Level, SixPoints};

/// A vertebra among those of its spine, before any judgement.
#[derive(Clone, Copy)]
pub struct InSpine<'a> {
    /// Its level.
    pub level: Level,
    /// Its points.
    pub points: &'a SixPoints,
    /// Heights of every level that could be measured, its own too.
    pub spine: &'a SpineHeights,
    /// What is normal.
    pub normals: &'a VertebralNormals,
}

/// A measure beside its normal: how far from it, and which it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deviation {
    /// What was measured.
    pub measure: VertebralMeasure,
    /// Its value.
    pub value: f64,
    /// What is normal at the level.
    pub normal: Normal,
}

impl Deviation {
    /// Standard deviations above normal.
    #[must_use]
    pub fn z(&self) -> f64 {
        self.normal.z(self.value)
    }
}

impl InSpine<'_> {
    /// The value of a measure; `None` where it needs other levels, or lengths, that are not there.
    #[must_use]
    pub fn value(&self, measure: VertebralMeasure) -> Option<f64> {
        use VertebralMeasure as M;
        let own = self.spine.get(&self.level)?;
        let value = match measure {
            // A profile belongs to a population, not to a vertebra.
            M::AnteriorHeight | M::PosteriorHeight => return None,
            M::AnteriorToPosterior => own.anterior / own.posterior,
            M::MiddleToPosterior => own.middle / own.posterior,
            M::PosteriorToAbove => own.posterior / self.spine.get(&self.level.above()?)?.posterior,
            M::PosteriorToBelow => own.posterior / self.spine.get(&self.level.below()?)?.posterior,
            M::AnteriorToExpected => own.anterior / self.expected()?,
            M::MiddleToExpected => own.middle / self.expected()?,
            M::PosteriorToExpected => own.posterior / self.expected()?,
            M::AnteriorToNeighbors => own.anterior / self.of_neighbors(M::AnteriorHeight, |h| h.anterior)?,
            M::PosteriorToNeighbors => {
                own.posterior / self.of_neighbors(M::PosteriorHeight, |h| h.posterior)?
            }
            M::AnteriorToDepth => own.anterior / self.depth()?,
            M::MiddleToDepth => own.middle / self.depth()?,
            M::SuperiorDepression => {
                endplate_depression(self.points).map(|found| found.superior / found.superior_chord)?
            }
            M::InferiorDepression => {
                endplate_depression(self.points).map(|found| found.inferior / found.inferior_chord)?
            }
        };
        value.is_finite().then_some(value)
    }

    /// A measure beside the normal of its level and sex; of both sexes together without one.
    #[must_use]
    pub fn deviation(&self, measure: VertebralMeasure, sex: Option<Sex>) -> Option<Deviation> {
        let normal = *self.normals.get(measure, self.level, sex)?;
        Some(Deviation { measure, value: self.value(measure)?, normal })
    }

    /// Expected posterior height.
    #[must_use]
    pub fn expected(&self) -> Option<f64> {
        expected_posterior(self.spine, self.level, self.normals)
    }

    fn of_neighbors(&self, profile: VertebralMeasure, height: fn(&Heights) -> f64) -> Option<f64> {
        expected_of_neighbors(self.spine, self.level, self.normals, profile, height)
    }

    /// Mean length of the two endplates.
    fn depth(&self) -> Option<f64> {
        let found = endplate_depression(self.points)?;
        Some((found.superior_chord + found.inferior_chord) / 2.0)
    }
}
