//! Probabilities of people by models that were fitted on others.

use dxa_core::reference::vertebrae::FractureModel;

use super::model::{self, Example};
use super::normals;
use super::random::Random;
use super::records::Reading;

/// Parts that the people are divided into; each is predicted from the others.
const FOLDS: usize = 10;

/// One vertebra with what was predicted of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Prediction {
    /// Index of the person.
    pub(crate) person: usize,
    /// Final grade.
    pub(crate) grade: u8,
    /// Largest loss of height: the rule without a model.
    pub(crate) loss: f64,
    /// Grade by the rule.
    pub(crate) rule: u8,
    /// Probabilities of the grades with the age known.
    pub(crate) with_age: [f64; 4],
    /// The same without it.
    pub(crate) without_age: [f64; 4],
}

/// Every graded vertebra, predicted by normals and a model that its person had no part in.
pub(crate) fn predict(people: &[Reading], seed: u64) -> Vec<Prediction> {
    let folds = folds(people, seed);
    let mut predictions = Vec::new();
    for fold in 0..FOLDS {
        let train: Vec<&Reading> = chosen(people, &folds, |of| of != fold).map(|(_, one)| one).collect();
        let normals = normals::make(&train);
        let model = model::fit(&model::examples(&train, &normals));
        let (indices, test): (Vec<usize>, Vec<&Reading>) = chosen(people, &folds, |of| of == fold).unzip();
        for example in model::examples(&test, &normals) {
            predictions.push(prediction(&model, example, &indices));
        }
    }
    predictions
}

fn prediction(model: &FractureModel, example: Example, indices: &[usize]) -> Prediction {
    let with_age = model.probabilities(&example.evidence, example.loss);
    let ageless = dxa_core::grade::Evidence { has_age: false, ..example.evidence };
    Prediction {
        person: indices[example.person],
        grade: example.grade,
        loss: example.loss,
        rule: dxa_core::grade::grade_of(example.loss),
        with_age,
        without_age: model.probabilities(&ageless, example.loss),
    }
}

fn chosen<'p>(
    people: &'p [Reading],
    folds: &'p [usize],
    keep: impl Fn(usize) -> bool + 'p,
) -> impl Iterator<Item = (usize, &'p Reading)> {
    people.iter().enumerate().filter(move |(index, _)| keep(folds[*index]))
}

/// The fold of each person, so that people with the same worst grade are spread evenly.
fn folds(people: &[Reading], seed: u64) -> Vec<usize> {
    let mut random = Random::new(seed);
    let mut order: Vec<(u8, u64, usize)> =
        people.iter().enumerate().map(|(index, one)| (one.worst(), random.next(), index)).collect();
    order.sort_unstable();
    let mut folds = vec![0; people.len()];
    for (place, (_, _, index)) in order.into_iter().enumerate() {
        folds[index] = place % FOLDS;
    }
    folds
}
