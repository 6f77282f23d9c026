//! What speaks for and against a fracture, each with the measure and the normal it rests on.

use std::collections::BTreeMap;

use super::measures::{Deviation, InSpine};
use crate::reference::vertebrae::{Coefficients, Term, VertebralMeasure};
use crate::units::Years;
use crate::vertebra::Level;

/// Loss beyond which more of it makes a fracture no more certain: readers agree from grade 2 on.
const LARGEST_LOSS: f64 = 0.25;
/// Standard deviations beyond which a deviation says no more.
const LARGEST_DEVIATION: f64 = 5.0;
/// Standard deviations from which another vertebra counts as deformed.
const DEFORMED_FROM: f64 = 2.0;
/// Most that another deformed vertebra can count.
const LARGEST_OTHER: f64 = 3.0;
/// Ages that the model was fitted on, years; older and younger people count as at the end.
const AGES: std::ops::RangeInclusive<f64> = 40.0..=80.0;

/// The evidence about one vertebra.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// A number for each term of the model.
    pub values: Coefficients,
    /// The measures behind the terms that are deviations from normal.
    pub deviations: Vec<(Term, Deviation)>,
    /// Whether the level has normals; without, only the loss speaks.
    pub has_normals: bool,
    /// Whether the age is known.
    pub has_age: bool,
}

/// The terms that are deviations, and their measures.
const DEVIATIONS: [(Term, VertebralMeasure); 4] = [
    (Term::Wedge, VertebralMeasure::AnteriorToPosterior),
    (Term::Biconcavity, VertebralMeasure::MiddleToPosterior),
    (Term::AnteriorToNeighbors, VertebralMeasure::AnteriorToNeighbors),
    (Term::PosteriorToNeighbors, VertebralMeasure::PosteriorToNeighbors),
];

/// The evidence about a vertebra with this largest loss, in a spine whose levels are deformed by so much.
pub(super) fn evidence(
    vertebra: &InSpine<'_>,
    largest_loss: f64,
    deformities: &BTreeMap<Level, f64>,
    age: Option<Years>,
) -> Evidence {
    let mut values = Coefficients::default();
    values.set(Term::Intercept, 1.0);
    values.set(Term::Loss, largest_loss.clamp(-LARGEST_LOSS, LARGEST_LOSS));
    let deviations: Vec<(Term, Deviation)> = DEVIATIONS
        .into_iter()
        .filter_map(|(term, measure)| Some((term, vertebra.deviation(measure, None)?)))
        .collect();
    for (term, deviation) in &deviations {
        values.set(*term, (-deviation.z()).clamp(-LARGEST_DEVIATION, LARGEST_DEVIATION));
    }
    if let Some(term) = part_of_spine(vertebra.level) {
        values.set(term, 1.0);
    }
    let others = deformities.iter().filter(|(level, _)| **level != vertebra.level);
    let most = others.map(|(_, deformity)| *deformity).fold(0.0, f64::max);
    values.set(Term::OtherDeformity, (most - DEFORMED_FROM).clamp(0.0, LARGEST_OTHER));
    if let Some(age) = age {
        values.set(Term::Age, (age.get().clamp(*AGES.start(), *AGES.end()) - 60.0) / 10.0);
    }
    Evidence {
        values,
        deviations,
        has_normals: vertebra.normals.knows(vertebra.level),
        has_age: age.is_some(),
    }
}

/// Standard deviations that the lower of anterior and middle height lies below normal for the depth of the
/// body: a measure of deformity that needs no other vertebra.
pub(super) fn deformity(vertebra: &InSpine<'_>) -> Option<f64> {
    let below = |measure| vertebra.deviation(measure, None).map(|found| -found.z());
    let anterior = below(VertebralMeasure::AnteriorToDepth)?;
    Some(anterior.max(below(VertebralMeasure::MiddleToDepth)?))
}

/// Parts of the spine where readers call the same shape a fracture more or less often than at T7 to T10.
fn part_of_spine(level: Level) -> Option<Term> {
    match level {
        Level::T4 | Level::T5 | Level::T6 => Some(Term::UpperThoracic),
        Level::T7 | Level::T8 | Level::T9 | Level::T10 => None,
        Level::T11 | Level::T12 | Level::L1 => Some(Term::ThoracolumbarJunction),
        Level::L2 | Level::L3 | Level::L4 | Level::L5 => Some(Term::LowerLumbar),
    }
}
