//! Lines and angles against the truth: disc lines with their labels, the neck of the femur.

use anyhow::Result;
use dxa_core::geometry::{DetectorPoint, Segment};
use dxa_core::measure::hip_geometry::HipGeometry;
use dxa_core::outline::Outlines;
use serde_json::Value;

use super::super::scan::{Recipe, Scan, scans};
use super::Seeds;
use super::error::summary;

/// Disc lines that bound the measured vertebrae.
const DISCS: [&str; 5] = ["disc_t12_l1", "disc_l1_l2", "disc_l2_l3", "disc_l3_l4", "disc_l4_l5"];
/// A line further from the truth than this has the wrong label, or lies in a bone.
const RIGHT_DISC_MM: f64 = 6.0;

/// Prints how often vertebrae are named right, and how far disc lines are off.
pub(super) fn labels(seeds: Seeds) -> Result<()> {
    println!("\n### Labels and disc lines\n");
    println!(
        "A spine is right when each of its five lines lies within {RIGHT_DISC_MM} mm of the true one.\n"
    );
    println!(
        "| scan | spines | right | to review | of these right | wrong and not flagged | none | line error median, mm | 95 % |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for condition in [
        "",
        "output=display",
        "spacing=1.05x0.60",
        "missing=t12",
        "missing=l5",
        "missing=l1",
        "lumbar=4",
        "lumbar=6",
    ] {
        spines(condition, seeds)?;
    }
    Ok(())
}

/// Prints how far angle and width of the neck are off.
pub(super) fn femurs(seeds: Seeds) -> Result<()> {
    println!("\n### Femur\n");
    println!(
        "| scan | hips | neck-shaft angle median, deg | 95 % | neck width median, mm | 95 % |\n|---|---|---|---|---|---|"
    );
    for condition in ["", "output=display", "spacing=1.05x0.60"] {
        hips(condition, seeds)?;
    }
    Ok(())
}

fn spines(condition: &str, seeds: Seeds) -> Result<()> {
    let recipe = Recipe::new("ap-spine", condition);
    let scans = scans(&seeds.iter().map(|seed| (recipe.clone(), seed)).collect::<Vec<_>>())?;
    let (mut right, mut review, mut review_right, mut wrong, mut none) = (0, 0, 0, 0, 0);
    let mut errors = Vec::new();
    for scan in &scans {
        let Some(found) = outlines(scan) else {
            none += 1;
            continue;
        };
        let of_spine: Vec<f64> = DISCS.iter().filter_map(|name| disc_error(scan, found, name)).collect();
        let flagged = scan.analysis.findings.iter().any(|finding| finding.code == "labels_need_review")
            || found.label_margin.is_none_or(|margin| margin < 0.0);
        let is_right = !of_spine.is_empty() && of_spine.iter().all(|error| *error < RIGHT_DISC_MM);
        match (is_right, flagged) {
            (_, true) => {
                review += 1;
                review_right += u32::from(is_right);
            }
            (true, false) => right += 1,
            (false, false) => wrong += 1,
        }
        if is_right {
            errors.extend(of_spine);
        }
    }
    let (median, most) = summary(&errors);
    let name = if condition.is_empty() { "full field" } else { condition };
    println!(
        "| {name} | {} | {right} | {review} | {review_right} | {wrong} | {none} | {median:.2} | {most:.2} |",
        scans.len()
    );
    Ok(())
}

/// What was found in the only scan, if anything was.
fn outlines(scan: &Scan) -> Option<&Outlines> {
    scan.analysis.outlines.first().filter(|outlines| !outlines.regions.is_empty())
}

/// Distance of the middle of the true line from the line that was found under the same name.
fn disc_error(scan: &Scan, found: &Outlines, name: &str) -> Option<f64> {
    let line = found.line(name)?;
    let landmarks = scan.truth.get("landmarks")?.as_array()?;
    let truth =
        landmarks.iter().find(|landmark| landmark.get("name").and_then(Value::as_str) == Some(name))?;
    Some(distance_mm(line, point(truth.get("middle_mm")?)?))
}

fn point(value: &Value) -> Option<DetectorPoint> {
    Some(DetectorPoint { x_mm: value.get(0)?.as_f64()?, y_mm: value.get(1)?.as_f64()? })
}

fn distance_mm(line: Segment, point: DetectorPoint) -> f64 {
    let (x, y) = (line.to.x_mm - line.from.x_mm, line.to.y_mm - line.from.y_mm);
    ((point.x_mm - line.from.x_mm) * y - (point.y_mm - line.from.y_mm) * x).abs() / x.hypot(y)
}

fn hips(condition: &str, seeds: Seeds) -> Result<()> {
    let recipe = Recipe::new("hip", &format!("manufacturer=HOLOGIC side=R {condition}"));
    let scans = scans(&seeds.iter().map(|seed| (recipe.clone(), seed)).collect::<Vec<_>>())?;
    let (mut angles, mut widths) = (Vec::new(), Vec::new());
    for scan in &scans {
        let Some(geometry) = scan.analysis.outlines.first().and_then(HipGeometry::of) else { continue };
        let truth = |key: &str| scan.truth.get("landmarks")?.get(key)?.as_f64();
        angles
            .extend(truth("neck_shaft_angle_deg").map(|truth| (geometry.neck_shaft_angle_deg - truth).abs()));
        widths.extend(truth("neck_width_mm").map(|truth| (geometry.neck_width_mm - truth).abs()));
    }
    let ((angle, angle_most), (width, width_most)) = (summary(&angles), summary(&widths));
    let name = if condition.is_empty() { "0.5 mm" } else { condition };
    println!(
        "| {name} | {} of {} | {angle:.2} | {angle_most:.2} | {width:.2} | {width_most:.2} |",
        angles.len(),
        scans.len()
    );
    Ok(())
}
