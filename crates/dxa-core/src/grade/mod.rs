//! Is a vertebra fractured, which shape has it, and how sure is that?

mod comparison;
mod criteria;
mod differential;
mod evidence;
mod expected;
mod genant;
mod measures;
mod probability;
mod spine;
mod uncertainty;

pub use comparison::{Change, HeightRecovery, LevelChange, compare, height_recovery};
pub use criteria::{QuantitativeCriteria, eastell_grade, is_mccloskey_fracture};
pub use evidence::Evidence;
pub use expected::{SpineHeights, expected_posterior};
pub use genant::{Losses, MILD_FROM, MODERATE_FROM, SEVERE_ABOVE, Shape, grade_of, losses, shape_of};
pub use measures::{Deviation, InSpine};
pub use probability::Contribution;
pub use spine::{SpineSummary, summarize};
pub use uncertainty::{GradeUncertainty, grade_uncertainty};

use std::collections::BTreeMap;

use crate::measure::morphometry::{Heights, NotMeasurable, heights};
use crate::patient::Sex;
use crate::reference::vertebrae::{FractureModel, VertebralNormals};
use crate::units::Years;
use crate::vertebra::{Level, SixPoints};

/// Whose spine it is, as far as known; both only make the answer more certain.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Person {
    /// Sex: chooses the normals of the quantitative criteria.
    pub sex: Option<Sex>,
    /// Age: part of the probability.
    pub age: Option<Years>,
}

/// A vertebra with its grade.
#[derive(Clone, Debug, PartialEq)]
pub struct GradedVertebra {
    /// Its points.
    pub points: SixPoints,
    /// Its heights, in the unit of the points.
    pub heights: Heights,
    /// Posterior height that the other levels let expect.
    pub expected_posterior: Option<f64>,
    /// Losses.
    pub losses: Losses,
    /// Shape.
    pub shape: Shape,
    /// Grade by Genant's rule.
    pub grade: u8,
    /// Probabilities of the grades 0 to 3 in an expert's final reading; they sum to 1.
    pub probabilities: [f64; 4],
    /// What the probabilities rest on.
    pub evidence: Evidence,
    /// What two other definitions of a vertebral fracture say.
    pub criteria: QuantitativeCriteria,
    /// What speaks for another cause, or for care; never changes the grade (docs/grade.md lists all).
    pub flags: Vec<&'static str>,
}

/// A level is graded, or it says why not.
pub type GradedSpine = BTreeMap<Level, Result<GradedVertebra, NotMeasurable>>;

/// Grades spines against one set of normals and one model.
#[derive(Clone, Copy, Debug)]
pub struct Grader<'r> {
    /// What is normal.
    pub normals: &'r VertebralNormals,
    /// From evidence to probability.
    pub model: &'r FractureModel,
}

impl Grader<'static> {
    /// With the normals and the model that are built in.
    #[must_use]
    pub fn bundled() -> Self {
        Self { normals: VertebralNormals::bundled(), model: FractureModel::bundled() }
    }
}

impl Grader<'_> {
    /// Grades every level of one spine.
    ///
    /// # Units
    /// Any unit that is the same along both axes; heights come back in it.
    #[must_use]
    pub fn grade(&self, points: &BTreeMap<Level, SixPoints>, person: Person) -> GradedSpine {
        let spine = measured(points);
        let vertebra = |level, points| InSpine { level, points, spine: &spine, normals: self.normals };
        let deformities: BTreeMap<Level, f64> = points
            .iter()
            .filter_map(|(level, points)| Some((*level, evidence::deformity(&vertebra(*level, points))?)))
            .collect();
        let mut graded: GradedSpine = points
            .iter()
            .map(|(level, points)| {
                let one = vertebra(*level, points);
                (*level, heights(points).map(|heights| self.grade_one(&one, heights, &deformities, person)))
            })
            .collect();
        differential::add_flags(&mut graded, &spine, self.normals);
        graded
    }

    fn grade_one(
        &self,
        vertebra: &InSpine<'_>,
        heights: Heights,
        deformities: &BTreeMap<Level, f64>,
        person: Person,
    ) -> GradedVertebra {
        let expected_posterior = vertebra.expected();
        let losses = losses(&heights, expected_posterior);
        let largest = losses.largest();
        let evidence = evidence::evidence(vertebra, largest, deformities, person.age);
        GradedVertebra {
            points: *vertebra.points,
            heights,
            expected_posterior,
            losses,
            shape: shape_of(&losses),
            grade: grade_of(largest),
            probabilities: self.model.probabilities(&evidence, largest),
            criteria: QuantitativeCriteria::of(vertebra, person.sex),
            flags: if evidence.has_normals { Vec::new() } else { vec!["no_level_normals"] },
            evidence,
        }
    }
}

/// The heights of the levels that can be measured.
fn measured(points: &BTreeMap<Level, SixPoints>) -> SpineHeights {
    points.iter().filter_map(|(level, points)| Some((*level, heights(points).ok()?))).collect()
}

#[cfg(test)]
mod tests;
