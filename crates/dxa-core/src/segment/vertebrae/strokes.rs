//! Endplates, discs and walls at every direction: what oriented filters answer.

use std::ops::Range;

use ndarray::Array2;

use super::body::greater;
use super::relief::{Relief, running_mean};

/// Directions of the anterior axis: this many, this far apart, about the horizontal.
pub(super) const DIRECTIONS: usize = 15;
/// Radians between two of them.
pub(super) const STEP: f64 = 7.5 * std::f64::consts::PI / 180.0;

/// Running means, done twice, that smooth along a plate (deviation 6 mm) and along a wall (5 mm).
const ALONG_PLATE: usize = 7;
const ALONG_WALL: usize = 6;
/// Deviations of the filters across: a step, and discs of two widths.
const STEP_DEVIATION: f32 = 1.3;
const DISC_DEVIATIONS: [f32; 2] = [1.6, 2.8];
/// Answers are given in parts of their own deviation, but not of less than this: noise stays noise.
const LEAST_ANSWER: [f32; 3] = [0.05, 0.08, 0.05];
/// Answers are bent so that no single one decides: x / (1 + |x| / this).
const BEND: f32 = 3.0;

/// The angle of a direction: positive where the anterior edge turns down.
pub(super) fn angle(direction: usize) -> f64 {
    (direction as f64 - (DIRECTIONS / 2) as f64) * STEP
}

/// Answers in a frame turned by one direction: columns along the axis, rows at a right angle, downward.
#[derive(Clone, Debug)]
pub(super) struct Turned {
    /// Cosine and sine.
    axis: (f64, f64),
    /// Where the frame's corner lies, in its own coordinates from the middle of the image.
    corner: (f64, f64),
    /// Middle of the image.
    middle: (f64, f64),
    /// In each row the columns that have answers: those in the image and near to it.
    pub(super) spans: Vec<Range<usize>>,
    /// Positive where it gets brighter downward.
    pub(super) step: Array2<f32>,
    /// Positive in a dark band along the axis.
    pub(super) disc: Array2<f32>,
    /// Positive where it gets darker along the axis.
    pub(super) wall: Array2<f32>,
}

impl Turned {
    /// The frame's coordinates (column, row) of a point in millimeters.
    pub(super) fn place(&self, x: f64, y: f64) -> (f64, f64) {
        let (dx, dy) = (x - self.middle.0, y - self.middle.1);
        let (cos, sin) = self.axis;
        (dx * cos + dy * sin - self.corner.0 - 0.5, dy * cos - dx * sin - self.corner.1 - 0.5)
    }

    /// The point in millimeters of a place in the frame.
    pub(super) fn point(&self, column: f64, row: f64) -> (f64, f64) {
        let (p, q) = (column + self.corner.0 + 0.5, row + self.corner.1 + 0.5);
        let (cos, sin) = self.axis;
        (self.middle.0 + p * cos - q * sin, self.middle.1 + p * sin + q * cos)
    }

    fn of(relief: &Relief, direction: usize) -> Self {
        let (sin, cos) = angle(direction).sin_cos();
        let (rows, columns) = relief.size();
        let (width, height) = (columns as f64, rows as f64);
        let across = width * cos.abs() + height * sin.abs();
        let down = width * sin.abs() + height * cos.abs();
        let mut turned = Self {
            axis: (cos, sin),
            corner: (-across / 2.0, -down / 2.0),
            middle: (width / 2.0, height / 2.0),
            spans: Vec::new(),
            step: Array2::zeros((0, 0)),
            disc: Array2::zeros((0, 0)),
            wall: Array2::zeros((0, 0)),
        };
        let size = (down.ceil() as usize, across.ceil() as usize);
        turned.answer(&relief.even, size);
        turned
    }

