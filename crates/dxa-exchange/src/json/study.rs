//! One study of the document.

use dxa_core::outline::Outlines;
use dxa_core::patient::AgeSource;
use dxa_core::report::{Analysis, Provenance};
use dxa_core::study::{Scan, ScanKind};
use serde::Serialize;
use serde_json::{Map, Value};

use super::assessment::Assessment;
use super::comparisons;
use super::images::{Hip, Labels, Quality, ScanLandmark};
use super::regions::{Composition, Item, Region, RepairedText};
use super::vertebrae::{LevelChange, Spine, Vertebra};
use super::{Run, rounded};

#[derive(Serialize)]
pub(super) struct Study<'a> {
    study: Identity<'a>,
    patient: Patient<'a>,
    scans: Vec<ScanEntry<'a>>,
    regions: Vec<Region<'a>>,
    landmarks: Vec<ScanLandmark<'a>>,
    body_composition: Vec<Composition<'a>>,
    device_items: Vec<Item<'a>>,
    repaired_texts: Vec<RepairedText>,
    vertebrae: Vec<Vertebra>,
    spine: Option<Spine>,
    assessment: Assessment<'a>,
    comparisons: Vec<comparisons::Entry>,
    vertebra_comparisons: Vec<LevelChange>,
    quality: Vec<Quality<'a>>,
    findings: Vec<Finding<'a>>,
    refusals: Vec<Refusal<'a>>,
    provenance: Version<'a>,
}

/// What changed since the study before.
pub(super) struct Changes {
    pub(super) regions: Vec<comparisons::Entry>,
    pub(super) levels: Vec<LevelChange>,
}

impl<'a> Study<'a> {
    pub(super) fn of(analysis: &'a Analysis, changes: Changes, run: &Run<'a>) -> Self {
        Self {
            study: Identity::of(analysis),
            patient: Patient::of(analysis),
            scans: scans(analysis),
            regions: regions(analysis),
            landmarks: ScanLandmark::all(analysis),
            body_composition: Composition::all(analysis),
            device_items: analysis.device_items.iter().map(Item::of).collect(),
            repaired_texts: analysis.repaired_texts.iter().map(RepairedText::of).collect(),
            vertebrae: Vertebra::all(analysis),
            spine: Spine::of(analysis),
            assessment: Assessment::of(analysis, run.profile_source),
            comparisons: changes.regions,
            vertebra_comparisons: changes.levels,
            quality: analysis.quality.iter().map(|record| Quality::of(record, analysis)).collect(),
            findings: analysis.findings.iter().map(Finding::of).collect(),
            refusals: analysis.refusals.iter().map(Refusal::of).collect(),
            provenance: Version::of(&analysis.provenance),
        }
    }
}

fn regions(analysis: &Analysis) -> Vec<Region<'_>> {
    analysis.regions.iter().map(|region| Region::of(region, analysis)).collect()
}

fn scans(analysis: &Analysis) -> Vec<ScanEntry<'_>> {
    let entry = |(index, scan)| ScanEntry::of(scan, analysis.outlines.get(index));
    analysis.scans.iter().enumerate().map(entry).collect()
}

#[derive(Serialize)]
struct Identity<'a> {
    instance_uid: Option<&'a str>,
    accession_number: Option<&'a str>,
    date: Option<String>,
    description: Option<&'a str>,
}

