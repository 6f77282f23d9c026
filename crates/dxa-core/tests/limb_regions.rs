//! Hip and forearm regions on simulated scans, against the simulator's exact truth.

#![expect(clippy::unwrap_used, reason = "a scan that cannot be simulated or found fails its test")]

mod limbs;

use dxa_core::field::{Field, Quantity};
use dxa_core::geometry::DetectorPoint;
use dxa_core::measure::acquisition;
use dxa_core::measure::hip_geometry::HipGeometry;
use dxa_core::outline::{LandmarkShape, Outlines};
use dxa_core::quality::{QualityRecord, QualityStatus};
use dxa_core::segment::forearm::{self, ForearmRefusal};
use dxa_core::segment::hip::{self, NeckConvention};
use dxa_core::segment::metal;
use dxa_core::site::Side;

use limbs::{Errors, SimulatedLimb, densities};

fn hip(seed: u64, settings: &[(&str, &str)]) -> SimulatedLimb {
    SimulatedLimb::scan("hip", seed, settings)
}

/// Share of errors beyond a limit, which is to be at most one in twenty.
fn check_most(errors: &Errors, name: &str, limit: f64) {
    let values = errors.of(name);
    let beyond = values.iter().filter(|error| error.abs() > limit).count();
    assert!(beyond * 20 <= values.len(), "{name}: {beyond} of {} beyond {limit}: {values:.2?}", values.len());
}

fn hip_errors(scans: &[SimulatedLimb], convention: NeckConvention, name: &str) -> Errors {
    let mut errors = Errors::default();
    for scan in scans {
        let outlines = hip::find(scan.field(), None, convention).unwrap();
        let geometry = HipGeometry::of(&outlines).unwrap();
        let truth = |name: &str| scan.landmark(name).as_f64().unwrap();
        errors.add("angle", geometry.neck_shaft_angle_deg - truth("neck_shaft_angle_deg"));
        errors.add("width", geometry.neck_width_mm - truth("neck_width_mm"));
        for (site, measured) in densities(scan, &outlines) {
            errors.add(&site, 100.0 * (measured / scan.bmd(&site, Some(name)) - 1.0));
        }
    }
    errors
}

/// The regions of a forearm, or why there are none; the length of the ulna need not be known.
fn find_forearm(field: &Field, ulna_length_mm: Option<f64>) -> Result<Outlines, ForearmRefusal> {
    let found = forearm::find(field, None, ulna_length_mm)?;
    match found.missing {
        None | Some(ForearmRefusal::NoUlnaLength) => Ok(found.outlines),
        Some(missing) => Err(missing),
    }
}

#[test]
fn hips_have_the_geometry_and_density_of_their_truth() {
    let scans: Vec<SimulatedLimb> = (700..710).map(|seed| hip(seed, &[])).collect();
    for (convention, name, neck_percent) in
        [(NeckConvention::Hologic, "hologic", 1.5), (NeckConvention::Lunar, "lunar", 2.0)]
    {
        let errors = hip_errors(&scans, convention, name);
        check_most(&errors, "angle", 0.5);
        check_most(&errors, "width", 0.5);
        check_most(&errors, "femoral_neck", neck_percent);
        check_most(&errors, "total_hip", 1.3);
    }
}

#[test]
fn geometry_does_not_depend_on_the_size_of_pixels() {
    let of = |spacing: &str| {
        let scan = hip(720, &[("spacing", spacing)]);
        HipGeometry::of(&hip::find(scan.field(), None, NeckConvention::Hologic).unwrap()).unwrap()
    };
    let fine = of("0.25x0.30");
    for spacing in ["0.5", "1.05x0.60"] {
        let coarse = of(spacing);
        assert!((coarse.neck_shaft_angle_deg - fine.neck_shaft_angle_deg).abs() < 0.5, "{spacing}");
        assert!((coarse.neck_width_mm - fine.neck_width_mm).abs() < 0.5, "{spacing}");
    }
}

#[test]
fn an_abducted_hip_has_the_same_neck() {
    for abduction in ["-12", "12"] {
        let scan = hip(730, &[("abduction", abduction)]);
        let outlines = hip::find(scan.field(), None, NeckConvention::Hologic).unwrap();
        let geometry = HipGeometry::of(&outlines).unwrap();
        let truth = scan.landmark("neck_shaft_angle_deg").as_f64().unwrap();
        assert!((geometry.neck_shaft_angle_deg - truth).abs() < 0.5, "{abduction}");
        let records = acquisition::hip::records(0, scan.field(), &outlines);
        let tilt = measured(&records, "hip-shaft-tilt");
        assert!((tilt - scan.quality("shaft_tilt_deg")).abs() < 0.5, "{tilt}");
        assert_eq!(status(&records, "hip-shaft-tilt"), QualityStatus::Fail);
    }
}

