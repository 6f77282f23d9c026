//! The twenty cases of `fixtures`: what a bone densitometry archive really holds, one function a case.

use crate::broken::{truncated, without_header};
use crate::object::Object;
use crate::patient::{Patient, Study};
use crate::random::Random;
use crate::{fixtures_images as images, fixtures_results as results};

/// One file of the set.
#[derive(Clone, Debug)]
pub(crate) struct Fixture {
    /// File name.
    pub(crate) name: &'static str,
    /// What the file is for, one sentence.
    pub(crate) about: &'static str,
    /// What it holds.
    pub(crate) object: Object,
    /// What was done to its bytes.
    pub(crate) damage: Option<Damage>,
}

/// What can be done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Damage {
    /// Cut off.
    Truncated,
    /// Data set only.
    WithoutHeader,
}

impl Damage {
    /// The damaged file.
    pub(crate) fn apply(self, file: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Truncated => truncated(file),
            Self::WithoutHeader => without_header(&file),
        }
    }
}

/// A file as its object is, undamaged.
pub(crate) fn file(name: &'static str, about: &'static str, object: Object) -> Fixture {
    Fixture { name, about, object, damage: None }
}

/// The whole set, in the order of the cases.
pub(crate) fn all(seed: u64) -> Vec<Fixture> {
    let cases: [fn(u64) -> Vec<Fixture>; 20] = [
        images::ge_ap_spine,
        images::ge_hips,
        images::ge_lateral,
        images::ge_whole_body,
        images::prodigy_localized,
        images::prodigy_anonymized,
        results::hologic_analyses,
        results::hologic_damaged_text,
        results::structured_reports,
        results::pdf_reports,
        results::page_without_text,
        results::density_maps,
        results::dual_energy,
        images::ultrasound_heel,
        images::chinese_names,
        images::radiograph,
        images::broken_files,
        images::compressed_pixels,
        images::late_study,
        images::duplicate_uid,
    ];
    cases.into_iter().flat_map(|case| case(seed)).collect()
}

/// The visit of a patient of this set.
pub(crate) fn study(seed: u64, patient: Patient) -> Study {
    Study::new("fixtures", seed, patient)
}

/// What this visit draws under a label.
pub(crate) fn draw(study: &Study, label: &str) -> Random {
    Random::new(study.seed(), &format!("{} {label}", study.patient.id))
}
