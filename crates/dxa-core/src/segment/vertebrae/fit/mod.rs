//! From rough bodies to their six points: endplates and walls as edges, all bodies of a spine together.

mod body;
mod chain;
mod judge;
mod prior;
mod raster;
mod rim;
mod solve;
mod strip;
#[cfg(test)]
mod tests;
mod walls;

use body::{
    Body, PLACES, Plate, Vector, WALL_PLACES, Wall, dot, less, place_on_plate, place_on_wall, plate_offset,
    plate_shares, times, wall_offset,
};
use chain::Candidate;
use prior::{Belief, Build};
use raster::Raster;
use solve::{Row, Solved, System, UNKNOWNS};
use strip::Strip;
use walls::WallEdge;

use super::image::LateralImage;
use super::result::{PlacedVertebra, RoughSpine};
use crate::geometry::DetectorPoint;
use crate::reference::vertebrae::SpineModel;

/// A round of looking and fitting: how far, and with which belief in where things are.
struct Round {
    reach_mm: f64,
    belief_mm: f64,
    candidates: usize,
    wall_reach_mm: f64,
    back_walls: bool,
    /// Smoothing along the lines across a wall: coarse to find it, fine to place it.
    smooth_mm: f64,
}

impl Round {
    /// Whether one edge each is left, to be placed.
    fn is_last(&self) -> bool {
        self.candidates == 1
    }
}

const ROUNDS: [Round; 4] = [
    Round {
        reach_mm: 8.0,
        belief_mm: 6.0,
        candidates: 3,
        wall_reach_mm: 5.0,
        back_walls: false,
        smooth_mm: 0.75,
    },
    Round {
        reach_mm: 5.0,
        belief_mm: 4.0,
        candidates: 3,
        wall_reach_mm: 4.0,
        back_walls: true,
        smooth_mm: 0.6,
    },
    Round {
        reach_mm: 3.0,
        belief_mm: 2.0,
        candidates: 2,
        wall_reach_mm: 3.0,
        back_walls: true,
        smooth_mm: 0.45,
    },
    Round {
        reach_mm: 2.0,
        belief_mm: 2.0,
        candidates: 1,
        wall_reach_mm: 2.0,
        back_walls: true,
        smooth_mm: 0.35,
    },
];

/// Scatter of a sample of an edge about its curve, and how many neighbors say the same.
const SAMPLE_MM: f64 = 0.5;
const REPEATS: f64 = 3.0;
/// From about this residual on, a sample is of something else.
const OUTLIER_MM: f64 = 0.7;
/// Weights of a sample of a wall: samples of a wall that bows otherwise than walls do err together, and what shows
/// at the back is often the foramen.
const FRONT_WALL_WEIGHT: f64 = 0.5;
const BACK_WALL_WEIGHT: f64 = 0.6;
/// Lines at the posterior end of a plate over which pedicles and rib heads lie.
const COVERED: usize = 12;
/// Rounds of weighing samples by their residuals.
const REWEIGHTS: usize = 6;

/// All that is seen of a spine from where its bodies are now.
#[derive(Clone)]
struct Seen {
    plates: Vec<[Candidate; 2]>,
    /// By how much the choice of each edge beats any other.
    margins: Vec<[f64; 2]>,
    front: Vec<WallEdge>,
    back: Vec<Option<WallEdge>>,
    /// Share of samples that nothing can be seen in.
    hidden: Vec<f64>,
}

/// Fits the six points of every body of a rough spine, in its order: as it is if bodies are like their neighbors,
/// and as it is if each may be pressed. Where both agree the image has decided.
pub(super) fn place(image: &LateralImage<'_>, rough: &RoughSpine, model: &SpineModel) -> Vec<PlacedVertebra> {
    if rough.bodies.is_empty() {
        return Vec::new();
    }
    let sight =
        Sight { raster: Raster::new(image), rows: rough.bodies.iter().map(|body| body.row).collect(), model };
    // What is seen at first does not depend on what is believed.
    let mut fit = Fit::of(rough, &sight);
    let first = fit.look(&sight, &ROUNDS[0]);
    let [sound, pressed] = [Belief::Sound, Belief::Pressed]
        .map(|belief| fit.clone().settled(image, &sight, belief, first.clone()));
    let both = |(sound, pressed): (PlacedVertebra, PlacedVertebra)| PlacedVertebra {
        points_if_pressed: pressed.points,
        covariances_if_pressed: pressed.covariances,
        // A pressed body fits badly where it is believed to be sound: that is no failure of the fit.
        not_evaluable: pressed.not_evaluable,
        ..sound
    };
    sound.into_iter().zip(pressed).map(both).collect()
}

