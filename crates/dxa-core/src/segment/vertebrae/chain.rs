//! The column of bodies that fits the image and the model of the spine best.

use super::body::{Body, HALF_DEPTHS_MM, Joint, Judge, Plates, greater};
use crate::reference::vertebrae::{PairModel, ROWS, SpineModel, Spread};

/// Sizes of the person that are tried: logarithms of a factor.
pub(super) const SIZES: [f64; 5] = [-0.14, -0.07, 0.0, 0.07, 0.14];
/// A body must show more than this to be worth having.
const THRESHOLD: f64 = 2.0;
/// The same beyond the upper end of the chain: there bodies are small and lie behind shoulder and ribs.
const THRESHOLD_ABOVE: f64 = 1.5;
/// Cost of passing over a body that does not show.
const SKIP_COST: f64 = 1.5;
/// Squared deviations count up to this, so that a deformed body breaks no chain.
const CAP: f64 = 16.0;
/// Weight of half the squared deviations against scores.
const WEIGHT: f64 = 0.5;
/// What measuring adds to the deviations of the model: factor, and millimeters or radians.
const WIDER: f64 = 1.2;
const MEASURING: Joint = Joint { gap: 1.0, offset: 2.0, turn: 0.06 };
/// The same of the logarithm of a height.
const MEASURING_HEIGHT: f64 = 0.06;
/// No joint, whatever its levels, leaves these: millimeters and radians.
const GAPS_MM: std::ops::Range<f64> = -3.0..16.0;
const SKIPPED_MM: std::ops::Range<f64> = 12.0..52.0;
const LARGEST_OFFSET_MM: f64 = 13.0;
const LARGEST_TURN: f64 = 0.55;
/// No way from plate to plate is longer: the longest gap and twice the largest offset.
const LONGEST_MM: f64 = 59.0;

/// Bodies from above with their rows of the model.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Chain {
    pub(super) bodies: Vec<Body>,
    /// They may leave the model at both ends until the levels are settled.
    pub(super) rows: Vec<i64>,
    /// Logarithm of the person's size.
    pub(super) size: f64,
    pub(super) score: f64,
}

/// A body that may lie below another, directly or with one between that does not show.
struct Link {
    lower: usize,
    joint: Joint,
    skips: bool,
}

/// A candidate, and its score with the anterior wall at each of [`HALF_DEPTHS_MM`].
pub(super) type Candidate = (Body, Vec<f64>);

/// Candidates with their scores.
pub(super) fn judged(bodies: &[Body], judge: &Judge<'_>) -> Vec<Candidate> {
    let judged = |body: &Body| {
        let body = centered(body, judge);
        (body, judge.scores_by_depth(&body))
    };
    bodies.iter().map(judged).collect()
}

/// Half of the depth of a body in parts of its height, mean over the levels, and the least: pressed bodies are
/// as deep as others.
const HALF_DEPTH: f64 = 0.62;
const LEAST_HALF_DEPTH_MM: f64 = 10.5;
/// How far forward or back a candidate may be moved.
const CENTERED_MM: i32 = 7;

/// The body where plates and anterior wall fit a depth as bodies of its height have: plates alone look alike
/// some way forward and back.
fn centered(body: &Body, judge: &Judge<'_>) -> Body {
    let half_depth = (HALF_DEPTH * body.height).max(LEAST_HALF_DEPTH_MM);
    judge.best_along(body, half_depth, CENTERED_MM)
}

/// The candidates of the image turned upside down. Plates, discs and walls answer there as they do here.
pub(super) fn upside_down(candidates: &[Candidate]) -> Vec<Candidate> {
    let turned = |(body, shows): &Candidate| (Body { y: -body.y, turn: -body.turn, ..*body }, shows.clone());
    candidates.iter().map(turned).collect()
}

