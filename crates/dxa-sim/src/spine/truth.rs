//! What is true of a spine: regions, disc lines, labels, and what a quality check ought to measure.

use serde_json::{Value, json};

use super::anatomy::{CREST_RADIUS, LUMBOSACRAL_GAP, Spine, axis};
use super::vertebra::Vertebra;
use crate::scene::Frame;
use crate::scene::integral::{Measured, integrate};

/// How far a disc line reaches beyond the bodies, mm.
const BEYOND: f64 = 6.0;
/// How far the bone of a region can reach beyond its body, mm.
const MARGIN: [f64; 2] = [22.0, 14.0];
/// Highest point of a crest counts as seen from this far inside the field, mm.
const CREST_SEEN: f64 = 3.0;

/// A line between two vertebrae, in the axes of the person.
#[derive(Clone, Debug, PartialEq)]
struct Disc {
    name: String,
    middle: [f64; 2],
    /// Unit vector along it, to the right.
    along: [f64; 2],
    half_length: f64,
}

impl Disc {
    /// Midway between the end plates, at their mean angle.
    fn between(upper: &Vertebra, lower: &Vertebra) -> Self {
        let (a, b) = (upper.global([0.0, upper.half[1]]), lower.global([0.0, -lower.half[1]]));
        // The right-hand direction of a vertebra is (cos, −sin).
        let sum = [upper.turn[0] + lower.turn[0], -(upper.turn[1] + lower.turn[1])];
        let length = (sum[0] * sum[0] + sum[1] * sum[1]).sqrt();
        Self {
            name: format!("disc_{}_{}", upper.level.to_lowercase(), lower.level.to_lowercase()),
            middle: [0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])],
            along: sum.map(|part| part / length),
            half_length: upper.half[0].max(lower.half[0]) + BEYOND,
        }
    }

    /// Under the lowest vertebra, at the angle of its end plate.
    fn lumbosacral(lowest: &Vertebra) -> Self {
        Self {
            name: format!("disc_{}_s1", lowest.level.to_lowercase()),
            middle: lowest.global([0.0, lowest.half[1] + 0.5 * LUMBOSACRAL_GAP]),
            along: [lowest.turn[0], -lowest.turn[1]],
            half_length: lowest.half[0] + BEYOND,
        }
    }

    fn is_above(&self, [x, y]: [f64; 2]) -> bool {
        (y - self.middle[1]) * self.along[0] - (x - self.middle[0]) * self.along[1] > 0.0
    }

    fn end(&self, side: f64) -> [f64; 2] {
        let reach = side * self.half_length;
        [self.middle[0] + reach * self.along[0], self.middle[1] + reach * self.along[1]]
    }
}

/// The truth of one scan.
pub(super) fn of(spine: &Spine, frame: &Frame) -> Value {
    let discs = discs(&spine.person.vertebrae);
    let levels = spine.person.vertebrae.iter().map(|vertebra| label(spine, vertebra, frame));
    json!({
        "regions": regions(spine, &discs),
        "labels": levels.collect::<Vec<_>>(),
        "landmarks": discs.iter().map(|disc| landmark(spine, disc, frame)).collect::<Vec<_>>(),
        "quality": quality(spine),
        "soft_tissue": spine.soft.to_json(),
        "field_mm": spine.placement.field,
    })
}

/// The lines below every vertebra, from above.
fn discs(vertebrae: &[Vertebra]) -> Vec<Disc> {
    let pairs = vertebrae.iter().zip(vertebrae.iter().skip(1));
    let between = pairs.map(|(upper, lower)| Disc::between(upper, lower));
    between.chain(vertebrae.last().map(Disc::lumbosacral)).collect()
}

/// The four measured vertebrae and their total; a vertebra that is cut off has no numbers, nor has the total.
fn regions(spine: &Spine, discs: &[Disc]) -> Vec<Value> {
    let measured: Vec<(&str, Option<Measured>)> = spine
        .person
        .measured()
        .iter()
        .zip(
            discs
                .iter()
                .skip(spine.person.first_lumbar - 1)
                .zip(discs.iter().skip(spine.person.first_lumbar)),
        )
        .map(|(vertebra, (above, below))| (vertebra.level.as_str(), region(spine, vertebra, above, below)))
        .collect();
    let whole: Option<Vec<Measured>> = measured.iter().map(|(_, measured)| *measured).collect();
    let total = whole.map(Measured::sum);
    let entry = |(site, measured): (&str, Option<Measured>)| match measured {
        Some(measured) => measured.to_json(site),
        None => json!({ "site": site, "area_cm2": null, "bmc_g": null, "bmd_g_cm2": null }),
    };
    measured.into_iter().chain([("L1-L4", total)]).map(entry).collect()
}

