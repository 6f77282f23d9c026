//! Those of the twenty cases that carry numbers: analysis texts, structured reports, documents, maps, pairs.

use serde_json::json;

use crate::device_numbers::{Decimal, Row, Side, forearm, hip, spine, whole_body, without_t};
use crate::dicom_writer::Syntax;
use crate::fixtures::{Fixture, draw, file, study};
use crate::hologic::{self, Export, Results, reference_line};
use crate::hologic_text::AnalysisText;
use crate::object::{Device, Expected, Object};
use crate::other_makers::page_picture;
use crate::patient::{Patient, Study};
use crate::pdf::{self, Layout};
use crate::quantitative::{Carrier, Energy, bmd_map, bone_field, energy_image};
use crate::structured_report::{self as sr, Writer};

fn hologic_spine(study: &Study, export: &Export, change: impl FnOnce(Vec<Row>) -> Vec<Row>) -> Object {
    let rows = change(spine(&study.patient, &mut draw(study, "rows")));
    hologic::export(study, export, "ap_spine", None, Results::Regions(rows))
}

fn hologic_hip(study: &Study, export: &Export, side: Side) -> Object {
    let rows = hip(side, &study.patient, &mut draw(study, "rows"));
    hologic::export(study, export, "hip", Some(side), Results::Regions(rows))
}

pub(crate) fn hologic_analyses(seed: u64) -> Vec<Fixture> {
    let keep = |rows| rows;
    let woman = study(seed, Patient::woman(8, "Sim^Horizon").aged(68));
    let hip = study(seed, Patient::woman(9, "Sim^Komma").aged(77));
    let comma = Export { decimal: Decimal::Comma, syntax: Syntax::Implicit, ..Export::of("Left Hip") };
    let arm = study(seed, Patient::woman(10, "Sim^Forearm"));
    let arm_rows = forearm(Side::Left, &arm.patient, &mut draw(&arm, "rows"));
    let second_block = Export { creator: "Hologic", block: 0x11, ..Export::of("L.Forearm") };
    let body = study(seed, Patient::man(11, "Sim^Whole"));
    let parts = whole_body(&body.patient, &mut draw(&body, "rows"));
    let young = study(seed, Patient::woman(12, "Sim^Young").aged(36));
    let man = study(seed, Patient::man(13, "Sim^Man").aged(67));
    vec![
        file(
            "07-hologic-spine.dcm",
            "Hologic spine: all fifteen rows, totals add up.",
            hologic_spine(&woman, &Export::of("AP Lumbar Spine"), keep),
        ),
        file(
            "07-hologic-left-hip-decimal-comma.dcm",
            "Hologic hip in a locale with decimal comma, Implicit VR.",
            hologic_hip(&hip, &comma, Side::Left),
        ),
        file(
            "07-hologic-forearm-second-block.dcm",
            "Hologic forearm; the creator is spelled `Hologic` and owns block 11.",
            hologic::export(&arm, &second_block, "forearm", Some(Side::Left), Results::Regions(arm_rows)),
        ),
        file(
            "07-hologic-whole-body.dcm",
            "Hologic whole body with composition.",
            hologic::export(&body, &Export::of("Whole Body"), "whole_body", None, Results::Body(parts)),
        ),
        file(
            "07-hologic-spine-premenopausal.dcm",
            "Hologic spine of a woman of 36: T cells are blank, only Z is given.",
            hologic_spine(&young, &Export::of("AP Lumbar Spine"), without_t),
        ),
        file(
            "07-hologic-right-hip-man.dcm",
            "Hologic hip of a man.",
            hologic_hip(&man, &Export::of("Right Hip"), Side::Right),
        ),
    ]
}

pub(crate) fn hologic_damaged_text(seed: u64) -> Vec<Fixture> {
    let export = Export::of("AP Lumbar Spine");
    let study_rows = study(seed, Patient::woman(14, "Sim^Missing"));
    let gaps = |rows: Vec<Row>| {
        let without_l2 = rows.into_iter().filter(|row| !row.label.contains("L2"));
        without_l2
            .map(|row| if row.label == "L3" { Row { area: None, bmc: None, ..row } } else { row })
            .collect()
    };
    let missing = hologic_spine(&study_rows, &export, gaps);
    vec![
        file(
            "08-hologic-missing-rows.dcm",
            "Hologic spine without any row that names L2, and with blank area and content of L3.",
            missing,
        ),
        file(
            "08-hologic-html-unknown-key.dcm",
            "Hologic hip with HTML entities, an unknown key, an unknown row and an unknown column.",
            html_hip(seed),
        ),
    ]
}

