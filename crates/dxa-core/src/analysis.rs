//! An analysed study: what every encoder and page is made from.

use jiff::civil::Date;

use crate::findings::{Finding, Refusal};
use crate::patient::Patient;
use crate::reported::{DeviceItem, ReportedComposition};
use crate::score::Score;
use crate::site::{Side, Site};
use crate::study::Scan;

/// One study, analysed.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// Study Instance UID.
    pub study_instance_uid: Option<String>,
    /// Accession Number.
    pub accession_number: Option<String>,
    /// Study Date, else the date of a scan.
    pub date: Option<Date>,
    /// Study Description.
    pub description: Option<String>,
    /// Who was scanned.
    pub patient: Patient,
    /// Its scans; everything else refers to them by index.
    pub scans: Vec<Scan>,
    /// Regions by scan, then site, then side.
    pub regions: Vec<Region>,
    /// Body composition by scan.
    pub composition: Vec<(usize, ReportedComposition)>,
    /// Device items by scan.
    pub device_items: Vec<(usize, DeviceItem)>,
    /// What the scores amount to.
    pub assessment: Assessment,
    /// Doubts.
    pub findings: Vec<Finding>,
    /// Refusals.
    pub refusals: Vec<Refusal>,
    /// What computed it.
    pub provenance: Provenance,
}

/// How a number came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The device computed and wrote it.
    DeviceReported,
    /// This software computed it.
    Computed,
}

impl Origin {
    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::DeviceReported => "device_reported",
            Self::Computed => "computed",
        }
    }
}

/// One region of one scan.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// Index of the scan.
    pub scan: usize,
    /// Region.
    pub site: Site,
    /// Side.
    pub side: Option<Side>,
    /// Projected area, cm².
    pub area_cm2: Option<f64>,
    /// Bone mineral content, g.
    pub bmc_g: Option<f64>,
    /// Bone mineral density, g/cm².
    pub bmd_g_cm2: Option<f64>,
    /// Where the numbers come from.
    pub origin: Origin,
    /// How they were computed; `None` when the device reported them.
    pub method: Option<&'static str>,
    /// The device's own scores.
    pub device: DeviceScores,
    /// Our scores.
    pub scores: Vec<Score>,
}

/// Scores as the device printed them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeviceScores {
    /// T-score.
    pub t: Option<f64>,
    /// Z-score.
    pub z: Option<f64>,
    /// Reference population as printed.
    pub reference: Option<String>,
}

/// What produced a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// Name and version.
    pub software: String,
    /// SHA-256 of everything that can change a number.
    pub protocol_sha256: String,
    /// Tables used, by id, with the SHA-256 of each.
    pub tables: Vec<(String, String)>,
}
