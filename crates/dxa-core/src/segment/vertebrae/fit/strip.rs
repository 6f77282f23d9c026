//! Gray along lines across a wall, and the edge in them: single, or a pair whose middle is meant.

use super::body::{Vector, sum, times};
use super::raster::Raster;

/// Step along a line.
pub(super) const STEP_MM: f64 = 0.25;
/// Distances of the two edges of a pair, in steps; 0 is a single edge.
const PAIR_STEPS: [usize; 7] = [0, 4, 8, 12, 16, 20, 24];
/// What an edge at this distance in the next line costs: this times the square of the steps.
const JUMP_COST: f64 = 0.10;
/// What another pair distance in the next line costs, a step.
const PAIR_CHANGE_COST: f64 = 0.25;
/// What a pair costs a line over a single edge, a step of the distance.
const PAIR_COST: f64 = 0.015;
/// Jumps between lines that are tried, steps.
const JUMPS: isize = 4;
/// Where bone lies inside of an edge, and what is beyond it outside, millimeters; and how much brighter than
/// bone a rim may be, as a share of that contrast.
const BONE_MM: [f64; 2] = [1.0, 5.0];
const RIM_SHARE: f64 = 1.0;
/// Smoothing across lines.
const ACROSS_LINES: f64 = 1.2;

/// How strongly gray falls outward along lines, from `reach` inside to `reach` outside of where the wall is expected.
pub(super) struct Strip {
    /// Fall of gray a millimeter, lines × steps.
    pub(super) falls: Vec<Vec<f64>>,
    /// Gray, lines × steps.
    pub(super) grays: Vec<Vec<f64>>,
    /// Steps on each side of the expected place.
    pub(super) reach: usize,
    /// Share of samples that lie outside of the image or at an end of the window.
    pub(super) hidden: f64,
    /// Smoothing along the lines.
    smooth_mm: f64,
}

/// A path across the lines: for each, the middle of the edge and the distance of its pair, in steps.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Path {
    pub(super) at: Vec<f64>,
    pub(super) apart: Vec<f64>,
    /// Strength at each line, where 1 is a clear edge of this image.
    pub(super) strength: Vec<f64>,
}

impl Strip {
    /// Samples lines through `starts` along unit vectors `outward`. The first `covered` lines may lie under
    /// something brighter than the bone: what is brighter there than bone in the lines after them is cut.
    pub(super) fn sample(
        raster: &Raster,
        starts: &[Vector],
        outward: &[Vector],
        reach_mm: f64,
        smooth_mm: f64,
        covered: usize,
    ) -> Self {
        let reach = (reach_mm / STEP_MM).round() as usize;
        let margin = (3.0 * smooth_mm / STEP_MM).ceil() as usize;
        let half = (reach + margin) as isize;
        let mut hidden = 0;
        let mut raw = Vec::with_capacity(starts.len());
        for (start, outward) in starts.iter().zip(outward) {
            let mut last = 0.0;
            let line: Vec<f64> = (-half..=half)
                .map(|step| {
                    let gray = raster.at(sum(*start, times(*outward, step as f64 * STEP_MM)));
                    hidden += usize::from(gray.is_none_or(Raster::is_clipped));
                    last = gray.unwrap_or(last);
                    last
                })
                .collect();
            raw.push(line);
        }
        uncover(&mut raw, covered);
        let samples = raw.len() * (2 * half as usize + 1);
        let falls = across_lines(&raw.iter().map(|line| fall(line, margin, smooth_mm)).collect::<Vec<_>>());
        let grays = raw.iter().map(|line| line[margin..line.len() - margin].to_vec()).collect();
        Self { falls, grays, reach, hidden: hidden as f64 / samples.max(1) as f64, smooth_mm }
    }

    /// How strong the strongest fall of a line is, in the middle over the lines.
    pub(super) fn contrast(&self) -> f64 {
        let mut best: Vec<f64> =
            self.falls.iter().map(|line| line.iter().copied().fold(0.0, f64::max)).collect();
        best.sort_by(f64::total_cmp);
        best.get(best.len() / 2).copied().unwrap_or(0.0)
    }