fn mirror(field: &Field) -> Field {
    let (mut values, mut pixels) = (field.values.clone(), field.pixels.clone());
    values.invert_axis(ndarray::Axis(1));
    pixels.invert_axis(ndarray::Axis(1));
    Field {
        values: values.as_standard_layout().into_owned(),
        pixels: pixels.as_standard_layout().into_owned(),
        ..*field
    }
}

#[test]
fn the_mirrored_hip_has_the_mirrored_regions() {
    let scan = hip(740, &[("side", "L")]);
    let width_mm = scan.field().shape().1 as f64 * scan.field().spacing.column_mm;
    let left = hip::find(scan.field(), None, NeckConvention::Hologic).unwrap();
    let right = hip::find(&mirror(scan.field()), None, NeckConvention::Hologic).unwrap();
    let back = |point: &DetectorPoint| DetectorPoint { x_mm: width_mm - point.x_mm, ..*point };
    for (a, b) in left.regions.iter().zip(&right.regions) {
        assert_eq!(a.site, b.site);
        let corners = |outlines: &[dxa_core::geometry::Polygon]| -> Vec<DetectorPoint> {
            outlines.iter().flat_map(|polygon| polygon.corners.clone()).collect()
        };
        let mirrored: Vec<DetectorPoint> = corners(&b.outline).iter().map(back).collect();
        assert_eq!(corners(&a.outline), mirrored, "{}", a.site);
    }
}

#[test]
fn the_side_is_compared_with_what_the_object_says() {
    let scan = hip(741, &[("side", "L")]);
    let outlines = hip::find(scan.field(), None, NeckConvention::Lunar).unwrap();
    let finding = acquisition::hip::contradicted_side(0, Some(Side::Right), &outlines).unwrap();
    assert_eq!(finding.code, "side_contradicts_image");
    assert_eq!(acquisition::hip::contradicted_side(0, Some(Side::Left), &outlines), None);
    assert_eq!(acquisition::hip::contradicted_side(0, None, &outlines), None);
}

#[test]
fn the_parts_of_the_total_hip_do_not_overlap_and_leave_nothing_out() {
    let scan = hip(742, &[]);
    for convention in [NeckConvention::Hologic, NeckConvention::Lunar] {
        let outlines = hip::find(scan.field(), None, convention).unwrap();
        let femur = outlines.area("femur").unwrap();
        let names = ["femoral_neck", "trochanter", "intertrochanter"];
        let area: f64 = outlines
            .regions
            .iter()
            .filter(|region| names.contains(&region.site.to_string().as_str()))
            .flat_map(|region| region.outline.iter().map(dxa_core::geometry::Polygon::area_mm2))
            .sum();
        assert!((area / femur.area_mm2() - 1.0).abs() < 2e-3, "{area} of {}", femur.area_mm2());
    }
}

#[test]
fn a_display_image_has_the_geometry_of_the_density_behind_it() {
    let scan = hip(743, &[]);
    let truth = HipGeometry::of(&hip::find(scan.field(), None, NeckConvention::Hologic).unwrap()).unwrap();
    let values = scan.field().values.mapv(|density| (0.2 + 0.4 * density).clamp(0.0, 1.0));
    let gray = Field { values, quantity: Quantity::Gray, ..scan.field().clone() };
    let seen = HipGeometry::of(&hip::find(&gray, None, NeckConvention::Hologic).unwrap()).unwrap();
    assert!((seen.neck_shaft_angle_deg - truth.neck_shaft_angle_deg).abs() < 0.5);
    assert!((seen.neck_width_mm - truth.neck_width_mm).abs() < 1.0);
}

fn record<'a>(records: &'a [QualityRecord], id: &str) -> &'a QualityRecord {
    records.iter().find(|record| record.id == id).unwrap()
}

fn measured(records: &[QualityRecord], id: &str) -> f64 {
    record(records, id).measured.unwrap()
}

fn status(records: &[QualityRecord], id: &str) -> QualityStatus {
    record(records, id).status
}

