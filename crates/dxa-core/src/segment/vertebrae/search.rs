//! From an image to rough bodies with their levels.

use super::body::{Body, Judge};
use super::chain::{self, Chain};
use super::image::LateralImage;
use super::relief::{Relief, SIDES_MM};
use super::result::{Facing, NotFound, RoughSpine, RoughVertebra};
use super::strokes::{self, Turned};
use super::{candidates, extend, front, levels};
use crate::geometry::DetectorPoint;
use crate::reference::vertebrae::SpineModel;
use crate::vertebra::SixPoints;

/// How much a front that looks like one counts against the score of a chain.
const FACING_WEIGHT: f64 = 8.0;
/// Where the brightness behind and in front of a body is read: from its middle, and along its height in parts
/// of it. Behind lie joints and arches.
const BESIDE_MM: [f64; 4] = [22.0, 26.0, 30.0, 34.0];
const ALONG: [f64; 3] = [-0.4, 0.0, 0.4];
/// A spine shows at least this many bodies, not counting those filled in.
const LEAST_BODIES: usize = 3;
/// Its bodies and joints are worth at least this together, and this each. Simulated spines of six bodies
/// have 4.8 and more; pictures of other things mostly have no chain at all.
const LEAST_STRENGTH: f64 = 4.5;
const LEAST_STRENGTH_EACH: f64 = 0.75;
/// Seen from the side, the front fits one side better than the other by this much: simulated spines from the
/// side have 10.8 and more, from the front less than 10.
const LEAST_FACING_MARGIN: f64 = 10.0;
/// An image is upside down when the chain fits it better that way by this much.
const UPSIDE_DOWN_BY: f64 = 2.0;

/// A chain seen with the front at one side.
struct Seen {
    facing: Facing,
    chain: Chain,
    added: Vec<bool>,
    value: f64,
    /// How well the best chain fits when the image is turned upside down.
    upside_down: f64,
}

/// The best spine of an image.
pub(super) fn search(image: &LateralImage<'_>, model: &SpineModel) -> Result<RoughSpine, NotFound> {
    let (width, height) = image.size_mm();
    if width.max(height) < *SIDES_MM.start() || width.min(height) < *SIDES_MM.start() / 2.0 {
        return Err(NotFound::TooSmall);
    }
    if width.max(height) > *SIDES_MM.end() {
        return Err(NotFound::NoSpine);
    }
    let relief = Relief::of(image).ok_or(NotFound::NoContrast)?;
    let turned = strokes::of(&relief);
    let (rows, columns) = relief.size();
    let proposed = candidates::propose(&turned, (columns as f64, rows as f64));
    let seen = [Facing::Right, Facing::Left].into_iter().zip(&proposed).filter_map(|(facing, candidates)| {
        let judge = Judge { relief: &relief, turned: &turned, facing };
        see(candidates, &judge, model)
    });
    let mut seen: Vec<Seen> = seen.collect();
    seen.sort_by(|a, b| b.value.total_cmp(&a.value));
    let other = seen.get(1).map_or(0.0, |other| other.value);
    let seen = seen.into_iter().next().ok_or(NotFound::NoSpine)?;
    let facing_margin = seen.value - other;
    refuse_unlike(&seen, facing_margin)?;
    let rough = finish(seen, &relief, &turned, model)?;
    Ok(RoughSpine { facing_margin, ..rough })
}

fn see(candidates: &[Body], judge: &Judge<'_>, model: &SpineModel) -> Option<Seen> {
    let candidates = chain::judged(candidates, judge);
    let upside_down = chain::best(chain::upside_down(&candidates), model).map_or(0.0, |chain| chain.score);
    let chain = chain::best(candidates.clone(), model)?;
    let (mut chain, added) = extend::complete(chain, &candidates, judge, model);
    front::settle(&mut chain, judge, model);
    let value = chain.score + FACING_WEIGHT * brighter_behind(&chain, judge);
    Some(Seen { facing: judge.facing, chain, added, value, upside_down })
}

/// From −1 to 1: at how many bodies what lies behind is brighter than what lies in front.
fn brighter_behind(chain: &Chain, judge: &Judge<'_>) -> f64 {
    let mean = |body: &Body, sign: f64| {
        let places = BESIDE_MM.iter().flat_map(|aside| ALONG.map(|part| (sign * aside, part * body.height)));
        let grays: Vec<f64> = places.filter_map(|(aside, up)| judge.gray(body.at(aside, up))).collect();
        (2 * grays.len() >= BESIDE_MM.len() * ALONG.len())
            .then(|| grays.iter().sum::<f64>() / grays.len() as f64)
    };
    let signs = chain.bodies.iter().filter_map(|body| {
        let more = mean(body, -1.0)? - mean(body, 1.0)?;
        Some(more.signum() * f64::from(u8::from(more.abs() > 0.004)))
    });
    let signs: Vec<f64> = signs.collect();
    if signs.is_empty() { 0.0 } else { signs.iter().sum::<f64>() / signs.len() as f64 }
}

/// Refuses what does not look like a spine from the side.
fn refuse_unlike(seen: &Seen, facing_margin: f64) -> Result<(), NotFound> {
    if seen.upside_down > seen.chain.score + UPSIDE_DOWN_BY && seen.upside_down > LEAST_STRENGTH {
        return Err(NotFound::UpsideDown);
    }
    let shown = seen.added.iter().filter(|added| !**added).count();
    let is_weak = seen.chain.score < LEAST_STRENGTH.max(LEAST_STRENGTH_EACH * shown as f64);
    if shown < LEAST_BODIES || is_weak || facing_margin < LEAST_FACING_MARGIN {
        return Err(NotFound::NoSpine);
    }
    Ok(())
}

fn finish(
    seen: Seen,
    relief: &Relief,
    turned: &[Turned],
    model: &SpineModel,
) -> Result<RoughSpine, NotFound> {
    let judge = Judge { relief, turned, facing: seen.facing };
    let labels = levels::label(&seen.chain, &judge, model);
    let bodies = seen.chain.bodies.iter().zip(&seen.added).enumerate().filter_map(|(at, (body, added))| {
        let row = usize::try_from(labels.first_row + at as i64).ok()?;
        let points = template(body, model, row, labels.size)?;
        let to_image = |(x, y): (f64, f64)| DetectorPoint { x_mm: judge.mirrored(x), y_mm: y };
        Some(RoughVertebra {
            row,
            points: SixPoints::from_array(points.map(to_image)),
            score: body.score,
            filled: *added,
        })
    });
    let bodies: Vec<RoughVertebra> = bodies.collect();
    let flags = if labels.margin < levels::SURE_FROM { vec!["check_levels"] } else { Vec::new() };
    Ok(RoughSpine {
        bodies,
        facing: seen.facing,
        facing_margin: 0.0,
        strength: seen.chain.score,
        alternative_shift: labels.alternative_shift,
        level_margin: labels.margin,
        level_evidence: labels.evidence,
        scale: labels.size.exp(),
        flags,
    })
}

/// The six points of the model's body, stretched to the height that was found.
fn template(body: &Body, model: &SpineModel, row: usize, size: f64) -> Option<[(f64, f64); 6]> {
    let mean = model.bodies.get(row)?;
    let stretch = body.height / mean.height.mean;
    Some(mean.points.map(|[anterior, up]| body.at(anterior * size.exp(), up * stretch)))
}
