//! Hips and forearms as a reader has them: pixels against truth, faults that were asked for, the typed length.

#![expect(clippy::unwrap_used, reason = "a file that cannot be read must fail the test")]

use std::collections::BTreeMap;

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::{DefaultDicomObject, FileDicomObject};
use dxa_sim::simulate;
use serde_json::Value;

/// The first file of a scan and its truth.
fn scan(kind: &str, seed: u64, settings: &[(&str, &str)]) -> (DefaultDicomObject, Value) {
    let settings: BTreeMap<_, _> =
        settings.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
    let mut files = simulate(kind, seed, &settings).unwrap();
    let truth: Value = serde_json::from_slice(&files.pop().unwrap().bytes).unwrap();
    let object = FileDicomObject::from_reader(&files[0].bytes[128..]).unwrap();
    (object, truth["files"][0]["scene"].clone())
}

/// Truth alone, in the fewest pixels.
fn truth(kind: &str, seed: u64, settings: &[(&str, &str)]) -> Value {
    let coarse = [("spacing", "2.5"), ("photons", "0")];
    scan(kind, seed, &[&coarse, settings].concat()).1
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn points(value: &Value) -> Vec<[f64; 2]> {
    value.as_array().unwrap().iter().map(|point| [number(&point[0]), number(&point[1])]).collect()
}

/// Mineral of a map within a convex outline in mm.
fn mineral_within(map: &DefaultDicomObject, outline: &[[f64; 2]]) -> f64 {
    let mapping = map.element(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE).unwrap().items().unwrap();
    let factor = |tag| mapping[0].element(tag).unwrap().to_float64().unwrap();
    let (slope, intercept) = (factor(tags::REAL_WORLD_VALUE_SLOPE), factor(tags::REAL_WORLD_VALUE_INTERCEPT));
    let columns = map.element(tags::COLUMNS).unwrap().to_int::<usize>().unwrap();
    let spacing = map.element(tags::PIXEL_SPACING).unwrap().to_multi_float64().unwrap();
    let words = map.element(tags::PIXEL_DATA).unwrap().to_multi_int::<u16>().unwrap();
    let inside = |index: usize| {
        let x = ((index % columns) as f64 + 0.5) * spacing[1];
        let y = ((index / columns) as f64 + 0.5) * spacing[0];
        let next = outline.iter().cycle().skip(1);
        let sides = outline
            .iter()
            .zip(next)
            .map(|(a, b)| ((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])) > 0.0);
        let left = sides.filter(|left| *left).count();
        left == 0 || left == outline.len()
    };
    // Zero is padding, beside the body.
    let bone = words.iter().enumerate().filter(|&(index, word)| *word > 0 && inside(index));
    let sum: f64 = bone.map(|(_, word)| f64::from(*word) * slope + intercept).sum();
    sum * spacing[0] * spacing[1] / 100.0
}

fn region<'a>(truth: &'a Value, site: &str, convention: Option<&str>) -> &'a Value {
    let regions = truth["regions"].as_array().unwrap();
    let wanted = |region: &&Value| region["site"] == site && region["convention"].as_str() == convention;
    regions.iter().find(wanted).unwrap()
}

/// Bone of these scans is sharp, and intensity is averaged over a pixel before its logarithm is taken: up to
/// 0.4 % of the mineral is lost at 0.25 mm.
const SHARP: [(&str, &str); 4] = [("output", "map"), ("photons", "0"), ("blur", "0"), ("spacing", "0.25")];
const LOST: std::ops::Range<f64> = -0.004..0.0005;

#[test]
fn a_neck_box_holds_the_mineral_of_its_truth() {
    for (seed, side, convention) in [(11, "L", "hologic"), (12, "R", "lunar")] {
        let (map, truth) = scan("hip", seed, &[&SHARP[..], &[("side", side)]].concat());
        let found = mineral_within(&map, &points(&truth["landmarks"][convention]["neck_box"]));
        let exact = number(&region(&truth, "femoral_neck", Some(convention))["bmc_g"]);
        assert!(LOST.contains(&(found / exact - 1.0)), "{seed} {found} {exact}");
    }
}