/// The best chain of candidates, which may start and end anywhere.
pub(super) fn best(mut candidates: Vec<Candidate>, model: &SpineModel) -> Option<Chain> {
    candidates.sort_by(|a, b| b.0.y.total_cmp(&a.0.y));
    let (bodies, shows): (Vec<Body>, Vec<Vec<f64>>) = candidates.into_iter().unzip();
    let plates: Vec<Plates> = bodies.iter().map(Plates::of).collect();
    let links: Vec<Vec<Link>> = (0..bodies.len()).map(|upper| links(&bodies, &plates, upper)).collect();
    let chains = SIZES.iter().map(|size| best_of_size(&bodies, &shows, &links, model, *size));
    chains.flatten().fold(None, |best: Option<Chain>, chain| match best {
        Some(best) if best.score >= chain.score => Some(best),
        _ => Some(chain),
    })
}

fn links(bodies: &[Body], plates: &[Plates], upper: usize) -> Vec<Link> {
    let above = &bodies[upper];
    // Lower bodies come first.
    let first = bodies[..upper].partition_point(|body| body.y - above.y >= 90.0);
    let below = bodies[first..upper].iter().enumerate();
    below
        .filter(|(_, body)| (body.x - above.x).abs() < 75.0)
        .filter_map(|(lower, _)| {
            let lower = first + lower;
            let (turn, way) = Joint::roughly(&plates[upper], &plates[lower]);
            if turn.abs() >= LARGEST_TURN || way > LONGEST_MM * LONGEST_MM {
                return None;
            }
            let joint = Joint::of(&plates[upper], &plates[lower]);
            let skips = SKIPPED_MM.contains(&joint.gap);
            let factor = if skips { 2.0 } else { 1.0 };
            let fits =
                (skips || GAPS_MM.contains(&joint.gap)) && joint.offset.abs() < LARGEST_OFFSET_MM * factor;
            fits.then_some(Link { lower, joint, skips })
        })
        .collect()
}

const N: usize = ROWS.len();

fn best_of_size(
    bodies: &[Body],
    shows: &[Vec<f64>],
    links: &[Vec<Link>],
    model: &SpineModel,
    size: f64,
) -> Option<Chain> {
    let pairs = Costs::of((0..N - 1).map(|row| Expected::pair(&model.pairs[row], size)));
    let skips = Costs::of((0..N - 2).map(|row| Expected::skip(model, row, size)));
    let depths = depths(model, size);
    let mut total = vec![[f64::NEG_INFINITY; N]; bodies.len()];
    let mut from = vec![[(usize::MAX, 0usize); N]; bodies.len()];
    let mut peaks = vec![f64::NEG_INFINITY; bodies.len()];
    for (at, body) in bodies.iter().enumerate() {
        let mut best = [0.0f64; N];
        let mut came = [(usize::MAX, 0usize); N];
        for link in &links[at] {
            let (step, skip, costs) = if link.skips { (2, SKIP_COST, &skips) } else { (1, 0.0, &pairs) };
            // What is worth nothing at any row, whatever the joint, is no way on.
            if peaks[link.lower] <= skip {
                continue;
            }
            let costs = costs.at(&link.joint);
            let below = total[link.lower][step..].iter().zip(costs);
            for (row, (below, cost)) in below.enumerate() {
                let value = below - skip - cost;
                if value > best[row] {
                    (best[row], came[row]) = (value, (link.lower, row + step));
                }
            }
        }
        for row in 0..N {
            total[at][row] = best[row] + unary(body, shows[at][depths[row]], model, row, size) - THRESHOLD;
            from[at][row] = came[row];
        }
        peaks[at] = total[at].iter().copied().fold(f64::NEG_INFINITY, greater);
    }
    trace(bodies, &total, &from, size)
}

/// The depth of each row as a place in the scores of a candidate.
fn depths(model: &SpineModel, size: f64) -> [usize; N] {
    std::array::from_fn(|row| {
        let depth = half_depth(model, row, size).round() as usize;
        depth.clamp(*HALF_DEPTHS_MM.start(), *HALF_DEPTHS_MM.end()) - HALF_DEPTHS_MM.start()
    })
}