/// What bodies are looked at in.
struct Sight<'a> {
    raster: Raster,
    /// Row of the model of each body.
    rows: Vec<usize>,
    model: &'a SpineModel,
}

/// Bodies where they are now.
#[derive(Clone)]
struct Fit {
    bodies: Vec<Body>,
    build: Build,
    /// By how much the choice of each body's edges beat any other, the least of all rounds.
    margins: Vec<f64>,
}

impl Fit {
    fn of(rough: &RoughSpine, Sight { rows, model, .. }: &Sight<'_>) -> Self {
        let points =
            |points: crate::vertebra::SixPoints| points.to_array().map(|point| [point.x_mm, point.y_mm]);
        let mut bodies: Vec<Body> =
            rough.bodies.iter().map(|body| Body { points: points(body.points) }).collect();
        let build = Build { size: prior::size_of(&bodies, rows, model), depth: 1.0 };
        for (body, row) in bodies.iter_mut().zip(rows) {
            let usual = model.bodies[*row].depth.mean * build.size;
            let change = usual - body.depth();
            deepen(body, change);
        }
        let margins = vec![f64::MAX; bodies.len()];
        Self { bodies, build, margins }
    }

    /// Moves the walls to where they show, and looks at all edges.
    fn look(&mut self, Sight { raster, rows, model }: &Sight<'_>, round: &Round) -> Seen {
        let unit = clear_edge(raster, &self.bodies, round.smooth_mm);
        if round.reach_mm > 4.0 {
            let offsets = walls::offsets(raster, &self.bodies, rows, model, self.build, Wall::Anterior, unit);
            for (body, offset) in self.bodies.iter_mut().zip(offsets) {
                let shift = times(body.frame().anterior, offset);
                body.points.iter_mut().for_each(|point| *point = body::sum(*point, shift));
            }
        }
        if round.back_walls && round.reach_mm > 2.5 {
            let offsets =
                walls::offsets(raster, &self.bodies, rows, model, self.build, Wall::Posterior, unit);
            self.bodies.iter_mut().zip(offsets).for_each(|(body, offset)| deepen(body, offset));
            self.build.depth = depth_of(&self.bodies, rows, model, self.build.size);
        }
        let seen = look(raster, &self.bodies, rows, model, self.build, round, unit);
        for (least, margins) in self.margins.iter_mut().zip(&seen.margins) {
            *least = margins.iter().copied().fold(*least, f64::min);
        }
        seen
    }

    /// Fits the bodies to what is seen, round after round.
    fn settled(
        mut self,
        image: &LateralImage<'_>,
        sight: &Sight<'_>,
        belief: Belief,
        first: Seen,
    ) -> Vec<PlacedVertebra> {
        let Sight { rows, model, .. } = sight;
        let mut first = Some(first);
        let mut last: Option<(Seen, Solved)> = None;
        for round in &ROUNDS {
            let seen = first.take().unwrap_or_else(|| self.look(sight, round));
            let Some(solved) = settle(&mut self.bodies, rows, model, self.build, &seen, belief) else {
                break;
            };
            self.build.size = prior::size_of(&self.bodies, rows, model);
            self.build.depth = depth_of(&self.bodies, rows, model, self.build.size);
            last = Some((seen, solved));
        }
        let Some((seen, solved)) = last else { return judge::unseen(&self.bodies) };
        let residuals = residuals(&self.bodies, &seen);
        (0..self.bodies.len())
            .map(|at| {
                let fitted = judge::Fitted {
                    at,
                    body: &self.bodies[at],
                    seen: &seen,
                    solved: &solved,
                    margin: self.margins[at],
                    residuals: residuals[at],
                };
                judge::placed(image, &fitted)
            })
            .collect()
    }
}

/// The middle of the depths against the model for a person of this size.
fn depth_of(bodies: &[Body], rows: &[usize], model: &SpineModel, size: f64) -> f64 {
    let mut ratios: Vec<f64> = bodies
        .iter()
        .zip(rows)
        .filter(|(_, row)| model.bodies[**row].depth.mean > 0.0)
        .map(|(body, row)| body.depth() / (model.bodies[*row].depth.mean * size))
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or(1.0).clamp(0.7, 1.4)
}

/// Makes a body deeper, its front wall where it is.
fn deepen(body: &mut Body, by_mm: f64) {
    let frame = body.frame();
    let [_, _, as_, ai, _, _] = body.points;
    let (front, depth) = (dot(less(body::middle(as_, ai), frame.center), frame.anterior), body.depth());
    for point in &mut body.points {
        let [across, up] = frame.local(*point);
        *point = frame.place([front + (across - front) * (1.0 + by_mm / depth), up]);
    }
}

