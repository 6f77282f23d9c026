//! One analyzed study as its JSON says it: what every other document is made from.
//!
//! Documents are encoded from the JSON and not from the computation, so that what is kept, corrected or signed is
//! exactly what leaves, and an old result can be sent again years later.

mod judged;
mod measured;

use serde::Deserialize;
use serde_json::{Map, Value};

pub use judged::{
    Assessment, Comparison, Diagnosis, Evidence, Finding, LevelChange, Lowest, Prior, Quality, Refusal,
    RefusedComparison, Rule,
};
pub use measured::{
    Composition, DeviceItem, DeviceScores, Excluded, Heights, HipGeometry, Included, Landmark, Losses,
    Points, Reference, Region, Score, Spine, Vertebra,
};

/// One study of a document `dxa.analysis/1`.
#[derive(Clone, Debug, Deserialize)]
pub struct Study {
    /// Which study.
    pub study: Identity,
    /// Whose.
    pub patient: Patient,
    /// Its scans; everything else refers to them by index.
    pub scans: Vec<Scan>,
    /// Densities.
    #[serde(default)]
    pub regions: Vec<Region>,
    /// What regions rest on.
    #[serde(default)]
    pub landmarks: Vec<Landmark>,
    /// Body composition.
    #[serde(default)]
    pub body_composition: Vec<Composition>,
    /// What devices say beside.
    #[serde(default)]
    pub device_items: Vec<DeviceItem>,
    /// Vertebral morphometry.
    #[serde(default)]
    pub vertebrae: Vec<Vertebra>,
    /// The spine as a whole.
    #[serde(default)]
    pub spine: Option<Spine>,
    /// What the numbers amount to.
    pub assessment: Assessment,
    /// Changes since an earlier study.
    #[serde(default)]
    pub comparisons: Vec<Comparison>,
    /// Changes of vertebrae since an earlier study.
    #[serde(default)]
    pub vertebra_comparisons: Vec<LevelChange>,
    /// How well each scan was taken.
    #[serde(default)]
    pub quality: Vec<Quality>,
    /// Doubts.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// Refusals.
    #[serde(default)]
    pub refusals: Vec<Refusal>,
    /// What computed it.
    pub provenance: Provenance,
}

/// Which study.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Identity {
    /// Study Instance UID.
    pub instance_uid: Option<String>,
    /// Accession Number.
    pub accession_number: Option<String>,
    /// `YYYY-MM-DD`.
    pub date: Option<String>,
    /// Study Description.
    pub description: Option<String>,
}

/// Whose study. `Debug` shows no identifier.
#[derive(Clone, Default, Deserialize)]
pub struct Patient {
    /// Patient ID.
    pub id: Option<String>,
    /// The name to show.
    pub name: Option<String>,
    /// The whole name, all component groups.
    pub name_raw: Option<String>,
    /// `F` or `M`.
    pub sex: Option<String>,
    /// `YYYY-MM-DD`.
    pub birth_date: Option<String>,
    /// Age at the scan.
    pub age_years: Option<f64>,
    /// Height.
    pub height_cm: Option<f64>,
    /// Weight.
    pub weight_kg: Option<f64>,
    /// Ethnic group as written.
    pub ethnic_group: Option<String>,
    /// The population it stands for.
    #[serde(default)]
    pub ethnicity: Option<String>,
}

impl std::fmt::Debug for Patient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Patient").field("sex", &self.sex).finish_non_exhaustive()
    }
}

/// One scan.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Scan {
    /// What it shows.
    pub kind: String,
    /// `L` or `R`.
    pub laterality: Option<String>,
    /// The best that can be had from it.
    pub tier: String,
    /// SOP Instance UIDs of its objects.
    pub sop_instance_uids: Vec<String>,
    /// Manufacturer.
    pub manufacturer: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Software versions.
    pub software: Option<String>,
    /// Rows of its image.
    pub rows: Option<u32>,
    /// Columns of its image.
    pub columns: Option<u32>,
    /// Size of a pixel, row then column.
    #[serde(default)]
    pub pixel_spacing_mm: Option<[f64; 2]>,
    /// Where that size comes from.
    #[serde(default)]
    pub spacing_source: Option<String>,
    /// Of a hip.
    #[serde(default)]
    pub hip_geometry: Option<HipGeometry>,
}

/// What computed the result.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Provenance {
    /// Name and version of the software.
    pub software: String,
    /// SHA-256 of everything that can change a number.
    pub protocol_sha256: String,
    /// Tables behind the scores, by id, with the SHA-256 of each.
    #[serde(default)]
    pub tables: Map<String, Value>,
    /// Version of this result of the study.
    #[serde(default = "first_version")]
    pub version: u32,
    /// The version it takes the place of.
    #[serde(default)]
    pub supersedes: Option<u32>,
}

fn first_version() -> u32 {
    1
}

/// Why a JSON document holds no studies to encode.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the JSON is not of schema {schema}: `{field}`: {why}", schema = crate::json::SCHEMA)]
pub struct RecordError {
    /// Where in the document.
    pub field: String,
    /// What is wrong there.
    pub why: String,
}

/// The studies of a document of schema `dxa.analysis/1`.
///
/// # Errors
/// JSON of another shape.
pub fn read(json: &[u8]) -> Result<Vec<Study>, RecordError> {
    #[derive(Deserialize)]
    struct Document {
        studies: Vec<Study>,
    }
    let mut reader = serde_json::Deserializer::from_slice(json);
    let document: Document = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| RecordError { field: error.path().to_string(), why: error.inner().to_string() })?;
    Ok(document.studies)
}
