//! Numbers that a device already computed, as it wrote them: carried, never replaced.

use crate::findings::Finding;
use crate::site::{Side, Site};

/// One region row of a device's own result. Values are what the device wrote, in the units named.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportedRegion {
    /// Region.
    pub site: Site,
    /// Side, when the row, its table or its object says one.
    pub side: Option<Side>,
    /// Projected area, cm².
    pub area_cm2: Option<f64>,
    /// Bone mineral content, g.
    pub bmc_g: Option<f64>,
    /// Bone mineral density, g/cm².
    pub bmd_g_cm2: Option<f64>,
    /// The device's T-score.
    pub t: Option<f64>,
    /// The device's Z-score.
    pub z: Option<f64>,
    /// The reference population as the device printed it.
    pub reference: Option<String>,
}

impl ReportedRegion {
    /// A row without numbers yet.
    #[must_use]
    pub fn new(site: Site, side: Option<Side>) -> Self {
        Self { site, side, area_cm2: None, bmc_g: None, bmd_g_cm2: None, t: None, z: None, reference: None }
    }

    /// Whether the row carries any number at all.
    #[must_use]
    pub fn has_number(&self) -> bool {
        [self.area_cm2, self.bmc_g, self.bmd_g_cm2, self.t, self.z].iter().any(Option::is_some)
    }
}

/// Part of the body for which composition is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BodyPart {
    /// Head.
    Head,
    /// Left arm.
    LeftArm,
    /// Right arm.
    RightArm,
    /// Trunk.
    Trunk,
    /// Pelvis.
    Pelvis,
    /// Left leg.
    LeftLeg,
    /// Right leg.
    RightLeg,
    /// Android region.
    Android,
    /// Gynoid region.
    Gynoid,
    /// Whole body.
    Total,
}

impl BodyPart {
    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::LeftArm => "left_arm",
            Self::RightArm => "right_arm",
            Self::Trunk => "trunk",
            Self::Pelvis => "pelvis",
            Self::LeftLeg => "left_leg",
            Self::RightLeg => "right_leg",
            Self::Android => "android",
            Self::Gynoid => "gynoid",
            Self::Total => "total",
        }
    }
}

/// Composition of one body part as the device reported it; masses in grams.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportedComposition {
    /// Which part.
    pub part: BodyPart,
    /// Fat mass, g.
    pub fat_g: Option<f64>,
    /// Lean mass, g (as the device defines it; see the column's name in the items).
    pub lean_g: Option<f64>,
    /// Total mass, g.
    pub total_g: Option<f64>,
    /// Fat, percent of total mass.
    pub fat_percent: Option<f64>,
}

/// Why a device item is carried as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemStatus {
    /// A known quantity that is passed through and never computed or classified here (QCT, ultrasound, TBS, scan constants).
    PassedThrough,
    /// A key, code or row that this software does not know.
    Unknown,
}

impl ItemStatus {
    /// Its code in results.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::PassedThrough => "passed_through",
            Self::Unknown => "unknown",
        }
    }
}

/// A key and value of the device that is none of the fields above: kept, never dropped.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceItem {
    /// The device's key, column, or concept as written, e.g. `ResultsTable1[ 3][ 5]`, `TBS L1-L4`.
    pub key: String,
    /// Concept code as `value,scheme`, where the item was coded.
    pub code: Option<String>,
    /// Value as written.
    pub value: String,
    /// Unit as written.
    pub unit: Option<String>,
    /// Why it is here.
    pub status: ItemStatus,
}

/// Anatomy that a device's own result speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReportedAnatomy {
    /// AP lumbar spine.
    Spine,
    /// Proximal femur.
    Hip,
    /// Forearm.
    Forearm,
    /// Whole body.
    WholeBody,
}

/// Everything read from one device result (analysis text, structured report, text layer of a PDF).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeviceReport {
    /// Region rows in the order of the source.
    pub regions: Vec<ReportedRegion>,
    /// Body composition rows.
    pub composition: Vec<ReportedComposition>,
    /// What was neither.
    pub items: Vec<DeviceItem>,
    /// Doubts: unknown keys, totals that do not add up, units that contradict their concept.
    pub findings: Vec<Finding>,
    /// The one anatomy all rows speak of; `None` when they speak of several or none.
    pub anatomy: Option<ReportedAnatomy>,
}
