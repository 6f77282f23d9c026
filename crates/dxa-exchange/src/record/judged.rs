//! What a study amounts to: assessment, changes, quality, doubts and refusals.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Landmark;

/// What the scores amount to under a profile.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Assessment {
    /// Rules in force.
    pub profile: String,
    /// `option`, `config` or `default`.
    pub profile_source: Option<String>,
    /// `T` or `Z`.
    pub score_basis: Option<String>,
    /// The lowest T-score.
    pub lowest: Option<Lowest>,
    /// WHO category.
    pub who_category: Option<String>,
    /// Category on Z-scores.
    pub age_category: Option<String>,
    /// Diagnosis by criteria.
    pub diagnosis: Diagnosis,
    /// Stratum of risk.
    pub fracture_risk: Option<String>,
    /// Vertebral fracture assessment is indicated.
    pub vfa_indicated: Option<bool>,
    /// Every rule with its answer.
    pub rules: Vec<Rule>,
}

/// The region that decides.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Lowest {
    /// Site code.
    pub site: String,
    /// Side.
    pub laterality: Option<String>,
    /// T-score.
    pub t: f64,
    /// Compared with whom.
    pub reference: String,
}

/// Diagnosis by criteria.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Diagnosis {
    /// `None` when it cannot be told.
    pub osteoporosis: Option<bool>,
    /// Rules that hold.
    pub criteria: Vec<String>,
}

/// A rule with its answer.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Rule {
    /// Rule id.
    pub id: String,
    /// `fired`, `not_fired` or `cannot_tell`.
    pub outcome: String,
    /// What it saw.
    #[serde(default)]
    pub inputs: Map<String, Value>,
    /// What it lacks.
    #[serde(default)]
    pub missing: Vec<String>,
    /// What it came to beside yes and no.
    #[serde(default)]
    pub result: Map<String, Value>,
    /// Where it is from.
    #[serde(default)]
    pub source: String,
}

/// The change of one region since an earlier study.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Comparison {
    /// Index of the scan.
    pub scan: usize,
    /// Site code.
    pub site: String,
    /// Side.
    pub laterality: Option<String>,
    /// The earlier study.
    pub prior: Prior,
    /// Change of density.
    pub change_g_cm2: Option<f64>,
    /// The same in percent.
    pub change_percent: Option<f64>,
    /// Least significant change.
    pub lsc_g_cm2: Option<f64>,
    /// The same in percent.
    pub lsc_percent: Option<f64>,
    /// `measured` or `default`.
    pub lsc_source: Option<String>,
    /// The change is real.
    pub significant: Option<bool>,
    /// Why the two are not compared.
    pub refused: Option<RefusedComparison>,
}

/// One level compared with an earlier image.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct LevelChange {
    /// Index of the scan.
    pub scan: usize,
    /// `T4` to `L5`.
    pub level: String,
    /// The earlier study.
    pub prior: Prior,
    /// `new_fracture`, `worse`, `same` or `better`.
    pub change: String,
    /// Percent of height lost since.
    pub loss_gained_percent: Option<f64>,
    /// Probability of a fracture since.
    pub new_fracture_probability: Option<f64>,
}

/// The earlier study.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Prior {
    /// Its Study Instance UID.
    pub study_instance_uid: Option<String>,
    /// Its date.
    pub date: Option<String>,
}

/// Why two studies are not compared.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct RefusedComparison {
    /// Code.
    pub code: String,
    /// One sentence.
    pub message: String,
}

/// One check of one scan.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Quality {
    /// Index of the scan.
    pub scan: usize,
    /// Which check.
    pub id: String,
    /// `pass`, `fail` or `not_evaluable`.
    pub status: String,
    /// What was measured.
    pub measured: Option<f64>,
    /// What it may be.
    pub limit: Option<f64>,
    /// Unit of both, UCUM.
    #[serde(default)]
    pub unit: Option<String>,
    /// Where on the image.
    #[serde(default)]
    pub evidence: Evidence,
}

/// Where on the image something was looked at.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// The shapes that were measured.
    pub landmarks: Vec<Landmark>,
}

/// A doubt.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Finding {
    /// Code.
    pub code: String,
    /// `note`, `review` or `withhold`.
    pub severity: String,
    /// Index of the scan.
    pub scan: Option<usize>,
    /// Site code.
    pub site: Option<String>,
    /// Side of the site.
    #[serde(default)]
    pub laterality: Option<String>,
    /// One sentence.
    pub message: String,
}

/// A refusal.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Refusal {
    /// Code.
    pub code: String,
    /// Index of the scan.
    pub scan: Option<usize>,
    /// One sentence.
    pub message: String,
}
