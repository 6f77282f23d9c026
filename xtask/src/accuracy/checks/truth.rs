//! What each check measures, exactly, from the truth of a simulated scan.

use serde_json::Value;

/// Lever of the spinous process of the simulated vertebra, mm, around its long axis.
const SPINOUS_LEVER_MM: f64 = 40.0;
/// A spur of the simulator reaches this much of its size beyond the side of its body.
const SPUR_OUT: f64 = 1.35;
/// Area that stands for two rods from L2 to L4, mm².
const RODS_MM2: f64 = 500.0;

fn quality(scene: &Value, name: &str) -> Option<f64> {
    scene.get("quality")?.get(name)?.as_f64()
}

pub(super) fn tilt_deg(scene: &Value) -> Option<f64> {
    quality(scene, "tilt_deg").map(f64::abs)
}

pub(super) fn offset_mm(scene: &Value) -> Option<f64> {
    quality(scene, "offset_mm").map(f64::abs)
}

pub(super) fn t12_percent(scene: &Value) -> Option<f64> {
    quality(scene, "t12_visible_share").map(|share| 100.0 * share)
}

pub(super) fn l5_percent(scene: &Value) -> Option<f64> {
    quality(scene, "l5_visible_share").map(|share| 100.0 * share)
}

/// From the higher iliac crest down to the end of the image.
pub(super) fn crest_mm(scene: &Value) -> Option<f64> {
    quality(scene, "crest_above_lower_border_mm")
}

/// From the sides of the bodies of L1 to L4 to the sides of the image.
pub(super) fn margin_mm(scene: &Value) -> Option<f64> {
    let width = scene.get("field_mm")?.get(0)?.as_f64()?;
    let margins = labels(scene).filter(|label| is_measured(label)).filter_map(|label| {
        let middle = label.get("middle_mm")?.get(0)?.as_f64()?;
        let half = label.get("body_mm")?.get(0)?.as_f64()? / 2.0;
        Some((middle - half).min(width - middle - half))
    });
    margins.min_by(f64::total_cmp)
}

/// Angle between the most tilted of the vertebrae of which at least half is in the image.
pub(super) fn cobb_deg(scene: &Value) -> Option<f64> {
    let seen = |label: &&Value| label.get("visible_share").and_then(Value::as_f64) > Some(0.5);
    let angles: Vec<f64> =
        labels(scene).filter(seen).filter_map(|label| label.get("angle_deg")?.as_f64()).collect();
    let least = angles.iter().copied().min_by(f64::total_cmp)?;
    Some(angles.iter().copied().fold(least, f64::max) - least)
}

pub(super) fn spinous_mm(scene: &Value) -> Option<f64> {
    quality(scene, "rotation_deg").map(|degrees| (SPINOUS_LEVER_MM * degrees.to_radians().sin()).abs())
}

pub(super) fn metal_mm2(scene: &Value) -> Option<f64> {
    let quality = scene.get("quality")?;
    if quality.get("artefact")?.as_str() == Some("rods") {
        return Some(RODS_MM2);
    }
    let radius = quality.get("metal_mm").and_then(|button| button.get("radius_mm")?.as_f64());
    Some(radius.map_or(0.0, |radius| std::f64::consts::PI * radius * radius))
}

/// The largest jerk.
pub(super) fn motion_mm(scene: &Value) -> Option<f64> {
    let jerks = scene.get("acquisition")?.get("motion")?.as_array()?;
    let sizes = jerks.iter().filter_map(|jerk| Some(jerk.get("shift_mm")?.as_f64()?.abs()));
    Some(sizes.fold(0.0, f64::max))
}

pub(super) fn spread_percent(scene: &Value) -> Option<f64> {
    let regions = scene.get("regions")?.as_array()?;
    let of = |region: &Value| region.get("bmd_g_cm2")?.as_f64();
    let values = regions.iter().take(4).map(of).collect::<Option<Vec<f64>>>()?;
    let (least, most) = values.iter().fold((f64::INFINITY, 0.0f64), |(a, b), v| (a.min(*v), b.max(*v)));
    Some(100.0 * (most - least) * values.len() as f64 / values.iter().sum::<f64>())
}

/// The most that one of L1 to L4 is less tall than the mean of its neighbors among them.
pub(super) fn height_loss_percent(scene: &Value) -> Option<f64> {
    let heights: Vec<f64> = labels(scene)
        .filter(|label| is_measured(label))
        .filter_map(|label| label.get("body_mm")?.get(1)?.as_f64())
        .collect();
    let loss = |index: usize| {
        let near: Vec<f64> = [index.checked_sub(1), Some(index + 1)]
            .into_iter()
            .filter_map(|at| heights.get(at?).copied())
            .collect();
        100.0 * (1.0 - heights[index] * near.len() as f64 / near.iter().sum::<f64>())
    };
    (0..heights.len()).map(loss).max_by(f64::total_cmp)
}

/// By how much a spur stands out of its body.
pub(super) fn osteophyte_mm(scene: &Value) -> Option<f64> {
    let spur = scene.get("quality")?.get("osteophyte_mm")?;
    Some(spur.get("value").and_then(Value::as_f64).map_or(0.0, |size| SPUR_OUT * size.abs()))
}

fn labels(scene: &Value) -> impl Iterator<Item = &Value> {
    scene.get("labels").and_then(Value::as_array).into_iter().flatten()
}

fn is_measured(label: &Value) -> bool {
    matches!(label.get("level").and_then(Value::as_str), Some("L1" | "L2" | "L3" | "L4"))
}

pub(super) fn shaft_tilt_deg(scene: &Value) -> Option<f64> {
    quality(scene, "shaft_tilt_deg")
}

pub(super) fn lesser_trochanter_mm(scene: &Value) -> Option<f64> {
    quality(scene, "lesser_trochanter_mm")
}

pub(super) fn head_margin_mm(scene: &Value) -> Option<f64> {
    quality(scene, "head_margin_mm")
}

pub(super) fn below_mm(scene: &Value) -> Option<f64> {
    quality(scene, "below_lesser_trochanter_mm")
}

pub(super) fn ischium_mm2(scene: &Value) -> Option<f64> {
    scene.get("quality")?.get("ischium_in_neck_box_mm2")?.get("hologic")?.as_f64()
}

pub(super) fn metal_area_mm2(scene: &Value) -> Option<f64> {
    quality(scene, "metal_mm2")
}

pub(super) fn forearm_tilt_deg(scene: &Value) -> Option<f64> {
    quality(scene, "forearm_tilt_deg")
}

pub(super) fn above_styloid_mm(scene: &Value) -> Option<f64> {
    quality(scene, "above_styloid_mm")
}

pub(super) fn below_site_mm(scene: &Value) -> Option<f64> {
    quality(scene, "below_site_33_mm")
}
