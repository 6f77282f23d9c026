//! How high the step of a bone's edge is, all along its outline.

use ndarray::Array2;

use crate::geometry::{DetectorPoint, Polygon};
use crate::study::PixelSpacing;

use super::distance::nearest;
use super::surface::Surface;

/// Distance between two places of an outline at which its edge is looked at.
const STEP_MM: f64 = 0.5;
/// Edges are averaged along the outline over twice this many places and one.
const AVERAGED: usize = 2;
/// Distance between the samples of a profile.
const SAMPLE_MM: f64 = 0.125;
/// The edge lies within this distance of the first outline.
const REACH_MM: f64 = 1.5;
/// Two depths inside of the edge from which the density at the edge itself is extrapolated.
const DEPTHS_MM: [f64; 2] = [0.75, 1.75];
/// The density at the edge is at least this share of that at the first depth.
const LEAST_SHARE: f64 = 0.25;
/// Rounds in which edge and depths are fitted to each other.
const ROUNDS: usize = 5;
/// Side of a cell of the surface.
const CELL_MM: f64 = 1.0;

/// Samples of a linearized field.
pub(super) struct Samples<'a> {
    pub(super) values: &'a Array2<f32>,
    /// Size of a sample.
    pub(super) spacing: PixelSpacing,
}

/// Half of the height of the step at the nearest edge, everywhere; `None` where no edge can be measured.
///
/// Blur and pixels of any size spread a step evenly to both sides, so that it is half as high where it lies.
/// Bone rises behind its edge, so the height is what two depths point to.
pub(super) fn half_heights(samples: &Samples<'_>, outlines: &[Polygon]) -> Option<Surface> {
    let (rows, columns) = samples.values.dim();
    let (height_mm, width_mm) =
        (rows as f64 * samples.spacing.row_mm, columns as f64 * samples.spacing.column_mm);
    let shape = ((height_mm / CELL_MM).ceil() as usize, (width_mm / CELL_MM).ceil() as usize);
    let (mut sums, mut counts) = (Array2::<f64>::zeros(shape), Array2::<f64>::zeros(shape));
    for outline in outlines {
        for (place, half) in halves_along(samples, outline) {
            let cell = |mm: f64, count: usize| ((mm / CELL_MM).max(0.0) as usize).min(count - 1);
            let at = (cell(place.y_mm, shape.0), cell(place.x_mm, shape.1));
            sums[at] += half;
            counts[at] += 1.0;
        }
    }
    let known = counts.mapv(|count| count > 0.0);
    if !known.iter().any(|known| *known) {
        return None;
    }
    let mean = Array2::from_shape_fn(shape, |at| sums[at] / counts[at].max(1.0));
    let nearest = nearest(&known, (CELL_MM, CELL_MM));
    let spread = Array2::from_shape_fn(shape, |at| mean[nearest.place(at)]);
    Some(Surface::new(spread, (CELL_MM, CELL_MM)).smoothed())
}

/// Places of the edge with half of its height there.
fn halves_along(samples: &Samples<'_>, outline: &Polygon) -> Vec<(DetectorPoint, f64)> {
    let places = evenly(outline);
    let normals = outward(&places);
    let profiles: Vec<Option<Profile>> = places
        .iter()
        .zip(&normals)
        .map(|(place, normal)| Profile::across(samples, *place, *normal))
        .collect();
    let count = profiles.len();
    let mean_profile = |middle: usize| {
        let around = (0..=2 * AVERAGED).map(|step| (middle + count + step - AVERAGED) % count);
        Profile::mean(around.filter_map(|index| profiles[index].as_ref()))
    };
    let found = (0..count).filter(|index| profiles[*index].is_some()).filter_map(|index| {
        let (offset, half) = mean_profile(index)?.edge()?;
        let ((x, y), place) = (normals[index], places[index]);
        Some((DetectorPoint { x_mm: place.x_mm + offset * x, y_mm: place.y_mm + offset * y }, half))
    });
    found.collect()
}

/// Places at even distances along a closed outline; none where it is too short to have an edge.
fn evenly(outline: &Polygon) -> Vec<DetectorPoint> {
    let corners = &outline.corners;
    let next = || corners.iter().cycle().skip(1);
    let length: f64 = corners.iter().zip(next()).map(|(from, to)| from.distance_mm(*to)).sum();
    let count = (length / STEP_MM) as usize;
    if count < 4 * AVERAGED {
        return Vec::new();
    }
    let step = length / count as f64;
    let (mut places, mut walked) = (Vec::with_capacity(count), 0.0);
    for (from, to) in corners.iter().zip(next()) {
        let edge = from.distance_mm(*to);
        while places.len() < count && places.len() as f64 * step < walked + edge {
            let part = (places.len() as f64 * step - walked) / edge;
            let between = |a: f64, b: f64| a + part * (b - a);
            places
                .push(DetectorPoint { x_mm: between(from.x_mm, to.x_mm), y_mm: between(from.y_mm, to.y_mm) });
        }
        walked += edge;
    }
    places
}

