//! How high the step of a bone's edge is, all along its outline.

use ndarray::Array2;

use crate::geometry::{DetectorPoint, Polygon};
use crate::study::PixelSpacing;

use super::distance::nearest;
use super::edge_fit::{Depths, Kernel};
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
/// Pixels within this distance of an edge lose by it; others by what density does inside of the bone.
const EDGE_MM: f64 = 1.25;
/// Where the loss of an edge is given back.
const INSIDE_OF_EDGE_MM: f64 = 0.3;
/// Side of a cell of the surface.
const CELL_MM: f64 = 1.0;

/// Blur of a detector that is not stated anywhere, standard deviation. *Ours.*
const BLUR_MM: f64 = 0.3;
/// Pixels belong to the place of an outline that is nearest, within this distance.
const BAND_MM: f64 = 3.0;
/// Pixels along this many of their own lengths to either side of a place tell of its edge.
const PIXELS_ALONG: f64 = 2.0;

/// A linearized field: `1 − exp(−k·m)` over k.
pub(super) struct Samples<'a> {
    /// One value for each pixel.
    pub(super) pixels: &'a Array2<f32>,
    /// Size of a pixel.
    pub(super) pixel: PixelSpacing,
    /// The same more finely.
    pub(super) values: &'a Array2<f32>,
    /// Size of a sample.
    pub(super) spacing: PixelSpacing,
    /// k, cm²/g.
    pub(super) contrast: f64,
}

/// What is known of the edges of all outlines.
pub(super) struct Edges {
    /// The value that a sample has at the nearest edge, everywhere.
    pub(super) levels: Surface,
    /// For each pixel what the edge in it makes it show too little, g/cm²; not finite where there is no edge.
    pub(super) loss: Array2<f32>,
}

/// Follows the edges of outlines; `None` where no edge can be measured.
///
/// Blur and pixels of any size spread an edge over their own width, and the edge that was there before is
/// fitted to the pixels on both sides of it. What the finer samples show where it lies is the level of bone.
pub(super) fn edges(samples: &Samples<'_>, outlines: &[Polygon]) -> Option<Edges> {
    let (rows, columns) = samples.values.dim();
    let (height_mm, width_mm) =
        (rows as f64 * samples.spacing.row_mm, columns as f64 * samples.spacing.column_mm);
    let shape = ((height_mm / CELL_MM).ceil() as usize, (width_mm / CELL_MM).ceil() as usize);
    let (mut sums, mut counts) = (Array2::<f64>::zeros(shape), Array2::<f64>::zeros(shape));
    let lines: Vec<Line> = outlines.iter().map(Line::of).collect();
    let kernel = Kernel::new();
    let near = samples.nearest(&lines);
    let mut loss = near.mapv(|(distance, _)| if distance < EDGE_MM as f32 { 0.0 } else { f32::NAN });
    let shown = samples.shown(&near, &lines);
    let mut first = 0;
    for line in &lines {
        let found = line.edges(samples, &shown[first..first + line.places.len()], &kernel);
        first += line.places.len();
        for edge in found {
            let cell = |mm: f64, count: usize| ((mm / CELL_MM).max(0.0) as usize).min(count - 1);
            let at = (cell(edge.place.y_mm, shape.0), cell(edge.place.x_mm, shape.1));
            sums[at] += edge.level;
            counts[at] += 1.0;
            samples.deposit(&mut loss, &edge, line.step_mm);
        }
    }
    let known = counts.mapv(|count| count > 0.0);
    if !known.iter().any(|known| *known) {
        return None;
    }
    let mean = Array2::from_shape_fn(shape, |at| sums[at] / counts[at].max(1.0));
    let nearest = nearest(&known, (CELL_MM, CELL_MM));
    let spread = Array2::from_shape_fn(shape, |at| mean[nearest.place(at)]);
    Some(Edges { levels: Surface::new(spread, (CELL_MM, CELL_MM)).smoothed(), loss })
}

/// One edge: where it lies, the level of the samples there, and what is lost for each millimeter along it.
struct Edge {
    place: DetectorPoint,
    inward: (f64, f64),
    level: f64,
    loss: f64,
}

/// Places along one outline with their normals.
struct Line {
    places: Vec<DetectorPoint>,
    normals: Vec<(f64, f64)>,
    step_mm: f64,
}

/// Depth and value of the pixels that belong to a place.
type Shown = Vec<(f32, f32)>;

impl Line {
    fn of(outline: &Polygon) -> Self {
        let places = evenly(outline);
        let normals = outward(&places);
        let count = places.len();
        let step = |index: usize| places[index].distance_mm(places[(index + 1) % count]);
        let step_mm = (0..count).map(step).sum::<f64>() / count.max(1) as f64;
        Self { places, normals, step_mm }
    }