/// The best way on from a body near the upper end of a chain: what it is worth, and its bodies from above with
/// their rows.
pub(super) fn above(
    candidates: &[Candidate],
    chain: &Chain,
    start: usize,
    model: &SpineModel,
) -> Option<(f64, Vec<(Body, i64)>)> {
    let (top, top_row) = (chain.bodies.get(start)?, chain.rows.get(start)?);
    let depths = depths(model, chain.size);
    let higher = candidates.iter().filter(|(body, _)| body.y < top.y);
    let mut all: Vec<&Candidate> = higher.collect();
    all.sort_by(|a, b| b.0.y.total_cmp(&a.0.y));
    let bodies: Vec<Body> = [*top].into_iter().chain(all.iter().map(|(body, _)| *body)).collect();
    let plates: Vec<Plates> = bodies.iter().map(Plates::of).collect();
    // Value, row and where from, of each body; it is reached in one number of steps only.
    let mut ways: Vec<Option<(f64, i64, usize)>> = vec![Some((0.0, *top_row, usize::MAX))];
    for at in 1..bodies.len() {
        let mut best: Option<(f64, i64, usize)> = None;
        for link in links(&bodies, &plates, at) {
            let Some((before, below, _)) = ways[link.lower] else { continue };
            let row = below - if link.skips { 2 } else { 1 };
            let Ok(index) = usize::try_from(row) else { continue };
            if index + 2 >= N {
                continue;
            }
            let joint = if link.skips {
                SKIP_COST + Expected::skip(model, index, chain.size).cost(&link.joint)
            } else {
                Expected::pair(&model.pairs[index], chain.size).cost(&link.joint)
            };
            let shows = all[at - 1].1[depths[index]];
            let own = unary(&bodies[at], shows, model, index, chain.size) - THRESHOLD_ABOVE;
            let value = before - joint + own;
            if best.is_none_or(|best| value > best.0) {
                best = Some((value, row, link.lower));
            }
        }
        ways.push(best);
    }
    let value = |at: &usize| ways[*at].map_or(f64::NEG_INFINITY, |way| way.0);
    let mut at = (0..ways.len()).fold(0, |a, b| if value(&b) > value(&a) { b } else { a });
    let worth = value(&at);
    let mut found = Vec::new();
    while let Some((_, row, from)) = ways[at].filter(|_| at > 0) {
        found.push((bodies[at], row));
        at = from;
    }
    Some((worth, found))
}

fn trace(bodies: &[Body], total: &[[f64; N]], from: &[[(usize, usize); N]], size: f64) -> Option<Chain> {
    let mut top = (0, 0);
    for (at, scores) in total.iter().enumerate() {
        for (row, score) in scores.iter().enumerate() {
            if *score > total[top.0][top.1] {
                top = (at, row);
            }
        }
    }
    let mut chain = Chain { size, score: *total.get(top.0)?.get(top.1)?, ..Chain::default() };
    let (mut at, mut row) = top;
    while at != usize::MAX {
        chain.bodies.push(bodies[at]);
        chain.rows.push(row as i64);
        (at, row) = from[at][row];
    }
    Some(chain)
}

/// How far the anterior wall of a row lies from the middle of the body.
///
/// # Units
/// Millimeters.
pub(super) fn half_depth(model: &SpineModel, row: usize, size: f64) -> f64 {
    model.bodies[row].depth.mean / 2.0 * size.exp()
}

/// The row of the model that says most of a row, also of one beyond it.
pub(super) fn within(row: i64) -> usize {
    row.clamp(0, N as i64 - 1) as usize
}

/// What a body that shows so strongly is worth at a row.
fn unary(body: &Body, shows: f64, model: &SpineModel, row: usize, size: f64) -> f64 {
    let height = &model.bodies[row].height;
    let sd = (height.sd * height.sd + MEASURING_HEIGHT * MEASURING_HEIGHT).sqrt();
    let z = ((body.height / height.mean).ln() - size) / sd;
    shows - WEIGHT * 0.5 * (z * z).min(CAP)
}

