//! The figures of `dxa grade` on people that its model was not fitted on.

use std::path::Path;

use anyhow::Result;
use dxa_core::reference::vertebrae::{FractureModel, Term};

use super::super::validation::Proof;
use super::cross_validation::{Prediction, predict};
use super::figures::{Figure, Ranking, Scored, bootstrap};
use super::records::{self, Reading};

/// Divisions of the people that figures are averaged over.
const DIVISIONS: u64 = 5;
const SEED: u64 = 20;

/// Specificity at which the sensitivity for any fracture is given.
const SPECIFICITY_ANY: f64 = 0.996;
/// Specificity at which the sensitivity for grade 2 and above is given.
const SPECIFICITY_MODERATE: f64 = 0.998;

/// A way to score a vertebra.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scorer {
    /// The largest loss of height.
    Loss,
    /// The probability with the age.
    WithAge,
    /// The probability without it.
    WithoutAge,
}

impl Scorer {
    const ALL: [Self; 3] = [Self::Loss, Self::WithAge, Self::WithoutAge];

    fn name(self) -> &'static str {
        match self {
            Self::Loss => "largest loss of height",
            Self::WithAge => "probability, age known",
            Self::WithoutAge => "probability, age not known",
        }
    }

    /// The scores for grade 1 and above, and for grade 2 and above.
    fn scores(self, of: &Prediction) -> [f64; 2] {
        let both = |p: [f64; 4]| [1.0 - p[0], p[2] + p[3]];
        match self {
            Self::Loss => [of.loss, of.loss],
            Self::WithAge => both(of.with_age),
            Self::WithoutAge => both(of.without_age),
        }
    }
}

/// Figures of one scorer: what, and how much.
pub(crate) const FIGURES: [&str; 6] = [
    "area under the curve, grade >= 1",
    "sensitivity at specificity 0.996, grade >= 1",
    "area under the curve, grade >= 2",
    "sensitivity at specificity 0.998, grade >= 2",
    "calibration error, grade >= 1",
    "calibration error, grade >= 2",
];

/// Everything that was found.
pub(crate) struct Accuracy {
    /// People and graded vertebrae.
    pub(crate) people: usize,
    pub(crate) vertebrae: usize,
    /// Vertebrae by final grade and by the rule's grade.
    pub(crate) grades: [[usize; 4]; 4],
    /// The figures of each scorer, in the order of [`FIGURES`].
    pub(crate) scorers: Vec<(Scorer, [Figure; 6])>,
    /// Area of the probability minus area of the loss: with the age known, and not known.
    pub(crate) gain: [Figure; 2],
}

/// The figures for the readings in a folder.
///
/// # Errors
/// Readings that cannot be read.
pub(crate) fn accuracy(folder: &Path) -> Result<Accuracy> {
    Ok(of(&records::read(folder)?.people))
}

/// The figures for these people, each predicted from others.
pub(super) fn of(people: &[Reading]) -> Accuracy {
    let divisions: Vec<Vec<Prediction>> = (0..DIVISIONS).map(|seed| predict(people, seed)).collect();
    let rankings: Vec<(Scorer, [Vec<Ranking>; 2])> = Scorer::ALL
        .into_iter()
        .map(|scorer| (scorer, [1, 2].map(|from| rank(&divisions, people.len(), scorer, from))))
        .collect();
    let mean = |rankings: &[Ranking], times: &[u32]| {
        let all = rankings.iter().map(|ranking| ranking.figures(times));
        let sum = all.fold([0.0; 3], |sum, one| {
            [sum[0] + one.area, sum[1] + one.sensitivity, sum[2] + one.calibration_error]
        });
        sum.map(|sum| sum / DIVISIONS as f64)
    };
    let figures = |[any, moderate]: &[Vec<Ranking>; 2], times: &[u32]| {
        let ([area, sensitivity, error], moderate) = (mean(any, times), mean(moderate, times));
        [area, sensitivity, moderate[0], moderate[1], error, moderate[2]]
    };
    let found: [Figure; 20] = bootstrap(people.len(), SEED, |times| {
        let all: Vec<[f64; 6]> = rankings.iter().map(|(_, rankings)| figures(rankings, times)).collect();
        let mut list = [0.0; 20];
        list.iter_mut().zip(all.iter().flatten()).for_each(|(slot, value)| *slot = *value);
        list[18] = all[1][0] - all[0][0];
        list[19] = all[2][0] - all[0][0];
        list
    });
    let scorers = Scorer::ALL.into_iter().enumerate();
    Accuracy {
        people: people.len(),
        vertebrae: divisions[0].len(),
        grades: grades(&divisions[0]),
        scorers: scorers.map(|(at, scorer)| (scorer, std::array::from_fn(|i| found[6 * at + i]))).collect(),
        gain: [found[18], found[19]],
    }
}