    /// The best path whose lines each count `weights`, where a clear edge falls by `unit`, with a
    /// Gaussian belief about where it is, and away from paths found before.
    pub(super) fn path(
        &self,
        unit: f64,
        weights: &[f64],
        belief_mm: f64,
        pairs: bool,
        taken: &[&Path],
    ) -> Path {
        let steps = 2 * self.reach + 1;
        let distances = if pairs { &PAIR_STEPS[..] } else { &PAIR_STEPS[..1] };
        let states = steps * distances.len();
        let mut total = vec![vec![0.0; states]; self.falls.len()];
        let mut from = vec![vec![0usize; states]; self.falls.len()];
        for line in 0..self.falls.len() {
            let own = self.line_scores(line, unit, distances, belief_mm, taken);
            let (best, source) = if line == 0 {
                (vec![0.0; states], (0..states).collect())
            } else {
                best_before(&total[line - 1], steps, distances.len())
            };
            total[line] = best.iter().zip(&own).map(|(best, own)| best + weights[line] * own).collect();
            from[line] = source;
        }
        self.trace(&total, &from, unit, distances)
    }

    fn trace(&self, total: &[Vec<f64>], from: &[Vec<usize>], unit: f64, distances: &[usize]) -> Path {
        let steps = 2 * self.reach + 1;
        let lines = total.len();
        let mut path = Path { at: vec![0.0; lines], apart: vec![0.0; lines], strength: vec![0.0; lines] };
        let Some(last) = total.last() else { return path };
        let mut state =
            (0..last.len()).max_by(|a, b| last[*a].total_cmp(&last[*b]).then(b.cmp(a))).unwrap_or(0);
        for line in (0..lines).rev() {
            let (pair, step) = (state / steps, state % steps);
            path.strength[line] = self.score(line, step, distances[pair], unit);
            path.at[line] = self.refined(line, step, distances[pair], unit);
            path.apart[line] = distances[pair] as f64;
            state = from[line][state];
        }
        path
    }

    fn line_scores(
        &self,
        line: usize,
        unit: f64,
        distances: &[usize],
        belief_mm: f64,
        taken: &[&Path],
    ) -> Vec<f64> {
        let steps = 2 * self.reach + 1;
        let mut scores = Vec::with_capacity(steps * distances.len());
        for distance in distances {
            for step in 0..steps {
                let offset = (step as f64 - self.reach as f64) * STEP_MM;
                let belief = 0.25 * (offset / belief_mm).powi(2);
                let used =
                    taken.iter().any(|path| (path.at[line] + self.reach as f64 - step as f64).abs() < 6.0);
                let cost = belief + PAIR_COST * *distance as f64 + if used { 2.0 } else { 0.0 };
                scores.push(self.score(line, step, *distance, unit) - cost);
            }
        }
        scores
    }

    /// How well an edge, or a pair of edges of half its strength, explains the line there.
    fn score(&self, line: usize, step: usize, distance: usize, unit: f64) -> f64 {
        let falls = &self.falls[line];
        let fall = |at: isize| {
            let value = usize::try_from(at).ok().and_then(|at| falls.get(at)).copied().unwrap_or(0.0);
            (value / unit).clamp(-0.5, 1.5)
        };
        let (step, half) = (step as isize, (distance / 2) as isize);
        if distance == 0 {
            return fall(step);
        }
        let apart = distance as f64 * STEP_MM;
        let overlap = (-apart * apart / (4.0 * self.smooth_mm * self.smooth_mm)).exp();
        let (inner, outer) = (fall(step - half), fall(step + half));
        // Both have to be there: a pair of one edge is none.
        (inner + outer).min(4.0 * inner.min(outer)) / (2.0 * (1.0 + overlap)).sqrt()
    }

    /// The top of a parabola through the score and its neighbors, steps from the expected place.
    fn refined(&self, line: usize, step: usize, distance: usize, unit: f64) -> f64 {
        let at = step as f64 - self.reach as f64;
        if step == 0 || step == 2 * self.reach {
            return at;
        }
        let [below, here, above] =
            [step - 1, step, step + 1].map(|step| self.score(line, step, distance, unit));
        let bend = below - 2.0 * here + above;
        if bend >= -1e-9 { at } else { at + (0.5 * (below - above) / bend).clamp(-1.0, 1.0) }
    }
}

