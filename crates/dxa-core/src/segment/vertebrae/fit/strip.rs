//! Gray along lines across a wall, and the edge in them: single, or a pair whose middle is meant.

use super::super::body::greater;
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
/// A path runs where another one does when it is nearer than this, in steps, and what that costs a line.
const TAKEN_STEPS: f64 = 6.0;
const TAKEN_COST: f64 = 2.0;
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
        let half = reach + margin;
        let mut hidden = 0;
        let mut raw = Vec::with_capacity(starts.len());
        for (start, outward) in starts.iter().zip(outward) {
            let from = sum(*start, times(*outward, -(half as f64) * STEP_MM));
            let grays = raster.along(from, times(*outward, STEP_MM), 2 * half + 1);
            let (mut line, mut last) = (Vec::with_capacity(2 * half + 1), 0.0);
            for gray in grays {
                hidden += usize::from(gray.is_none_or(Raster::is_clipped));
                last = gray.unwrap_or(last);
                line.push(last);
            }
            raw.push(line);
        }
        uncover(&mut raw, covered);
        let samples = raw.len() * (2 * half + 1);
        let taps = falling(margin, smooth_mm);
        let falls = across_lines(&raw.iter().map(|line| fall(line, &taps)).collect::<Vec<_>>());
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

    /// How well an edge explains each line at each step, where a clear edge falls by `unit`.
    pub(super) fn scored(&self, unit: f64, pairs: bool) -> Scored {
        let distances = if pairs { &PAIR_STEPS[..] } else { &PAIR_STEPS[..1] };
        let steps = 2 * self.reach + 1;
        let mut scores = Vec::with_capacity(self.falls.len() * distances.len() * steps);
        for falls in &self.falls {
            let falls: Vec<f64> = falls.iter().map(|fall| (fall / unit).clamp(-0.5, 1.5)).collect();
            for distance in distances {
                self.line_scores(&falls, *distance, &mut scores);
            }
        }
        Scored { scores, lines: self.falls.len(), steps, distances }
    }

    /// How well an edge, or a pair of edges of half its strength, explains a line at every step.
    fn line_scores(&self, falls: &[f64], distance: usize, scores: &mut Vec<f64>) {
        if distance == 0 {
            scores.extend(falls);
            return;
        }
        let (half, apart) = (distance / 2, distance as f64 * STEP_MM);
        let overlap = (-apart * apart / (4.0 * self.smooth_mm * self.smooth_mm)).exp();
        let scale = (2.0 * (1.0 + overlap)).sqrt();
        scores.extend((0..falls.len()).map(|step| {
            let inner = step.checked_sub(half).map_or(0.0, |at| falls[at]);
            let outer = falls.get(step + half).copied().unwrap_or(0.0);
            // Both have to be there: a pair of one edge is none.
            (inner + outer).min(4.0 * inner.min(outer)) / scale
        }));
    }
}

/// How well an edge explains each line of a strip at each step, single or as a pair of each distance.
pub(super) struct Scored {
    /// Lines × distances × steps.
    scores: Vec<f64>,
    lines: usize,
    steps: usize,
    distances: &'static [usize],
}

impl Scored {
    /// The best path whose lines each count `weights`, with a Gaussian belief about where it is, and away from
    /// paths found before.
    pub(super) fn path(&self, weights: &[f64], belief_mm: f64, taken: &[&Path]) -> Path {
        let costs = self.costs(belief_mm);
        let states = self.states();
        let (mut totals, mut own) = (vec![0.0; self.scores.len()], costs.clone());
        let mut moved = vec![0.0; states];
        for (line, (scores, weight)) in self.scores.chunks_exact(states).zip(weights).enumerate() {
            let (before, totals) = totals.split_at_mut(line * states);
            if let Some(before) = before.rchunks_exact(states).next() {
                self.best_before(before, &mut moved, &mut totals[..states]);
            }
            own.copy_from_slice(&costs);
            self.leave_out(line, taken, &mut own);
            for (total, (score, cost)) in totals.iter_mut().zip(scores.iter().zip(&own)) {
                *total += weight * (score - cost);
            }
        }
        self.trace(&totals)
    }

    fn states(&self) -> usize {
        self.steps * self.distances.len()
    }

    fn reach(&self) -> f64 {
        (self.steps / 2) as f64
    }

    /// What an edge costs at each step, single or as a pair of each distance.
    fn costs(&self, belief_mm: f64) -> Vec<f64> {
        let belief = |step: usize| 0.25 * ((step as f64 - self.reach()) * STEP_MM / belief_mm).powi(2);
        let pairs = self.distances.iter().map(|distance| PAIR_COST * *distance as f64);
        pairs.flat_map(|pair| (0..self.steps).map(move |step| belief(step) + pair)).collect()
    }

    /// Where other paths run an edge costs more.
    fn leave_out(&self, line: usize, taken: &[&Path], costs: &mut [f64]) {
        let used = |step: usize| {
            taken.iter().any(|path| (path.at[line] + self.reach() - step as f64).abs() < TAKEN_STEPS)
        };
        for step in (0..self.steps).filter(|step| !taken.is_empty() && used(*step)) {
            costs.iter_mut().skip(step).step_by(self.steps).for_each(|cost| *cost += TAKEN_COST);
        }
    }