/// The text is written here by hand, for it is wrong on purpose.
fn html_hip(seed: u64) -> Object {
    let study = study(seed, Patient::woman(15, "Müller^Sim"));
    let export = Export::of("Right Hip");
    let mut rows = hip(Side::Right, &study.patient, &mut draw(&study, "rows"));
    let mut printed = rows.clone();
    for row in &mut printed {
        row.label = match row.label.as_str() {
            "Neck" => "<b>Neck</b>".to_owned(),
            "Total" => "&nbsp;Total&nbsp;".to_owned(),
            label => label.replace('\'', "&#39;"),
        };
    }
    let patient = Patient { name: "M&uuml;ller^Sim".to_owned(), ..study.patient.clone() };
    let mut text = AnalysisText::new(&hologic::scan_id(&study), &patient, export.decimal)
        .line("ScanType", &export.description)
        .line("k", "1.130")
        .line("d0", "48.6")
        .line("FutureIndex&trade;", "12.5 &lt; 20")
        .regions(&printed, &reference_line(&study.patient))
        .cell(0, 6, "Porosity[(%)]")
        .cell(1, 6, "11.2");
    for (column, cell) in ["Neck <i>superior</i>", "1.02", "0.71", "0.696", " ", " "].into_iter().enumerate()
    {
        text = text.cell(6, column, cell);
    }
    rows.retain(|row| row.bmd.is_some());
    hologic::from_text(&study, &export, "hip", Some(Side::Right), Results::Regions(rows), text).with(
        "unknown",
        json!({ "keys": ["FutureIndex™"], "columns": ["Porosity (%)"], "rows": ["Neck superior"] }),
    )
}

/// What a report of spine and hips has codes for: single vertebrae, L1-L4, both necks and total hips.
pub(crate) fn sr_rows(study: &Study) -> Vec<Row> {
    let mut rows = spine(&study.patient, &mut draw(study, "spine"));
    rows.retain(|row| matches!(row.site.as_str(), "L1" | "L2" | "L3" | "L4" | "L1-L4"));
    rows.extend(sr_hips(study));
    rows
}

fn sr_hips(study: &Study) -> Vec<Row> {
    let both = [Side::Left, Side::Right].map(|side| hip(side, &study.patient, &mut draw(study, side.word())));
    both.into_iter()
        .flatten()
        .filter(|row| matches!(row.site.as_str(), "femoral_neck" | "total_hip"))
        .collect()
}

pub(crate) fn structured_reports(seed: u64) -> Vec<Fixture> {
    vec![
        file(
            "09-sr-enhanced-hologic.dcm",
            "Enhanced SR after TID 1500: spine and hips with LOINC and SNOMED codes, and a measurement that failed.",
            enhanced_report(seed),
        ),
        file(
            "09-sr-enhanced-ge-hips.dcm",
            "Enhanced SR after TID 1500 of a man's hips, as a GE system would code it.",
            hip_report(seed),
        ),
        file(
            "09-sr-flat-names-tbs.dcm",
            "Comprehensive SR as a flat list under private codes, told apart by names; with TBS and an unknown code.",
            flat_report(seed),
        ),
    ]
}

fn enhanced_report(seed: u64) -> Object {
    let study = study(seed, Patient::woman(16, "Sim^Enhanced"));
    let rows = sr_rows(&study);
    let reference = "2012 BMDCS/NHANES White Female";
    let root = sr::measurement_report(&study, &rows, reference, vec![sr::failed_group(&study)]);
    let writer = Writer::enhanced("HOLOGIC", "Horizon A");
    sr::report(&study, &writer, &root, "structured_report", Device::of(rows, reference))
}

fn hip_report(seed: u64) -> Object {
    let study = study(seed, Patient::man(17, "Sim^Lunar"));
    let rows = sr_hips(&study);
    let reference = "USA (Combined NHANES/Lunar)";
    let root = sr::measurement_report(&study, &rows, reference, vec![]);
    let writer = Writer::enhanced("GE Healthcare", "Lunar iDXA");
    sr::report(&study, &writer, &root, "hip", Device::of(rows, reference))
}

