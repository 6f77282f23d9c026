//! Movement during a scan that is taken row by row: from one row on, everything lies elsewhere.

use super::check::size_mm;
use crate::field::Field;

/// Rows above and below a border that are compared, in millimeters.
const BLOCK_MM: f64 = 1.6;
/// Shifts that are looked at.
const REACH_MM: f64 = 7.0;
/// Between two samples across.
const SAMPLE_MM: f64 = 0.25;
/// Samples to each side over which the change across is taken: noise is not followed, edges are.
const CHANGE: usize = 3;
/// Length down the image over which the lean of the bones is even.
const LEAN_MM: f64 = 5.0;
/// So many more places beside those whose blocks lie across a jerk tell how the bones lean there.
const BESIDE: usize = 2;
/// A shift leaves this part of what the lean leaves unexplained, or less.
const LEFT_OVER: f64 = 0.7;
/// A shift explains at least this much.
const LEAST_LIKE: f64 = 0.6;
/// Where bones lean otherwise above than below, as over the head of a femur, a shift is this many times the change.
const BEYOND_CHANGE: f64 = 2.0;

/// The largest shift over the whole width of an image, mm.
pub(super) fn over_whole_width(field: &Field) -> Option<f64> {
    let width = size_mm(field).0;
    largest(field, |_| (0.0, width)).map(|jerk| jerk.shift_mm)
}

/// Where everything below lies aside of everything above.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Jerk {
    /// By how much, beyond the lean of the bones.
    pub(super) shift_mm: f64,
    /// At which height of the image.
    pub(super) y_mm: f64,
}

/// The largest shift of the rows below a place against those above it, beyond what the bones themselves lean.
///
/// Compared is how the rows change from left to right: edges stay where they are when a row runs into a disc or
/// a process, brightness does not. `span` gives, for a height, from where to where across is compared.
pub(super) fn largest(field: &Field, span: impl Fn(f64) -> (f64, f64)) -> Option<Jerk> {
    let spacing = field.spacing;
    let block = (BLOCK_MM / spacing.row_mm).round().max(1.0) as usize;
    let rows = field.shape().0;
    if rows < 6 * block {
        return None;
    }
    let blocks: Vec<Vec<f64>> = (0..=rows - block).map(|first| means(field, first..first + block)).collect();
    let matches: Vec<Match> = (block..=rows - block)
        .map(|row| {
            let (above, below) = (&blocks[row - block], &blocks[row]);
            Match::of(above, below, spacing.column_mm, span(row as f64 * spacing.row_mm))
        })
        .collect();
    let around = ((LEAN_MM / spacing.row_mm) as usize).max(3 * block);
    let middle = |places: &[Match]| {
        let mut best: Vec<usize> = places.iter().map(|place| place.best).collect();
        let middle = best.len() / 2;
        (!best.is_empty()).then(|| *best.select_nth_unstable(middle).1)
    };
    let between = |from: usize, to: usize| &matches[from.min(matches.len())..to.min(matches.len())];
    let beyond = (0..matches.len()).map(|at| {
        // Leans that change do so little by little; a jerk is gone where no block lies across it.
        let beside = [
            between(at.saturating_sub(block + BESIDE), (at + 1).saturating_sub(block)),
            between(at + block, at + block + BESIDE + 1),
        ];
        let [above, below] =
            beside.map(|places| places.iter().all(Match::is_plain).then(|| middle(places)).flatten());
        let leans = [middle(between(at.saturating_sub(around), at + around + 1)), above, below];
        let shifts = leans.into_iter().flatten().map(|lean| matches[at].beyond_mm(lean).abs());
        let shift_mm = shifts.min_by(f64::total_cmp).unwrap_or(0.0);
        let change_mm =
            above.zip(below).map_or(0.0, |(above, below)| above.abs_diff(below) as f64 * SAMPLE_MM);
        let is_jerk = shift_mm >= BEYOND_CHANGE * change_mm;
        Jerk { shift_mm: if is_jerk { shift_mm } else { 0.0 }, y_mm: (at + block) as f64 * spacing.row_mm }
    });
    beyond.max_by(|a, b| a.shift_mm.total_cmp(&b.shift_mm))
}

/// How like each other the rows above and below a border are, at every shift.
struct Match {
    /// Correlation at each shift, from −1 to 1.
    like: Vec<f64>,
    /// The shift with the most.
    best: usize,
}

