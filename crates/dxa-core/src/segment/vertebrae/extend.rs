//! Bodies between and beyond those of the chain: where the model expects them, if they show.

use super::body::{Body, Judge};
use super::chain::{self, Candidate, Chain, Expected, half_depth, within};
use crate::reference::vertebrae::SpineModel;

/// How far from where it is expected a body is looked for, and what each deviation costs: one deviation of
/// these costs half a point of score.
const ALONG_MM: f64 = 2.5;
const ACROSS_MM: f64 = 3.0;
const TURN: f64 = 0.12;
const HEIGHT: f64 = 0.12;
/// A body between others is taken where it shows a little, one beyond them where it shows well; the pelvis
/// and the shoulder look like bodies too.
const BETWEEN: f64 = 0.8;
const ABOVE: f64 = 2.0;
const BELOW: f64 = 2.8;
/// One that lies two steps away must show this much more.
const SECOND_STEP: f64 = 1.0;
/// Weights of the last bodies in the direction in which the next one is looked for.
const STEADIED_BY: [f64; 3] = [0.5, 0.3, 0.2];
/// Rows of the model that a chain may reach before its levels are settled.
const ROWS_TRIED: std::ops::RangeInclusive<i64> = -2..=18;
/// So many bodies at the upper end may be replaced, at this cost each, if so many are kept.
const REPLACED: usize = 2;
const REPLACING: f64 = 2.0;
const LEAST_KEPT: usize = 3;
/// Half of the width within which a body must lie in the image.
const HALF_WIDTH_MM: f64 = 12.0;

/// The chain with what was skipped and what lies beyond its ends; `true` marks bodies that were added.
pub(super) fn complete(
    chain: Chain,
    candidates: &[Candidate],
    judge: &Judge<'_>,
    model: &SpineModel,
) -> (Chain, Vec<bool>) {
    let mut added = vec![false; chain.bodies.len()];
    let mut chain = chain;
    // The uppermost bodies may be wrong ones that lead nowhere: others are tried in their place.
    let ways = (0..=REPLACED.min(chain.bodies.len().saturating_sub(LEAST_KEPT))).filter_map(|start| {
        let (worth, way) = chain::above(candidates, &chain, start, model)?;
        Some((worth - REPLACING * start as f64, start, way))
    });
    if let Some((_, start, way)) = ways.reduce(|a, b| if b.0 > a.0 { b } else { a }) {
        added.splice(..start, way.iter().map(|_| true));
        chain.rows.splice(..start, way.iter().map(|(_, row)| *row));
        chain.bodies.splice(..start, way.iter().map(|(body, _)| *body));
    }
    let mut chain = settled(chain, judge, model);
    fill(&mut chain, &mut added, judge, model);
    for is_above in [true, false] {
        while let Some(found) = beyond(&chain, judge, model, is_above) {
            for (body, row) in found {
                let at = if is_above { 0 } else { chain.bodies.len() };
                chain.bodies.insert(at, body);
                chain.rows.insert(at, row);
                added.insert(at, true);
            }
        }
    }
    (chain, added)
}

/// Every body moved to the best place close to it.
fn settled(mut chain: Chain, judge: &Judge<'_>, model: &SpineModel) -> Chain {
    for (body, row) in chain.bodies.iter_mut().zip(&chain.rows) {
        if let Some(best) = near(body, half_depth(model, within(*row), chain.size), judge, 1.0) {
            *body = best;
        }
    }
    chain
}

fn fill(chain: &mut Chain, added: &mut Vec<bool>, judge: &Judge<'_>, model: &SpineModel) {
    let mut at = 0;
    while at + 1 < chain.bodies.len() {
        if chain.rows[at + 1] == chain.rows[at] + 2 {
            let row = chain.rows[at] + 1;
            let expected = between(&chain.bodies[at], &chain.bodies[at + 1], model, row, chain.size);
            let depth = half_depth(model, within(row), chain.size);
            let body = near(&expected, depth, judge, 1.0)
                .filter(|body| body.score > BETWEEN)
                .unwrap_or(Body { score: judge.score(&expected, depth), ..expected });
            chain.bodies.insert(at + 1, body);
            chain.rows.insert(at + 1, row);
            added.insert(at + 1, true);
        }
        at += 1;
    }
}

/// The body that fills the space between two.
fn between(upper: &Body, lower: &Body, model: &SpineModel, row: i64, size: f64) -> Body {
    let (from, to) = (upper.at(0.0, -upper.height / 2.0), lower.at(0.0, lower.height / 2.0));
    let space = (to.0 - from.0).hypot(to.1 - from.1);
    let factor = size.exp();
    let gap = |row: i64| model.pairs[within(row).min(model.pairs.len() - 1)].gap.mean * factor;
    let (over, under) = (gap(row - 1), gap(row));
    let height = (space - over - under).clamp(8.0, 1.15 * model.bodies[within(row)].height.mean * factor);
    let spare = space - height;
    let part = (spare * over / (over + under) + height / 2.0) / space;
    Body {
        x: from.0 + part * (to.0 - from.0),
        y: from.1 + part * (to.1 - from.1),
        turn: (upper.turn + lower.turn) / 2.0,
        height,
        score: 0.0,
    }
}