    /// In each row the columns no further from the image than this.
    pub(super) fn rows_within(&self, margin: f64, (rows, columns): (usize, usize)) -> Vec<Range<usize>> {
        let (cos, sin) = self.axis;
        let in_row = |row: usize| {
            let (x, y) = self.point(0.0, row as f64);
            within([(x, cos, self.middle.0), (y, sin, self.middle.1)], margin, columns)
        };
        (0..rows).map(in_row).collect()
    }

    /// The image in the turned frame, in these parts of its rows; beyond its edge the edge is repeated, so that no
    /// edge appears there.
    fn resample(&self, image: &Array2<f32>, size: (usize, usize), spans: &[Range<usize>]) -> Array2<f32> {
        let (height, width) = image.dim();
        let (cos, sin) = (self.axis.0 as f32, self.axis.1 as f32);
        let (right, bottom) = ((width - 1) as f32, (height - 1) as f32);
        let source = image.as_slice().unwrap_or_default();
        let inside = self.rows_within(-INSIDE_MM, size);
        let mut result = Array2::zeros(size);
        let rows = result.rows_mut().into_iter().zip(spans.iter().zip(&inside)).enumerate();
        for (row, (mut line, (span, inside))) in rows {
            let Some(line) = line.as_slice_mut() else { continue };
            let (x, y) = self.point(0.0, row as f64);
            let (x, y) = (x as f32 - 0.5, y as f32 - 0.5);
            let place = |column: usize| (x + column as f32 * cos, y + column as f32 * sin);
            let inside = inside.start.clamp(span.start, span.end)..inside.end.clamp(span.start, span.end);
            for column in (span.start..inside.start).chain(inside.end..span.end) {
                let (x, y) = place(column);
                let (x, y) = (x.clamp(0.0, right), y.clamp(0.0, bottom));
                let (left, above) = (x as usize, y as usize);
                let (s, t) = (x - left as f32, y - above as f32);
                let (next, below) = ((left + 1).min(width - 1), (above + 1).min(height - 1));
                let across = |row: usize| between(source[row * width + left], source[row * width + next], s);
                line[column] = between(across(above), across(below), t);
            }
            for (column, value) in inside.clone().zip(&mut line[inside]) {
                let (x, y) = place(column);
                let (left, above) = (x as i32, y as i32);
                let (s, t) = (x - left as f32, y - above as f32);
                let at = above as usize * width + left as usize;
                let across = |at: usize| source[at..].first_chunk().map(|[a, b]| between(*a, *b, s));
                if let (Some(upper), Some(lower)) = (across(at), across(at + width)) {
                    *value = between(upper, lower, t);
                }
            }
        }
        result
    }

    fn answer(&mut self, image: &Array2<f32>, size: (usize, usize)) {
        let wide = self.rows_within(NEAR_MM + REACH_MM, size);
        self.spans = self.rows_within(NEAR_MM, size);
        let mut along = self.resample(image, size, &wide);
        let mut upright = along.clone();
        smooth_rows(&mut along, &wide, ALONG_PLATE);
        self.step = down(&along, &self.spans, &slope(STEP_DEVIATION));
        self.disc = down(&along, &self.spans, &valley(DISC_DEVIATIONS[0]));
        let broad = down(&along, &self.spans, &valley(DISC_DEVIATIONS[1]));
        self.disc.zip_mut_with(&broad, |a, b| *a = greater(*a, *b));
        smooth_columns(&mut upright, ALONG_WALL);
        smooth_columns(&mut upright, ALONG_WALL);
        let falls: Vec<f32> = slope(STEP_DEVIATION).iter().map(|tap| -tap).collect();
        self.wall = ahead(&upright, &self.spans, &falls);
    }
}

/// So far on the way from one value to another.
pub(super) fn between(a: f32, b: f32, part: f32) -> f32 {
    a + part * (b - a)
}