/// All bone between two disc lines within the outline of body, pedicles, articular and spinous processes.
fn region(spine: &Spine, vertebra: &Vertebra, above: &Disc, below: &Disc) -> Option<Measured> {
    let [width, height] = spine.placement.field;
    let seen = |point: [f64; 2]| {
        let [x, y] = spine.placement.image(point);
        (0.0..=width).contains(&x) && (0.0..=height).contains(&y)
    };
    if ![above.end(-1.0), above.end(1.0), below.end(-1.0), below.end(1.0)].into_iter().all(seen) {
        return None;
    }
    let bone = |x: f64, y: f64| {
        let point = [x, y];
        if !above.is_above(point) || below.is_above(point) {
            return None;
        }
        let bone = spine.bone(point);
        (bone.measured > 0.0).then_some(bone.measured + bone.other)
    };
    let ([x, y], [half_width, half_height]) = (vertebra.middle, vertebra.half);
    let (reach_x, reach_y) = (half_width + MARGIN[0], half_height + MARGIN[1]);
    Some(integrate([x - reach_x, y - reach_y, x + reach_x, y + reach_y], &bone))
}

fn label(spine: &Spine, vertebra: &Vertebra, frame: &Frame) -> Value {
    let middle = spine.placement.image(vertebra.middle);
    json!({
        "level": vertebra.level,
        "middle_mm": middle,
        "middle_px": frame.pixels(middle),
        "angle_deg": angle(spine, [vertebra.turn[0], -vertebra.turn[1]]),
        "body_mm": vertebra.half.map(|half| 2.0 * half),
        "visible_share": visible(spine, vertebra),
    })
}

/// Share of the height of a body that lies in the field.
fn visible(spine: &Spine, vertebra: &Vertebra) -> f64 {
    let at = |side: f64| spine.placement.image(vertebra.global([0.0, side * vertebra.half[1]]))[1];
    let (top, bottom) = (at(-1.0), at(1.0));
    let height = spine.placement.field[1];
    (bottom.clamp(0.0, height) - top.clamp(0.0, height)) / (bottom - top)
}

fn landmark(spine: &Spine, disc: &Disc, frame: &Frame) -> Value {
    let [from, to] = [disc.end(-1.0), disc.end(1.0)].map(|end| spine.placement.image(end));
    json!({
        "name": disc.name,
        "from_mm": from,
        "to_mm": to,
        "from_px": frame.pixels(from),
        "to_px": frame.pixels(to),
        "middle_mm": spine.placement.image(disc.middle),
        "angle_deg": angle(spine, disc.along),
    })
}

/// Angle in the image of a direction of the person, degrees from the right, clockwise.
fn angle(spine: &Spine, [x, y]: [f64; 2]) -> f64 {
    let [cos, sin] = spine.placement.turn;
    libm::atan2(-sin * x + cos * y, cos * x + sin * y).to_degrees()
}

