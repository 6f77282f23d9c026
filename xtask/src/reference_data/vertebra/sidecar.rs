//! The TOML beside the vertebral tables: where they come from, how they were made, how well they predict.

use anyhow::Result;
use serde::Serialize;

use super::super::nhanes::{Input, hex_sha256};
use super::model::RIDGE;
use super::records::Reading;
use super::report::{Accuracy, FIGURES};

/// Who and what was counted.
pub(super) struct Counts {
    people: usize,
    vertebrae: usize,
    grades: [usize; 4],
}

impl Counts {
    /// Counts.
    pub(super) fn of(people: &[&Reading]) -> Self {
        let mut grades = [0; 4];
        people
            .iter()
            .flat_map(|reading| reading.grades.values())
            .for_each(|grade| grades[usize::from(*grade)] += 1);
        let vertebrae = people.iter().map(|reading| reading.points.len()).sum();
        Self { people: people.len(), vertebrae, grades }
    }
}

/// Writes one sidecar.
pub(super) type Write = fn(&[u8], &Counts, &Accuracy, &Input) -> Result<String>;

#[derive(Serialize)]
struct Sidecar<D> {
    id: &'static str,
    version: &'static str,
    status: &'static str,
    population: &'static str,
    country: &'static str,
    manufacturer: &'static str,
    citation: &'static str,
    licence: &'static str,
    where_read: &'static str,
    sha256: String,
    derivation: D,
    inputs: Vec<Input>,
}

#[derive(Serialize)]
struct Normals {
    command: &'static str,
    method: &'static str,
    units: &'static str,
    weights: &'static str,
    people: usize,
    vertebrae: usize,
    final_grades: [usize; 4],
}

#[derive(Serialize)]
struct Model {
    command: &'static str,
    method: &'static str,
    ridge: f64,
    people: usize,
    final_grades: [usize; 4],
    cross_validation: &'static str,
    figures: Vec<FoundFigure>,
}

#[derive(Serialize)]
struct Spine {
    command: &'static str,
    method: &'static str,
    units: &'static str,
    reading_pixel_mm: f64,
    people: usize,
    vertebrae: usize,
    final_grades: [usize; 4],
}

#[derive(Serialize)]
struct FoundFigure {
    figure: &'static str,
    age_known: [f64; 3],
    age_not_known: [f64; 3],
}

const COMMAND: &str = "cargo xtask reference-data --nhanes-vfa DIR";

/// The sidecar of the normals.
///
/// # Errors
/// None in practice: every field is text or a number.
pub(super) fn normals(csv: &[u8], counts: &Counts, _: &Accuracy, input: &Input) -> Result<String> {
    let derivation = Normals {
        command: COMMAND,
        method: "mean and SD over vertebrae with final grade 0, values beyond 3 SD left out until none is; \
                 measured by the program that uses them",
        units: "ratios; anterior_height and posterior_height in parts of the mean posterior height of T4 to L4",
        weights: "none: the published readings carry no weights",
        people: counts.people,
        vertebrae: counts.vertebrae,
        final_grades: counts.grades,
    };
    text(dxa_core::reference::vertebrae::NORMALS_ID, csv, derivation, input)
}

/// The sidecar of the model.
///
/// # Errors
/// None in practice: every field is text or a number.
pub(super) fn model(csv: &[u8], counts: &Counts, accuracy: &Accuracy, input: &Input) -> Result<String> {
    let figures = FIGURES.iter().enumerate().map(|(at, figure)| {
        let of = |scorer: usize| {
            let found = accuracy.scorers[scorer].1[at];
            [found.value, found.low, found.high].map(|value| dxa_core::units::round_half_away(value, 4))
        };
        FoundFigure { figure, age_known: of(1), age_not_known: of(2) }
    });
    let derivation = Model {
        command: COMMAND,
        method: "logistic regression of final grade >= 1 with a ridge on standardized terms; thresholds of \
                 grades 2 and 3 among fractures by one slope of the largest loss",
        ridge: RIDGE,
        people: counts.people,
        final_grades: counts.grades,
        cross_validation: "ten parts by person, normals and model made from the other nine; mean over five \
                           divisions; 95 % intervals by drawing people again",
        figures: figures.collect(),
    };
    text(dxa_core::reference::vertebrae::MODEL_ID, csv, derivation, input)
}

/// The sidecar of the spine's shape.
///
/// # Errors
/// None in practice: every field is text or a number.
pub(super) fn spine(csv: &[u8], counts: &Counts, _: &Accuracy, input: &Input) -> Result<String> {
    let derivation = Spine {
        command: COMMAND,
        method: "means, standard deviations and covariances of the six points of vertebrae with final grade 0 in \
                 the frame of the body, and of the place of each body to the one above it, people brought to one \
                 size; people with even numbers, less those whom the simulator draws; T1, T2, T3 and L5 were not read and continue the trend of their neighbors with wider \
                 deviations",
        units: "mm and radians; the size of a reading's pixel is nowhere published and was taken as below",
        reading_pixel_mm: super::spine_shape::READING_MM,
        people: counts.people,
        vertebrae: counts.vertebrae,
        final_grades: counts.grades,
    };
    text(dxa_core::reference::vertebrae::SPINE_MODEL_ID, csv, derivation, input)
}

fn text<D: Serialize>(id: &'static str, csv: &[u8], derivation: D, input: &Input) -> Result<String> {
    let sidecar = Sidecar {
        id,
        version: "1",
        status: "derived",
        population: "US, 40 years and older",
        country: "US",
        manufacturer: "Hologic",
        citation: "National Center for Health Statistics, National Health and Nutrition Examination Survey \
                   2013-2014: vertebral fracture assessment and vertebral morphology by dual-energy X-ray \
                   absorptiometry; final grades by H. Genant.",
        licence: "US government public use",
        where_read: "one half of the public readings; the point columns put right, see the derivation",
        sha256: hex_sha256(csv),
        derivation,
        inputs: vec![input.clone()],
    };
    Ok(toml::to_string(&sidecar)?)
}
