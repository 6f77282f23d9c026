//! What must never become a density: pairs, maps and pictures that are not what they say.
#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod simulated;

use dxa_core::calibrate;
use dxa_core::decode::pixels::StoredPixels;
use dxa_core::decode::quantitative::{Curve, DensityMap, Energy, EnergyImage, Intensity, ValueMapping};
use dxa_core::field::{Field, Pixel};
use dxa_core::findings::{Refusal, RefusalCode};
use dxa_core::geometry::{DetectorPoint, Polygon};
use dxa_core::measure::region::measure;
use dxa_core::segment::edge::{self, EdgeRule};
use dxa_core::study::PixelSpacing;
use simulated::{largest, simulate};

const HALF: PixelSpacing = PixelSpacing { row_mm: 0.5, column_mm: 0.5 };

fn code<T>(result: Result<T, Refusal>) -> Option<RefusalCode> {
    result.err().map(|refusal| refusal.code)
}

fn energies() -> [EnergyImage; 2] {
    simulate("hip", 5, &[]).energies()
}

#[test]
fn two_images_of_one_energy_are_no_pair() {
    let [low, high] = energies();
    assert!(calibrate::pair(&low, &high, HALF).is_ok());
    let incomplete = Some(RefusalCode::PairIncomplete);
    assert_eq!(code(calibrate::pair(&low, &low, HALF)), incomplete);
    assert_eq!(code(calibrate::pair(&high, &low, HALF)), incomplete);
    // The low image under the name of the high one.
    let renamed = EnergyImage { energy: Energy::High, ..low.clone() };
    assert_eq!(code(calibrate::pair(&low, &renamed, HALF)), incomplete);
    // Both names exchanged.
    let exchanged = EnergyImage { energy: Energy::Low, ..high };
    assert_eq!(code(calibrate::pair(&exchanged, &renamed, HALF)), incomplete);
}

#[test]
fn partners_agree_in_size_spacing_series_and_acquisition() {
    let [low, high] = energies();
    let smaller = StoredPixels::unsigned(100, 100, 16, vec![20_000; 10_000]).unwrap();
    let others = [
        EnergyImage { pixels: smaller, ..high.clone() },
        EnergyImage { spacings: [vec![0.5, 0.6], vec![]], ..high.clone() },
        EnergyImage { acquisition: (high.acquisition.0.clone(), Some(99)), ..high.clone() },
        EnergyImage { acquisition: (None, high.acquisition.1), ..high.clone() },
    ];
    for other in others {
        assert_eq!(code(calibrate::pair(&low, &other, HALF)), Some(RefusalCode::PairIncomplete));
    }
}

#[test]
fn a_calibration_is_one_and_possible() {
    let [low, high] = energies();
    let carried = low.calibration.clone().or(high.calibration.clone()).unwrap();
    let with = |low_one: Option<_>, high_one: Option<_>| {
        let low = EnergyImage { calibration: low_one, ..low.clone() };
        code(calibrate::pair(&low, &EnergyImage { calibration: high_one, ..high.clone() }, HALF))
    };
    assert_eq!(with(None, Some(carried.clone())), None);
    assert_eq!(with(Some(carried.clone()), Some(carried.clone())), None);
    let refused = Some(RefusalCode::NotCalibrated);
    assert_eq!(with(None, None), refused);
    let mut other = carried.clone();
    other.bone[3] *= 1.001;
    assert_eq!(with(Some(carried.clone()), Some(other)), refused);
    let changed = |change: &dyn Fn(&mut [f64; 14], &mut [f64; 14])| {
        let mut changed = carried.clone();
        change(&mut changed.bone, &mut changed.soft);
        with(Some(changed), None)
    };
    assert_eq!(changed(&|bone, _| *bone = bone.map(|term| -term)), refused);
    assert_eq!(changed(&|bone, _| *bone = [0.0; 14]), refused);
    assert_eq!(changed(&|bone, _| *bone = bone.map(|term| 1e3 * term)), refused);
    assert_eq!(changed(&|bone, soft| std::mem::swap(bone, soft)), refused);
    assert_eq!(changed(&|_, soft| *soft = soft.map(|term| 1e300 * term)), refused);
    assert_eq!(changed(&|bone, _| bone[13] = f64::MAX), refused);
}

/// A pair of two values.
fn even_pair(low_value: u16, high_value: u16) -> [EnergyImage; 2] {
    let [low, high] = energies();
    let even = |value| StoredPixels::unsigned(200, 200, 16, vec![value; 40_000]).unwrap();
    [EnergyImage { pixels: even(low_value), ..low }, EnergyImage { pixels: even(high_value), ..high }]
}

#[test]
fn constant_and_saturated_images_show_nothing() {
    let refused = Some(RefusalCode::NotEvaluable);
    let [low, high] = even_pair(30_000, 20_000);
    assert_eq!(code(calibrate::pair(&low, &high, HALF)), refused);
    let [low, high] = even_pair(u16::MAX, 20_000);
    assert_eq!(code(calibrate::pair(&low, &high, HALF)), refused);
    let mapping = ValueMapping::linear(1e-4, 0.0).unwrap();
    let map = DensityMap { pixels: StoredPixels::unsigned(64, 64, 16, vec![9000; 4096]).unwrap(), mapping };
    assert_eq!(code(calibrate::density_map(&map, HALF)), refused);
    assert_eq!(code(calibrate::display(&map.pixels, HALF)), refused);
}

