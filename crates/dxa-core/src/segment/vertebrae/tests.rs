//! Simulated spines are found, other pictures refused.

use std::collections::BTreeMap;

use dicom_object::DefaultDicomObject;
use ndarray::{Array2, Axis, Slice};
use serde_json::Value;

use super::*;
use crate::geometry::ImagePoint;
use crate::study::PixelSpacing;

/// A simulated picture and its truth.
struct Simulated {
    gray: Array2<f32>,
    spacing: PixelSpacing,
    facing: Facing,
    /// Middle of each level that shows, pixels.
    middles: BTreeMap<String, ImagePoint>,
}

/// The gray and the truth of a simulated picture of eight bits.
fn displayed(kind: &str, seed: u64, settings: &[(&str, &str)]) -> (Array2<f32>, Value) {
    let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let files = dxa_sim::simulate(kind, seed, &settings).unwrap();
    let file = |ending: &str| &files.iter().find(|file| file.name.ends_with(ending)).unwrap().bytes;
    let object: DefaultDicomObject = dicom_object::from_reader(file(".dcm").as_slice()).unwrap();
    let number = |name: &str| object.element_by_name(name).unwrap().to_int::<usize>().unwrap();
    let bytes = object.element_by_name("PixelData").unwrap().to_bytes().unwrap().to_vec();
    let (rows, columns) = (number("Rows"), number("Columns"));
    let gray = bytes[..rows * columns].iter().map(|value| f32::from(*value) / 255.0).collect();
    (
        Array2::from_shape_vec((rows, columns), gray).unwrap(),
        serde_json::from_slice(file("truth.json")).unwrap(),
    )
}

fn simulated(seed: u64, settings: &[(&str, &str)]) -> Simulated {
    let (gray, truth) = displayed("lateral-spine", seed, settings);
    let scene = scene(&truth).unwrap();
    let spacing = &scene["spacing_mm"];
    let shown = scene["vertebrae"].as_array().unwrap().iter().filter(|one| one["evaluable"] == true);
    Simulated {
        gray,
        spacing: PixelSpacing {
            row_mm: spacing[0].as_f64().unwrap(),
            column_mm: spacing[1].as_f64().unwrap(),
        },
        facing: if scene["facing"] == "left" { Facing::Left } else { Facing::Right },
        middles: shown
            .map(|one| (one["level"].as_str().unwrap().to_owned(), middle(&one["points_px"])))
            .collect(),
    }
}

/// The part of the truth that has vertebrae.
fn scene(value: &Value) -> Option<&Value> {
    if value.get("vertebrae").is_some() && value.get("spacing_mm").is_some() {
        return Some(value);
    }
    match value {
        Value::Array(all) => all.iter().find_map(scene),
        Value::Object(all) => all.values().find_map(scene),
        _ => None,
    }
}

fn middle(points: &Value) -> ImagePoint {
    let points = points.as_object().unwrap();
    let mean = |axis: usize| points.values().map(|point| point[axis].as_f64().unwrap()).sum::<f64>() / 6.0;
    ImagePoint { x: mean(0), y: mean(1) }
}

impl Simulated {
    fn image(&self) -> LateralImage<'_> {
        LateralImage { gray: self.gray.view(), spacing: self.spacing, spacing_known: true }
    }

    /// Levels from T4 to L4 that show, and how many of them have a body at their place; then how many of those
    /// have another name.
    fn counted(&self, rough: &RoughSpine) -> (usize, usize, usize) {
        let (mut shown, mut found, mut misnamed) = (0, 0, 0);
        for level in crate::vertebra::Level::ALL {
            let Some(truth) = self.middles.get(level.code()).filter(|_| level.code() != "L5") else {
                continue;
            };
            shown += 1;
            let near = rough.bodies.iter().find(|body| {
                let all = body.points.to_array();
                let x = all.iter().map(|point| point.x_mm).sum::<f64>() / 6.0;
                let y = all.iter().map(|point| point.y_mm).sum::<f64>() / 6.0;
                (x - truth.x * self.spacing.column_mm).hypot(y - truth.y * self.spacing.row_mm) < 7.0
            });
            if let Some(body) = near {
                found += 1;
                misnamed += usize::from(body.level() != Some(level));
            }
        }
        (shown, found, misnamed)
    }
}

#[test]
fn the_bodies_of_simulated_spines_are_found_and_named_or_flagged() {
    let (mut shown, mut found) = (0, 0);
    for (seed, settings) in [
        (41, vec![("renderer", "clean")]),
        (42, vec![("renderer", "hard"), ("facing", "left")]),
        (43, vec![("renderer", "hard"), ("spacing", "0.4x0.6"), ("object", "dx")]),
    ] {
        let picture = simulated(seed, &settings);
        let rough = propose(&picture.image(), SpineModel::bundled()).unwrap();
        assert_eq!(rough.facing, picture.facing, "{settings:?}");
        let (here, seen, misnamed) = picture.counted(&rough);
        assert!(misnamed == 0 || rough.flags.contains(&"check_levels"), "{settings:?}: {misnamed} misnamed");
        (shown, found) = (shown + here, found + seen);
    }
    assert!(shown >= 30 && found + 1 >= shown, "{found} of {shown}");
}

