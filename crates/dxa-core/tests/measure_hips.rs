//! Area, content and density of hips whose truth is exact, inside of true cut lines; and what must not change them.
#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod simulated;

use dxa_core::calibrate::Calibrated;
use dxa_core::field::Field;
use dxa_core::geometry::{DetectorPoint, Polygon};
use dxa_core::measure::region::{RegionMeasure, measure, total};
use dxa_core::outline::RegionOutline;
use dxa_core::segment::edge::{self, Bone, EdgeRule};
use dxa_core::segment::hip::{self, NeckConvention};
use dxa_core::site::Site;
use dxa_core::study::PixelSpacing;
use simulated::{Simulated, largest, simulate};

fn bone(calibrated: &Calibrated) -> Bone {
    edge::bone(&calibrated.field, EdgeRule::HalfStep).unwrap()
}

/// Errors of area, content and density, %.
fn errors(scan: &Simulated, calibrated: &Calibrated, site: &str) -> [f64; 3] {
    let bone = bone(calibrated);
    let area = if site == "total_hip" { scan.total_hip_area() } else { scan.neck_box() };
    let found = measure(calibrated, &bone, &largest(site, bone.outlines_within(&area))).unwrap();
    let found = [found.area.get(), found.bmc.get(), found.bmd().get()];
    let truth = scan.truth(site);
    [0, 1, 2].map(|index| 100.0 * (found[index] / truth[index] - 1.0))
}

/// Errors of people and edges that were not used in development: `usual` is their greatest root mean square
/// and no single one is beyond twice that, %.
fn check(spacing: &str, site: &str, usual: [f64; 3]) {
    let shapes = ["curved", "slab", "linear", "shell", "soft", "curved", "slab", "curved"];
    let found: Vec<[f64; 3]> = (101..)
        .zip(shapes)
        .map(|(seed, shape)| {
            let scan = simulate("hip", seed, &[("spacing", spacing), ("edge", shape)]);
            errors(&scan, &scan.pair().unwrap(), site)
        })
        .collect();
    for (index, usual) in usual.into_iter().enumerate() {
        let of_all = || found.iter().map(|errors| errors[index]);
        let square = of_all().map(|error| error * error).sum::<f64>() / found.len() as f64;
        assert!(square.sqrt() <= usual, "{spacing} {site} {index}: {found:.2?}");
        assert!(of_all().all(|error| error.abs() <= 2.0 * usual), "{spacing} {site} {index}: {found:.2?}");
    }
}

#[test]
fn total_hips_in_fine_pixels() {
    check("0.5", "total_hip", [0.5, 1.0, 1.0]);
}

#[test]
fn femoral_necks_in_fine_pixels() {
    check("0.5", "femoral_neck", [1.0, 1.0, 1.0]);
}

#[test]
fn total_hips_in_coarse_pixels() {
    check("1.05x0.6", "total_hip", [1.0, 1.0, 1.5]);
}

#[test]
fn total_hips_in_pixels_of_a_millimeter() {
    check("1.05", "total_hip", [1.0, 1.0, 1.5]);
}

#[test]
fn the_blur_of_a_detector_is_found_and_changes_no_density() {
    for (seed, blur) in (121..).zip(["0.0", "0.15", "0.45"]) {
        let scan = simulate("hip", seed, &[("blur", blur)]);
        let calibrated = scan.pair().unwrap();
        // The simulator moves whole pixels of 0.5 mm, which blurs by their own variance too.
        let blur: f64 = blur.parse().unwrap();
        let true_mm = if blur > 0.0 { (blur * blur + 0.25 / 12.0).sqrt() } else { 0.0 };
        let found_mm = bone(&calibrated).blur_mm();
        assert!((found_mm - true_mm).abs() < 0.1, "{found_mm} for {true_mm}");
        let [area, content, density] = errors(&scan, &calibrated, "total_hip");
        assert!(density.abs() < 1.0, "{blur} mm: {area:.2} {content:.2} {density:.2}");
    }
}

#[test]
fn straight_edges_along_rows_are_found_wherever_rows_lie() {
    for seed in [141, 142, 143, 144, 700_005] {
        let scan = simulate("phantom", seed, &[("spacing", "1.05x0.60"), ("photons", "0")]);
        let calibrated = scan.pair().unwrap();
        let bone = bone(&calibrated);
        let mut slabs = bone.outlines();
        let top = |slab: &Polygon| slab.corners.iter().map(|at| at.y_mm).fold(f64::INFINITY, f64::min);
        slabs.sort_by(|a, b| top(a).total_cmp(&top(b)));
        assert_eq!(slabs.len(), 3);
        for (slab, site) in slabs.into_iter().zip(["L1", "L2", "L3"]) {
            let found = measure(&calibrated, &bone, &largest(site, vec![slab])).unwrap();
            let [area, content, _] = scan.truth(site);
            let errors = [found.area.get() / area - 1.0, found.bmc.get() / content - 1.0];
            assert!(errors.iter().all(|error| error.abs() < 0.02), "{seed} {site}: {errors:?}");
        }
    }
}