impl<'a> Identity<'a> {
    fn of(analysis: &'a Analysis) -> Self {
        Self {
            instance_uid: analysis.study_instance_uid.as_deref(),
            accession_number: analysis.accession_number.as_deref(),
            date: analysis.date.map(|date| date.to_string()),
            description: analysis.description.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct Patient<'a> {
    id: Option<&'a str>,
    name: Option<&'a str>,
    name_raw: Option<&'a str>,
    sex: Option<&'static str>,
    birth_date: Option<String>,
    age_years: Option<f64>,
    age_source: Option<&'static str>,
    height_cm: Option<f64>,
    weight_kg: Option<f64>,
    ethnic_group: Option<&'a str>,
    ethnicity: Option<&'static str>,
}

impl<'a> Patient<'a> {
    fn of(analysis: &'a Analysis) -> Self {
        let patient = &analysis.patient;
        Self {
            id: patient.id.as_deref(),
            name: patient.name.as_deref(),
            name_raw: patient.name_raw.as_deref(),
            sex: patient.sex.map(dxa_core::patient::Sex::code),
            birth_date: patient.birth_date.map(|date| date.to_string()),
            age_years: rounded(patient.age.map(|(age, _)| age.get()), 2),
            age_source: patient.age.map(|(_, source)| match source {
                AgeSource::BirthDate => "birth_date",
                AgeSource::PatientAge => "patient_age",
            }),
            height_cm: patient.height_cm,
            weight_kg: patient.weight_kg,
            ethnic_group: patient.ethnic_group.as_deref(),
            ethnicity: patient.ethnicity.map(dxa_core::patient::Ethnicity::code),
        }
    }
}

#[derive(Serialize)]
struct ScanEntry<'a> {
    kind: &'static str,
    laterality: Option<&'static str>,
    tier: &'static str,
    sop_instance_uids: &'a [String],
    manufacturer: Option<&'a str>,
    model: Option<&'a str>,
    software: Option<&'a str>,
    rows: Option<u16>,
    columns: Option<u16>,
    pixel_spacing_mm: Option<[f64; 2]>,
    spacing_source: &'static str,
    labels: Option<Labels<'a>>,
    hip_geometry: Option<Hip>,
}

impl<'a> ScanEntry<'a> {
    fn of(scan: &'a Scan, outlines: Option<&'a Outlines>) -> Self {
        let mm = |value: f64| dxa_core::units::round_half_away(value, 6);
        Self {
            kind: scan.kind.code(),
            laterality: scan.laterality.map(dxa_core::site::Side::code),
            tier: scan.tier.code(),
            sop_instance_uids: &scan.sop_instance_uids,
            manufacturer: scan.manufacturer.as_deref(),
            model: scan.model.as_deref(),
            software: scan.software.as_deref(),
            rows: scan.rows,
            columns: scan.columns,
            pixel_spacing_mm: scan.spacing.map(|spacing| [mm(spacing.row_mm), mm(spacing.column_mm)]),
            spacing_source: scan.spacing_source.code(),
            labels: outlines.and_then(Labels::of),
            hip_geometry: outlines.filter(|_| scan.kind == ScanKind::Hip).and_then(Hip::of),
        }
    }
}

#[derive(Serialize)]
struct Finding<'a> {
    code: &'static str,
    severity: &'static str,
    scan: Option<usize>,
    site: Option<String>,
    laterality: Option<&'static str>,
    message: &'a str,
}

impl<'a> Finding<'a> {
    fn of(finding: &'a dxa_core::findings::Finding) -> Self {
        Self {
            code: finding.code,
            severity: finding.severity.code(),
            scan: finding.scan,
            site: finding.site.map(|site| site.to_string()),
            laterality: finding.side.map(dxa_core::site::Side::code),
            message: &finding.message,
        }
    }
}

#[derive(Serialize)]
struct Refusal<'a> {
    code: &'static str,
    scan: Option<usize>,
    message: &'a str,
}

impl<'a> Refusal<'a> {
    fn of(refusal: &'a dxa_core::findings::Refusal) -> Self {
        Self { code: refusal.code.code(), scan: refusal.scan, message: &refusal.message }
    }
}

#[derive(Serialize)]
struct Version<'a> {
    software: &'a str,
    protocol_sha256: &'a str,
    tables: Map<String, Value>,
    version: u32,
    supersedes: Option<u32>,
}

impl<'a> Version<'a> {
    fn of(provenance: &'a Provenance) -> Self {
        let tables = provenance.tables.iter().map(|(id, sha256)| (id.clone(), Value::from(sha256.as_str())));
        Self {
            software: &provenance.software,
            protocol_sha256: &provenance.protocol_sha256,
            tables: tables.collect(),
            version: 1,
            supersedes: None,
        }
    }
}
