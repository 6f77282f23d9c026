//! Vertebrae found in simulated AP spine scans, against the exact truth of the simulation.

#![expect(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod simulated;

use dxa_core::calibrate::Calibrated;
use dxa_core::field::{Contrast, Field, Pixel, Quantity};
use dxa_core::findings::RefusalCode;
use dxa_core::measure::acquisition::spine::records;
use dxa_core::measure::region;
use dxa_core::outline::{LandmarkShape, Outlines};
use dxa_core::quality::QualityStatus;
use dxa_core::segment::spine;
use dxa_core::study::PixelSpacing;
use ndarray::Array2;
use serde_json::Value;
use simulated::{Simulated, simulate};

const DISCS: [&str; 5] = ["disc_t12_l1", "disc_l1_l2", "disc_l2_l3", "disc_l3_l4", "disc_l4_l5"];

/// Where the found line of a disc passes the true middle of the disc, below it in millimeters.
fn disc_error(found: &Outlines, truth: &Value) -> Option<f64> {
    let landmark = found.landmarks.iter().find(|landmark| truth["name"] == landmark.name)?;
    let LandmarkShape::Line(line) = &landmark.shape else { return None };
    let [x_mm, y_mm] = [0, 1].map(|axis| truth["middle_mm"][axis].as_f64().unwrap());
    let part = (x_mm - line.from.x_mm) / (line.to.x_mm - line.from.x_mm);
    Some(line.from.y_mm + part * (line.to.y_mm - line.from.y_mm) - y_mm)
}

/// Errors of all discs of L1 to L4 that were found and are in the scene.
fn disc_errors(found: &Outlines, scan: &Simulated) -> Vec<f64> {
    let discs = scan.scene["landmarks"].as_array().unwrap();
    let measured = discs.iter().filter(|disc| DISCS.iter().any(|name| disc["name"] == *name));
    measured.filter_map(|disc| disc_error(found, disc)).collect()
}

fn calibrated(seed: u64, settings: &[(&str, &str)]) -> (Simulated, Calibrated) {
    let scan = simulate("ap-spine", seed, settings);
    let calibrated = scan.pair().unwrap();
    (scan, calibrated)
}

fn total_bmd(calibrated: &Calibrated, found: &Outlines) -> f64 {
    let bone = spine::bone(&calibrated.field, spine::Subject::Person).unwrap();
    let regions: Vec<_> =
        found.regions.iter().map(|region| region::measure(calibrated, &bone, region).unwrap()).collect();
    assert_eq!(regions.len(), 4);
    region::total(&regions).unwrap().bmd().get()
}

#[test]
fn full_fields_are_named_cut_and_measured() {
    for (seed, spacing) in [(501, "0.5"), (502, "0.5"), (503, "0.25x0.3"), (504, "1.05x0.6")] {
        let (scan, calibrated) = calibrated(seed, &[("spacing", spacing)]);
        let found = spine::find(&calibrated.field).unwrap();
        let errors = disc_errors(&found, &scan);
        assert_eq!(errors.len(), 5, "seed {seed}");
        assert!(errors.iter().all(|error| error.abs() < 0.5), "seed {seed}: {errors:?}");
        assert!(found.label_margin.unwrap() > 0.0, "seed {seed}");
        let truth = scan.truth("L1-L4")[2];
        let error = total_bmd(&calibrated, &found) / truth - 1.0;
        assert!(error.abs() < 0.02, "seed {seed}: {error}");
    }
}

#[test]
fn partial_fields_are_right_or_go_to_review() {
    for (seed, missing) in [(511, "t12"), (512, "l1"), (513, "l5"), (514, "l4")] {
        let (scan, calibrated) = calibrated(seed, &[("missing", missing), ("spacing", "0.7")]);
        let found = spine::find(&calibrated.field).unwrap();
        let errors = disc_errors(&found, &scan);
        let right = errors.len() >= 3 && errors.iter().all(|error| error.abs() < 5.0);
        assert!(right || found.label_margin.unwrap() < 0.0, "{missing}: {errors:?}");
        assert_eq!(spine::label_finding(&found).is_some(), found.label_margin.unwrap() < 0.0);
    }
}

#[test]
fn four_lumbar_vertebrae_go_to_review() {
    let (_, calibrated) = calibrated(521, &[("lumbar", "4"), ("spacing", "0.7")]);
    let found = spine::find(&calibrated.field).unwrap();
    assert!(found.label_margin.unwrap() < 0.0, "{:?}", found.evidence);
}

fn status(calibrated: &Calibrated, id: &str) -> (QualityStatus, Option<f64>) {
    let found = spine::find(&calibrated.field).unwrap();
    let records = records(0, &calibrated.field, &found);
    let record = records.iter().find(|record| record.id == id).unwrap();
    (record.status, record.measured)
}