/// A scan with its bone and its total hip.
fn measured(scan: &Simulated) -> (Calibrated, RegionOutline, RegionMeasure) {
    let calibrated = scan.pair().unwrap();
    let bone = bone(&calibrated);
    let region = largest("total_hip", bone.outlines_within(&scan.total_hip_area()));
    let found = measure(&calibrated, &bone, &region).unwrap();
    (calibrated, region, found)
}

#[test]
fn an_outline_that_was_printed_gives_the_same_number_again() {
    let scan = simulate("hip", 201, &[]);
    let (calibrated, region, first) = measured(&scan);
    let spacing = scan.spacing();
    let printed = |corner: &DetectorPoint| {
        let pixel = corner.to_image(spacing);
        let read = |value: f64| format!("{value:.3}").parse::<f64>().unwrap();
        dxa_core::geometry::ImagePoint { x: read(pixel.x), y: read(pixel.y) }.to_detector(spacing)
    };
    let polygon = Polygon { corners: region.outline[0].corners.iter().map(printed).collect() };
    let again = measure(&calibrated, &bone(&calibrated), &RegionOutline { outline: vec![polygon], ..region })
        .unwrap();
    assert_eq!(first, again);
}

#[test]
fn a_region_cut_in_two_keeps_its_sums() {
    let scan = simulate("hip", 202, &[]);
    let (calibrated, ..) = measured(&scan);
    let area = scan.total_hip_area();
    let bone = bone(&calibrated);
    let inside = |area: &Polygon| {
        let region =
            RegionOutline { site: "total_hip".parse().unwrap(), outline: bone.outlines_within(area) };
        measure(&calibrated, &bone, &region).unwrap()
    };
    let whole = inside(&area);
    let low = area.corners.iter().map(|corner| corner.y_mm).fold(f64::MIN, f64::max);
    let cut = low - 31.3;
    let halves = [(f64::MIN, cut), (cut, f64::MAX)].map(|(from, to)| inside(&between(&area, from, to)));
    let sum = total(&halves).unwrap();
    assert!(
        (sum.area.get() / whole.area.get() - 1.0).abs() < 2e-4,
        "{} {}",
        sum.area.get(),
        whole.area.get()
    );
    assert!((sum.bmc.get() / whole.bmc.get() - 1.0).abs() < 2e-4, "{} {}", sum.bmc.get(), whole.bmc.get());
}

/// The part of a convex polygon between two horizontal lines.
fn between(polygon: &Polygon, from: f64, to: f64) -> Polygon {
    let clip = |corners: &[DetectorPoint], limit: f64, keeps: fn(f64, f64) -> bool| {
        let mut kept = Vec::new();
        for (index, a) in corners.iter().enumerate() {
            let b = corners[(index + 1) % corners.len()];
            if keeps(a.y_mm, limit) {
                kept.push(*a);
            }
            if keeps(a.y_mm, limit) != keeps(b.y_mm, limit) {
                let part = (limit - a.y_mm) / (b.y_mm - a.y_mm);
                kept.push(DetectorPoint { x_mm: a.x_mm + part * (b.x_mm - a.x_mm), y_mm: limit });
            }
        }
        kept
    };
    let below = clip(&polygon.corners, from, |y, limit| y >= limit);
    Polygon { corners: clip(&below, to, |y, limit| y <= limit) }
}

#[test]
fn a_mirrored_scan_measures_the_same() {
    let scan = simulate("hip", 203, &[("spacing", "1.05x0.6")]);
    let (calibrated, region, first) = measured(&scan);
    let width = calibrated.field.values.ncols() as f64 * scan.spacing().column_mm;
    let mut mirrored = calibrated.clone();
    mirrored.field.values.invert_axis(ndarray::Axis(1));
    mirrored.field.pixels.invert_axis(ndarray::Axis(1));
    let turned = |corner: &DetectorPoint| DetectorPoint { x_mm: width - corner.x_mm, ..*corner };
    let polygon = Polygon { corners: region.outline[0].corners.iter().map(turned).collect() };
    let area = scan.total_hip_area();
    let area = Polygon { corners: area.corners.iter().map(turned).collect() };
    let bone = bone(&mirrored);
    let given = measure(&mirrored, &bone, &RegionOutline { outline: vec![polygon], ..region }).unwrap();
    // The margin ends where the bone of the mirrored scan begins, whose edges were looked at in other places.
    assert!(
        (given.bmc.get() / first.bmc.get() - 1.0).abs() < 2e-4,
        "{} {}",
        given.bmc.get(),
        first.bmc.get()
    );
    let found = measure(&mirrored, &bone, &largest("total_hip", bone.outlines_within(&area))).unwrap();
    assert!(
        (found.bmd().get() / first.bmd().get() - 1.0).abs() < 1e-4,
        "{} {}",
        found.bmd().get(),
        first.bmd().get()
    );
}