/// Exact values of what a quality check measures; whether each is a fault depends on the limit of the check.
fn quality(spine: &Spine) -> Value {
    let placement = &spine.placement;
    let (_, own) = axis(spine.person.measured());
    let turn = libm::atan2(placement.turn[1], placement.turn[0]);
    let visible_at = |index: Option<usize>| {
        index.and_then(|index| spine.person.vertebrae.get(index)).map(|vertebra| visible(spine, vertebra))
    };
    let first = spine.person.first_lumbar;
    let fault = |fault: &Option<(String, f64)>| {
        fault.as_ref().map(|(level, value)| json!({ "level": level, "value": value }))
    };
    json!({
        "tilt_deg": (own + turn).to_degrees(),
        "offset_mm": placement.image[0] - 0.5 * placement.field[0],
        "t12_visible_share": visible_at(first.checked_sub(1)),
        "l1_visible_share": visible_at(Some(first)),
        "l4_visible_share": visible_at(Some(first + 3)),
        "l5_visible_share": visible_at(Some(first + 4)),
        "crest_in_view": crest_in_view(spine),
        "crest_above_lower_border_mm": crest_above_mm(spine),
        "scoliosis_deg": spine.person.curve_deg,
        "rotation_deg": spine.faults.rotation_deg,
        "lumbar_vertebrae": spine.faults.lumbar,
        "fracture": fault(&spine.faults.fracture),
        "osteophyte_mm": fault(&spine.faults.osteophyte),
        "density_outlier": fault(&spine.faults.outlier),
        "artefact": spine.faults.artefact.name(),
        "metal_mm": spine.button.map(|(middle, radius)| json!({ "middle_mm": middle, "radius_mm": radius })),
    })
}

/// Whether the highest point of either crest lies inside the field.
fn crest_in_view(spine: &Spine) -> bool {
    let Some(lowest) = spine.person.vertebrae.last() else { return false };
    let [apart, level] = spine.person.crest;
    let [width, height] = spine.placement.field;
    [-1.0, 1.0].into_iter().any(|side| {
        let [x, y] = spine.placement.image([lowest.middle[0] + side * apart, level]);
        (CREST_SEEN..=width - CREST_SEEN).contains(&x) && (0.0..=height - CREST_SEEN).contains(&y)
    })
}

/// From the highest point of a crest inside the field down to its lower border, mm; 0 where none is in view.
fn crest_above_mm(spine: &Spine) -> f64 {
    let Some(lowest) = spine.person.vertebrae.last() else { return 0.0 };
    let [apart, level] = spine.person.crest;
    let [width, height] = spine.placement.field;
    let above = |(side, step): (f64, i32)| {
        let out = apart + 0.5 * f64::from(step);
        let fall = (out - apart) * (out - apart) / (2.0 * CREST_RADIUS);
        let [u, v] = [side * out, level + fall - lowest.middle[1]];
        let [x, y] = spine.placement.image([lowest.global([u, v])[0], level + fall]);
        if (0.0..=width).contains(&x) { height - y } else { 0.0 }
    };
    let steps = [-1.0, 1.0].into_iter().flat_map(|side| (-60..=40).map(move |step| (side, step)));
    steps.map(above).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::{Disc, region};
    use crate::patient::{Patient, Study};
    use crate::random::Random;
    use crate::settings::Settings;
    use crate::spine::anatomy::Spine;

    #[test]
    fn area_and_mineral_are_those_of_a_much_finer_sum() {
        for seed in [2] {
            let study = Study::new("ap-spine", seed, Patient::woman(1, "Sim^Single"));
            let mut visit = Random::new(seed, "visit");
            let spine = Spine::of(&study, &Settings::default(), &mut visit).unwrap();
            let [_, upper, vertebra, lower] = &spine.person.vertebrae[..4] else { unreachable!() };
            let (above, below) = (Disc::between(upper, vertebra), Disc::between(vertebra, lower));
            let found = region(&spine, vertebra, &above, &below).unwrap();
            let (step, mut area, mut mineral) = (0.047, 0.0, 0.0);
            let side = |half: f64| (2.0 * (half + 17.0) / step) as i32;
            for row in 0..side(vertebra.half[1]) {
                for column in 0..side(vertebra.half[0]) {
                    let x = vertebra.middle[0] - vertebra.half[0] - 17.0 + f64::from(column) * step;
                    let y = vertebra.middle[1] - vertebra.half[1] - 17.0 + f64::from(row) * step;
                    let bone = spine.bone([x, y]);
                    if above.is_above([x, y]) && !below.is_above([x, y]) && bone.measured > 0.0 {
                        area += step * step / 100.0;
                        mineral += (bone.measured + bone.other) * step * step / 100.0;
                    }
                }
            }
            assert!((found.area_cm2 / area - 1.0).abs() < 5e-4, "{} for {area}", found.area_cm2);
            assert!((found.bmc_g / mineral - 1.0).abs() < 5e-4, "{} for {mineral}", found.bmc_g);
        }
    }
}
