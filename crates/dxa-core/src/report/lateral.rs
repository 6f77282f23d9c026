//! A lateral spine as it was read: each level with its points, who placed them, and its grade.

use std::collections::BTreeMap;

use crate::assess::is_suspected_fracture;
use crate::geometry::ImagePoint;
use crate::grade::{GradeUncertainty, GradedSpine, GradedVertebra, SpineSummary};
use crate::vertebra::{FractureReading, Level, SixPoints};

/// Who says where the points of a vertebra are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlacedBy {
    /// They were found on the image.
    Software,
    /// A user placed, moved or confirmed them.
    User,
}

impl PlacedBy {
    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Software => "automatic",
            Self::User => "user",
        }
    }
}

/// A level that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadVertebra {
    /// Who placed its points.
    pub placed_by: PlacedBy,
    /// Points on the image.
    pub points: SixPoints<ImagePoint>,
    /// Why it is not measured, if so; a stable code.
    pub not_evaluable: Option<&'static str>,
    /// From 0 (nothing shows) to 1 (both endplates in plain sight); none where a user placed the points.
    pub quality: Option<f64>,
    /// Its grade, where it is evaluated; heights in millimeters, of a nominal pixel size where none is known.
    pub graded: Option<GradedVertebra>,
    /// How sure the grade by the rule is, given how well the points are known.
    pub certainty: Option<GradeUncertainty>,
    /// What a reader says of its fracture.
    pub fracture: Option<FractureReading>,
    /// What needs a look.
    pub flags: Vec<&'static str>,
}

impl ReadVertebra {
    /// Whether its heights make a fracture likely and no reader has said what it is.
    #[must_use]
    pub fn is_suspected(&self) -> bool {
        let grade = self.graded.as_ref().map_or(0, |graded| graded.grade);
        self.fracture.is_none() && is_suspected_fracture(grade, false)
    }
}

/// All of one lateral scan.
#[derive(Clone, Debug, PartialEq)]
pub struct LateralSpine {
    /// Index of the scan.
    pub scan: usize,
    /// Levels from above.
    pub vertebrae: BTreeMap<Level, ReadVertebra>,
    /// Whether the front of the body is at the left edge of the image.
    pub anterior_is_left: bool,
    /// The labeling that is next best: −1 when every body may be one level higher, 1 one level lower.
    pub alternative_shift: i8,
    /// How much better the labeling is than the next one, log-likelihood.
    pub level_margin: f64,
    /// What the labels rest on.
    pub level_evidence: Vec<&'static str>,
    /// By how many levels a user moved the labels.
    pub level_shift: i8,
    /// What the evaluated levels add up to.
    pub summary: SpineSummary,
}

impl LateralSpine {
    /// The levels that were evaluated, as they are compared with an earlier image.
    #[must_use]
    pub fn graded(&self) -> GradedSpine {
        let graded = self.vertebrae.iter().filter_map(|(level, one)| Some((*level, Ok(one.graded.clone()?))));
        graded.collect()
    }

    /// The levels whose fracture a reader confirmed, or rejected.
    pub fn read_as(&self, reading: FractureReading) -> impl Iterator<Item = Level> {
        self.vertebrae.iter().filter(move |(_, one)| one.fracture == Some(reading)).map(|(level, _)| *level)
    }

    /// The levels that were evaluated, from above.
    pub fn evaluated(&self) -> impl Iterator<Item = (Level, &GradedVertebra)> {
        self.vertebrae.iter().filter_map(|(level, one)| Some((*level, one.graded.as_ref()?)))
    }
}