    /// For every state of a line the best total of a state of the line before it, less what the way costs.
    fn best_before(&self, totals: &[f64], moved: &mut [f64], best: &mut [f64]) {
        let steps = self.steps;
        moved.fill(f64::MIN);
        for (moved, totals) in moved.chunks_exact_mut(steps).zip(totals.chunks_exact(steps)) {
            for jump in -JUMPS..=JUMPS {
                let cost = JUMP_COST * (jump * jump) as f64;
                let (to, before) = (jump.min(0).unsigned_abs(), jump.max(0).unsigned_abs());
                let count = steps.saturating_sub(jump.unsigned_abs());
                for (best, total) in moved[to..][..count].iter_mut().zip(&totals[before..][..count]) {
                    *best = greater(total - cost, *best);
                }
            }
        }
        best.copy_from_slice(moved);
        for pair in 0..self.distances.len() {
            let best = &mut best[pair * steps..][..steps];
            for other in self.beside(pair) {
                for (best, moved) in best.iter_mut().zip(&moved[other * steps..][..steps]) {
                    *best = greater(moved - PAIR_CHANGE_COST, *best);
                }
            }
        }
    }

    /// The pair distances next to one.
    fn beside(&self, pair: usize) -> impl Iterator<Item = usize> + use<> {
        let last = self.distances.len() - 1;
        [pair.checked_sub(1), (pair < last).then_some(pair + 1)].into_iter().flatten()
    }

    /// The state of the line before one that [`Scored::best_before`] came from.
    fn source(&self, totals: &[f64], state: usize) -> usize {
        let (pair, step) = (state / self.steps, state % self.steps);
        let moved = |pair: usize| {
            let jumps = (-JUMPS..=JUMPS).filter_map(|jump| {
                let from = step.checked_add_signed(jump).filter(|from| *from < self.steps)?;
                let from = pair * self.steps + from;
                Some((totals[from] - JUMP_COST * (jump * jump) as f64, from))
            });
            jumps.fold((f64::MIN, 0), |best, way| if way.0 > best.0 { way } else { best })
        };
        let others = self.beside(pair).map(|other| {
            let (value, from) = moved(other);
            (value - PAIR_CHANGE_COST, from)
        });
        others.fold(moved(pair), |best, way| if way.0 > best.0 { way } else { best }).1
    }

    fn trace(&self, totals: &[f64]) -> Path {
        let (states, lines) = (self.states(), self.lines);
        let mut path = Path { at: vec![0.0; lines], apart: vec![0.0; lines], strength: vec![0.0; lines] };
        let Some(last) = totals.rchunks_exact(states).next() else { return path };
        let mut state =
            (0..last.len()).max_by(|a, b| last[*a].total_cmp(&last[*b]).then(b.cmp(a))).unwrap_or(0);
        for line in (0..lines).rev() {
            path.strength[line] = self.scores[line * states + state];
            path.at[line] = self.refined(line, state);
            path.apart[line] = self.distances[state / self.steps] as f64;
            if let Some(before) = line.checked_sub(1) {
                state = self.source(&totals[before * states..][..states], state);
            }
        }
        path
    }

    /// The top of a parabola through the score and its neighbors, steps from the expected place.
    fn refined(&self, line: usize, state: usize) -> f64 {
        let step = state % self.steps;
        let at = step as f64 - self.reach();
        if step == 0 || step + 1 == self.steps {
            return at;
        }
        let here = line * self.states() + state;
        let [below, here, above] = [here - 1, here, here + 1].map(|at| self.scores[at]);
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

/// The derivative of a Gaussian, by which a line of gray falls a millimeter; `margin` taps to either side.
fn falling(margin: usize, smooth_mm: f64) -> Vec<f64> {
    let sigma = smooth_mm / STEP_MM;
    let reach = margin as isize;
    let mut taps: Vec<f64> = (-reach..=reach)
        .map(|at| (at as f64) * (-(at as f64).powi(2) / (2.0 * sigma * sigma)).exp())
        .collect();
    // A ramp of 1 a millimeter falls by -1.
    let ramp: f64 = taps.iter().zip(-reach..=reach).map(|(tap, at)| tap * at as f64 * STEP_MM).sum();
    taps.iter_mut().for_each(|tap| *tap /= -ramp);
    taps
}

/// How much a line of gray falls, without what serves the taps at its ends.
fn fall(line: &[f64], taps: &[f64]) -> Vec<f64> {
    let mut falls = vec![0.0; (line.len() + 1).saturating_sub(taps.len())];
    for (tap, grays) in taps.iter().zip(line.windows(falls.len().max(1))) {
        falls.iter_mut().zip(grays).for_each(|(fall, gray)| *fall += tap * gray);
    }
    falls
}

/// The mean over neighboring lines with the weights of a Gaussian.
fn across_lines(falls: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let weights: [f64; 7] =
        std::array::from_fn(|at| (-(at as f64 - 3.0).powi(2) / (2.0 * ACROSS_LINES * ACROSS_LINES)).exp());
    (0..falls.len() as isize)
        .map(|line| {
            let mut sums = vec![0.0; falls[0].len()];
            let mut total = 0.0;
            for (apart, weight) in (-3..=3).zip(weights) {
                let Some(other) = usize::try_from(line + apart).ok().and_then(|other| falls.get(other))
                else {
                    continue;
                };
                total += weight;
                sums.iter_mut().zip(other).for_each(|(sum, fall)| *sum += weight * fall);
            }
            sums.iter().map(|sum| sum / total).collect()
        })
        .collect()
}
