//! The front of the spine: one line along the anterior walls of all bodies, which settles them from front to back.

use super::body::{Body, Joint, Judge};
use super::chain::{Chain, Expected, half_depth, within};
use crate::reference::vertebrae::SpineModel;

/// How far a body may be moved, in steps of a millimeter.
const REACH: i32 = 9;
const CHOICES: usize = 2 * REACH as usize + 1;
/// Weight of the wall against that of the plates.
const WALL_WEIGHT: f64 = 1.5;
/// Cost of a deviation of neighbors' offset from what the model expects: one such deviation costs half a point.
const OFFSET_SD_MM: f64 = 1.5;
/// The same of a move from where the body was found.
const MOVE_SD_MM: f64 = 7.0;

/// Moves every body along its own axis so that the anterior walls form one line.
pub(super) fn settle(chain: &mut Chain, judge: &Judge<'_>, model: &SpineModel) {
    let moved = |body: &Body, choice: usize| {
        let (x, y) = body.at(choice as f64 - f64::from(REACH), 0.0);
        Body { x, y, ..*body }
    };
    let value = |body: &Body, row: i64, choice: usize| {
        let way = (choice as f64 - f64::from(REACH)) / MOVE_SD_MM;
        let body = moved(body, choice);
        let half = half_depth(model, within(row), chain.size);
        judge.score(&body, half) + WALL_WEIGHT * judge.wall_at(&body, half) - 0.5 * way * way
    };
    let mut total: Vec<[f64; CHOICES]> = Vec::new();
    let mut from: Vec<[usize; CHOICES]> = Vec::new();
    for (at, (body, row)) in chain.bodies.iter().zip(&chain.rows).enumerate() {
        let own: [f64; CHOICES] = std::array::from_fn(|choice| value(body, *row, choice));
        let Some((before, above)) = total.last().zip(at.checked_sub(1).and_then(|at| chain.bodies.get(at)))
        else {
            total.push(own);
            from.push([0; CHOICES]);
            continue;
        };
        let pair = within(row - 1).min(model.pairs.len() - 1);
        let expected = Expected::pair(&model.pairs[pair], chain.size).mean.offset;
        let offset = Joint::between(above, body).offset;
        let best = |choice: usize| {
            let costs = (0..CHOICES).map(|upper| {
                let change = choice as f64 - upper as f64;
                let away = (offset + change - expected) / OFFSET_SD_MM;
                (before[upper] - 0.5 * away * away, upper)
            });
            costs.fold((f64::NEG_INFINITY, 0), |a, b| if b.0 > a.0 { b } else { a })
        };
        let bests: [(f64, usize); CHOICES] = std::array::from_fn(best);
        total.push(std::array::from_fn(|choice| own[choice] + bests[choice].0));
        from.push(bests.map(|(_, upper)| upper));
    }
    let Some(last) = total.last() else { return };
    let mut choice = (0..CHOICES).fold(0, |a, b| if last[b] > last[a] { b } else { a });
    for at in (0..chain.bodies.len()).rev() {
        chain.bodies[at] = moved(&chain.bodies[at], choice);
        choice = from[at][choice];
    }
}