fn rank(divisions: &[Vec<Prediction>], people: usize, scorer: Scorer, from: u8) -> Vec<Ranking> {
    let scored = |of: &Prediction| Scored {
        person: of.person,
        score: scorer.scores(of)[usize::from(from) - 1],
        positive: of.grade >= from,
    };
    let specificity = if from == 1 { SPECIFICITY_ANY } else { SPECIFICITY_MODERATE };
    let ranking = |predictions: &Vec<Prediction>| {
        Ranking::new(predictions.iter().map(scored).collect(), people, specificity)
    };
    divisions.iter().map(ranking).collect()
}

fn grades(predictions: &[Prediction]) -> [[usize; 4]; 4] {
    let mut counts = [[0; 4]; 4];
    for prediction in predictions {
        counts[usize::from(prediction.grade.min(3))][usize::from(prediction.rule.min(3))] += 1;
    }
    counts
}

impl Accuracy {
    /// The table as Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut lines = vec![
            format!(
                "{} vertebrae of {} people, each person predicted from others:",
                self.vertebrae, self.people
            ),
            String::new(),
            format!("| score | {} |", FIGURES.join(" | ")),
            format!("|---|{}", "---|".repeat(FIGURES.len())),
        ];
        for (scorer, figures) in &self.scorers {
            let cells: Vec<String> = figures
                .iter()
                .enumerate()
                .map(
                    |(at, figure)| {
                        if at >= 4 && *scorer == Scorer::Loss { "–".to_owned() } else { shown(figure) }
                    },
                )
                .collect();
            lines.push(format!("| {} | {} |", scorer.name(), cells.join(" | ")));
        }
        lines.push(String::new());
        for (name, gain) in ["age known", "age not known"].iter().zip(&self.gain) {
            lines.push(format!("Area of the probability ({name}) minus area of the loss: {}.", shown(gain)));
        }
        lines.push(String::new());
        lines.push("| final grade | rule 0 | rule 1 | rule 2 | rule 3 |".to_owned());
        lines.push("|---|---|---|---|---|".to_owned());
        for (grade, row) in self.grades.iter().enumerate() {
            let cells: Vec<String> = row.iter().map(usize::to_string).collect();
            lines.push(format!("| {grade} | {} |", cells.join(" | ")));
        }
        lines.join("\n") + "\n"
    }

    fn figure(&self, scorer: Scorer, at: usize) -> Figure {
        let found = self.scorers.iter().find(|(of, _)| *of == scorer);
        found.map_or(Figure { value: f64::NAN, low: f64::NAN, high: f64::NAN }, |(_, figures)| figures[at])
    }
}

fn shown(figure: &Figure) -> String {
    format!("{:.4} ({:.4} to {:.4})", figure.value, figure.low, figure.high)
}

/// What must hold of the model.
pub(super) fn proofs(accuracy: &Accuracy, model: &FractureModel) -> Vec<Proof> {
    let at = |index: usize| accuracy.figure(Scorer::WithAge, index);
    let proof = |claim, figure: Figure, holds| Proof { claim, found: shown(&figure), holds };
    let rising = [
        Term::Loss,
        Term::Wedge,
        Term::Biconcavity,
        Term::AnteriorToNeighbors,
        Term::PosteriorToNeighbors,
        Term::OtherDeformity,
        Term::Age,
    ];
    let falling: Vec<&str> = rising
        .into_iter()
        .filter(|term| model.with_age.of(*term) < 0.0 || model.without_age.of(*term) < 0.0)
        .map(Term::code)
        .collect();
    vec![
        proof("fractures of others: area under the curve at least 0.972", at(0), at(0).value >= 0.972),
        proof("above that of the loss alone, beyond chance", accuracy.gain[0], accuracy.gain[0].low > 0.0),
        proof("sensitivity at specificity 0.996 at least 0.62", at(1), at(1).value >= 0.62),
        proof(
            "grade 2 and above: sensitivity at specificity 0.998 at least 0.58",
            at(3),
            at(3).value >= 0.58,
        ),
        proof("calibration error at most 0.01", at(4), at(4).value <= 0.01),
        Proof {
            claim: "no more deformity makes a fracture less likely",
            found: format!("falling: {falling:?}"),
            holds: falling.is_empty(),
        },
        Proof {
            claim: "a severe fracture is no likelier than a moderate one",
            found: format!("{:?}", model.severity),
            holds: model.severity.slope > 0.0 && model.severity.severe > model.severity.moderate,
        },
    ]
}