/// The next body beyond an end, if it shows; or the next two, where only the second does.
fn beyond(chain: &Chain, judge: &Judge<'_>, model: &SpineModel, is_above: bool) -> Option<Vec<(Body, i64)>> {
    let end = if is_above { 0 } else { chain.bodies.len().checked_sub(1)? };
    let (known, row) = (*chain.bodies.get(end)?, *chain.rows.get(end)?);
    let known = Body { turn: steadied(chain, model, is_above), ..known };
    let least = if is_above { ABOVE } else { BELOW };
    let depth = |row: i64| half_depth(model, within(row), chain.size);
    let shows = |body: &Body, least: f64| body.score > least && is_inside(body, judge);
    let (first, first_row) = guess(&known, row, chain.size, model, is_above)?;
    if let Some(body) = near(&first, depth(first_row), judge, 1.5).filter(|body| shows(body, least)) {
        return Some(vec![(body, first_row)]);
    }
    let (second, second_row) = guess(&first, first_row, chain.size, model, is_above)?;
    let found =
        near(&second, depth(second_row), judge, 2.0).filter(|body| shows(body, least + SECOND_STEP))?;
    let (upper, lower) = if is_above { (found, known) } else { (known, found) };
    let mut middle = between(&upper, &lower, model, first_row, chain.size);
    middle.score = judge.score(&middle, depth(first_row));
    let middle = near(&middle, depth(first_row), judge, 1.0).unwrap_or(middle);
    Some(vec![(middle, first_row), (found, second_row)])
}

/// The direction of a body at an end, steadied by those next to it: directions are known in coarse steps only.
fn steadied(chain: &Chain, model: &SpineModel, is_above: bool) -> f64 {
    let n = chain.bodies.len();
    let from_end = |step: usize| if is_above { step } else { n - 1 - step };
    let (mut sum, mut weights, mut turns) = (0.0, 0.0, 0.0);
    for (step, weight) in STEADIED_BY.iter().enumerate().take(n) {
        let at = from_end(step);
        if step > 0 {
            let upper_row = chain.rows[at.min(from_end(step - 1))];
            let turn = model.pairs[within(upper_row).min(model.pairs.len() - 1)].turn.mean;
            turns += if is_above { -turn } else { turn };
        }
        sum += weight * (chain.bodies[at].turn + turns);
        weights += weight;
    }
    sum / weights
}

/// Where the model expects the body beyond another.
fn guess(known: &Body, known_row: i64, size: f64, model: &SpineModel, is_above: bool) -> Option<(Body, i64)> {
    let row = if is_above { known_row - 1 } else { known_row + 1 };
    if !ROWS_TRIED.contains(&row) {
        return None;
    }
    let height = model.bodies[within(row)].height.mean * size.exp();
    let pair = within(row.min(known_row)).min(model.pairs.len() - 1);
    let expected = Expected::pair(&model.pairs[pair], size).mean;
    let sign = if is_above { 1.0 } else { -1.0 };
    let turn = known.turn - sign * expected.turn;
    let step = expected.gap + (known.height + height) / 2.0;
    // The way to the next body runs along the mean of both directions.
    let middle = Body { turn: (known.turn + turn) / 2.0, ..*known };
    let (x, y) = middle.at(-sign * expected.offset, sign * step);
    Some((Body { x, y, turn, height, score: 0.0 }, row))
}

fn is_inside(body: &Body, judge: &Judge<'_>) -> bool {
    let h = body.height / 2.0;
    [(-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0)]
        .iter()
        .all(|(a, u)| judge.inside(body.at(a * HALF_WIDTH_MM, u * h), 1.0))
}

/// The best body around a guess: its score less what the way there costs.
fn near(guess: &Body, half_depth: f64, judge: &Judge<'_>, reach: f64) -> Option<Body> {
    let mut best: Option<(f64, Body)> = None;
    let mut consider =
        |(sin, cos): (f64, f64), along: f64, across: f64, turn: f64, (height, factor): (f64, f64)| {
            let (x, y) = (guess.x + across * cos + along * sin, guess.y + across * sin - along * cos);
            let turned = guess.turn + turn;
            let mut body = Body { x, y, height: guess.height * factor, turn: turned, ..*guess };
            body.score = judge.score(&body, half_depth);
            let cost = (along / (ALONG_MM * reach)).powi(2)
                + (across / (ACROSS_MM * reach)).powi(2)
                + (turn / (TURN * reach)).powi(2)
                + (height / (HEIGHT * reach)).powi(2);
            let value = body.score - 0.5 * cost;
            if best.is_none_or(|(best, _)| value > best) {
                best = Some((value, body));
            }
        };
    let steps = |count: i32, step: f64| (-count..=count).map(move |k| f64::from(k) * step);
    for turn in steps((1.0 * reach).round() as i32, 0.131) {
        let axis = (guess.turn + turn).sin_cos();
        for height in steps(3, 0.07) {
            let height = (height, height.exp());
            for along in steps((5.0 * reach) as i32, 1.0) {
                for across in steps((4.0 * reach) as i32, 1.5) {
                    consider(axis, along, across, turn, height);
                }
            }
        }
    }
    best.map(|(_, body)| body)
}