#[test]
fn each_fault_of_a_scan_fails_its_own_check() {
    let faults = [
        (531, "tilt", "9", "spine-tilt", 9.0, 0.5),
        (532, "offset", "28", "spine-centering", 28.0, 1.0),
        (533, "rotation", "12", "spine-rotation", 8.3, 1.5),
        (534, "fracture", "L3:35", "vertebral-height-loss", 35.0, 8.0),
        (535, "motion", "3", "spine-motion", 3.0, 0.6),
        // The spur reaches 10.8 mm beyond the body, whose own corners are round.
        (537, "osteophyte", "L3:8", "spine-osteophyte", 13.0, 4.0),
        (536, "artefact", "metal_beside", "spine-metal", 120.0, 110.0),
    ];
    for (seed, key, value, id, expected, tolerance) in faults {
        let (_, calibrated) = calibrated(seed, &[(key, value), ("spacing", "0.6")]);
        let (status, measured) = status(&calibrated, id);
        assert_eq!(status, QualityStatus::Fail, "{id}: {measured:?}");
        assert!((measured.unwrap() - expected).abs() < tolerance, "{id}: {measured:?}");
    }
}

#[test]
fn a_good_scan_passes_every_check() {
    let (_, calibrated) = calibrated(541, &[("tilt", "1"), ("offset", "2"), ("scoliosis", "1")]);
    let found = spine::find(&calibrated.field).unwrap();
    for record in records(0, &calibrated.field, &found) {
        // How much of T12 and L5 is in view is drawn by the simulation.
        if !record.id.ends_with("in-view") {
            assert_eq!(record.status, QualityStatus::Pass, "{}: {:?}", record.id, record.measured);
        }
    }
}

#[test]
fn a_mirrored_image_gives_the_mirrored_spine() {
    let (_, calibrated) = calibrated(551, &[("spacing", "0.6")]);
    let field = &calibrated.field;
    let mut mirrored = field.clone();
    mirrored.values.invert_axis(ndarray::Axis(1));
    mirrored.pixels.invert_axis(ndarray::Axis(1));
    let (found, other) = (spine::find(field).unwrap(), spine::find(&mirrored).unwrap());
    let width = field.shape().1 as f64 * field.spacing.column_mm;
    for name in DISCS {
        let line = |found: &Outlines| {
            found.landmarks.iter().find_map(|landmark| match &landmark.shape {
                LandmarkShape::Line(line) if landmark.name == name => Some(*line),
                _ => None,
            })
        };
        let (line, mirror) = (line(&found).unwrap(), line(&other).unwrap());
        assert!((line.from.x_mm - (width - mirror.to.x_mm)).abs() < 0.5, "{name}");
        assert!((line.from.y_mm - mirror.to.y_mm).abs() < 0.5, "{name}");
    }
}

fn field(values: Array2<f32>, quantity: Quantity) -> Field {
    let pixels = Array2::from_elem(values.dim(), Pixel::Tissue);
    Field {
        values,
        pixels,
        spacing: PixelSpacing { row_mm: 0.5, column_mm: 0.5 },
        quantity,
        contrast: Contrast::USUAL,
    }
}

/// Some repeatable speckle.
fn speckle(row: usize, column: usize) -> f32 {
    let mixed = (row * 7919 + column * 104_729 + row * column * 31) % 1000;
    mixed as f32 / 1000.0 - 0.5
}

/// An image with its name.
type Image<'a> = (&'a str, &'a dyn Fn(usize, usize) -> f32);

#[test]
fn images_without_a_spine_are_refused() {
    let fingers = |row: usize, column: usize| {
        let is_bone = (60..68).contains(&(column % 44 + 40)) && row % 90 > 4;
        if is_bone { 0.5 } else { 0.0 }
    };
    let shaft = |_: usize, column: usize| if (110..170).contains(&column) { 1.2 } else { 0.0 };
    let images: [Image<'_>; 5] = [
        ("constant", &|_, _| 0.7),
        ("empty", &|_, _| 0.0),
        ("noise", &|row, column| 0.1 * speckle(row, column)),
        ("hand", &|row, column| fingers(row, column) + 0.02 * speckle(row, column)),
        ("shaft", &|row, column| shaft(row, column) + 0.02 * speckle(row, column)),
    ];
    for (name, image) in images {
        for quantity in [Quantity::BoneDensity, Quantity::Gray] {
            let values = Array2::from_shape_fn((380, 280), |(row, column)| image(row, column));
            let refusal = spine::find(&field(values, quantity)).unwrap_err();
            assert_eq!(refusal.code, RefusalCode::NotEvaluable, "{name}");
        }
    }
}

#[test]
fn a_hip_is_no_spine() {
    let scan = simulate("hip", 561, &[("spacing", "0.7")]);
    assert!(spine::find(&scan.pair().unwrap().field).is_err());
}

#[test]
fn blocks_of_a_phantom_are_never_named_without_review() {
    let blocks = |row: usize, column: usize| {
        let inside = (50..330).contains(&row) && (row - 50) % 70 < 58 && (100..180).contains(&column);
        let density = if inside { 0.9 } else { 0.0 };
        density + 0.02 * speckle(row, column)
    };
    let values = Array2::from_shape_fn((400, 280), |(row, column)| blocks(row, column));
    if let Ok(found) = spine::find(&field(values, Quantity::BoneDensity)) {
        assert!(found.label_margin.unwrap() < 0.0);
    }
}

#[test]
fn values_that_are_no_numbers_do_no_harm() {
    for value in [f32::NAN, f32::INFINITY, f32::MAX, f32::NEG_INFINITY] {
        for shape in [(1, 1), (380, 280), (2000, 3)] {
            let values = Array2::from_elem(shape, value);
            assert!(spine::find(&field(values, Quantity::BoneDensity)).is_err());
        }
    }
}