/// Half of a sample and a little: so far from the edge of an image there are samples all around.
const INSIDE_MM: f64 = 0.51;
/// Answers are computed this far beyond the image, for what reaches that far from bodies in it.
const NEAR_MM: f64 = 6.0;
/// What filters across need beyond that.
const REACH_MM: f64 = 10.0;

/// The steps along a line from where both coordinates lie no further than `margin` outside of the image to where one
/// does: coordinate at the start, what a step adds, and the middle of the image.
fn within(coordinates: [(f64, f64, f64); 2], margin: f64, steps: usize) -> Range<usize> {
    let (mut first, mut last) = (0.0, steps as f64 - 1.0);
    for (start, step, middle) in coordinates {
        let (low, high) = (-margin - start, 2.0 * middle + margin - start);
        if step.abs() > 1e-9 {
            let (a, b) = (low / step, high / step);
            (first, last) = (f64::max(first, a.min(b)), f64::min(last, a.max(b)));
        } else if low > 0.0 || high < 0.0 {
            return 0..0;
        }
    }
    if first > last { 0..0 } else { first.ceil() as usize..last.floor() as usize + 1 }
}

/// Answers of every direction.
pub(super) fn of(relief: &Relief) -> Vec<Turned> {
    let mut all: Vec<Turned> = (0..DIRECTIONS).map(|direction| Turned::of(relief, direction)).collect();
    let maps: [fn(&mut Turned) -> &mut Array2<f32>; 3] =
        [|turned| &mut turned.step, |turned| &mut turned.disc, |turned| &mut turned.wall];
    for (map, least) in maps.into_iter().zip(LEAST_ANSWER) {
        let level = &mut all[DIRECTIONS / 2];
        let deviation = deviation(map(level)).max(least);
        let (scale, bend) = (1.0 / deviation, 1.0 / (deviation * BEND));
        for turned in &mut all {
            let spans = std::mem::take(&mut turned.spans);
            for (mut line, span) in map(turned).rows_mut().into_iter().zip(&spans) {
                let values = &mut line.as_slice_mut().unwrap_or_default()[span.clone()];
                values.iter_mut().for_each(|value| *value *= scale / (1.0 + value.abs() * bend));
            }
            turned.spans = spans;
        }
    }
    all
}

fn deviation(map: &Array2<f32>) -> f32 {
    let sum: f64 = map.iter().map(|value| f64::from(*value) * f64::from(*value)).sum();
    (sum / map.len().max(1) as f64).sqrt() as f32
}

fn smooth_rows(image: &mut Array2<f32>, spans: &[Range<usize>], half: usize) {
    for (mut row, span) in image.rows_mut().into_iter().zip(spans) {
        if let Some(row) = row.as_slice_mut() {
            running_mean(&mut row[span.clone()], half);
            running_mean(&mut row[span.clone()], half);
        }
    }
}

/// The mean over `half` rows to either side, in every column; the ends are repeated.
fn smooth_columns(image: &mut Array2<f32>, half: usize) {
    let (rows, columns) = image.dim();
    let before = image.clone();
    let before = before.as_slice().unwrap_or_default();
    let line = |row: isize| &before[row.clamp(0, rows as isize - 1) as usize * columns..][..columns];
    let reach = half as isize;
    let mut sums = vec![0.0f64; columns];
    for row in -reach..=reach {
        sums.iter_mut().zip(line(row)).for_each(|(sum, value)| *sum += f64::from(*value));
    }
    let share = 1.0 / (2 * half + 1) as f64;
    for (row, mut values) in (0..).zip(image.rows_mut()) {
        let Some(values) = values.as_slice_mut() else { continue };
        let (entering, leaving) = (line(row + reach + 1), line(row - reach));
        for ((value, sum), (entering, leaving)) in
            values.iter_mut().zip(&mut sums).zip(entering.iter().zip(leaving))
        {
            *value = (*sum * share) as f32;
            *sum += f64::from(*entering) - f64::from(*leaving);
        }
    }
}