#[test]
fn rows_and_columns_are_alike() {
    let scan = simulate("hip", 204, &[("spacing", "0.6x0.4")]);
    let (calibrated, region, first) = measured(&scan);
    let spacing = scan.spacing();
    let turned = Calibrated {
        field: Field {
            values: calibrated.field.values.t().as_standard_layout().into_owned(),
            pixels: calibrated.field.pixels.t().as_standard_layout().into_owned(),
            spacing: PixelSpacing { row_mm: spacing.column_mm, column_mm: spacing.row_mm },
            ..calibrated.field
        },
        ..calibrated
    };
    let turn = |corner: &DetectorPoint| DetectorPoint { x_mm: corner.y_mm, y_mm: corner.x_mm };
    let area = scan.total_hip_area();
    let area = Polygon { corners: area.corners.iter().map(turn).collect() };
    let bone = bone(&turned);
    let found = measure(&turned, &bone, &largest("total_hip", bone.outlines_within(&area))).unwrap();
    assert!(
        (found.area.get() / first.area.get() - 1.0).abs() < 1e-3,
        "{} {}",
        found.area.get(),
        first.area.get()
    );
    assert!(
        (found.bmc.get() / first.bmc.get() - 1.0).abs() < 1e-3,
        "{} {}",
        found.bmc.get(),
        first.bmc.get()
    );
    drop(region);
}

#[test]
fn density_added_everywhere_is_added_to_the_region() {
    let scan = simulate("hip", 205, &[]);
    let (mut calibrated, region, first) = measured(&scan);
    let bone = bone(&calibrated);
    calibrated.field.values.mapv_inplace(|value| value + 0.125);
    let found = measure(&calibrated, &bone, &region).unwrap();
    // The margin around the outline is added as well: content of 0.125 g/cm² over more than its area.
    let added = found.bmc.get() - first.bmc.get();
    let margin = added / 0.125 - first.area.get();
    assert!((0.0..0.1 * first.area.get()).contains(&margin), "{margin}");
}

#[test]
fn a_map_measures_like_its_pair() {
    let settings = [("edge", "curved")];
    let pair = simulate("hip", 206, &settings);
    let map = simulate("hip", 206, &[settings[0], ("output", "map")]);
    for (scan, calibrated) in [(&pair, pair.pair().unwrap()), (&map, map.map().unwrap())] {
        let errors = errors(scan, &calibrated, "total_hip");
        assert!(errors.iter().all(|error| error.abs() < 1.5), "{errors:.2?}");
    }
}

/// A box that a reader moves is where the neck is measured, and what lies beside it is cut anew.
#[test]
fn a_neck_box_is_measured_where_it_is_placed() {
    for seed in 101..104 {
        let scan = simulate("hip", seed, &[("spacing", "0.5")]);
        let calibrated = scan.pair().unwrap();
        let bone = bone(&calibrated);
        let found = |placed: Option<&Polygon>| {
            hip::find_with(&calibrated.field, Some(&bone), NeckConvention::Hologic, placed)
        };
        // The corners of the truth go around from the upper lateral one, a landmark's from the upper medial one.
        let mut truth = scan.neck_box().corners;
        truth.rotate_right(1);
        let (medial, lateral) = (truth[0], truth[1]);
        for mm in [0.0, -4.0, 3.0] {
            let step = mm / medial.distance_mm(lateral);
            let (dx, dy) = ((lateral.x_mm - medial.x_mm) * step, (lateral.y_mm - medial.y_mm) * step);
            let moved = |at: &DetectorPoint| DetectorPoint { x_mm: at.x_mm + dx, y_mm: at.y_mm + dy };
            let placed = Polygon { corners: truth.iter().map(moved).collect() };
            let outlines = found(Some(&placed)).unwrap();
            let neck = outlines.regions.iter().find(|region| region.site == Site::FemoralNeck).unwrap();
            let measured = measure(&calibrated, &bone, neck).unwrap();
            let wanted = measure(&calibrated, &bone, &largest("femoral_neck", bone.outlines_within(&placed)));
            let wanted = wanted.unwrap();
            let errors =
                [measured.area.get() / wanted.area.get() - 1.0, measured.bmc.get() / wanted.bmc.get() - 1.0];
            assert!(errors.iter().all(|error| error.abs() < 0.01), "{seed} {mm} mm: {errors:?}");
            let shown = &outlines.area("neck_box").unwrap().corners;
            assert!(shown.iter().zip(&placed.corners).all(|(shown, at)| shown.distance_mm(*at) < 0.5));
        }
        let grown = Polygon {
            corners: truth.iter().map(|at| DetectorPoint { x_mm: 1.2 * at.x_mm, ..*at }).collect(),
        };
        let away = Polygon {
            corners: truth.iter().map(|at| DetectorPoint { y_mm: at.y_mm - 90.0, ..*at }).collect(),
        };
        assert!(found(Some(&grown)).is_err() && found(Some(&away)).is_err());
    }
}
