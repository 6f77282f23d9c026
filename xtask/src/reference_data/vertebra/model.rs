//! Fitting the fracture model: evidence of graded vertebrae in, coefficients out.

use dxa_core::grade::{Evidence, Grader};
use dxa_core::reference::vertebrae::{Coefficients, FractureModel, Severity, Term, VertebralNormals};

use super::logistic;
use super::records::Reading;

/// Ridge on standardized terms: the strength of about ten observations.
pub(super) const RIDGE: f64 = 10.0;

/// A vertebra with what was seen of it and its final grade.
pub(super) struct Example {
    /// Index of the person.
    pub(super) person: usize,
    /// What speaks for and against.
    pub(super) evidence: Evidence,
    /// Largest loss.
    pub(super) loss: f64,
    /// Final grade.
    pub(super) grade: u8,
}

/// The graded vertebrae of these people; a person's index is the place in the list.
pub(super) fn examples(people: &[&Reading], normals: &VertebralNormals) -> Vec<Example> {
    let grader = Grader { normals, model: &FractureModel::default() };
    let mut examples = Vec::new();
    for (person, reading) in people.iter().enumerate() {
        for (level, found) in grader.grade(&reading.points, reading.person) {
            if let (Ok(found), Some(grade)) = (found, reading.grades.get(&level)) {
                let loss = found.losses.largest();
                examples.push(Example { person, evidence: found.evidence, loss, grade: *grade });
            }
        }
    }
    examples
}

/// Fits the model.
pub(super) fn fit(examples: &[Example]) -> FractureModel {
    let without_age: Vec<Term> = Term::ALL.into_iter().filter(|term| *term != Term::Age).collect();
    FractureModel {
        without_age: fracture(examples, &without_age),
        with_age: fracture(examples, &Term::ALL),
        loss_only: fracture(examples, &[Term::Intercept, Term::Loss]),
        severity: severity(examples),
    }
}

fn fracture(examples: &[Example], terms: &[Term]) -> Coefficients {
    let row = |example: &Example| terms.iter().map(|term| example.evidence.values.of(*term)).collect();
    let rows: Vec<Vec<f64>> = examples.iter().map(row).collect();
    let outcomes: Vec<bool> = examples.iter().map(|example| example.grade > 0).collect();
    let mut coefficients = Coefficients::default();
    for (term, value) in terms.iter().zip(logistic::fit(&rows, &outcomes, RIDGE)) {
        coefficients.set(*term, dxa_core::units::round_half_away(value, 5));
    }
    coefficients
}

/// Grades of fractures: both thresholds in one regression with a slope in common.
fn severity(examples: &[Example]) -> Severity {
    let (mut rows, mut outcomes) = (Vec::new(), Vec::new());
    for example in examples.iter().filter(|example| example.grade > 0) {
        rows.push(vec![example.loss, 1.0, 0.0]);
        outcomes.push(example.grade >= 2);
        rows.push(vec![example.loss, 0.0, 1.0]);
        outcomes.push(example.grade >= 3);
    }
    let found = logistic::fit(&rows, &outcomes, 0.0);
    let number = |at: usize| dxa_core::units::round_half_away(found.get(at).copied().unwrap_or(0.0), 5);
    Severity { slope: number(0), moderate: -number(1), severe: -number(2) }
}
