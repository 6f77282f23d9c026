//! Coefficients that turn what is seen of a vertebra into the log-odds of a fracture and of its grade.

use super::super::error::TableProblem;
use super::super::library::SourceFile;
use super::{number, rows};

/// A piece of evidence; docs/grade.md says how each is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Term {
    /// Always 1.
    Intercept,
    /// The largest loss of height, up to 0.25.
    Loss,
    /// Standard deviations that Ha/Hp lies below normal.
    Wedge,
    /// Standard deviations that Hm/Hp lies below normal.
    Biconcavity,
    /// Standard deviations that the anterior height lies below what the neighbors let expect.
    AnteriorToNeighbors,
    /// Standard deviations that the posterior height lies below what the neighbors let expect.
    PosteriorToNeighbors,
    /// 1 at T4 to T6.
    UpperThoracic,
    /// 1 at T11 to L1.
    ThoracolumbarJunction,
    /// 1 at L2 to L4.
    LowerLumbar,
    /// How far the most deformed other vertebra of the spine lies beyond two standard deviations.
    OtherDeformity,
    /// Decades above 60 years.
    Age,
}

impl Term {
    /// All, in the order of the table.
    pub const ALL: [Self; 11] = [
        Self::Intercept,
        Self::Loss,
        Self::Wedge,
        Self::Biconcavity,
        Self::AnteriorToNeighbors,
        Self::PosteriorToNeighbors,
        Self::UpperThoracic,
        Self::ThoracolumbarJunction,
        Self::LowerLumbar,
        Self::OtherDeformity,
        Self::Age,
    ];

    /// Its name in tables and explanations.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Intercept => "intercept",
            Self::Loss => "loss",
            Self::Wedge => "wedge",
            Self::Biconcavity => "biconcavity",
            Self::AnteriorToNeighbors => "anterior_to_neighbors",
            Self::PosteriorToNeighbors => "posterior_to_neighbors",
            Self::UpperThoracic => "upper_thoracic",
            Self::ThoracolumbarJunction => "thoracolumbar_junction",
            Self::LowerLumbar => "lower_lumbar",
            Self::OtherDeformity => "other_deformity",
            Self::Age => "age",
        }
    }
}

/// A number for each term.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Coefficients(pub [f64; Term::ALL.len()]);

impl Coefficients {
    /// Σ coefficient · value: the log-odds.
    #[must_use]
    pub fn dot(&self, values: &Self) -> f64 {
        self.0.iter().zip(values.0).map(|(coefficient, value)| coefficient * value).sum()
    }

    /// The number of a term.
    #[must_use]
    pub fn of(&self, term: Term) -> f64 {
        self.0[term as usize]
    }

    /// Sets the number of a term.
    pub fn set(&mut self, term: Term, value: f64) {
        self.0[term as usize] = value;
    }
}

/// How the grade of a fracture follows from the largest loss: a proportional-odds model.
///
/// P(grade ≥ g | fracture) = σ(slope · loss − threshold of g)
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Severity {
    /// Log-odds for each unit of loss.
    pub slope: f64,
    /// Threshold of grade 2.
    pub moderate: f64,
    /// Threshold of grade 3; above that of grade 2.
    pub severe: f64,
}

/// The whole model.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FractureModel {
    /// Where the age is not known.
    pub without_age: Coefficients,
    /// Where the age is known.
    pub with_age: Coefficients,
    /// At a level without normals.
    pub loss_only: Coefficients,
    /// From fracture to grade.
    pub severity: Severity,
}

/// The header of the table.
const HEADER: [&str; 3] = ["part", "term", "coefficient"];

impl FractureModel {
    /// Reads `<id>.csv` whose checksum stands in `<id>.toml`; a term without a row is zero.
    ///
    /// # Errors
    /// The problem that a table of densities with the same fault would have.
    pub fn load(id: &str, files: &[SourceFile<'_>]) -> Result<Self, TableProblem> {
        let mut model = Self::default();
        for record in rows(id, files, &HEADER)? {
            let taken = number(&record, 2).and_then(|value| model.take(&record[0], &record[1], value));
            taken.ok_or_else(|| TableProblem::Csv(format!("{record:?}")))?;
        }
        Ok(model)
    }

    /// The table as CSV, the bytes that [`FractureModel::load`] reads.
    #[must_use]
    pub fn to_csv(&self) -> Vec<u8> {
        let mut text = HEADER.join(",");
        for (part, coefficients) in
            [("without_age", &self.without_age), ("with_age", &self.with_age), ("loss_only", &self.loss_only)]
        {
            for term in Term::ALL {
                let value = coefficients.of(term);
                if value.abs() > 0.0 {
                    text.push_str(&format!("\n{part},{},{value:.5}", term.code()));
                }
            }
        }
        let Severity { slope, moderate, severe } = self.severity;
        text.push_str(&format!("\nseverity,slope,{slope:.5}\nseverity,grade_2,{moderate:.5}"));
        text.push_str(&format!("\nseverity,grade_3,{severe:.5}\n"));
        text.into_bytes()
    }

    fn take(&mut self, part: &str, term: &str, value: f64) -> Option<()> {
        let coefficients = match part {
            "without_age" => &mut self.without_age,
            "with_age" => &mut self.with_age,
            "loss_only" => &mut self.loss_only,
            "severity" => return self.severity.take(term, value),
            _ => return None,
        };
        let term = Term::ALL.into_iter().find(|known| known.code() == term)?;
        coefficients.set(term, value);
        Some(())
    }
}

impl Severity {
    fn take(&mut self, term: &str, value: f64) -> Option<()> {
        *match term {
            "slope" => &mut self.slope,
            "grade_2" => &mut self.moderate,
            "grade_3" => &mut self.severe,
            _ => return None,
        } = value;
        Some(())
    }
}