/// Cuts what is brighter in the first lines than the bone in the lines after them, and a rim.
fn uncover(lines: &mut [Vec<f64>], covered: usize) {
    if covered == 0 || lines.is_empty() {
        return;
    }
    let half = lines[0].len() / 2;
    let step = |mm: f64| ((mm / STEP_MM) as usize).min(half);
    let (shown, last) = (covered..(2 * covered).min(lines.len()), step(BONE_MM[1]));
    let level = |range: std::ops::Range<usize>| {
        let mut grays: Vec<f64> =
            lines[shown.clone()].iter().flat_map(|line| line[range.clone()].iter().copied()).collect();
        grays.sort_by(f64::total_cmp);
        grays.get(grays.len() / 2).copied().unwrap_or(1.0)
    };
    let bone = level(half - last..half - step(BONE_MM[0]));
    let beyond = level(half + step(BONE_MM[0])..half + last + 1);
    let limit = bone + RIM_SHARE * (bone - beyond).max(0.0);
    lines[..covered].iter_mut().flatten().for_each(|gray| *gray = gray.min(limit));
}

/// For every state of a line the best total of a state of the line before it, less what the way costs, and which
/// state that is.
fn best_before(total: &[f64], steps: usize, pairs: usize) -> (Vec<f64>, Vec<usize>) {
    // First the best jump within each pair distance, then the best change of it.
    let mut moved = vec![f64::MIN; total.len()];
    let mut from = vec![0; total.len()];
    for jump in -JUMPS..=JUMPS {
        let cost = JUMP_COST * (jump * jump) as f64;
        let (to, before) = (jump.min(0).unsigned_abs(), jump.max(0).unsigned_abs());
        let count = steps.saturating_sub(jump.unsigned_abs());
        for first in (0..pairs).map(|pair| pair * steps) {
            let source = &total[first + before..][..count];
            let targets = moved[first + to..][..count].iter_mut().zip(&mut from[first + to..][..count]);
            for (at, ((best, from), source)) in targets.zip(source).enumerate() {
                let value = source - cost;
                let is_better = value > *best;
                *best = if is_better { value } else { *best };
                *from = if is_better { first + before + at } else { *from };
            }
        }
    }
    let (mut best, mut source) = (moved.clone(), from.clone());
    for pair in 0..pairs {
        for other in
            [pair.checked_sub(1), Some(pair + 1).filter(|other| *other < pairs)].into_iter().flatten()
        {
            for step in 0..steps {
                let value = moved[other * steps + step] - PAIR_CHANGE_COST;
                if value > best[pair * steps + step] {
                    best[pair * steps + step] = value;
                    source[pair * steps + step] = from[other * steps + step];
                }
            }
        }
    }
    (best, source)
}

/// How much a line of gray falls a millimeter, by the derivative of a Gaussian; `margin` samples at each end serve it.
fn fall(line: &[f64], margin: usize, smooth_mm: f64) -> Vec<f64> {
    let sigma = smooth_mm / STEP_MM;
    let reach = margin as isize;
    let mut kernel: Vec<f64> = (-reach..=reach)
        .map(|at| (at as f64) * (-(at as f64).powi(2) / (2.0 * sigma * sigma)).exp())
        .collect();
    // A ramp of 1 a millimeter falls by -1.
    let ramp: f64 = kernel.iter().zip(-reach..=reach).map(|(tap, at)| tap * at as f64 * STEP_MM).sum();
    kernel.iter_mut().for_each(|tap| *tap /= -ramp);
    (margin..line.len() - margin)
        .map(|at| kernel.iter().zip(&line[at - margin..=at + margin]).map(|(tap, gray)| tap * gray).sum())
        .collect()
}

/// The mean over neighboring lines with the weights of a Gaussian.
fn across_lines(falls: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let weight = |apart: isize| (-(apart as f64).powi(2) / (2.0 * ACROSS_LINES * ACROSS_LINES)).exp();
    (0..falls.len() as isize)
        .map(|line| {
            let mut sums = vec![0.0; falls[0].len()];
            let mut total = 0.0;
            for apart in -3..=3 {
                let Some(other) = usize::try_from(line + apart).ok().and_then(|other| falls.get(other))
                else {
                    continue;
                };
                total += weight(apart);
                sums.iter_mut().zip(other).for_each(|(sum, fall)| *sum += weight(apart) * fall);
            }
            sums.iter().map(|sum| sum / total).collect()
        })
        .collect()
}
