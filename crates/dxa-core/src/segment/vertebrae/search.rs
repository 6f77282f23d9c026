//! From an image to rough bodies with their levels.

use super::body::{Body, Judge};
use super::chain::{self, Candidate, Chain};
use super::image::LateralImage;
use super::relief::{Relief, SIDES_MM};
use super::result::{Facing, NotFound, RoughSpine, RoughVertebra};
use super::strokes::{self, Turned};
use super::{candidates, extend, front, levels};
use crate::geometry::DetectorPoint;
use crate::reference::vertebrae::SpineModel;
use crate::vertebra::SixPoints;

/// How much a front that looks like one counts against the score of a chain, and foramina behind.
const FACING_WEIGHT: f64 = 8.0;
const FORAMINA_WEIGHT: f64 = 8.0;
/// Where the brightness behind and in front of a body is read: from its middle, and along its height in parts
/// of it. Behind lie joints and arches.
const BESIDE_MM: [f64; 4] = [22.0, 26.0, 30.0, 34.0];
const ALONG: [f64; 3] = [-0.4, 0.0, 0.4];
/// Where pedicles and foramina are read: this far outside of the wall, at these parts of the height from the
/// middle up; and how much of it is read at once.
const PEDICLE_MM: [f64; 2] = [2.0, 9.0];
const FORAMEN_MM: [f64; 2] = [3.0, 9.0];
const PEDICLE_UP: f64 = 0.2;
const FORAMINA_UP: [f64; 2] = [-0.55, 0.95];
const READ_UP: [f64; 3] = [-0.06, 0.0, 0.06];
/// Added to the differences of gray that foramina are judged in parts of: less is noise.
const FAINT: f64 = 0.03;
/// A spine shows at least this many bodies, not counting those filled in.
const LEAST_BODIES: usize = 3;
/// Its bodies and joints are worth at least this together, or this where foramina show, and this each.
const LEAST_STRENGTH: f64 = 5.2;
const LEAST_STRENGTH_WITH_FORAMINA: f64 = 3.5;
const LEAST_STRENGTH_EACH: f64 = 0.75;
/// Foramina that show plainly.
const PLAIN_FORAMINA: f64 = 0.8;
/// Seen from the side, foramina are behind, by this much, and by this much more than behind a chain that faces the
/// other way: of 132 simulated spines from the side every one had 0.69 and more, of 60 from the front, where both
/// chains lie beside the middle, none more than 0.25.
const LEAST_FORAMINA: f64 = 0.25;
const LEAST_FORAMINA_MORE: f64 = 0.4;
/// Or they show faintly, what lies behind is brighter, and the chain that faces the other way is weaker: at most
/// this share. Of projections of a CT it is 0.79 to 0.82, of spines from the front 0.95 and more.
const FAINT_FORAMINA: f64 = 0.1;
const LEAST_BRIGHTER: f64 = 0.6;
const MOST_OF_OTHER: f64 = 0.88;
/// An image is upside down when the chain fits it better that way by this much.
const UPSIDE_DOWN_BY: f64 = 2.0;

/// A chain seen with the front at one side.
struct Seen {
    facing: Facing,
    chain: Chain,
    added: Vec<bool>,
    value: f64,
    /// From −1 to 1: how much what lies behind looks like pedicles and foramina, and what lies in front does not.
    foramina: f64,
    /// From −1 to 1: at how many bodies what lies behind is brighter than what lies in front.
    brighter: f64,
    candidates: Vec<Candidate>,
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
    let mut seen = seen.into_iter();
    let (seen, other) = (seen.next().ok_or(NotFound::NoSpine)?, seen.next());
    let facing_margin = seen.value - other.as_ref().map_or(0.0, |other| other.value);
    refuse_unlike(&seen, other.as_ref(), model)?;
    let rough = finish(seen, &relief, &turned, model)?;
    Ok(RoughSpine { facing_margin, ..rough })
}

fn see(candidates: &[Body], judge: &Judge<'_>, model: &SpineModel) -> Option<Seen> {
    let candidates = chain::judged(candidates, judge);
    let chain = chain::best(candidates.clone(), model)?;
    let (mut chain, added) = extend::complete(chain, &candidates, judge, model);
    front::settle(&mut chain, judge, model);
    let foramina = foramina(&chain, judge, model);
    let brighter = brighter_behind(&chain, judge);
    let value = chain.score + FACING_WEIGHT * brighter + FORAMINA_WEIGHT * foramina;
    Some(Seen { facing: judge.facing, chain, added, value, foramina, brighter, candidates })
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

/// From −1 to 1, mean over the bodies: by how much more what lies behind changes from a bright pedicle to dark
/// foramina above and below it than what lies in front does at the same heights. A spine seen from the front has
/// the same at both sides.
fn foramina(chain: &Chain, judge: &Judge<'_>, model: &SpineModel) -> f64 {
    let of = |(body, row): (&Body, &i64)| {
        let wall = chain::half_depth(model, chain::within(*row), chain.size);
        let mean = |sign: f64, up: f64, [from, to]: [f64; 2]| {
            let steps = 0..=(to - from) as usize;
            let places =
                steps.flat_map(|step| READ_UP.map(|more| (sign * (wall + from + step as f64), up + more)));
            let grays: Vec<f64> =
                places.filter_map(|(aside, up)| judge.gray(body.at(aside, up * body.height))).collect();
            (!grays.is_empty()).then(|| grays.iter().sum::<f64>() / grays.len() as f64)
        };
        let change = |sign: f64| {
            let [below, above] = FORAMINA_UP.map(|up| mean(sign, up, FORAMEN_MM));
            Some(mean(sign, PEDICLE_UP, PEDICLE_MM)? - f64::midpoint(below?, above?))
        };
        let (behind, ahead) = (change(-1.0)?, change(1.0)?);
        Some((behind - ahead) / (behind.abs() + ahead.abs() + FAINT))
    };
    let all: Vec<f64> = chain.bodies.iter().zip(&chain.rows).filter_map(of).collect();
    if all.is_empty() { 0.0 } else { all.iter().sum::<f64>() / all.len() as f64 }
}

/// Refuses what does not look like a spine from the side.
fn refuse_unlike(seen: &Seen, other: Option<&Seen>, model: &SpineModel) -> Result<(), NotFound> {
    let turned = chain::best(chain::upside_down(&seen.candidates), model);
    let upside_down = turned.map_or(0.0, |chain| chain.score);
    if upside_down > seen.chain.score + UPSIDE_DOWN_BY && upside_down > LEAST_STRENGTH {
        return Err(NotFound::UpsideDown);
    }
    let shown = seen.added.iter().filter(|added| !**added).count();
    let least = if seen.foramina > PLAIN_FORAMINA { LEAST_STRENGTH_WITH_FORAMINA } else { LEAST_STRENGTH };
    let is_weak = seen.chain.score < least.max(LEAST_STRENGTH_EACH * shown as f64);
    if shown < LEAST_BODIES || is_weak || !is_from_the_side(seen, other) {
        return Err(NotFound::NoSpine);
    }
    Ok(())
}

fn is_from_the_side(seen: &Seen, other: Option<&Seen>) -> bool {
    let (foramina, strength) = other.map_or((0.0, 0.0), |other| (other.foramina, other.chain.score));
    let plainly = seen.foramina > LEAST_FORAMINA && seen.foramina > foramina + LEAST_FORAMINA_MORE;
    let faintly = seen.foramina > FAINT_FORAMINA
        && seen.brighter > LEAST_BRIGHTER
        && strength < MOST_OF_OTHER * seen.chain.score;
    plainly || faintly
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
