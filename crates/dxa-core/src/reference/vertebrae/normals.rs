//! Normal heights and ratios of vertebral bodies: mean and standard deviation by level and sex.

use std::collections::BTreeMap;

use super::super::error::TableProblem;
use super::super::library::SourceFile;
use super::{number, rows};
use crate::patient::Sex;
use crate::vertebra::Level;

/// A scale-free measure of a vertebral body. Names say what is divided by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VertebralMeasure {
    /// Anterior height in parts of the mean posterior height of T4 to L4: a profile, used as a ratio of levels.
    AnteriorHeight,
    /// Posterior height in the same parts.
    PosteriorHeight,
    /// Ha / Hp.
    AnteriorToPosterior,
    /// Hm / Hp.
    MiddleToPosterior,
    /// Hp / Hp of the level above.
    PosteriorToAbove,
    /// Hp / Hp of the level below.
    PosteriorToBelow,
    /// Ha / expected posterior height.
    AnteriorToExpected,
    /// Hm / expected posterior height.
    MiddleToExpected,
    /// Hp / expected posterior height.
    PosteriorToExpected,
    /// Ha / the anterior height that the neighbors let expect.
    AnteriorToNeighbors,
    /// Hp / the posterior height that the neighbors let expect.
    PosteriorToNeighbors,
    /// Ha / mean length of the endplates.
    AnteriorToDepth,
    /// Hm / mean length of the endplates.
    MiddleToDepth,
    /// Depression of the superior endplate / its length.
    SuperiorDepression,
    /// Depression of the inferior endplate / its length.
    InferiorDepression,
}

impl VertebralMeasure {
    /// All, in the order of the table.
    pub const ALL: [Self; 15] = [
        Self::AnteriorHeight,
        Self::PosteriorHeight,
        Self::AnteriorToPosterior,
        Self::MiddleToPosterior,
        Self::PosteriorToAbove,
        Self::PosteriorToBelow,
        Self::AnteriorToExpected,
        Self::MiddleToExpected,
        Self::PosteriorToExpected,
        Self::AnteriorToNeighbors,
        Self::PosteriorToNeighbors,
        Self::AnteriorToDepth,
        Self::MiddleToDepth,
        Self::SuperiorDepression,
        Self::InferiorDepression,
    ];

    /// Its name in tables and explanations.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::AnteriorHeight => "anterior_height",
            Self::PosteriorHeight => "posterior_height",
            Self::AnteriorToPosterior => "anterior_to_posterior",
            Self::MiddleToPosterior => "middle_to_posterior",
            Self::PosteriorToAbove => "posterior_to_above",
            Self::PosteriorToBelow => "posterior_to_below",
            Self::AnteriorToExpected => "anterior_to_expected",
            Self::MiddleToExpected => "middle_to_expected",
            Self::PosteriorToExpected => "posterior_to_expected",
            Self::AnteriorToNeighbors => "anterior_to_neighbors",
            Self::PosteriorToNeighbors => "posterior_to_neighbors",
            Self::AnteriorToDepth => "anterior_to_depth",
            Self::MiddleToDepth => "middle_to_depth",
            Self::SuperiorDepression => "superior_depression",
            Self::InferiorDepression => "inferior_depression",
        }
    }
}

/// Mean and standard deviation of a measure among vertebrae without fracture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normal {
    /// Vertebrae counted, after trimming.
    pub n: u32,
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
}

impl Normal {
    /// How many standard deviations a value lies above the mean.
    #[must_use]
    pub fn z(&self, value: f64) -> f64 {
        (value - self.mean) / self.sd
    }
}

/// Normals by measure, level and sex; without a sex, of both together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VertebralNormals(BTreeMap<Key, Normal>);

/// Measure, level and sex.
type Key = (VertebralMeasure, Level, Option<Sex>);

/// The header of the table.
const HEADER: [&str; 6] = ["measure", "level", "sex", "n", "mean", "sd"];

impl VertebralNormals {
    /// Reads `<id>.csv` whose checksum stands in `<id>.toml`.
    ///
    /// # Errors
    /// The problem that a table of densities with the same fault would have.
    pub fn load(id: &str, files: &[SourceFile<'_>]) -> Result<Self, TableProblem> {
        let mut normals = Self::default();
        for record in rows(id, files, &HEADER)? {
            let (key, normal) = row(&record).ok_or_else(|| TableProblem::Csv(format!("{record:?}")))?;
            if normals.0.insert(key, normal).is_some() {
                return Err(TableProblem::Csv(format!("{record:?} repeats a row")));
            }
        }
        Ok(normals)
    }

    /// Adds or replaces a row.
    pub fn set(&mut self, measure: VertebralMeasure, level: Level, sex: Option<Sex>, normal: Normal) {
        self.0.insert((measure, level, sex), normal);
    }

    /// The normal of exactly this measure, level and sex; never that of a neighbor.
    #[must_use]
    pub fn get(&self, measure: VertebralMeasure, level: Level, sex: Option<Sex>) -> Option<&Normal> {
        self.0.get(&(measure, level, sex))
    }

    /// Whether the level has normals at all.
    #[must_use]
    pub fn knows(&self, level: Level) -> bool {
        self.get(VertebralMeasure::AnteriorToPosterior, level, None).is_some()
    }

    /// The table as CSV, the bytes that [`VertebralNormals::load`] reads.
    #[must_use]
    pub fn to_csv(&self) -> Vec<u8> {
        let mut text = HEADER.join(",");
        for ((measure, level, sex), normal) in &self.0 {
            let Normal { n, mean, sd } = normal;
            let sex = sex.map_or("all", Sex::code);
            text.push_str(&format!("\n{},{level},{sex},{n},{mean:.5},{sd:.5}", measure.code()));
        }
        text.push('\n');
        text.into_bytes()
    }
}

fn row(record: &csv::StringRecord) -> Option<(Key, Normal)> {
    let measure = VertebralMeasure::ALL.into_iter().find(|measure| measure.code() == &record[0])?;
    let sex = match record.get(2)? {
        "F" => Some(Sex::Female),
        "M" => Some(Sex::Male),
        "all" => None,
        _ => return None,
    };
    let normal = Normal { n: record.get(3)?.parse().ok()?, mean: number(record, 4)?, sd: number(record, 5)? };
    (normal.sd > 0.0).then_some(((measure, record.get(1)?.parse().ok()?, sex), normal))
}