    fn edges(&self, samples: &Samples<'_>, shown: &[Shown], kernel: &Kernel) -> Vec<Edge> {
        let across = |index: usize| Profile::across(samples, self.places[index], self.normals[index]);
        let count = self.places.len();
        let profiles: Vec<Option<Profile>> = (0..count).map(across).collect();
        let around = |middle: usize, reach: usize| {
            (0..=2 * reach).map(move |step| (middle + count * (1 + reach / count) + step - reach) % count)
        };
        let side = samples.pixel.row_mm.max(samples.pixel.column_mm);
        let reach = ((PIXELS_ALONG * side / STEP_MM).round() as usize).max(AVERAGED);
        let found = (0..count).filter(|index| profiles[*index].is_some()).filter_map(|index| {
            let profile = Profile::mean(around(index, AVERAGED).filter_map(|at| profiles[at].as_ref()))?;
            let (offset, half) = profile.edge()?;
            let mut depths = Depths::new();
            for (depth, value) in around(index, reach.min(count / 2)).flat_map(|at| &shown[at]) {
                depths.add(f64::from(*depth), f64::from(*value));
            }
            let (x, y) = self.normals[index];
            let blur = samples.blur_mm((x, y));
            let fit = depths.edge(-offset, blur, kernel);
            let (offset, level) =
                fit.map_or((offset, half), |fit| (-fit.depth_mm, profile.at(-fit.depth_mm)));
            let place = self.places[index];
            Some(Edge {
                place: DetectorPoint { x_mm: place.x_mm + offset * x, y_mm: place.y_mm + offset * y },
                inward: (-x, -y),
                level,
                loss: fit.map_or(0.0, |fit| fit.loss(samples.contrast, blur, kernel)),
            })
        });
        found.collect()
    }
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
    /// Standard deviation of what blur and pixels spread an edge over, across it.
    fn blur_mm(&self, (x, y): (f64, f64)) -> f64 {
        let box_of = |mm: f64| mm * mm / 12.0;
        (BLUR_MM.powi(2) + x * x * box_of(self.pixel.column_mm) + y * y * box_of(self.pixel.row_mm)).sqrt()
    }

    /// Distance of every pixel from the nearest place of all lines, and which that is, counted through.
    fn nearest(&self, lines: &[Line]) -> Array2<(f32, u32)> {
        let (rows, columns) = self.pixels.dim();
        let mut near = Array2::from_elem((rows, columns), (f32::INFINITY, 0));
        let places = lines.iter().flat_map(|line| &line.places);
        for (index, place) in places.enumerate() {
            let span = |mm: f64, pixel: f64, count: usize| {
                let from = ((mm - BAND_MM) / pixel).floor().max(0.0) as usize;
                from.min(count)..(((mm + BAND_MM) / pixel).ceil().max(0.0) as usize).min(count)
            };
            for row in span(place.y_mm, self.pixel.row_mm, rows) {
                let down = (row as f64 + 0.5) * self.pixel.row_mm - place.y_mm;
                for column in span(place.x_mm, self.pixel.column_mm, columns) {
                    let across = (column as f64 + 0.5) * self.pixel.column_mm - place.x_mm;
                    let squared = (down * down + across * across) as f32;
                    let nearest = &mut near[(row, column)];
                    if squared < nearest.0 {
                        *nearest = (squared, index as u32);
                    }
                }
            }
        }
        near.mapv_inplace(|(squared, index)| (squared.sqrt(), index));
        near
    }

    /// The pixels that belong to each place, counted through.
    fn shown(&self, near: &Array2<(f32, u32)>, lines: &[Line]) -> Vec<Shown> {
        let places: Vec<(DetectorPoint, (f64, f64))> = lines
            .iter()
            .flat_map(|line| line.places.iter().copied().zip(line.normals.iter().copied()))
            .collect();
        let mut shown = vec![Shown::new(); places.len()];
        for ((row, column), (distance, index)) in near.indexed_iter() {
            if *distance < BAND_MM as f32 {
                let (place, (x, y)) = places[*index as usize];
                let down = (row as f64 + 0.5) * self.pixel.row_mm - place.y_mm;
                let across = (column as f64 + 0.5) * self.pixel.column_mm - place.x_mm;
                shown[*index as usize].push((-(across * x + down * y) as f32, self.pixels[(row, column)]));
            }
        }
        shown
    }

    /// Gives the loss of a piece of edge to the pixel just inside of it.
    fn deposit(&self, loss: &mut Array2<f32>, edge: &Edge, length_mm: f64) {
        let (x, y) = edge.inward;
        let row = (edge.place.y_mm + INSIDE_OF_EDGE_MM * y) / self.pixel.row_mm;
        let column = (edge.place.x_mm + INSIDE_OF_EDGE_MM * x) / self.pixel.column_mm;
        if row >= 0.0
            && column >= 0.0
            && let Some(loss) = loss.get_mut((row as usize, column as usize))
        {
            *loss += (edge.loss * length_mm / (self.pixel.row_mm * self.pixel.column_mm)) as f32;
        }
    }

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
