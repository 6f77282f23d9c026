//! Which functions of calibrate, segment and measure apply to which scan.

use crate::decode::object::ReadObject;
use crate::field::Field;
use crate::findings::{Finding, Refusal, RefusalCode};
use crate::guard::Object;
use crate::outline::{Outlines, RegionOutline};
use crate::quality::QualityRecord;
use crate::study::Scan;

/// One value per pixel, and where the values come from.
#[derive(Debug)]
pub(super) struct Calibrated {
    pub(super) field: Field,
    pub(super) calibration: String,
}

/// What a region amounts to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount {
    pub(super) area_cm2: f64,
    pub(super) bmc_g: f64,
    pub(super) uncertainty_g_cm2: Option<f64>,
}

pub(super) const EDGE_RULE: &str = "";

pub(super) fn field(
    _walked: &[Object<'_>],
    _wanted: &[(usize, &ReadObject)],
    _scan: &Scan,
) -> Result<Calibrated, Refusal> {
    Err(Refusal::new(RefusalCode::NotEvaluable, "not yet"))
}

pub(super) fn outlines(_field: &Field, _scan: &Scan) -> Result<(Outlines, Vec<Finding>), Refusal> {
    Err(Refusal::new(RefusalCode::NotEvaluable, "not yet"))
}

pub(super) fn amount(_field: &Field, _region: &RegionOutline) -> Result<Amount, Refusal> {
    Err(Refusal::new(RefusalCode::NotEvaluable, "not yet"))
}

pub(super) fn quality(
    _index: usize,
    _field: &Field,
    _scan: &Scan,
    _outlines: &Outlines,
) -> Vec<QualityRecord> {
    Vec::new()
}

pub(super) fn gray(_walked: &[Object<'_>], _read: &[ReadObject], _scan: &Scan) -> Result<Field, Refusal> {
    Err(Refusal::new(RefusalCode::NotEvaluable, "not yet"))
}