/// How much gray falls a millimeter at a plate in plain sight of this image.
fn clear_edge(raster: &Raster, bodies: &[Body], smooth_mm: f64) -> f64 {
    let mut contrasts: Vec<f64> = bodies
        .iter()
        .flat_map(|body| Plate::BOTH.map(|plate| plate_strip(raster, body, plate, 3.0, smooth_mm).contrast()))
        .collect();
    contrasts.sort_by(f64::total_cmp);
    contrasts.get(contrasts.len() / 2).copied().unwrap_or(0.0).max(1e-4)
}

fn plate_strip(raster: &Raster, body: &Body, plate: Plate, reach_mm: f64, smooth_mm: f64) -> Strip {
    let starts: Vec<Vector> = (0..PLACES).map(|place| body.on_plate(plate, place_on_plate(place))).collect();
    Strip::sample(raster, &starts, &vec![body.normal(plate); PLACES], reach_mm, smooth_mm, COVERED)
}

fn look(
    raster: &Raster,
    bodies: &[Body],
    rows: &[usize],
    model: &SpineModel,
    build: Build,
    round: &Round,
    unit: f64,
) -> Seen {
    let shares: Vec<f64> = (0..PLACES).map(chain::share_of).collect();
    let mut hidden = Vec::with_capacity(bodies.len());
    let candidates: Vec<[Vec<Candidate>; 2]> = bodies
        .iter()
        .map(|body| {
            let mut unseen = 0.0;
            let both = Plate::BOTH.map(|plate| {
                let strip = plate_strip(raster, body, plate, round.reach_mm, round.smooth_mm);
                unseen += strip.hidden / 2.0;
                let own = strip.contrast().clamp(0.5 * unit, 1.5 * unit);
                let scored = strip.scored(own, true);
                let mut paths = Vec::new();
                for _ in 0..round.candidates {
                    let path = scored.path(&shares, round.belief_mm, &paths.iter().collect::<Vec<_>>());
                    paths.push(path);
                }
                if round.is_last() {
                    paths.iter_mut().for_each(|path| rim::place(&strip, path, &shares, &rim::PLATE));
                }
                paths.into_iter().map(|path| Candidate::new(body, plate, path)).collect::<Vec<_>>()
            });
            hidden.push(unseen);
            both
        })
        .collect();
    let choices = chain::choose(bodies, rows, &candidates, model, build);
    let plates = candidates
        .iter()
        .zip(&choices)
        .map(|(both, [superior, inferior])| [both[0][superior.0].clone(), both[1][inferior.0].clone()])
        .collect();
    let margins = choices.iter().map(|both| both.map(|(_, margin)| margin)).collect();
    let belief = round.belief_mm.min(0.8);
    let front = bodies
        .iter()
        .map(|body| walls::edge(raster, body, Wall::Anterior, round, round.wall_reach_mm.min(2.5), 1.0, unit))
        .collect();
    let back = bodies
        .iter()
        .map(|body| {
            round.back_walls.then(|| {
                walls::edge(raster, body, Wall::Posterior, round, round.wall_reach_mm.min(2.5), belief, unit)
            })
        })
        .collect();
    Seen { plates, margins, front, back, hidden }
}

/// A residual of a sample as a linear form of the unknowns.
struct Sample {
    row: Row,
    value: f64,
    weight: f64,
    outlier_mm: f64,
}

