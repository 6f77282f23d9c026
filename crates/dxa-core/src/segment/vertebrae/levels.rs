//! Which level each body is: what the pelvis, the sizes and the joints say, and how sure that is.

use super::body::{Body, Joint, Judge};
use super::chain::{Chain, within};
use super::pelvis;
use crate::reference::vertebrae::{ROWS, SpineModel, Spread};

/// A margin from which the levels need no look.
pub(super) const SURE_FROM: f64 = 3.0;
/// Labelings that are tried: all bodies so many levels lower than the chain had them.
const SHIFTS: std::ops::RangeInclusive<i64> = -4..=4;
/// Sizes and joints of neighbors go together, so that they say less than so many single ones would.
const GEOMETRY_WEIGHT: f64 = 0.35;
/// Sizes that are tried for each labeling: logarithms.
const SIZE_STEP: f64 = 0.02;
const SIZE_STEPS: i32 = 12;
/// People differ in size by this much more than the model's: its unit was assumed.
const SIZE_SD: f64 = 0.10;
/// What measuring adds: logarithm of a height, then millimeters and radians.
const MEASURING_HEIGHT: f64 = 0.05;
const MEASURING: Joint = Joint { gap: 1.0, offset: 2.0, turn: 0.06 };
/// Squared deviations count up to this.
const CAP: f64 = 9.0;
/// A body that the model has no row for is as unlikely as this.
const BEYOND: f64 = -3.0;
/// What the pelvis says counts as evidence from this difference on.
const SPEAKS_FROM: f64 = 1.5;

/// Labels of a chain.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Labels {
    /// Row of the model of the uppermost body; rows beyond the model are no vertebrae that have a name.
    pub(super) first_row: i64,
    pub(super) size: f64,
    pub(super) alternative_shift: i8,
    pub(super) margin: f64,
    pub(super) evidence: Vec<&'static str>,
}

/// One labeling and how likely it is.
struct Labeling {
    shift: i64,
    size: f64,
    geometry: f64,
    pelvis: f64,
}

impl Labeling {
    fn total(&self) -> f64 {
        self.geometry + self.pelvis
    }
}

/// Labels the bodies of a chain.
pub(super) fn label(chain: &Chain, judge: &Judge<'_>, model: &SpineModel) -> Labels {
    let signs = pelvis::signs(chain, judge);
    let last = chain.rows.last().copied().unwrap_or_default();
    let mut all: Vec<Labeling> = SHIFTS
        .map(|shift| {
            let (geometry, size) = geometry(chain, shift, model);
            Labeling { shift, size, geometry, pelvis: signs.likelihood(last + shift) }
        })
        .collect();
    all.sort_by(|a, b| b.total().total_cmp(&a.total()));
    let (best, next) = (&all[0], &all[1]);
    let says = |part: fn(&Labeling) -> f64| part(best) - part(next) > SPEAKS_FROM;
    let mut evidence = Vec::new();
    if says(|labeling| labeling.pelvis) {
        evidence.push("pelvis");
    }
    if says(|labeling| labeling.geometry) {
        evidence.push("sizes_and_joints");
    }
    Labels {
        first_row: chain.rows.first().copied().unwrap_or_default() + best.shift,
        size: best.size,
        alternative_shift: (next.shift - best.shift).signum() as i8,
        margin: best.total() - next.total(),
        evidence,
    }
}

/// Log-likelihood of sizes and joints at a labeling, and the size of the person that makes it largest.
fn geometry(chain: &Chain, shift: i64, model: &SpineModel) -> (f64, f64) {
    let rows: Vec<i64> = chain.rows.iter().map(|row| row + shift).collect();
    let beyond = rows.iter().filter(|row| !(0..ROWS.len() as i64).contains(*row)).count();
    let sizes = (-SIZE_STEPS..=SIZE_STEPS).map(|step| f64::from(step) * SIZE_STEP);
    let likelihood = |size: f64| {
        let heights = chain.bodies.iter().zip(&rows).map(|(body, row)| height(body, *row, size, model));
        let joints = chain
            .bodies
            .windows(2)
            .zip(&rows)
            .map(|(pair, row)| joint(&Joint::between(&pair[0], &pair[1]), *row, size, model));
        let prior = -0.5 * (size / SIZE_SD).powi(2);
        GEOMETRY_WEIGHT * (heights.sum::<f64>() + joints.sum::<f64>()) + prior
    };
    let best = sizes.map(|size| (likelihood(size), size));
    let (value, size) = best.fold((f64::NEG_INFINITY, 0.0), |a, b| if b.0 > a.0 { b } else { a });
    (value + BEYOND * beyond as f64, size)
}

fn height(body: &Body, row: i64, size: f64, model: &SpineModel) -> f64 {
    let Spread { mean, sd } = model.bodies[within(row)].height;
    normal((body.height / mean).ln() - size, sd.hypot(MEASURING_HEIGHT))
}

fn joint(joint: &Joint, upper_row: i64, size: f64, model: &SpineModel) -> f64 {
    let pair = &model.pairs[within(upper_row).min(model.pairs.len() - 1)];
    let factor = size.exp();
    let part = |value: f64, spread: Spread, factor: f64, measuring: f64| {
        normal(value - spread.mean * factor, (spread.sd * factor).hypot(measuring))
    };
    part(joint.gap, pair.gap, factor, MEASURING.gap)
        + part(joint.offset, pair.offset, factor, MEASURING.offset)
        + part(joint.turn, pair.turn, 1.0, MEASURING.turn)
}

/// Logarithm of a normal density, less what is the same for all; outliers count little.
fn normal(deviation: f64, sd: f64) -> f64 {
    -0.5 * (deviation / sd).powi(2).min(CAP) - sd.ln()
}