#[test]
fn a_mirrored_picture_gives_the_mirrored_spine() {
    let picture = simulated(41, &[("renderer", "clean")]);
    let mut mirrored = simulated(41, &[("renderer", "clean")]);
    mirrored.gray.invert_axis(Axis(1));
    let [one, other] =
        [&picture, &mirrored].map(|picture| propose(&picture.image(), SpineModel::bundled()).unwrap());
    assert_ne!(one.facing, other.facing);
    let rows = |spine: &RoughSpine| spine.bodies.iter().map(|body| body.row).collect::<Vec<_>>();
    assert_eq!(rows(&one), rows(&other));
    let width = picture.image().size_mm().0;
    for (a, b) in one.bodies.iter().zip(&other.bodies) {
        let way = (a.points.ms.x_mm - (width - b.points.ms.x_mm)).hypot(a.points.ms.y_mm - b.points.ms.y_mm);
        assert!(way < 2.0, "{way} mm");
    }
}

#[test]
fn a_spine_upside_down_is_refused_as_such() {
    let mut picture = simulated(41, &[("renderer", "clean")]);
    picture.gray.invert_axis(Axis(0));
    assert_eq!(propose(&picture.image(), SpineModel::bundled()), Err(NotFound::UpsideDown));
}

#[test]
fn what_shows_no_spine_is_refused() {
    let refused = |gray: &Array2<f32>| {
        let spacing = PixelSpacing { row_mm: 0.5, column_mm: 0.5 };
        let image = LateralImage { gray: gray.view(), spacing, spacing_known: true };
        propose(&image, SpineModel::bundled()).unwrap_err()
    };
    let size = (700, 360);
    assert_eq!(refused(&Array2::from_elem((16, 16), 0.5)), NotFound::TooSmall);
    assert_eq!(refused(&Array2::from_elem(size, 0.5)), NotFound::NoContrast);
    // Noise of a small generator, a ramp, and one bright disc as a knee or a head might be.
    let mut state = 1u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 24) as f32
    };
    let noise = Array2::from_shape_fn(size, |_| noise());
    let ramp = Array2::from_shape_fn(size, |(row, _)| row as f32 / 700.0);
    let disc = Array2::from_shape_fn(size, |(row, column)| {
        let way = (row as f32 - 350.0).hypot(column as f32 - 180.0);
        if way < 120.0 { 0.8 } else { 0.2 }
    });
    for gray in [&noise, &ramp, &disc] {
        assert_eq!(refused(gray), NotFound::NoSpine);
    }
    // Less of a spine than three bodies.
    let picture = simulated(41, &[("renderer", "clean")]);
    let rows = (45.0 / picture.spacing.row_mm) as usize;
    let strip = picture.gray.slice_axis(Axis(0), Slice::from(..rows)).to_owned();
    let image = LateralImage { gray: strip.view(), spacing: picture.spacing, spacing_known: true };
    assert!(propose(&image, SpineModel::bundled()).is_err());
}

#[test]
fn a_spine_from_the_front_a_hip_and_a_forearm_are_refused_at_every_size() {
    for (kind, seed) in [("ap-spine", 21), ("ap-spine", 29), ("ap-spine", 32), ("hip", 31), ("forearm", 31)] {
        let (gray, _) = displayed(kind, seed, &[("output", "display")]);
        for size in [0.35, 0.5, 0.65] {
            let spacing = PixelSpacing { row_mm: size, column_mm: size };
            let image = LateralImage { gray: gray.view(), spacing, spacing_known: true };
            assert!(propose(&image, SpineModel::bundled()).is_err(), "{kind} {seed} at {size} mm");
        }
    }
}

#[test]
fn a_spine_that_lies_and_a_white_picture_are_refused() {
    let picture = simulated(41, &[("renderer", "clean")]);
    let spacing = PixelSpacing { row_mm: picture.spacing.column_mm, column_mm: picture.spacing.row_mm };
    let image = LateralImage { gray: picture.gray.t(), spacing, spacing_known: true };
    assert!(propose(&image, SpineModel::bundled()).is_err());
    // Nearly all of it is white: only the darkest tissue is not.
    let white = picture.gray.mapv(|gray| if gray > 0.02 { 1.0 } else { 0.0 });
    let image = LateralImage { gray: white.view(), spacing: picture.spacing, spacing_known: true };
    let measured = find(&image, SpineModel::bundled())
        .map(|found| found.vertebrae.iter().filter(|one| one.not_evaluable.is_none()).count());
    assert!(measured.is_err() || measured == Ok(0), "{measured:?}");
}

#[test]
fn of_three_levels_those_that_show_are_found_and_none_is_made_up() {
    for (seed, renderer) in [(51, "clean"), (52, "clean"), (53, "hard")] {
        let picture = simulated(seed, &[("renderer", renderer), ("first", "T12"), ("last", "L2")]);
        let Ok(rough) = propose(&picture.image(), SpineModel::bundled()) else { continue };
        assert!(rough.flags.contains(&"check_levels"), "{seed}");
        let (_, found, _) = picture.counted(&rough);
        assert!(found + 2 >= rough.bodies.len(), "{seed}: {found} of {}", rough.bodies.len());
    }
}
