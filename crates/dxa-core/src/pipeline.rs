//! The path of a study, verb by verb: the table of contents of the product.

mod corrected;
mod depict;
mod images;
mod lateral;
mod source;
mod stages;

pub use depict::{depict, values};
pub use lateral::grade_points;
pub use source::Source;

use std::io::{self, Read};

use crate::assess::{self, Case, Scored, SeenFractures};
use crate::context::Context;
use crate::corrections::Corrections;
use crate::decode::object::{self, NotAStudyObject, ReadObject};
use crate::decode::phantom::is_phantom;
use crate::decode::text::RawText;
use crate::decode::{person, scans};
use crate::findings::{Finding, Refusal, Severity};
use crate::grade::Person;
use crate::guard::{self, Leniency, Limits, Rejection};
use crate::measure::{received, reported};
use crate::measurement::Measurement;
use crate::patient::Patient;
use crate::protocol::Protocol;
use crate::reference::{CompositionTable, Device, Subject};
use crate::report::{self, Analysis, LateralSpine, Provenance, Region};
use crate::reported::{DeviceItem, ReportedComposition};
use crate::score::{self, CompositionScore, Measured, RegionScores};
use crate::site::Site;
use crate::units::GramsPerCm2;
use crate::vertebra::{FractureReading, Level};

/// Why a file makes no study.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The guard did not let it through.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// It is DICOM, but nothing a study can be made of.
    #[error(transparent)]
    NotAStudyObject(#[from] NotAStudyObject),
}

impl ReadError {
    /// The error code of the contract.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rejected(rejection) => rejection.code(),
            Self::NotAStudyObject(_) => "unreadable",
        }
    }
}

/// Bytes → guard → decode: one source of `total` bytes as an object that no longer refers to them.
///
/// # Errors
/// The outer error is the source's own; the inner one is [`ReadError`].
pub fn read(
    source: impl Read,
    total: u64,
    leniency: Leniency,
    limits: &Limits,
) -> io::Result<Result<ReadObject, ReadError>> {
    guard::open_head_first(source, total, leniency, limits, |walked| Ok(object::read(walked)?))
}

/// What people say of a study beside its files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// What DICOM does not know of the person.
    pub context: Context,
    /// What a user changed in an earlier result.
    pub corrections: Corrections,
}

/// Decode → calibrate → segment → measure → score → assess → report, for the objects of one study of one patient.
///
/// `source` gives the pixels back, which [`read`] let go of.
#[must_use]
pub fn analyze(
    mut objects: Vec<ReadObject>,
    source: Source<'_>,
    told: &Told,
    protocol: &Protocol<'_>,
) -> Analysis {
    let context = &told.context;
    let mut items: Vec<Vec<DeviceItem>> = objects.iter_mut().map(ReadObject::take_items).collect();
    let headers: Vec<_> = objects.iter().map(|object| &object.header).collect();
    let (mut patient, mut findings) = person::patient(&headers);
    context.complete(&mut patient);
    let context = &with_received(context, &objects, &items);
    let read_scans = scans::scans(&objects);
    let person = Person { sex: patient.sex, age: patient.age.map(|(age, _)| age) };
    let mut seen = images::see(&read_scans, &objects, source, &told.corrections, person);
    let laterals: Vec<LateralSpine> = seen.iter_mut().filter_map(|seen| seen.lateral.take()).collect();
    let measured = measure(&read_scans, &mut seen, &told.corrections, &mut findings);
    let scored = |measurement: Measurement| {
        let scores = score(&measurement, &patient, &read_scans, protocol);
        (measurement, scores)
    };
    let mut regions: Vec<Scored> = measured.into_iter().map(scored).collect();
    regions.extend(remaining_vertebrae(context, &regions).into_iter().map(scored));
    regions.sort_by_key(|(region, _)| (region.scan, reported::order(region)));
    let date = headers.iter().find_map(|header| header.identity.study_date.or(header.identity.scan_date));
    let description = headers.iter().find_map(|header| header.identity.study_description.clone());
    let confirmed = confirmed_fractures(&laterals);
    let case = Case {
        patient: &patient,
        context,
        date,
        regions: &regions,
        seen: SeenFractures { suspected: laterals.iter().any(lateral::is_suspected), confirmed: &confirmed },
    };
    let (assessment, assessed) = assess::assess(&case, &protocol.profile().id);
    findings.extend(assessed);
    let named: Vec<Vec<RegionScores>> =
        regions.iter().map(|(region, _)| score_named(region, &patient, &read_scans, protocol)).collect();
    findings.extend(assess::dependent_categories(&assessment, &regions, &named));
    findings.extend(report::device_differences(&regions));
    let composition = composition(&read_scans);
    let scored: Vec<_> =
        composition.iter().filter(|(scan, _)| !is_test(&read_scans[*scan])).cloned().collect();
    let composition_scores = score_composition(&patient, &scored);
    let mut refusals = refused(&read_scans, &mut seen);
    refusals.extend(report::missing_scores(&regions));
    refusals.extend(report::missing_named(&regions, &named, protocol.named()));
    let first = headers.first();
    let identity = |read: fn(&crate::decode::header::Identity) -> Option<String>| {
        headers.iter().find_map(|header| read(&header.identity))
    };
    Analysis {
        study_instance_uid: first.and_then(|header| header.identity.study.clone()),
        accession_number: identity(|identity| identity.accession.clone()),
        date,
        description,
        patient,
        composition,
        device_items: device_items(&read_scans, &objects, &mut items),
        repaired_texts: repaired_texts(&read_scans),
        places: read_scans.iter().map(|read| places(read, &objects)).collect(),
        quality: seen.iter_mut().flat_map(|seen| std::mem::take(&mut seen.quality)).collect(),
        outlines: seen.into_iter().map(|seen| seen.outlines).collect(),
        laterals,
        provenance: provenance(&regions, &named, &composition_scores, protocol),
        composition_scores,
        scans: read_scans.into_iter().map(|read| read.scan).collect(),
        regions: regions
            .into_iter()
            .zip(named)
            .map(|((measurement, scores), named)| Region {
                measurement,
                scores: scores.scores,
                named: named.into_iter().flat_map(|scores| scores.scores).collect(),
            })
            .collect(),
        assessment,
        findings,
        refusals,
    }
}