#[test]
fn strips_of_a_leaning_forearm_hold_the_mineral_of_their_truth() {
    let (map, truth) = scan("forearm", 13, &[&SHARP[..], &[("side", "R"), ("tilt", "5")]].concat());
    for strip in ["33", "mid", "ud"] {
        let found = mineral_within(&map, &points(&truth["landmarks"]["strips"][strip]));
        let exact = number(&region(&truth, &format!("radius_ulna_{strip}"), None)["bmc_g"]);
        assert!(LOST.contains(&(found / exact - 1.0)), "{strip} {found} {exact}");
    }
}

#[test]
fn a_hip_that_nobody_spoiled_has_no_fault() {
    for seed in 0..40 {
        let truth = truth("hip", seed, &[]);
        let quality = &truth["quality"];
        for convention in ["hologic", "lunar"] {
            assert_eq!(quality["ischium_in_neck_box_mm2"][convention], 0.0, "{seed}");
        }
        assert_eq!(quality["metal_mm2"], 0.0, "{seed}");
        assert!(number(&quality["head_margin_mm"]) > 20.0, "{seed} {quality}");
        assert!(number(&quality["below_lesser_trochanter_mm"]) > 25.0, "{seed} {quality}");
        assert!(number(&quality["lesser_trochanter_mm"]) < 4.5, "{seed} {quality}");
        assert!(number(&quality["shaft_tilt_deg"]) < 1.6, "{seed} {quality}");
        let regions = truth["regions"].as_array().unwrap();
        assert_eq!(regions.len(), 10, "{seed}");
        assert!(regions.iter().all(|region| number(&region["pelvis_overlap_g"]) < 0.005), "{seed}");
    }
}

#[test]
fn faults_of_a_hip_are_in_its_truth() {
    for seed in 0..10 {
        let at = |settings: &[(&str, &str)]| truth("hip", seed, settings)["quality"].clone();
        let cut = at(&[("head_margin", "-6"), ("below_lesser_trochanter", "7")]);
        assert!((number(&cut["head_margin_mm"]) + 6.0).abs() < 1e-3, "{cut}");
        // The last row ends within half a pixel of the field.
        assert!((number(&cut["below_lesser_trochanter_mm"]) - 7.0).abs() <= 1.26, "{cut}");
        let leaning = at(&[("abduction", "-12"), ("rotation", "20")]);
        assert!((number(&leaning["shaft_tilt_deg"]) - 12.0).abs() < 1.6, "{leaning}");
        assert!(number(&leaning["lesser_trochanter_mm"]) > 5.0, "{leaning}");
        let ischium = at(&[("ischium", "38"), ("abduction", "-12")]);
        assert!(number(&ischium["ischium_in_neck_box_mm2"]["hologic"]) > 30.0, "{seed} {ischium}");
        let screw = truth("hip", seed, &[("artefact", "screw")]);
        assert!(number(&screw["quality"]["metal_mm2"]) > 300.0 && screw["regions"] == Value::Array(vec![]));
    }
}

#[test]
fn a_strip_that_leaves_the_image_has_no_truth() {
    let cut = truth("forearm", 4, &[("below_site", "-6")]);
    assert!((number(&cut["quality"]["below_site_33_mm"]) + 6.0).abs() <= 1.26, "{cut}");
    let sites: Vec<_> = cut["regions"].as_array().unwrap().iter().map(|region| &region["site"]).collect();
    assert_eq!(sites, ["radius_mid", "radius_ud", "radius_ulna_mid", "radius_ulna_ud"]);
}

#[test]
fn the_length_of_the_ulna_travels_only_when_it_was_typed() {
    const LENGTH: Tag = Tag(0x0019, 0x1110);
    for output in ["pair", "map", "display"] {
        let coarse = [("spacing", "2.5"), ("output", output)];
        let (object, truth) = scan("forearm", 2, &[&coarse[..], &[("ulna_length", "243")]].concat());
        assert_eq!(object.element(Tag(0x0019, 0x0011)).unwrap().to_str().unwrap(), "DXA OPEN 1.0");
        assert!((object.element(LENGTH).unwrap().to_float64().unwrap() - 243.0).abs() < 1e-9);
        assert_eq!(object.element(tags::IMAGE_COMMENTS).unwrap().to_str().unwrap(), "Ulna length 243.0 mm");
        assert_eq!(truth["ulna_length_mm"], 243.0);
        let (object, truth) = scan("forearm", 2, &[&coarse[..], &[("ulna_length", "none")]].concat());
        assert!(object.element(LENGTH).is_err() && object.element(tags::IMAGE_COMMENTS).is_err());
        assert_eq!(truth["ulna_length_mm"], Value::Null);
    }
}
