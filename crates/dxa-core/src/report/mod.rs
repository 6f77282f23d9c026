//! One analysed study: what every encoder and page is made from.

mod area_change;
mod differences;
mod duplicates;
mod history;
mod refusals;

pub use area_change::mark_area_changes;
pub(crate) use differences::device_differences;
pub use duplicates::mark_duplicates;
pub use history::{Compared, History};
pub(crate) use refusals::{missing_named, missing_scores};

use jiff::civil::Date;

use crate::assess::Assessment;
use crate::decode::text::RawText;
use crate::findings::{Finding, Refusal};
use crate::measurement::Measurement;
use crate::outline::Outlines;
use crate::patient::Patient;
use crate::quality::QualityRecord;
use crate::reported::{DeviceItem, ReportedComposition};
use crate::score::{CompositionScore, Score};
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
    /// The objects of each scan, as indices of those that were given.
    pub places: Vec<Vec<usize>>,
    /// What was found on the image of each scan.
    pub outlines: Vec<Outlines>,
    /// How well each scan was taken.
    pub quality: Vec<QualityRecord>,
    /// Body composition by scan.
    pub composition: Vec<(usize, ReportedComposition)>,
    /// Scores of body composition by scan.
    pub composition_scores: Vec<(usize, CompositionScore)>,
    /// Device items by scan.
    pub device_items: Vec<(usize, DeviceItem)>,
    /// Texts that were read in another character set than declared, by scan, with the bytes as they stood.
    pub repaired_texts: Vec<(usize, RawText)>,
    /// What the scores amount to.
    pub assessment: Assessment,
    /// Doubts.
    pub findings: Vec<Finding>,
    /// Refusals.
    pub refusals: Vec<Refusal>,
    /// What computed it.
    pub provenance: Provenance,
}

/// A measurement with our scores of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// What was measured.
    pub measurement: Measurement,
    /// Our scores, T before Z.
    pub scores: Vec<Score>,
    /// Scores against the tables that were asked for by name, in the order of the tables.
    pub named: Vec<Score>,
}

/// What produced a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// Name and version.
    pub software: String,
    /// Profile.
    pub profile: String,
    /// SHA-256 of everything that can change a number.
    pub protocol_sha256: String,
    /// Tables behind the scores, by id, with the SHA-256 of each.
    pub tables: Vec<(String, String)>,
}
