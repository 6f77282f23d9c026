//! A lateral spine projected from a labelled CT: real tissue, with points as coarse as the CT is.

use serde_json::{Map, Value, json};

use super::choices::Choices;
use super::outline::{Point, length, minus, plus, unit};
use super::raster::Raster;
use super::{display, write};
use crate::SimError;
use crate::ct::{self, GrayScale, Volumes};
use crate::kinds::{Group, SCANNED};
use crate::object::Object;
use crate::patient::Study;
use crate::random::Random;
use crate::scene::Column;
use crate::scene::scan::visit;
use crate::settings::Settings;

/// Settings of `ct-lateral`.
pub(crate) const SETTINGS: &[Group] = &[
    SCANNED,
    &["ct", "visit", "renderer", "facing", "polarity", "object", "scale_from", "spacing"],
    &["photons", "black", "white", "gamma"],
];

/// Labels of vertebrae from below.
const LEVELS: [(&str, u32); 7] =
    [("L5", 27), ("L4", 28), ("L3", 29), ("L2", 30), ("L1", 31), ("T12", 32), ("T11", 33)];
const BODY: u32 = 1;
/// What the picture shows behind the middle of the bodies, and in all.
const BEHIND_MM: f64 = 88.0;
const WIDTH_MM: f64 = 200.0;
/// Mineral that titanium is shown as: more than any bone.
const METAL_AS_BONE: f64 = 3.9;

/// Simulates one picture.
///
/// # Errors
/// No CT, one that cannot be used, or a value that its setting does not take.
pub(crate) fn build(study: &Study, settings: &Settings) -> Result<Vec<(&'static str, Object)>, SimError> {
    let volumes = ct::volumes(settings)?;
    let mut day = Random::new(study.seed(), &format!("lateral ct visit {}", visit(settings)?));
    let choices = Choices::of(settings, &mut day.clone(), &mut day)?;
    let bodies: Vec<(&str, Vec<Place>)> = LEVELS
        .iter()
        .map(|(name, label)| (*name, places(&volumes, *label)))
        .filter(|(_, of)| !of.is_empty())
        .collect();
    let raster = raster(&volumes, &bodies, choices.field.spacing, &mut day);
    let left = raster.1;
    let raster = raster.0;
    let gray = choices.form.gray(&display::show(&raster, &choices.display, &mut day));
    let scene = json!({
        "anatomy": "ct_lateral_spine",
        "exact": false,
        "grid_mm": [volumes.gray.spacing[2], volumes.gray.spacing[1]],
        "facing": if choices.facing_left { "left" } else { "right" },
        "rows": raster.rows,
        "columns": raster.columns,
        "spacing_mm": raster.spacing,
        "field_mm": raster.size(),
        "vertebrae": vertebrae(&bodies, &raster, left, choices.facing_left),
    });
    Ok(vec![("ct-lateral.dcm", write::object(study, settings, &choices, &raster, gray, scene))])
}

/// A ray from side to side: where it runs, mm, and how many voxels of a body it meets.
type Place = (Point, f64);

/// The rays that meet the body of a vertebra.
fn places(volumes: &Volumes, label: u32) -> Vec<Place> {
    let [width, depth, height] = volumes.gray.size;
    let [_, forward, up] = volumes.gray.spacing;
    let mut places = Vec::new();
    for z in 0..height {
        for y in 0..depth {
            let is_body = |x: &usize| {
                let voxel = [*x, y, z];
                volumes.labels.at(voxel) as u32 == label && volumes.bodies.at(voxel) as u32 == BODY
            };
            let count = (0..width).filter(is_body).count();
            if count > 0 {
                let middle = [(y as f64 + 0.5) * forward, (height as f64 - z as f64 - 0.5) * up];
                places.push((middle, count as f64));
            }
        }
    }
    places
}

fn middle(places: &[Place]) -> Point {
    let weight: f64 = places.iter().map(|(_, count)| count).sum();
    [0, 1].map(|axis: usize| places.iter().map(|(at, count)| at[axis] * count).sum::<f64>() / weight)
}

/// What lies behind every pixel, and where the picture begins in the CT.
fn raster(
    volumes: &Volumes,
    bodies: &[(&str, Vec<Place>)],
    spacing: [f64; 2],
    day: &mut Random,
) -> (Raster, f64) {
    let [_, depth, rows] = volumes.gray.size;
    let [_, forward, up] = volumes.gray.spacing;
    let rays = rays(volumes);
    let mean = bodies.iter().map(|(_, of)| middle(of)[0]).sum::<f64>() / bodies.len().max(1) as f64;
    let full = depth as f64 * forward;
    let left = (mean - BEHIND_MM + day.uniform(-6.0, 6.0)).clamp(0.0, (full - WIDTH_MM).max(0.0));
    let width = WIDTH_MM.min(full);
    let count = |length: f64, step: f64| (length / step) as usize;
    let mut raster = Raster::new(count(rows as f64 * up, spacing[0]), count(width, spacing[1]), spacing);
    let place = |value: f64, step: f64, count: usize| {
        let value = (value / step - 0.5).clamp(0.0, count as f64 - 1.0);
        let first = (value as usize).min(count.saturating_sub(2));
        (first, value - first as f64)
    };
    let mut found = Vec::new();
    raster.within(raster.all(), |index, [x, y]| {
        let ((column, right), (row, down)) = (place(x + left, forward, depth), place(y, up, rows));
        let at = |row: usize, column: usize| rays.get(row * depth + column).copied().unwrap_or([0.0; 3]);
        let corners = [at(row, column), at(row, column + 1), at(row + 1, column), at(row + 1, column + 1)];
        let weights =
            [(1.0 - right) * (1.0 - down), right * (1.0 - down), (1.0 - right) * down, right * down];
        let sum =
            |of: usize| corners.iter().zip(weights).map(|(corner, weight)| corner[of] * weight).sum::<f64>();
        found.push((index, [sum(0), sum(1), sum(2)]));
    });
    for (index, [bone, lean, fat]) in found {
        raster.bone[index] = bone;
        raster.lean[index] = lean;
        raster.fat[index] = fat;
    }
    (raster, left)
}

