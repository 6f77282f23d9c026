//! How well a scan was taken: one record for each check, with what was measured and where.

use crate::outline::Landmark;

/// What came of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QualityStatus {
    /// Within its limit.
    Pass,
    /// Beyond its limit.
    Fail,
    /// It could not be measured here.
    NotEvaluable,
}

impl QualityStatus {
    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::NotEvaluable => "not_evaluable",
        }
    }
}

/// One check of one scan.
#[derive(Clone, Debug, PartialEq)]
pub struct QualityRecord {
    /// Index of the scan.
    pub scan: usize,
    /// Stable id, as `spine-tilt` (docs/quality.md lists all).
    pub id: &'static str,
    /// What came of it.
    pub status: QualityStatus,
    /// What was measured.
    pub measured: Option<f64>,
    /// The limit it is held against.
    pub limit: Option<f64>,
    /// Unit of both, UCUM.
    pub unit: &'static str,
    /// Where on the image.
    pub evidence: Vec<Landmark>,
}