#[test]
fn pixels_without_counts_are_unmeasured_by_the_rule_of_their_scale() {
    let [low, high] = energies();
    let unmeasured_at = |image: &EnergyImage, other: &EnergyImage, value: u16| {
        let mut words = image.pixels.words().to_vec();
        words[0] = value;
        let pixels = StoredPixels::unsigned(image.pixels.rows, image.pixels.columns, 16, words).unwrap();
        let calibrated = calibrate::pair(&EnergyImage { pixels, ..image.clone() }, other, HALF).unwrap();
        calibrated.field.pixels[(0, 0)] == Pixel::Unmeasured
    };
    assert_eq!(low.intensity, Intensity::NegativeLogarithm);
    assert!(unmeasured_at(&low, &high, u16::MAX));
    assert!(!unmeasured_at(&low, &high, u16::MAX - 1));
    let scan = simulate("hip", 5, &[("scale", "transmission")]);
    let [low, high] = scan.energies();
    assert_eq!(low.intensity, Intensity::Transmission);
    // With the zero of transmission at stored zero, fifty steps are the value 50.
    assert!(matches!(low.mapping.curve, Curve::Linear { intercept, .. } if intercept.abs() < 1e-12));
    assert!(unmeasured_at(&low, &high, 49));
    assert!(!unmeasured_at(&low, &high, 50));
}

#[test]
fn a_map_maps_what_it_says_and_nothing_else() {
    let mut words = vec![1000; 64 * 64];
    words[..4].copy_from_slice(&[0, 99, 100, 5001]);
    words[2000..2400].fill(4000);
    let mut pixels = StoredPixels::unsigned(64, 64, 16, words).unwrap();
    pixels.padding = Some((0, 0));
    let mapping = ValueMapping { first: 100, last: 5000, ..ValueMapping::linear(2e-4, -0.2).unwrap() };
    let calibrated = calibrate::density_map(&DensityMap { pixels, mapping }, HALF).unwrap();
    let kinds: Vec<Pixel> = calibrated.field.pixels.iter().copied().take(4).collect();
    assert_eq!(kinds, [Pixel::Air, Pixel::Unmeasured, Pixel::Tissue, Pixel::Unmeasured]);
    // Soft tissue is at zero (1000 × 0.0002 − 0.2), so nothing was moved: 4000 × 0.0002 − 0.2 = 0.6.
    assert!(!calibrated.soft_tissue.subtracted);
    assert!((calibrated.field.values[(31, 20)] - 0.6).abs() < 1e-6, "{}", calibrated.field.values[(31, 20)]);
}

#[test]
fn a_region_over_metal_has_no_density() {
    let scan = simulate("hip", 5, &[]);
    let mut calibrated = scan.pair().unwrap();
    let bone = edge::bone(&calibrated.field, EdgeRule::HalfStep).unwrap();
    let region = largest("total_hip", bone.outlines_within(&scan.total_hip_area()));
    assert!(measure(&calibrated, &bone, &region).is_ok());
    let corners = &region.outline[0].corners;
    let middle = DetectorPoint {
        x_mm: corners.iter().map(|corner| corner.x_mm).sum::<f64>() / corners.len() as f64,
        y_mm: corners.iter().map(|corner| corner.y_mm).sum::<f64>() / corners.len() as f64,
    };
    let at = calibrated.field.pixel_at(middle.to_image(HALF)).unwrap();
    calibrated.field.pixels[(at.row, at.column)] = Pixel::Unmeasured;
    assert_eq!(code(measure(&calibrated, &bone, &region)), Some(RefusalCode::NotEvaluable));
    let mut outside = region.clone();
    outside.outline[0].corners[0].x_mm = -30.0;
    assert_eq!(code(measure(&scan.pair().unwrap(), &bone, &outside)), Some(RefusalCode::NotEvaluable));
    let empty = Polygon { corners: Vec::new() };
    let nothing = dxa_core::outline::RegionOutline { outline: vec![empty], ..region };
    assert_eq!(code(measure(&scan.pair().unwrap(), &bone, &nothing)), Some(RefusalCode::NotEvaluable));
}

#[test]
fn gray_and_soft_tissue_alone_have_no_bone_mineral() {
    let scan = simulate("hip", 5, &[]);
    let calibrated = scan.pair().unwrap();
    let bone = edge::bone(&calibrated.field, EdgeRule::HalfStep).unwrap();
    let region = largest("total_hip", bone.outlines_within(&scan.total_hip_area()));
    let [low, _] = scan.energies();
    let (gray, _) = calibrate::display(&low.pixels, HALF).unwrap();
    let shown = calibrate::Calibrated { field: gray, ..calibrated.clone() };
    assert_eq!(code(measure(&shown, &bone, &region)), Some(RefusalCode::NotCalibrated));
    // Something like noise and nothing else.
    let mut field: Field = calibrated.field;
    for ((row, column), value) in field.values.indexed_iter_mut() {
        *value = ((row * 7 + column * 13) % 17) as f32 * 0.01 - 0.08;
    }
    assert_eq!(code(edge::bone(&field, EdgeRule::HalfStep)), Some(RefusalCode::NotEvaluable));
}