#[test]
fn errors_of_positioning_are_measured() {
    let cases = [
        (("rotation", "20"), "hip-rotation", "lesser_trochanter_mm", 0.7),
        (("head_margin", "-12"), "hip-head-in-view", "head_margin_mm", 1.5),
        (("below_lesser_trochanter", "5"), "hip-margin-below", "below_lesser_trochanter_mm", 1.5),
    ];
    for (setting, id, truth, tolerance) in cases {
        for seed in 750..752 {
            let scan = hip(seed, &[setting]);
            let outlines = hip::find(scan.field(), None, NeckConvention::Lunar).unwrap();
            let records = acquisition::hip::records(0, scan.field(), &outlines);
            let (found, truth) = (measured(&records, id), scan.quality(truth));
            assert!((found - truth).abs() < tolerance, "{id} of {seed}: {found} for {truth}");
            assert_eq!(status(&records, id), QualityStatus::Fail, "{id} of {seed}");
        }
    }
}

#[test]
fn an_image_that_ends_at_the_lesser_trochanter_fails_its_margin() {
    for (seed, below) in (755..).zip(["-2", "0", "1.5"]) {
        let scan = hip(seed, &[("below_lesser_trochanter", below)]);
        let outlines = hip::find(scan.field(), None, NeckConvention::Lunar).unwrap();
        let records = acquisition::hip::records(0, scan.field(), &outlines);
        assert_eq!(status(&records, "hip-margin-below"), QualityStatus::Fail, "{seed} {below}");
        // The neck stands out by far more than any trochanter.
        assert!(record(&records, "hip-rotation").measured.is_none_or(|out| out < 8.0), "{seed} {below}");
    }
}

#[test]
fn a_well_taken_hip_passes_every_check() {
    for seed in 750..753 {
        let scan = hip(seed, &[]);
        let outlines = hip::find(scan.field(), None, NeckConvention::Lunar).unwrap();
        for record in acquisition::hip::records(0, scan.field(), &outlines) {
            assert_eq!(record.status, QualityStatus::Pass, "{seed}: {record:?}");
        }
    }
}

#[test]
fn a_jerk_is_seen_and_a_still_person_is_not_accused() {
    for seed in 760..763 {
        for (shift, expected) in [("0", QualityStatus::Pass), ("3", QualityStatus::Fail)] {
            let scan = hip(seed, &[("motion", shift)]);
            let records = acquisition::hip::records(0, scan.field(), &Outlines::default());
            assert_eq!(status(&records, "hip-motion"), expected, "{seed} {shift}");
            assert_eq!(status(&records, "hip-shaft-tilt"), QualityStatus::NotEvaluable);
        }
    }
}

/// Over its top, the head leans one way above and the other below: by 1.15 mm more than either side of it here.
#[test]
fn a_head_near_the_edge_is_no_jerk() {
    let settings = [
        ("abduction", "-0.088"),
        ("rotation", "-5.793"),
        ("head_margin", "3.615"),
        ("below_lesser_trochanter", "17.846"),
    ];
    let records = acquisition::hip::records(0, hip(1_980_039, &settings).field(), &Outlines::default());
    assert_eq!(status(&records, "hip-motion"), QualityStatus::Pass);
}

#[test]
fn a_femur_under_metal_is_refused() {
    for artefact in ["screw", "prosthesis"] {
        for seed in 770..772 {
            let scan = hip(seed, &[("artefact", artefact)]);
            assert!(hip::find(scan.field(), None, NeckConvention::Hologic).is_err(), "{artefact} {seed}");
            let records = acquisition::hip::records(0, scan.field(), &Outlines::default());
            assert_eq!(status(&records, "hip-metal"), QualityStatus::Fail, "{artefact} {seed}");
        }
    }
    let without = hip(770, &[]);
    assert_eq!(metal::metal(without.field()).unwrap().iter().filter(|metal| **metal).count(), 0);
}

#[test]
fn another_part_of_the_body_is_refused() {
    for (kind, seed) in [("ap-spine", 780), ("ap-spine", 781), ("forearm", 782), ("forearm", 783)] {
        let scan = SimulatedLimb::scan(kind, seed, &[]);
        assert!(hip::find(scan.field(), None, NeckConvention::Hologic).is_err(), "{kind} {seed} as a hip");
        if kind != "forearm" {
            assert!(find_forearm(scan.field(), Some(250.0)).is_err(), "{kind} {seed} as a forearm");
        }
    }
    let scan = hip(784, &[]);
    assert!(find_forearm(scan.field(), Some(250.0)).is_err());
}