fn flat_report(seed: u64) -> Object {
    let study = study(seed, Patient::woman(18, "Sim^Flat"));
    let rows = sr_rows(&study);
    let root = sr::flat_report(&rows, vec![sr::texture_score("1.284"), sr::unknown_number()]);
    let device = sr::with_extras(Device { rows, ..Device::default() }, "1.284");
    let writer = Writer::flat("GE Healthcare", "Lunar Prodigy");
    sr::report(&study, &writer, &root, "structured_report", device)
}

pub(crate) fn pdf_reports(seed: u64) -> Vec<Fixture> {
    let woman = study(seed, Patient::woman(19, "Sim^Pdf"));
    let rows = spine(&woman.patient, &mut draw(&woman, "rows"));
    let placed = pdf::Report {
        title: "AP Lumbar Spine",
        kind: "ap_spine",
        side: None,
        layout: Layout::Placed,
        decimal: Decimal::Point,
    };
    let hip_of = study(seed, Patient::woman(20, "Sim^Kern").aged(70));
    let hip_rows = hip(Side::Left, &hip_of.patient, &mut draw(&hip_of, "rows"));
    let kerned = pdf::Report {
        title: "Left Hip",
        kind: "hip",
        side: Some(Side::Left),
        layout: Layout::Kerned,
        decimal: Decimal::Comma,
    };
    vec![
        file(
            "10-pdf-spine.dcm",
            "Encapsulated PDF whose text layer holds the table, plain stream.",
            placed.object(&woman, "HOLOGIC", "Horizon A", rows),
        ),
        file(
            "10-pdf-hip-kerned-comma.dcm",
            "Encapsulated PDF with a FlateDecode stream, kerned letters and decimal comma.",
            kerned.object(&hip_of, "HOLOGIC", "Discovery W", hip_rows),
        ),
    ]
}

pub(crate) fn page_without_text(seed: u64) -> Vec<Fixture> {
    let study = study(seed, Patient::woman(21, "Sim^Picture"));
    let rows: Vec<_> = spine(&study.patient, &mut draw(&study, "rows"))
        .into_iter()
        .filter(|row| row.label.len() == 2 || row.label == "L1-L4")
        .collect();
    vec![file(
        "11-report-page-picture.dcm",
        "Report page that is only a picture: numbers could be read by eye, never silently.",
        page_picture(&study, &rows),
    )]
}

pub(crate) fn density_maps(seed: u64) -> Vec<Fixture> {
    let dx = study(seed, Patient::woman(22, "Sim^Map"));
    let field = bone_field(240, 170, [1.05, 0.60], &mut draw(&dx, "field"));
    let dx = bmd_map(&dx, Carrier::Dx, "Lunar Research", "Map 1", &field);
    let frames = study(seed, Patient::man(23, "Sim^Frames"));
    let field = bone_field(280, 320, [0.50, 0.50], &mut draw(&frames, "field"));
    let frames = bmd_map(&frames, Carrier::MultiFrame, "Hologic Research", "Map 2", &field);
    vec![
        file(
            "12-bmd-map-dx.dcm",
            "Map of g/cm² as DX with spacing 1.05 x 0.60 mm; the real world values are mapped at top level.",
            dx,
        ),
        file(
            "12-bmd-map-multi-frame.dcm",
            "Map of g/cm² as Multi-frame Grayscale Word SC, mapped in the shared functional groups.",
            frames,
        ),
    ]
}

pub(crate) fn dual_energy(seed: u64) -> Vec<Fixture> {
    const LOW: &str = "13-dual-energy-low.dcm";
    let pair = study(seed, Patient::woman(24, "Sim^Pair"));
    let field = bone_field(280, 320, [0.50, 0.50], &mut draw(&pair, "field"));
    let image = |study, energy| energy_image(study, energy, "DXA Open Research", "Dual 1", &field);
    let lone = study(seed, Patient::woman(25, "Sim^Lone"));
    let lone = image(&lone, Energy::Low)
        .expect(|_| Expected::refused("ap_spine", "pair_incomplete").spacing([0.5, 0.5], "pixel_spacing"));
    vec![
        file(
            LOW,
            "Low image of a dual-energy pair with the private calibration in block 11.",
            image(&pair, Energy::Low),
        ),
        file(
            "13-dual-energy-high.dcm",
            "High image of the pair.",
            image(&pair, Energy::High).expect(|expected| expected.one_scan_with(LOW)),
        ),
        file("13-dual-energy-lone-low.dcm", "Low image whose partner never came.", lone),
    ]
}
