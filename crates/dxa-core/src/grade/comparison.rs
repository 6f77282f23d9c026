//! Against an earlier image of the same spine: new and worse fractures, and height won back by treatment.

use std::collections::BTreeMap;

use super::{GradedSpine, GradedVertebra};
use crate::measure::morphometry::{local_kyphosis_deg, vertebral_angle_deg};
use crate::vertebra::{Level, SixPoints};

/// What happened to a vertebra between two images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Grade 0 before, 1 or more now.
    NewFracture,
    /// A higher grade than the one of 1 or more before.
    Worse,
    /// The same grade.
    Same,
    /// A lower grade: points placed differently, or height won back.
    Better,
    /// One of the two could not be evaluated.
    NotComparable,
}

impl Change {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NewFracture => "new_fracture",
            Self::Worse => "worse",
            Self::Same => "same",
            Self::Better => "better",
            Self::NotComparable => "not_comparable",
        }
    }

    fn between(before: u8, now: u8) -> Self {
        match (before, now) {
            (0, 1..) => Self::NewFracture,
            _ if now > before => Self::Worse,
            _ if now < before => Self::Better,
            _ => Self::Same,
        }
    }
}

/// The change of one level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelChange {
    /// What happened.
    pub change: Change,
    /// Largest loss now minus largest loss before, as a part.
    pub loss_gained: Option<f64>,
    /// Probability that the vertebra is fractured now and was not before, readings taken as independent.
    pub new_fracture_probability: Option<f64>,
}

/// Every level that is in one of the two, compared.
#[must_use]
pub fn compare(before: &GradedSpine, now: &GradedSpine) -> BTreeMap<Level, LevelChange> {
    let levels = before.keys().chain(now.keys()).copied();
    levels.map(|level| (level, level_change(graded(before, level), graded(now, level)))).collect()
}

fn level_change(before: Option<&GradedVertebra>, now: Option<&GradedVertebra>) -> LevelChange {
    let Some((before, now)) = before.zip(now) else {
        return LevelChange {
            change: Change::NotComparable,
            loss_gained: None,
            new_fracture_probability: None,
        };
    };
    LevelChange {
        change: Change::between(before.grade, now.grade),
        loss_gained: Some(now.losses.largest() - before.losses.largest()),
        new_fracture_probability: Some(before.probabilities[0] * (1.0 - now.probabilities[0])),
    }
}

/// What an augmentation changed in a treated vertebra: now minus before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeightRecovery {
    /// Anterior height won, millimeters.
    pub anterior_mm: f64,
    /// Middle height won, millimeters.
    pub middle_mm: f64,
    /// Posterior height won, millimeters.
    pub posterior_mm: f64,
    /// Change of the angle between its endplates, degrees.
    pub vertebral_angle_deg: f64,
    /// Change of the angle across it, degrees; `None` where a neighbor is missing in one image.
    pub local_kyphosis_deg: Option<f64>,
}

/// Height recovery of a treated level.
///
/// # Units
/// Both spines must have been graded from points in millimeters.
///
/// # References
/// Clinical rule `height-recovery`.
#[must_use]
pub fn height_recovery(before: &GradedSpine, now: &GradedSpine, level: Level) -> Option<HeightRecovery> {
    let (old, new) = (graded(before, level)?, graded(now, level)?);
    let local = |spine: &GradedSpine| Some(local_kyphosis_deg(&points(spine), level)?.degrees);
    Some(HeightRecovery {
        anterior_mm: new.heights.anterior - old.heights.anterior,
        middle_mm: new.heights.middle - old.heights.middle,
        posterior_mm: new.heights.posterior - old.heights.posterior,
        vertebral_angle_deg: vertebral_angle_deg(&new.points) - vertebral_angle_deg(&old.points),
        local_kyphosis_deg: local(now).zip(local(before)).map(|(now, before)| now - before),
    })
}

fn graded(spine: &GradedSpine, level: Level) -> Option<&GradedVertebra> {
    spine.get(&level)?.as_ref().ok()
}

fn points(spine: &GradedSpine) -> BTreeMap<Level, SixPoints> {
    spine.iter().filter_map(|(level, found)| Some((*level, found.as_ref().ok()?.points))).collect()
}