#[test]
fn empty_and_absurd_images_are_refused() {
    let scan = hip(785, &[]);
    for value in [0.0, 1.0, f32::NAN, f32::INFINITY] {
        let values = ndarray::Array2::from_elem(scan.field().shape(), value);
        let field = Field { values, ..scan.field().clone() };
        assert!(hip::find(&field, None, NeckConvention::Hologic).is_err(), "{value}");
        assert!(find_forearm(&field, Some(250.0)).is_err(), "{value}");
    }
    for (rows, columns) in [(0, 0), (1, 1), (1, 400), (3, 3), (400, 2)] {
        let values =
            ndarray::Array2::from_shape_fn((rows, columns), |(row, column)| (row * 3 + column) as f32);
        let pixels = ndarray::Array2::default((rows, columns));
        let field = Field { values, pixels, ..scan.field().clone() };
        assert!(hip::find(&field, None, NeckConvention::Hologic).is_err(), "{rows} {columns}");
        assert!(find_forearm(&field, Some(250.0)).is_err(), "{rows} {columns}");
    }
}

#[test]
fn forearms_have_the_sites_and_densities_of_their_truth() {
    let mut errors = Errors::default();
    for seed in 800..808 {
        let scan = SimulatedLimb::scan("forearm", seed, &[]);
        let outlines = find_forearm(scan.field(), Some(scan.ulna_length_mm())).unwrap();
        for name in ["ulnar_styloid", "radial_endplate"] {
            let LandmarkShape::Point(found) = outlines.landmark(name).unwrap() else { panic!("{name}") };
            errors.add(name, found.y_mm - scan.landmark(name)[1].as_f64().unwrap());
        }
        for (site, measured) in densities(&scan, &outlines) {
            errors.add(&site, 100.0 * (measured / scan.bmd(&site, None) - 1.0));
        }
    }
    check_most(&errors, "ulnar_styloid", 1.0);
    check_most(&errors, "radial_endplate", 0.5);
    check_most(&errors, "radius_33", 2.0);
    check_most(&errors, "radius_ulna_33", 2.0);
    check_most(&errors, "radius_total", 2.0);
}

#[test]
fn a_forearm_with_the_hand_below_has_the_same_sites() {
    let scan = SimulatedLimb::scan("forearm", 810, &[]);
    let (mut values, mut pixels) = (scan.field().values.clone(), scan.field().pixels.clone());
    values.invert_axis(ndarray::Axis(0));
    pixels.invert_axis(ndarray::Axis(0));
    let turned = Field {
        values: values.as_standard_layout().into_owned(),
        pixels: pixels.as_standard_layout().into_owned(),
        ..scan.field().clone()
    };
    let height_mm = scan.field().shape().0 as f64 * scan.field().spacing.row_mm;
    let upright = find_forearm(scan.field(), Some(scan.ulna_length_mm())).unwrap();
    let reversed = find_forearm(&turned, Some(scan.ulna_length_mm())).unwrap();
    let (a, b) = (upright.point("ulnar_styloid").unwrap(), reversed.point("ulnar_styloid").unwrap());
    // An outline is worked out from another side, and the last digit is another.
    assert!((a.x_mm - b.x_mm).abs() < 1e-9 && (a.y_mm - (height_mm - b.y_mm)).abs() < 1e-9, "{a:?} {b:?}");
}

#[test]
fn without_the_length_of_the_ulna_a_forearm_has_landmarks_and_no_regions() {
    let scan = SimulatedLimb::scan("forearm", 811, &[]);
    let outlines = find_forearm(scan.field(), None).unwrap();
    assert!(outlines.regions.is_empty());
    assert!(outlines.point("ulnar_styloid").is_some());
    assert!(find_forearm(scan.field(), Some(900.0)).is_err());
}

#[test]
fn a_forearm_cut_above_its_site_has_no_region_and_is_still_checked() {
    let scan = SimulatedLimb::scan("forearm", 812, &[("below_site", "-20")]);
    let ulna_mm = Some(scan.ulna_length_mm());
    let found = forearm::find(scan.field(), None, ulna_mm).unwrap();
    assert_eq!(found.missing, Some(ForearmRefusal::OutOfImage));
    assert!(found.outlines.regions.is_empty());
    let records = acquisition::forearm::records(0, scan.field(), &found.outlines, ulna_mm);
    assert_eq!(status(&records, "forearm-third-in-view"), QualityStatus::Fail);
    let below = measured(&records, "forearm-third-in-view");
    assert!((below - scan.quality("below_site_33_mm")).abs() < 1.5, "{below}");
    assert_eq!(status(&records, "forearm-distal-end"), QualityStatus::Pass);
}