/// A filter along the columns axis, in these parts of the rows; the ends are repeated.
fn down(image: &Array2<f32>, spans: &[Range<usize>], taps: &[f32]) -> Array2<f32> {
    let (rows, columns) = image.dim();
    let half = taps.len() / 2;
    let source = image.as_slice().unwrap_or_default();
    let mut result = Array2::zeros((rows, columns));
    for (row, (mut line, span)) in result.rows_mut().into_iter().zip(spans).enumerate() {
        let Some(line) = line.as_slice_mut() else { continue };
        let above = |at: usize| (row + at).saturating_sub(half).min(rows - 1) * columns;
        filter(&mut line[span.clone()], taps, |at| &source[above(at) + span.start..]);
    }
    result
}

/// A filter along the rows axis, in these parts of the rows; the ends are repeated.
fn ahead(image: &Array2<f32>, spans: &[Range<usize>], taps: &[f32]) -> Array2<f32> {
    let columns = image.ncols();
    let half = taps.len() / 2;
    let mut result = Array2::zeros(image.dim());
    for ((mut line, source), span) in result.rows_mut().into_iter().zip(image.rows()).zip(spans) {
        let (Some(line), Some(source)) = (line.as_slice_mut(), source.as_slice()) else { continue };
        let Range { start, end } = span.clone();
        let from = start.max(half).min(end);
        let to = end.min(columns.saturating_sub(half)).max(from);
        for column in (start..from).chain(to..end) {
            let sample = |at: usize| source[(column + at).saturating_sub(half).min(columns - 1)];
            line[column] = taps.iter().enumerate().map(|(at, tap)| tap * sample(at)).sum();
        }
        filter(&mut line[from..to], taps, |at| &source[from + at - half..]);
    }
    result
}

/// Samples of a row that a filter answers at once: they stay in registers.
const AT_ONCE: usize = 16;

/// The sums over all taps; `samples` are those that the first value, and so on, has under a tap.
fn filter<'s>(values: &mut [f32], taps: &[f32], samples: impl Fn(usize) -> &'s [f32]) {
    let (whole, rest) = values.as_chunks_mut::<AT_ONCE>();
    let end = whole.len() * AT_ONCE;
    for (chunk, values) in whole.iter_mut().enumerate() {
        let mut sums = [0.0; AT_ONCE];
        for (at, tap) in taps.iter().enumerate() {
            let samples = &samples(at)[chunk * AT_ONCE..][..AT_ONCE];
            sums.iter_mut().zip(samples).for_each(|(sum, sample)| *sum += tap * sample);
        }
        *values = sums;
    }
    if rest.is_empty() {
        return;
    }
    for (at, tap) in taps.iter().enumerate() {
        rest.iter_mut().zip(&samples(at)[end..]).for_each(|(value, sample)| *value += tap * sample);
    }
}

/// First derivative of a Gaussian; a unit step answers with 1 / (deviation · √2π).
fn slope(deviation: f32) -> Vec<f32> {
    gaussian(deviation, |k, g| k / (deviation * deviation) * g)
}

/// Second derivative of a Gaussian, times its variance.
fn valley(deviation: f32) -> Vec<f32> {
    gaussian(deviation, |k, g| (k * k / (deviation * deviation) - 1.0) * g)
}

fn gaussian(deviation: f32, form: impl Fn(f32, f32) -> f32) -> Vec<f32> {
    let half = (3.2 * deviation).ceil() as i32;
    let bell = |k: i32| (-0.5 * (k as f32 / deviation).powi(2)).exp();
    let total: f32 = (-half..=half).map(bell).sum();
    let taps: Vec<f32> = (-half..=half).map(|k| form(k as f32, bell(k) / total)).collect();
    // Without a sum, so that even gray answers nothing.
    let mean = taps.iter().sum::<f32>() / taps.len() as f32;
    taps.iter().map(|tap| tap - mean).collect()
}