/// The context with what the devices' results say of other methods; a result about somebody else says nothing.
fn with_received(context: &Context, objects: &[ReadObject], items: &[Vec<DeviceItem>]) -> Context {
    let mut context = context.clone();
    let own = objects.iter().zip(items).filter(|(object, _)| !object.patient_contradicted);
    received::complete(&mut context, own.flat_map(|(_, items)| items));
    context
}

/// The levels whose fracture a reader confirmed, each once however many scans show it.
fn confirmed_fractures(laterals: &[LateralSpine]) -> Vec<Level> {
    let mut levels: Vec<Level> =
        laterals.iter().flat_map(|spine| spine.read_as(FractureReading::Confirmed)).collect();
    levels.sort_unstable();
    levels.dedup();
    levels
}

fn places(read: &scans::ReadScan<'_>, objects: &[ReadObject]) -> Vec<usize> {
    images::places(read, objects).into_iter().map(|(place, _)| place).collect()
}

/// The device's measurements of every scan, then ours, and the findings about scans and their objects.
fn measure(
    read_scans: &[scans::ReadScan<'_>],
    seen: &mut [images::Seen],
    corrections: &Corrections,
    findings: &mut Vec<Finding>,
) -> Vec<Measurement> {
    let mut measured = Vec::new();
    for (index, read) in read_scans.iter().enumerate() {
        let mut of_scan = read.findings.clone();
        let said = corrections.of_scan(index);
        for object in &read.objects {
            of_scan.extend(object_findings(object));
            let Some(device) = &object.reported else { continue };
            of_scan.extend(device.findings.iter().cloned());
            let (mut rows, doubts) = reported::measurements(index, &read.scan, device);
            of_scan.extend(doubts);
            if object.patient_contradicted {
                rows.iter_mut().for_each(|row| row.withheld = true);
            }
            for row in &mut rows {
                row.excluded = said.excluded(row.site, row.side);
                row.included = said.included(row.site, row.side);
            }
            measured.extend(rows);
        }
        if let Some(seen) = seen.get_mut(index) {
            measured.append(&mut seen.measured);
            of_scan.append(&mut seen.findings);
        }
        if is_test(read) {
            measured.iter_mut().filter(|row| row.scan == index).for_each(|row| row.withheld = true);
            of_scan.push(Finding::new("phantom_study", Severity::Withhold, PHANTOM.to_owned()));
        }
        findings.extend(of_scan.into_iter().map(|finding| Finding { scan: Some(index), ..finding }));
    }
    measured
}

/// A phantom is no person: its densities are for the quality control of the scanner.
const PHANTOM: &str = "The header names a phantom; what is measured is for the control of the scanner, and nothing of it is scored.";

fn is_test(read: &scans::ReadScan<'_>) -> bool {
    read.objects.iter().any(|object| is_phantom(&object.header))
}

/// The sets of vertebrae that remain where some are left out, as far as the scans do not have them.
fn remaining_vertebrae(context: &Context, regions: &[Scored]) -> Vec<Measurement> {
    let reported = regions.iter().map(|(region, _)| region).filter(|region| region.on_image.is_none());
    let rows: Vec<&Measurement> = reported.collect();
    let missing = assess::spines(context, regions).into_iter().filter_map(|spine| {
        let used = spine.used.filter(|used| *used != spine.measured)?;
        let there = rows.iter().any(|row| row.scan == spine.scan && row.site == Site::Lumbar(used));
        if there { None } else { reported::lumbar_sum(spine.scan, &rows, used) }
    });
    missing.collect()
}

/// What had to be repaired, inferred or doubted to read one object.
fn object_findings(object: &ReadObject) -> Vec<Finding> {
    let header = &object.header;
    let mut findings = Vec::new();
    let mut add =
        |code, severity, message: &str| findings.push(Finding::new(code, severity, message.to_owned()));
    if !header.repaired.is_empty() {
        let message = "Texts of this object were written in another character set than it declares; they were \
                       repaired and the raw bytes kept.";
        add("character_set_repaired", Severity::Review, message);
    }
    if !header.damaged.is_empty() || header.unknown_character_set {
        let message = "Some characters of this object cannot be read in the character set it declares.";
        add("character_set_unreadable", Severity::Review, message);
    }
    for sentence in &object.tolerated {
        add("file_incomplete", Severity::Note, &format!("Read although {sentence}."));
    }
    if object.patient_contradicted {
        let message =
            "The device's result names another sex or birth date than the header; nothing of it is scored.";
        add("device_patient_differs", Severity::Withhold, message);
    }
    findings
}

fn score(
    measurement: &Measurement,
    patient: &Patient,
    read_scans: &[scans::ReadScan<'_>],
    protocol: &Protocol<'_>,
) -> RegionScores {
    let only_shape = measurement.on_image.is_some() && measurement.bmd_g_cm2.is_none();
    if measurement.withheld || only_shape {
        return RegionScores::default();
    }
    let measured = Measured {
        site: measurement.site,
        bmd: measurement.bmd_g_cm2.and_then(GramsPerCm2::new),
        device_t: measurement.device.t,
        device_reference: measurement.device.reference.as_deref(),
    };
    let (subject, device) = (subject(patient), device(measurement, read_scans));
    score::score_region(protocol.profile(), protocol.library(), &subject, &device, &measured)
}

/// The scores against each table asked for by name, in the order of the tables.
fn score_named(
    measurement: &Measurement,
    patient: &Patient,
    read_scans: &[scans::ReadScan<'_>],
    protocol: &Protocol<'_>,
) -> Vec<RegionScores> {
    if measurement.withheld {
        return Vec::new();
    }
    let (subject, device) = (subject(patient), device(measurement, read_scans));
    let bmd = measurement.bmd_g_cm2.and_then(GramsPerCm2::new);
    score::score_by_names(protocol.named(), &subject, &device, measurement.site, bmd)
}

fn subject(patient: &Patient) -> Subject {
    Subject { sex: patient.sex, age: patient.age.map(|(age, _)| age), ethnicity: patient.ethnicity }
}

fn device(measurement: &Measurement, read_scans: &[scans::ReadScan<'_>]) -> Device {
    let scan = &read_scans[measurement.scan].scan;
    Device::from_texts(scan.manufacturer.as_deref(), scan.model.as_deref(), scan.software.as_deref())
}

/// Why nothing can be had of a scan, and why not of its image, scan by scan.
fn refused(read_scans: &[scans::ReadScan<'_>], seen: &mut [images::Seen]) -> Vec<Refusal> {
    let of_scan = |(index, read): (usize, &scans::ReadScan<'_>)| {
        let refusal = move |(code, message): &(_, String)| Refusal {
            code: *code,
            scan: Some(index),
            message: message.clone(),
        };
        let of_image = seen.get_mut(index).map(|seen| std::mem::take(&mut seen.refusals));
        read.refusals.iter().map(refusal).chain(of_image.into_iter().flatten()).collect::<Vec<_>>()
    };
    read_scans.iter().enumerate().flat_map(of_scan).collect()
}

fn composition(read_scans: &[scans::ReadScan<'_>]) -> Vec<(usize, ReportedComposition)> {
    let of_scan = |(index, read): (usize, &scans::ReadScan<'_>)| {
        let reports = read.objects.iter().filter_map(|object| object.reported.as_ref());
        reports.flat_map(|report| report.composition.clone()).map(|row| (index, row)).collect::<Vec<_>>()
    };
    read_scans.iter().enumerate().flat_map(of_scan).collect()
}

fn repaired_texts(read_scans: &[scans::ReadScan<'_>]) -> Vec<(usize, RawText)> {
    let of_scan = |(index, read): (usize, &scans::ReadScan<'_>)| {
        let texts = read.objects.iter().flat_map(|object| object.header.repaired.iter().cloned());
        texts.map(|text| (index, text)).collect::<Vec<_>>()
    };
    read_scans.iter().enumerate().flat_map(of_scan).collect()
}

/// The items of each object under the scan it became part of; there can be thousands, so they are moved.
fn device_items(
    read_scans: &[scans::ReadScan<'_>],
    objects: &[ReadObject],
    items: &mut [Vec<DeviceItem>],
) -> Vec<(usize, DeviceItem)> {
    let mut placed = Vec::new();
    for (index, read) in read_scans.iter().enumerate() {
        for place in places(read, objects) {
            placed.extend(std::mem::take(&mut items[place]).into_iter().map(|item| (index, item)));
        }
    }
    placed
}

/// Scores of body composition, scan by scan, where sex and age are known.
fn score_composition(
    patient: &Patient,
    rows: &[(usize, ReportedComposition)],
) -> Vec<(usize, CompositionScore)> {
    let known = CompositionTable::bundled().zip(patient.sex.zip(patient.age));
    let Some((table, (sex, (age, _)))) = known else { return Vec::new() };
    let mut scans: Vec<usize> = rows.iter().map(|(scan, _)| *scan).collect();
    scans.dedup();
    let of_scan = |scan: usize| {
        let own: Vec<_> = rows.iter().filter(|(of, _)| *of == scan).map(|(_, row)| row).collect();
        let scores = score::score_composition(table, sex, age, patient.height_cm, &own);
        scores.into_iter().map(move |score| (scan, score))
    };
    scans.into_iter().flat_map(of_scan).collect()
}

fn provenance(
    regions: &[Scored],
    named: &[Vec<RegionScores>],
    composition: &[(usize, CompositionScore)],
    protocol: &Protocol<'_>,
) -> Provenance {
    let mut tables: Vec<(String, String)> = regions
        .iter()
        .map(|(_, scores)| scores)
        .chain(named.iter().flatten())
        .flat_map(|scores| &scores.scores)
        .chain(composition.iter().map(|(_, scored)| &scored.score))
        .map(|score| (score.reference.id.clone(), score.reference.sha256.clone()))
        .collect();
    tables.sort();
    tables.dedup();
    Provenance {
        software: concat!("dxa ", env!("CARGO_PKG_VERSION")).to_owned(),
        profile: protocol.profile().id.clone(),
        protocol_sha256: protocol.sha256().to_owned(),
        tables,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measurement::{DeviceScores, Origin};
    use crate::score::DecidingT;

    fn row(site: &str, area: f64, bmc: f64, t: f64) -> Scored {
        let measurement = Measurement {
            scan: 0,
            site: site.parse().unwrap(),
            side: None,
            area_cm2: Some(area),
            bmc_g: Some(bmc),
            bmd_g_cm2: None,
            origin: Origin::DeviceReported,
            method: None,
            device: DeviceScores::default(),
            withheld: false,
            on_image: None,
            excluded: None,
            included: false,
        };
        let deciding = Some(DecidingT { value: t, exact: t, reference: "device: x".to_owned() });
        (measurement, RegionScores { deciding, ..RegionScores::default() })
    }

    #[test]
    fn vertebrae_that_remain_are_summed_once() {
        let mut regions = vec![
            row("L1", 12.0, 9.0, -2.0),
            row("L2", 13.0, 11.0, -1.9),
            row("L3", 14.0, 13.0, -1.8),
            row("L4", 16.0, 24.0, 2.5),
            row("L1-L4", 55.0, 57.0, -0.9),
        ];
        let summed = remaining_vertebrae(&Context::default(), &regions);
        let [subset] = summed.as_slice() else { panic!("{summed:?}") };
        // (9 + 11 + 13) / (12 + 13 + 14) = 33 / 39
        let numbers = (subset.area_cm2, subset.bmc_g, subset.bmd_g_cm2);
        assert_eq!(numbers, (Some(39.0), Some(33.0), Some(0.846)));
        assert_eq!((subset.site.to_string().as_str(), subset.origin), ("L1-L3", Origin::Computed));
        regions.push((subset.clone(), RegionScores::default()));
        assert_eq!(remaining_vertebrae(&Context::default(), &regions), []);
    }
}