impl Match {
    /// Of the means of the rows above and below, compared from one place across to another.
    fn of(above: &[f64], below: &[f64], pixel_mm: f64, (from, to): (f64, f64)) -> Self {
        let reach = (REACH_MM / SAMPLE_MM) as usize;
        let count = ((to - from) / SAMPLE_MM).max(0.0) as usize;
        let above = change(&profile(above, pixel_mm, from, count));
        let below = change(&profile(below, pixel_mm, from - REACH_MM, count + 2 * reach));
        // All shifts at once: sums that wait for one another are slow.
        let mut products = vec![0.0; 2 * reach + 1];
        for (a, moved) in above.iter().zip(below.windows(2 * reach + 1)) {
            products.iter_mut().zip(moved).for_each(|(product, b)| *product += a * b);
        }
        let squares = sums_so_far(&below);
        let sizes = (0..=2 * reach).map(|shift| {
            let end = (shift + above.len()).min(below.len());
            squares[end] - squares[shift.min(end)]
        });
        let size_above = above.iter().map(|value| value * value).sum::<f64>();
        let like = products.into_iter().zip(sizes).map(|(product, size)| {
            let sizes = (size_above * size).sqrt();
            if sizes > 0.0 { product / sizes } else { 0.0 }
        });
        let like: Vec<f64> = like.collect();
        let best = (0..like.len()).max_by(|a, b| like[*a].total_cmp(&like[*b])).unwrap_or(reach);
        Self { like, best }
    }

    /// Whether rows above and below are so alike at one shift that it tells how the bones lean.
    fn is_plain(&self) -> bool {
        self.best > 0 && self.best + 1 < self.like.len() && self.like[self.best] >= LEAST_LIKE
    }

    /// The shift beyond a lean, where it is plain, mm.
    fn beyond_mm(&self, lean: usize) -> f64 {
        let (best, usual) = (self.like[self.best], self.like[lean]);
        let inside = self.best > 0 && self.best + 1 < self.like.len();
        let plain =
            inside && self.best != lean && best >= LEAST_LIKE && 1.0 - best <= LEFT_OVER * (1.0 - usual);
        if plain { (self.peak() - lean as f64) * SAMPLE_MM } else { 0.0 }
    }

    /// The shift with the most, between samples: the top of the parabola through it and its neighbors.
    fn peak(&self) -> f64 {
        let (before, here, after) =
            (self.like[self.best - 1], self.like[self.best], self.like[self.best + 1]);
        let bend = before - 2.0 * here + after;
        let aside = if bend < 0.0 { (0.5 * (before - after) / bend).clamp(-0.5, 0.5) } else { 0.0 };
        self.best as f64 + aside
    }
}

/// The sum of the squares of all values before each, and of all.
fn sums_so_far(values: &[f64]) -> Vec<f64> {
    let mut sum = 0.0;
    let after = values.iter().map(|value| {
        sum += value * value;
        sum
    });
    [0.0].into_iter().chain(after).collect()
}

/// How a line changes from left to right.
fn change(line: &[f64]) -> Vec<f64> {
    line.windows(2 * CHANGE + 1).map(|part| part[2 * CHANGE] - part[0]).collect()
}

/// Mean of some rows, at each column.
fn means(field: &Field, rows: std::ops::Range<usize>) -> Vec<f64> {
    let height = rows.len() as f64;
    let mut means = vec![0.0; field.shape().1];
    for row in rows {
        means.iter_mut().zip(field.values.row(row)).for_each(|(sum, value)| *sum += f64::from(*value));
    }
    means.iter_mut().for_each(|sum| *sum /= height);
    means
}

/// Means of columns at even distances from a place on; the ends of the image go on beyond it.
fn profile(means: &[f64], pixel_mm: f64, from_mm: f64, count: usize) -> Vec<f64> {
    let last = means.len() - 1;
    (0..count)
        .map(|sample| {
            let at = ((from_mm + sample as f64 * SAMPLE_MM) / pixel_mm - 0.5).clamp(0.0, last as f64);
            let left = at as usize;
            let part = at - left as f64;
            means[left] * (1.0 - part) + means[(left + 1).min(last)] * part
        })
        .collect()
}
