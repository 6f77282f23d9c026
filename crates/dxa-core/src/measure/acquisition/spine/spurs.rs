//! Bone spurs: bone beside a body near a disc that the other bodies do not have there.

use super::Measured;
use super::metal::usual_density;
use super::view::View;
use crate::field::Quantity;
use crate::geometry::{DetectorPoint, Segment};
use crate::outline::{Landmark, LandmarkShape};

/// The endplates from above, each with the way from it into its vertebra: 1 is down.
const PLATES: [(&str, f64); 10] = [
    ("endplate_t12_lower", -1.0),
    ("endplate_l1_upper", 1.0),
    ("endplate_l1_lower", -1.0),
    ("endplate_l2_upper", 1.0),
    ("endplate_l2_lower", -1.0),
    ("endplate_l3_upper", 1.0),
    ("endplate_l3_lower", -1.0),
    ("endplate_l4_upper", 1.0),
    ("endplate_l4_lower", -1.0),
    ("endplate_l5_upper", 1.0),
];
/// The part of a body beside its endplate that is looked at: no transverse process is so near.
const INTO_MM: f64 = 2.5;
/// Between two samples.
const SAMPLE_MM: f64 = 0.5;
/// Bone is denser than this share of the usual density of the spine.
const BONE_SHARE: f64 = 0.3;
/// The outline of a body is looked for from this share of its half width on.
const FROM_SHARE: f64 = 0.6;
/// And this far beyond its half width.
const BEYOND_MM: f64 = 25.0;
/// Where this much is no bone, bone ends.
const GAP_MM: f64 = 2.0;
/// Endplates above and below whose width is compared.
const NEIGHBORS: usize = 2;

/// By how much the widest place stands out of its neighbors.
pub(super) fn excess_mm(view: &View<'_>) -> Measured {
    if view.field.quantity != Quantity::BoneDensity {
        return None;
    }
    let bone = BONE_SHARE * usual_density(view)?;
    let plates: Vec<[Option<(f64, DetectorPoint)>; 2]> = PLATES
        .iter()
        .map(|(name, into)| {
            let line = view.found.line(name);
            [-1.0, 1.0].map(|side| reach(view, line?, *into, side, bone))
        })
        .collect();
    let mut worst: Option<(f64, DetectorPoint)> = None;
    for (index, plate) in plates.iter().enumerate() {
        for (side, own) in plate.iter().enumerate() {
            let Some((own, end)) = own else { continue };
            let near = index.saturating_sub(NEIGHBORS)..(index + NEIGHBORS + 1).min(plates.len());
            let others = near.filter(|other| *other != index).map(|other| plates[other][side]);
            let mut widths: Vec<f64> =
                others.chain([plate[1 - side]]).flatten().map(|(width, _)| width).collect();
            if widths.len() < 3 {
                continue;
            }
            let middle = widths.len() / 2;
            let excess = own - *widths.select_nth_unstable_by(middle, f64::total_cmp).1;
            if worst.is_none_or(|(most, _)| excess > most) {
                worst = Some((excess, *end));
            }
        }
    }
    let (excess, end) = worst?;
    Some((excess.max(0.0), vec![Landmark { name: "osteophyte", shape: LandmarkShape::Point(end) }]))
}

/// How far from the middle of an endplate bone reaches to one side, and where it ends.
fn reach(view: &View<'_>, plate: Segment, into: f64, side: f64, bone: f64) -> Option<(f64, DetectorPoint)> {
    let (from, to) = (plate.from, plate.to);
    let length = from.distance_mm(to);
    let along = ((to.x_mm - from.x_mm) / length, (to.y_mm - from.y_mm) / length);
    let middle = DetectorPoint { x_mm: (from.x_mm + to.x_mm) / 2.0, y_mm: (from.y_mm + to.y_mm) / 2.0 };
    let at = |out: f64, down: f64| DetectorPoint {
        x_mm: middle.x_mm + side * out * along.0 - down * along.1,
        y_mm: middle.y_mm + side * out * along.1 + down * along.0,
    };
    let density = |out: f64| {
        let samples = (INTO_MM / SAMPLE_MM) as usize + 1;
        let sum: Option<f64> =
            (0..samples).map(|step| value(view, at(out, into * step as f64 * SAMPLE_MM))).sum();
        sum.map(|sum| sum / samples as f64)
    };
    let mut last = FROM_SHARE * length / 2.0;
    let mut out = last;
    while out - last <= GAP_MM && out < length / 2.0 + BEYOND_MM {
        // The image ends before the bone does.
        if density(out)? > bone {
            last = out;
        }
        out += SAMPLE_MM;
    }
    Some((last, at(last, 0.0)))
}

/// The density of the pixel at a place.
fn value(view: &View<'_>, point: DetectorPoint) -> Option<f64> {
    let at = view.field.pixel_at(point.to_image(view.field.spacing))?;
    Some(f64::from(view.field.values[(at.row, at.column)]))
}