/// Unit normals away from the bone; outlines run so that it lies to one side.
fn outward(places: &[DetectorPoint]) -> Vec<(f64, f64)> {
    let count = places.len();
    let at = |index: usize, ahead: usize| places[(index + ahead) % count];
    let normal = |index: usize| {
        let (from, to) = (at(index, count - AVERAGED), at(index, AVERAGED));
        let (dx, dy) = (to.x_mm - from.x_mm, to.y_mm - from.y_mm);
        let length = dx.hypot(dy).max(f64::MIN_POSITIVE);
        (-dy / length, dx / length)
    };
    let turn: f64 = (0..count)
        .map(|index| at(index, 0).x_mm * at(index, 1).y_mm - at(index, 1).x_mm * at(index, 0).y_mm)
        .sum();
    (0..count).map(normal).map(|(x, y)| if turn < 0.0 { (x, y) } else { (-x, -y) }).collect()
}

/// Values along a normal, from far inside to far outside.
struct Profile([f64; SAMPLES]);

const INSIDE_MM: f64 = 3.5;
const SAMPLES: usize = 45;

impl Profile {
    /// `None` where it leaves the image.
    fn across(samples: &Samples<'_>, place: DetectorPoint, (x, y): (f64, f64)) -> Option<Self> {
        let mut values = [0.0; SAMPLES];
        for (index, value) in values.iter_mut().enumerate() {
            let offset = index as f64 * SAMPLE_MM - INSIDE_MM;
            *value = samples.at(place.y_mm + offset * y, place.x_mm + offset * x)?;
        }
        Some(Self(values))
    }

    fn mean<'a>(profiles: impl Iterator<Item = &'a Self>) -> Option<Self> {
        let (mut sum, mut count) = ([0.0; SAMPLES], 0.0);
        for profile in profiles {
            sum.iter_mut().zip(profile.0).for_each(|(sum, value)| *sum += value);
            count += 1.0;
        }
        (count > 0.0).then(|| Self(sum.map(|sum| sum / count)))
    }

    fn at(&self, offset_mm: f64) -> f64 {
        let place = ((offset_mm + INSIDE_MM) / SAMPLE_MM).clamp(0.0, (SAMPLES - 2) as f64);
        let index = place as usize;
        self.0[index] + (place - index as f64) * (self.0[index + 1] - self.0[index])
    }

    /// Where the step is half as high as the density that its inside points to, and that half.
    fn edge(&self) -> Option<(f64, f64)> {
        let (mut offset, mut half) = (0.0, 0.0);
        for _ in 0..ROUNDS {
            let [near, deep] = DEPTHS_MM.map(|depth| self.at(offset - depth));
            let slope = (deep - near).max(0.0) / (DEPTHS_MM[1] - DEPTHS_MM[0]);
            half = 0.5 * (near - slope * DEPTHS_MM[0]).max(LEAST_SHARE * near);
            if half <= 0.0 {
                return None;
            }
            offset = self.falls_below(half, offset - DEPTHS_MM[0])?.clamp(-REACH_MM, REACH_MM);
        }
        Some((offset, half))
    }

    /// The first place outward of another where the values fall below one.
    fn falls_below(&self, value: f64, from_mm: f64) -> Option<f64> {
        let first = ((from_mm + INSIDE_MM) / SAMPLE_MM).max(0.0) as usize;
        let index =
            (first..SAMPLES - 1).find(|index| self.0[*index] >= value && self.0[index + 1] < value)?;
        let part = (self.0[index] - value) / (self.0[index] - self.0[index + 1]);
        Some((index as f64 + part) * SAMPLE_MM - INSIDE_MM)
    }
}

impl Samples<'_> {
    /// Value between samples by Catmull-Rom splines; `None` outside of the image.
    fn at(&self, y_mm: f64, x_mm: f64) -> Option<f64> {
        let (rows, columns) = self.values.dim();
        let (down, across) = (y_mm / self.spacing.row_mm - 0.5, x_mm / self.spacing.column_mm - 0.5);
        let inside = |place: f64, count: usize| (0.0..=(count - 1) as f64).contains(&place);
        if !inside(down, rows) || !inside(across, columns) {
            return None;
        }
        let (row, column) = (down as usize, across as usize);
        let weights = |place: f64, base: usize| super::grid::catmull_rom((place - base as f64) as f32);
        let (by_row, by_column) = (weights(down, row), weights(across, column));
        let tap = |base: usize, tap: usize, count: usize| (base + tap).saturating_sub(1).min(count - 1);
        let along = |row: usize| -> f32 {
            (0..4).map(|index| by_column[index] * self.values[(row, tap(column, index, columns))]).sum()
        };
        Some(f64::from((0..4).map(|index| by_row[index] * along(tap(row, index, rows))).sum::<f32>()))
    }
}
