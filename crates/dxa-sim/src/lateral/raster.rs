//! The raster of the simulated picture and what lies behind each of its pixels.

use super::outline::{Point, minus};

/// Amounts behind each pixel, g/cm², rows × columns; coordinates are mm from the upper left corner.
#[derive(Clone, Debug)]
pub(super) struct Raster {
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// Row and column spacing, mm.
    pub(super) spacing: [f64; 2],
    /// Bone mineral.
    pub(super) bone: Vec<f64>,
    /// Lean tissue before bone takes its place.
    pub(super) lean: Vec<f64>,
    /// Fat.
    pub(super) fat: Vec<f64>,
}

impl Raster {
    /// Empty.
    pub(super) fn new(rows: usize, columns: usize, spacing: [f64; 2]) -> Self {
        let empty = vec![0.0; rows * columns];
        Self { rows, columns, spacing, bone: empty.clone(), lean: empty.clone(), fat: empty }
    }

    /// Calls with the index and middle of every pixel within a box: left, top, right, bottom.
    pub(super) fn within(&self, [left, top, right, bottom]: [f64; 4], mut each: impl FnMut(usize, Point)) {
        let [row_mm, column_mm] = self.spacing;
        let range = |low: f64, high: f64, step: f64, count: usize| {
            let first = (low / step).clamp(0.0, count as f64) as usize;
            let last = libm::ceil(high / step).clamp(0.0, count as f64) as usize;
            first..last
        };
        for row in range(top, bottom, row_mm, self.rows) {
            for column in range(left, right, column_mm, self.columns) {
                let middle = [(column as f64 + 0.5) * column_mm, (row as f64 + 0.5) * row_mm];
                each(row * self.columns + column, middle);
            }
        }
    }

    /// Adds mineral within a box.
    pub(super) fn add_bone(&mut self, bounds: [f64; 4], amount: impl Fn(Point) -> f64) {
        let mut found = Vec::new();
        self.within(bounds, |index, point| found.push((index, amount(point))));
        for (index, amount) in found {
            self.bone[index] += amount;
        }
    }

    /// Multiplies the mineral within a box.
    pub(super) fn scale_bone(&mut self, bounds: [f64; 4], factor: impl Fn(Point) -> f64) {
        let mut found = Vec::new();
        self.within(bounds, |index, point| found.push((index, factor(point))));
        for (index, factor) in found {
            self.bone[index] *= factor;
        }
    }

    /// Adds lean tissue within a box; nothing falls below zero.
    pub(super) fn add_lean(&mut self, bounds: [f64; 4], amount: impl Fn(Point) -> f64) {
        let mut found = Vec::new();
        self.within(bounds, |index, point| found.push((index, amount(point))));
        for (index, amount) in found {
            self.lean[index] = (self.lean[index] + amount).max(0.5);
        }
    }

    /// Adds mineral along a line of points by the distance from it and the part of the way.
    pub(super) fn add_tube(&mut self, line: &[Point], reach: f64, amount: impl Fn(f64, f64) -> f64) {
        let mut nearest: std::collections::BTreeMap<usize, (f64, f64)> = std::collections::BTreeMap::new();
        let pieces = line.len().saturating_sub(1).max(1) as f64;
        for (piece, ends) in line.windows(2).enumerate() {
            let &[a, b] = ends else { continue };
            self.within(bounds(&[a, b], reach), |index, point| {
                let (distance, part) = from_segment(point, a, b);
                if distance < reach {
                    let place = nearest.entry(index).or_insert((f64::INFINITY, 0.0));
                    if distance < place.0 {
                        *place = (distance, (piece as f64 + part) / pieces);
                    }
                }
            });
        }
        for (index, (distance, part)) in nearest {
            self.bone[index] += amount(distance, part);
        }
    }

    /// Width and height of the field, mm.
    pub(super) fn size(&self) -> [f64; 2] {
        [self.columns as f64 * self.spacing[1], self.rows as f64 * self.spacing[0]]
    }

    /// All of it.
    pub(super) fn all(&self) -> [f64; 4] {
        let [width, height] = self.size();
        [0.0, 0.0, width, height]
    }
}

/// The box around points with a margin.
pub(super) fn bounds(points: &[Point], margin: f64) -> [f64; 4] {
    let low = |axis: usize| points.iter().map(|point| point[axis]).fold(f64::INFINITY, f64::min) - margin;
    let high =
        |axis: usize| points.iter().map(|point| point[axis]).fold(f64::NEG_INFINITY, f64::max) + margin;
    [low(0), low(1), high(0), high(1)]
}

/// Distance of a point from a piece of a line, and the part of the way where it is nearest.
pub(super) fn from_segment(point: Point, a: Point, b: Point) -> (f64, f64) {
    let (step, to) = (minus(b, a), minus(point, a));
    let length2 = (step[0] * step[0] + step[1] * step[1]).max(1e-12);
    let part = ((to[0] * step[0] + to[1] * step[1]) / length2).clamp(0.0, 1.0);
    let [x, y] = [to[0] - part * step[0], to[1] - part * step[1]];
    ((x * x + y * y).sqrt(), part)
}

/// 0 below −half, 1 above +half, smooth between.
pub(super) fn ramp(value: f64, half: f64) -> f64 {
    let t = (0.5 + 0.5 * value / half).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