/// [`Expected::cost`] at every row: side by side, because all rows are asked of every link.
struct Costs {
    /// Of gap, offset and turn: what each row expects, and how much a deviation counts.
    mean: [[f64; N]; 3],
    inverse_variance: [[f64; N]; 3],
}

impl Costs {
    fn of(rows: impl Iterator<Item = Expected>) -> Self {
        let mut costs = Self { mean: [[0.0; N]; 3], inverse_variance: [[0.0; N]; 3] };
        let parts = |joint: Joint| [joint.gap, joint.offset, joint.turn];
        for (row, expected) in rows.enumerate() {
            let both = parts(expected.mean).into_iter().zip(parts(expected.inverse_variance));
            for (part, (mean, inverse)) in both.enumerate() {
                (costs.mean[part][row], costs.inverse_variance[part][row]) = (mean, inverse);
            }
        }
        costs
    }

    fn at(&self, joint: &Joint) -> [f64; N] {
        let mut costs = [0.0; N];
        let parts = [joint.gap, joint.offset, joint.turn]
            .into_iter()
            .zip(self.mean.iter().zip(&self.inverse_variance));
        for (value, (means, inverses)) in parts {
            for (cost, (mean, inverse)) in costs.iter_mut().zip(means.iter().zip(inverses)) {
                let part = (value - mean) * (value - mean) * inverse;
                *cost += if part < CAP { part } else { CAP };
            }
        }
        costs.map(|cost| WEIGHT * 0.5 * cost)
    }
}

/// What a joint between two rows should be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    pub(super) mean: Joint,
    inverse_variance: Joint,
}

impl Expected {
    /// Of neighbors.
    pub(super) fn pair(pair: &PairModel, size: f64) -> Self {
        Self::of(pair.gap, pair.offset, pair.turn, size)
    }

    /// Of bodies with one between them.
    fn skip(model: &SpineModel, row: usize, size: f64) -> Self {
        let (upper, lower) = (&model.pairs[row], &model.pairs[row + 1]);
        let sum = |a: Spread, b: Spread| Spread { mean: a.mean + b.mean, sd: a.sd.hypot(b.sd) };
        let middle = model.bodies[row + 1].height;
        let gap = sum(sum(upper.gap, lower.gap), Spread { mean: middle.mean, sd: 0.2 * middle.mean });
        // Both halves of the way are turned against the mean direction by half of a turn.
        Self::of(gap, sum(upper.offset, lower.offset), sum(upper.turn, lower.turn), size)
    }

    fn of(gap: Spread, offset: Spread, turn: Spread, size: f64) -> Self {
        let factor = size.exp();
        let inverse = |sd: f64, measuring: f64| {
            let sd = sd * WIDER + measuring;
            1.0 / (sd * sd)
        };
        Self {
            mean: Joint { gap: gap.mean * factor, offset: offset.mean * factor, turn: turn.mean },
            inverse_variance: Joint {
                gap: inverse(gap.sd * factor, MEASURING.gap),
                offset: inverse(offset.sd * factor, MEASURING.offset),
                turn: inverse(turn.sd, MEASURING.turn),
            },
        }
    }

    /// Half the squared deviations, each up to a cap, weighed against scores. [`Costs`] has it for all rows.
    pub(super) fn cost(&self, joint: &Joint) -> f64 {
        let part = |value: f64, mean: f64, inverse: f64| ((value - mean).powi(2) * inverse).min(CAP);
        let sum = part(joint.gap, self.mean.gap, self.inverse_variance.gap)
            + part(joint.offset, self.mean.offset, self.inverse_variance.offset)
            + part(joint.turn, self.mean.turn, self.inverse_variance.turn);
        WEIGHT * 0.5 * sum
    }
}
