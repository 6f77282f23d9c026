//! What the lower end of the spine says about levels: crest and sacrum make L5 and what lies below bright.

use super::body::{Body, Judge};
use super::chain::Chain;
use crate::reference::vertebrae::L4;

/// Parts of depth and height of a body whose gray is read.
const INNER: (f64, f64) = (0.3, 0.3);
const STEPS: i32 = 6;
/// Half of the depth of a body in parts of its height, where nothing else is known.
const HALF_DEPTH: f64 = 0.6;
/// The places below the last body, in heights of it from middle to middle; each turns so much further.
const NEXT: f64 = 1.27;
const TURN: f64 = 0.15;
/// Share of a place that must lie in the image.
const LEAST_SEEN: f64 = 0.6;
/// Bodies that are looked at from below, and bodies above them that they are compared with.
const LOOKED_AT: usize = 2;
const COMPARED: usize = 4;
/// A place is bright when it is so much brighter than the bodies above: half of what the brightest one is, but
/// within these limits, of the whole window.
const BRIGHTER: std::ops::RangeInclusive<f64> = 0.10..=0.24;
const SOFTNESS: f64 = 0.035;
/// Where the bodies above are nearly white, nothing can be brighter: from here on nothing is said.
const WHITE: f64 = 0.97;
const WHITE_FROM: f64 = 0.82;
/// How often a level is bright: above L3, L3, L4 where the crest is high, L5 and below.
const BRIGHT: [f64; 4] = [0.01, 0.03, 0.13, 0.92];
/// Space below the last body from which the next one would have been found, in heights, and how often none is
/// found below L5 and below another.
const ENOUGH_SPACE: f64 = 1.9;
const NONE_BELOW: (f64, f64) = (0.9, 0.2);
/// The same where the place below is bright: a body there may be lost in white.
const NONE_IN_WHITE: f64 = 0.6;

/// What shows at the lower end.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Signs {
    /// How sure each place is bright, with its steps below the last body of the chain.
    places: Vec<(i64, f64)>,
    /// Weight of them.
    weight: f64,
    /// Whether there is room for a body below the last, and none was found.
    none_below: bool,
    /// How sure the first place below is bright.
    white_below: f64,
}

/// Reads the lower end.
pub(super) fn signs(chain: &Chain, judge: &Judge<'_>) -> Signs {
    let grays: Vec<(i64, f64)> = (0..)
        .zip(chain.bodies.iter().rev())
        .filter_map(|(up, body)| Some((-up, gray(body, judge)?)))
        .collect();
    let compared =
        grays.iter().filter(|(at, _)| (-((LOOKED_AT + COMPARED) as i64) < *at) && *at <= -(LOOKED_AT as i64));
    let mut compared: Vec<f64> = compared.map(|(_, gray)| *gray).collect();
    if compared.len() < 2 {
        return Signs::default();
    }
    compared.sort_by(f64::total_cmp);
    let usual = compared[compared.len() / 2];
    let Some(last) = chain.bodies.last() else { return Signs::default() };
    let mut none_below = true;
    let mut places: Vec<(i64, f64)> = grays.iter().take(LOOKED_AT).copied().collect();
    for step in 1..=2 {
        let Some(gray) = gray(&below(last, f64::from(step)), judge) else {
            none_below = step > 1;
            break;
        };
        places.push((i64::from(step), gray));
    }
    let brightest = places.iter().map(|(_, gray)| *gray).fold(0.0, f64::max);
    let limit =
        ((brightest - usual) / 2.0).clamp(*BRIGHTER.start(), *BRIGHTER.end()).min(0.6 * (1.0 - usual));
    for (_, gray) in &mut places {
        *gray = 1.0 / (1.0 + (-(*gray - usual - limit) / SOFTNESS).exp());
    }
    let white_below = places.iter().find(|(step, _)| *step == 1).map_or(0.0, |(_, sure)| *sure);
    let (x, y) = last.at(0.0, -ENOUGH_SPACE * last.height);
    none_below &= judge.inside((x, y), 1.0);
    Signs {
        places,
        weight: ((WHITE - usual) / (WHITE - WHITE_FROM)).clamp(0.0, 1.0),
        none_below,
        white_below,
    }
}

impl Signs {
    /// Log-likelihood of what shows when the last body of the chain has this row.
    pub(super) fn likelihood(&self, last_row: i64) -> f64 {
        let places = self.places.iter().map(|(step, sure)| {
            let row = last_row + step;
            let bright = BRIGHT[(row - (L4 as i64 - 2)).clamp(0, 3) as usize];
            (bright * sure + (1.0 - bright) * (1.0 - sure)).ln()
        });
        let none = match (self.none_below, last_row > L4 as i64) {
            (false, _) => 0.0,
            (true, true) => NONE_BELOW.0.ln(),
            (true, false) => (NONE_BELOW.1 + self.white_below * (NONE_IN_WHITE - NONE_BELOW.1)).ln(),
        };
        self.weight * places.sum::<f64>() + none
    }
}

/// Where the next body would lie so many steps below the last.
fn below(last: &Body, step: f64) -> Body {
    let turn = last.turn + TURN;
    let down = (-turn.sin(), turn.cos());
    let way = NEXT * last.height * step;
    Body { x: last.x + way * down.0, y: last.y + way * down.1, turn, ..*last }
}

/// Median gray within a body; `None` where too little of it lies in the image.
fn gray(body: &Body, judge: &Judge<'_>) -> Option<f64> {
    let mut values = Vec::new();
    for across in -STEPS..=STEPS {
        for up in -STEPS..=STEPS {
            let part = |step: i32| f64::from(step) / f64::from(STEPS);
            let point = body.at(
                part(across) * 2.0 * INNER.0 * HALF_DEPTH * body.height,
                part(up) * INNER.1 * body.height,
            );
            values.extend(judge.gray(point));
        }
    }
    let all = (2 * STEPS + 1).pow(2);
    if (values.len() as f64) < LEAST_SEEN * f64::from(all) {
        return None;
    }
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
