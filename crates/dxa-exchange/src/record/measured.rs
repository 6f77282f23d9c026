//! The numbers of a study: regions, body composition, vertebrae.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A region with its density and scores.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Region {
    /// Index of the scan.
    pub scan: usize,
    /// Site code.
    pub site: String,
    /// `L`, `R` or `B`.
    pub laterality: Option<String>,
    /// Projected area.
    pub area_cm2: Option<f64>,
    /// Bone mineral content.
    pub bmc_g: Option<f64>,
    /// Bone mineral density.
    pub bmd_g_cm2: Option<f64>,
    /// Where the numbers come from.
    pub provenance: String,
    /// How they were computed.
    pub method: Option<String>,
    /// One standard deviation of the density.
    pub uncertainty_g_cm2: Option<f64>,
    /// Corners of the region, `[column, row]`.
    pub polygon_px: Option<Vec<[f64; 2]>>,
    /// Why it is left out of totals.
    pub excluded: Option<Excluded>,
    /// Who takes it in, whatever a rule says.
    pub included: Option<Included>,
    /// Scores the device printed.
    #[serde(default)]
    pub device: DeviceScores,
    /// Our scores.
    #[serde(default)]
    pub scores: Vec<Score>,
}

/// Why a vertebra does not stand for the spine, and who says so.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Excluded {
    /// Reason code.
    pub reason: String,
    /// `rule` or `user`.
    pub by: String,
}

/// Who takes a vertebra in that a rule leaves out.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Included {
    /// `user`.
    pub by: String,
}

/// Scores as the device printed them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct DeviceScores {
    /// T-score.
    pub t: Option<f64>,
    /// Z-score.
    pub z: Option<f64>,
    /// Reference population as printed.
    pub reference: Option<String>,
}

/// A score with its reference.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Score {
    /// `T` or `Z`.
    pub kind: String,
    /// As shown.
    pub value: f64,
    /// Before rounding.
    pub exact: Option<f64>,
    /// Percent of the reference mean.
    pub percent: Option<f64>,
    /// The table was asked for by name and decides nothing.
    #[serde(default)]
    pub named: bool,
    /// Compared with whom.
    pub reference: Reference,
    /// Of body composition: which quantity was scored.
    pub quantity: Option<String>,
    /// Of body composition: its value.
    pub measured: Option<f64>,
    /// Of body composition: its unit.
    pub unit: Option<String>,
}

/// A reference population.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Reference {
    /// Table.
    pub id: String,
    /// Version of the table.
    pub version: String,
    /// Who was measured for it.
    pub population: String,
    /// How far it can be trusted.
    pub status: String,
    /// What its source calls the site, where that is not exact.
    #[serde(default)]
    pub site_as_stated: Option<String>,
}

/// Composition of one part of the body.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Composition {
    /// Index of the scan.
    pub scan: usize,
    /// Part of the body.
    pub region: String,
    /// Fat mass.
    pub fat_g: Option<f64>,
    /// Lean mass.
    pub lean_g: Option<f64>,
    /// Total mass.
    pub total_g: Option<f64>,
    /// Fat, percent of total mass.
    pub fat_percent: Option<f64>,
    /// Our scores.
    #[serde(default)]
    pub scores: Vec<Score>,
}

/// The geometry of a hip.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct HipGeometry {
    /// From the pelvic rim to below the greater trochanter.
    pub hip_axis_length_mm: Option<f64>,
    /// Between neck and shaft.
    pub neck_shaft_angle_deg: Option<f64>,
    /// At its narrowest.
    pub neck_width_mm: Option<f64>,
}

/// Something that a device says beside its densities.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct DeviceItem {
    /// Index of the scan.
    pub scan: usize,
    /// Its name.
    pub key: String,
    /// Its code and scheme, where it has one.
    pub code: Option<String>,
    /// As written.
    pub value: String,
    /// As written.
    pub unit: Option<String>,
}

/// One vertebra of a lateral scan.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Vertebra {
    /// Index of the scan.
    pub scan: usize,
    /// `T4` to `L5`.
    pub level: String,
    /// It could be judged.
    pub evaluable: bool,
    /// Why it could not.
    #[serde(default)]
    pub not_evaluable_reason: Option<String>,
    /// `automatic`, `user` or `reported`.
    pub provenance: String,
    /// The six points, `[column, row]`.
    pub points_px: Option<Points>,
    /// Heights; `None` without pixel spacing.
    pub heights_mm: Option<Heights>,
    /// Heights in pixels.
    pub heights_px: Option<Heights>,
    /// Height losses.
    pub loss_percent: Option<Losses>,
    /// `none`, `wedge`, `biconcave` or `crush`.
    pub shape: Option<String>,
    /// 0 to 3.
    pub grade: Option<u8>,
    /// Probabilities of the grades 0 to 3.
    pub grade_probabilities: Option<Vec<f64>>,
    /// Probabilities that an expert gives the grades 0 to 3.
    #[serde(default)]
    pub expert_grade_probabilities: Option<Vec<f64>>,
    /// `suspected`, or what a reader says: `confirmed`, `rejected`.
    #[serde(default)]
    pub fracture: Option<String>,
    /// From 0, nothing shows, to 1.
    pub image_quality: Option<f64>,
    /// Doubts.
    #[serde(default)]
    pub flags: Vec<String>,
}

/// A line, point or circle on an image.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Landmark {
    /// Index of the scan, where it is not that of what it belongs to.
    #[serde(default)]
    pub scan: usize,
    /// Its stable name.
    pub name: String,
    /// `point`, `line`, `path`, `circle` or `area`.
    pub shape: String,
    /// `[column, row]`.
    pub points_px: Vec<[f64; 2]>,
    /// Of a circle, along columns and rows.
    pub radius_px: Option<[f64; 2]>,
}

/// The six points of a vertebral body.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Points {
    /// Posterior superior.
    pub ps: Option<[f64; 2]>,
    /// Middle superior.
    pub ms: Option<[f64; 2]>,
    /// Anterior superior.
    #[serde(rename = "as")]
    pub as_: Option<[f64; 2]>,
    /// Anterior inferior.
    pub ai: Option<[f64; 2]>,
    /// Middle inferior.
    pub mi: Option<[f64; 2]>,
    /// Posterior inferior.
    pub pi: Option<[f64; 2]>,
}

/// Heights of a vertebral body.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Heights {
    /// In front.
    pub anterior: Option<f64>,
    /// In the middle.
    pub middle: Option<f64>,
    /// Behind.
    pub posterior: Option<f64>,
}

/// Height losses, percent.
pub type Losses = Heights;

/// The spine as a whole.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Spine {
    /// Index of the scan.
    pub scan: usize,
    /// Sum of the grades.
    pub deformity_index: Option<f64>,
    /// Angles by the levels between which they are measured.
    #[serde(default)]
    pub kyphosis_deg: Option<BTreeMap<String, Option<f64>>>,
    /// Levels that could be judged.
    #[serde(default)]
    pub levels_evaluated: Vec<String>,
    /// `left` or `right`.
    pub anterior: Option<String>,
    /// Lead of the labels over the next best ones.
    pub level_margin: Option<f64>,
    /// Which those are.
    pub level_alternative: Option<i64>,
    /// By how many levels a user moved the labels.
    pub level_shift: Option<i64>,
}