/// Moves the bodies to where what is seen and what is believed fit best; `None` when nothing holds them.
fn settle(
    bodies: &mut [Body],
    rows: &[usize],
    model: &SpineModel,
    build: Build,
    seen: &Seen,
    belief: Belief,
) -> Option<Solved> {
    let mut samples = samples(bodies, seen);
    let line = |(row, stray): (Row, f64)| Sample {
        row,
        value: 0.0,
        weight: 1.0 / (stray * stray),
        outlier_mm: 2.0 * stray,
    };
    samples.extend(prior::lines(bodies, rows).into_iter().map(line));
    if belief == Belief::Sound {
        samples.extend(prior::heights(bodies, rows, model, build).into_iter().map(line));
    }
    let mut solution: Vec<f64> = bodies.iter().flat_map(|body| body.points.into_iter().flatten()).collect();
    let mut solved = None;
    let mut pressed = vec![prior::MAY_BE_PRESSED; bodies.len()];
    for step in 0..REWEIGHTS {
        let mut system = System::new(bodies.len());
        for (at, body) in bodies.iter().enumerate() {
            prior::add_body(&mut system, at, body, &model.bodies[rows[at]], build, &pressed[at]);
        }
        prior::add_turns(&mut system, bodies, rows, model);
        for sample in &samples {
            let now: f64 = sample.row.iter().map(|(at, share)| share * solution[*at]).sum();
            let off = (now - sample.value) / sample.outlier_mm;
            // First everything counts, for the points may still be far away.
            let trust = if step == 0 { 1.0 } else { 1.0 / (1.0 + off * off) };
            system.add(&sample.row, sample.value, sample.weight * trust);
        }
        let now = system.solve()?;
        solution.clone_from(&now.solution);
        if step > 0 && belief == Belief::Sound {
            for (at, points) in solution.chunks_exact(UNKNOWNS).enumerate() {
                let model = &model.bodies[rows[at]];
                pressed[at] = prior::pressed(&bodies[at], points, model, build, &pressed[at]);
            }
        }
        solved = Some(now);
    }
    for (body, values) in bodies.iter_mut().zip(solution.chunks_exact(UNKNOWNS)) {
        for (point, value) in body.points.iter_mut().zip(values.chunks_exact(2)) {
            *point = [value[0], value[1]];
        }
    }
    solved
}

fn samples(bodies: &[Body], seen: &Seen) -> Vec<Sample> {
    let base = 1.0 / (SAMPLE_MM * SAMPLE_MM * REPEATS);
    let mut samples = Vec::new();
    for (at, body) in bodies.iter().enumerate() {
        let first = at * UNKNOWNS;
        for (plate, candidate) in Plate::BOTH.into_iter().zip(&seen.plates[at]) {
            let normal = body.normal(plate);
            for place in 0..PLACES {
                let t = place_on_plate(place);
                let row = form(first, plate.points().into_iter().zip(plate_shares(t)), normal);
                let value = dot(candidate.points[place], normal) - plate_offset(plate, t);
                let weight = base * chain::share_of(place) * candidate.path.strength[place].clamp(0.05, 1.0);
                samples.push(Sample { row, value, weight, outlier_mm: OUTLIER_MM });
            }
        }
        let walls = [
            (Wall::Anterior, Some(&seen.front[at]), FRONT_WALL_WEIGHT),
            (Wall::Posterior, seen.back[at].as_ref(), BACK_WALL_WEIGHT),
        ];
        for (wall, edge, worth) in walls {
            let Some(edge) = edge else { continue };
            let outward = times(body.frame().anterior, wall.sign());
            for place in 0..WALL_PLACES {
                let s = place_on_wall(place);
                let row = form(first, wall.points().into_iter().zip([1.0 - s, s]), outward);
                let value = dot(edge.points[place], outward) - wall_offset(wall, s);
                let weight =
                    base * worth * walls::share_of(wall, place) * edge.path.strength[place].clamp(0.02, 1.0);
                samples.push(Sample { row, value, weight, outlier_mm: OUTLIER_MM });
            }
        }
    }
    samples
}

/// How far the samples of a body's plates and walls lie off where it was put: the ninth tenth of those of its
/// plates, and the middle of those of its walls.
fn residuals(bodies: &[Body], seen: &Seen) -> Vec<[f64; 2]> {
    let place: Vec<f64> = bodies.iter().flat_map(|body| body.points.into_iter().flatten()).collect();
    let mut off = vec![[Vec::new(), Vec::new()]; bodies.len()];
    for sample in samples(bodies, seen) {
        let Some((first, _)) = sample.row.first() else { continue };
        // Three points make a plate, two a wall.
        let kind = usize::from(sample.row.len() < 6);
        let now: f64 = sample.row.iter().map(|(at, share)| share * place[*at]).sum();
        off[first / UNKNOWNS][kind].push((now - sample.value).abs());
    }
    let quantile = |values: &mut Vec<f64>, share: f64| {
        values.sort_by(f64::total_cmp);
        let at = (share * values.len().saturating_sub(1) as f64) as usize;
        values.get(at).copied().unwrap_or(0.0)
    };
    off.iter_mut().map(|[plates, walls]| [quantile(plates, 0.9), quantile(walls, 0.5)]).collect()
}

/// The component along a direction of a mean of points, as a linear form of the unknowns.
fn form(first: usize, points: impl Iterator<Item = (usize, f64)>, direction: Vector) -> Row {
    points
        .flat_map(|(point, share)| {
            [(first + 2 * point, share * direction[0]), (first + 2 * point + 1, share * direction[1])]
        })
        .collect()
}

fn detector([x_mm, y_mm]: Vector) -> DetectorPoint {
    DetectorPoint { x_mm, y_mm }
}