/// Mineral, lean before mineral took its place, and fat along rays from side to side; rows from above.
fn rays(volumes: &Volumes) -> Vec<[f64; 3]> {
    let scale = GrayScale::new();
    let [width, depth, height] = volumes.gray.size;
    let step_cm = volumes.gray.spacing[0] / 10.0;
    let mut rays = Vec::with_capacity(depth * height);
    for row in 0..height {
        for y in 0..depth {
            let mut sum = Column::default();
            for x in 0..width {
                let voxel = [x, y, height - 1 - row];
                let found =
                    scale.densities(f64::from(volumes.gray.at(voxel)), volumes.labels.at(voxel) != 0.0);
                sum.bone += (found.bone + found.metal) * step_cm;
                sum.lean += found.lean * step_cm;
                sum.fat += found.fat * step_cm;
            }
            let bone = sum.bone.min(METAL_AS_BONE);
            let whole = Column { bone, ..sum }.without_bone();
            rays.push([bone, whole.lean, whole.fat]);
        }
    }
    rays
}

/// The six points of each body from the corners of its projection.
fn vertebrae(bodies: &[(&str, Vec<Place>)], raster: &Raster, left: f64, facing_left: bool) -> Vec<Value> {
    let middles: Vec<Point> = bodies.iter().map(|(_, of)| middle(of)).collect();
    let [width, height] = raster.size();
    let of_body = |(index, (level, places)): (usize, &(&str, Vec<Place>))| {
        // Bodies are listed from below.
        let lower = middles[index.saturating_sub(1)];
        let upper = middles[(index + 1).min(middles.len() - 1)];
        let down = unit(minus(lower, upper));
        let six = six(places, middles[index], down);
        let inside = six
            .iter()
            .all(|[x, y]| (left + 2.0..left + width - 2.0).contains(x) && (2.0..height - 2.0).contains(y));
        let shown = |[x, y]: Point| [if facing_left { width - (x - left) } else { x - left }, y];
        let px = |point: Point| {
            let [x, y] = shown(point);
            [x / raster.spacing[1], y / raster.spacing[0]]
        };
        let named = |of: &dyn Fn(Point) -> Point| -> Map<String, Value> {
            super::truth::NAMES
                .iter()
                .zip(six)
                .map(|(name, point)| ((*name).to_owned(), json!(of(point))))
                .collect()
        };
        json!({
            "level": level,
            "evaluable": inside,
            "points_px": named(&px),
            "points_mm": named(&shown),
            "heights_mm": {
                "anterior": length(minus(six[2], six[3])),
                "middle": length(minus(six[1], six[4])),
                "posterior": length(minus(six[0], six[5])),
            },
        })
    };
    bodies.iter().enumerate().rev().map(of_body).collect()
}

/// Corners of the rays that meet at least half as much of the body as the longest: the farthest along each diagonal.
fn six(places: &[Place], middle: Point, down: Point) -> [Point; 6] {
    let across = [down[1], -down[0]];
    let longest = places.iter().map(|(_, count)| *count).fold(0.0, f64::max);
    let core: Vec<Point> = places
        .iter()
        .filter(|(_, count)| *count >= 0.5 * longest)
        .map(|(point, _)| {
            let step = minus(*point, middle);
            [step[0] * across[0] + step[1] * across[1], step[0] * down[0] + step[1] * down[1]]
        })
        .collect();
    let farthest = |x: f64, y: f64| {
        let value = |point: &&Point| x * point[0] + y * point[1];
        core.iter().max_by(|a, b| value(a).total_cmp(&value(b))).copied().unwrap_or([0.0; 2])
    };
    let plate = |y: f64| {
        let near = core.iter().filter(|point| point[0].abs() < 4.0).map(|point| y * point[1]);
        [0.0, y * near.fold(0.0, f64::max)]
    };
    let local = [
        farthest(-1.0, -1.0),
        plate(-1.0),
        farthest(1.0, -1.0),
        farthest(1.0, 1.0),
        plate(1.0),
        farthest(-1.0, 1.0),
    ];
    local.map(|[x, y]| plus(plus(middle, across, x), down, y))
}
