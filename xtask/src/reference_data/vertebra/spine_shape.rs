//! The shape of the whole spine: each body in its own frame, and how neighbors lie to each other.

use dxa_core::geometry::DetectorPoint;
use dxa_core::reference::vertebrae::{BodyModel, PairModel, ROWS, SpineModel, Spread};
use dxa_core::vertebra::{Level, SixPoints};

use super::records::Reading;

/// Millimeters of a pixel of the readings: nowhere published; makes a mean L1 26.4 mm high behind.
/// A person's size is free in the search, so that an error of it costs nothing but width.
pub(super) const READING_MM: f64 = 0.35;
/// The row of T4 and that of L4, first and last that were read.
const MEASURED: std::ops::RangeInclusive<usize> = 3..=15;
/// How much less sure a row is that was not read: factor of its standard deviations.
const EXTRAPOLATED_SD: f64 = 1.5;
/// Times that means and sizes are made from each other.
const ROUNDS: usize = 6;

/// A body as read.
#[derive(Clone, Copy)]
struct Body {
    row: usize,
    points: [[f64; 2]; 6],
    center: [f64; 2],
    anterior: [f64; 2],
    up: [f64; 2],
    depth: f64,
    height: f64,
    is_normal: bool,
}

impl Body {
    fn of(level: Level, points: &SixPoints<DetectorPoint>, is_normal: bool) -> Option<Self> {
        let points = points.to_array().map(|point| [point.x_mm * READING_MM, point.y_mm * READING_MM]);
        let [ps, _, as_, ai, _, pi] = points;
        let center = [0, 1].map(|axis| points.iter().map(|point| point[axis]).sum::<f64>() / 6.0);
        let across = [0, 1].map(|axis| (as_[axis] + ai[axis] - ps[axis] - pi[axis]) / 2.0);
        let depth = across[0].hypot(across[1]);
        let anterior = across.map(|part| part / depth);
        let upward = [0, 1].map(|axis| (ps[axis] + as_[axis] - ai[axis] - pi[axis]) / 2.0);
        let mut up = [anterior[1], -anterior[0]];
        if dot(up, upward) < 0.0 {
            up = up.map(|part| -part);
        }
        let height = dot(up, upward);
        (height > 0.0 && depth > 0.0).then_some(Self {
            row: level.index() + 3,
            points,
            center,
            anterior,
            up,
            depth,
            height,
            is_normal,
        })
    }

    /// The points in the frame of the body.
    fn local(&self) -> [[f64; 2]; 6] {
        self.points.map(|point| {
            let from = [point[0] - self.center[0], point[1] - self.center[1]];
            [dot(from, self.anterior), dot(from, self.up)]
        })
    }
}

fn dot(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

/// The model of these people: of their vertebrae with a final grade of 0.
pub(super) fn make(people: &[&Reading]) -> SpineModel {
    let spines: Vec<Vec<Body>> = people.iter().map(|reading| spine(reading)).collect();
    let mut sizes = vec![0.0; spines.len()];
    let mut model = SpineModel::default();
    for _ in 0..ROUNDS {
        set_bodies(&mut model, &spines, &sizes);
        for (size, spine) in sizes.iter_mut().zip(&spines) {
            let own: Vec<f64> = spine
                .iter()
                .filter(|body| body.is_normal)
                .map(|body| (body.height / model.bodies[body.row].height.mean).ln())
                .collect();
            *size = if own.is_empty() { 0.0 } else { own.iter().sum::<f64>() / own.len() as f64 };
        }
        let mean = sizes.iter().sum::<f64>() / sizes.len() as f64;
        sizes.iter_mut().for_each(|size| *size -= mean);
    }
    set_pairs(&mut model, &spines, &sizes);
    model.size_sd = spread(sizes).sd;
    extrapolate(&mut model);
    model
}

fn spine(reading: &Reading) -> Vec<Body> {
    let body = |(level, points): (&Level, _)| Body::of(*level, points, reading.grades.get(level) == Some(&0));
    reading.points.iter().filter_map(body).collect()
}

/// Means and covariances of each row, of people brought to one size.
fn set_bodies(model: &mut SpineModel, spines: &[Vec<Body>], sizes: &[f64]) {
    for row in MEASURED {
        let bodies: Vec<(&Body, f64)> = spines
            .iter()
            .zip(sizes)
            .flat_map(|(spine, size)| spine.iter().map(move |body| (body, *size)))
            .filter(|(body, _)| body.row == row && body.is_normal)
            .collect();
        let logarithm = |length: fn(&Body) -> f64| {
            let Spread { mean, sd } =
                spread(bodies.iter().map(|(body, size)| length(body).ln() - size).collect());
            Spread { mean: mean.exp(), sd }
        };
        let samples: Vec<[f64; 12]> = bodies.iter().map(|(body, size)| flat(body.local(), -size)).collect();
        let mean = mean_of(&samples);
        model.bodies[row] = BodyModel {
            extrapolated: false,
            height: logarithm(|body| body.height),
            depth: logarithm(|body| body.depth),
            points: std::array::from_fn(|point| [mean[2 * point], mean[2 * point + 1]]),
            covariance: covariance_of(&samples, &mean),
        };
    }
}

/// The twelve coordinates times the exponential of a logarithm.
fn flat(points: [[f64; 2]; 6], logarithm: f64) -> [f64; 12] {
    std::array::from_fn(|at| points[at / 2][at % 2] * logarithm.exp())
}

fn mean_of(samples: &[[f64; 12]]) -> [f64; 12] {
    std::array::from_fn(|at| samples.iter().map(|sample| sample[at]).sum::<f64>() / samples.len() as f64)
}

fn covariance_of(samples: &[[f64; 12]], mean: &[f64; 12]) -> [[f64; 12]; 12] {
    let product = |sample: &[f64; 12], i: usize, j: usize| (sample[i] - mean[i]) * (sample[j] - mean[j]);
    let of =
        |i, j| samples.iter().map(|sample| product(sample, i, j)).sum::<f64>() / (samples.len() as f64 - 1.0);
    std::array::from_fn(|i| std::array::from_fn(|j| of(i, j)))
}

/// How each row lies to the one above it.
fn set_pairs(model: &mut SpineModel, spines: &[Vec<Body>], sizes: &[f64]) {
    for row in *MEASURED.start()..*MEASURED.end() {
        let pairs: Vec<[f64; 3]> = spines
            .iter()
            .zip(sizes)
            .filter_map(|(spine, size)| {
                let find = |row: usize| spine.iter().find(|body| body.row == row && body.is_normal);
                Some(between(find(row)?, find(row + 1)?, *size))
            })
            .collect();
        let part = |at: usize| spread(pairs.iter().map(|pair| pair[at]).collect());
        model.pairs[row] = PairModel { extrapolated: false, gap: part(0), offset: part(1), turn: part(2) };
    }
}

/// Gap, offset and turn of a pair, brought to mean size.
fn between(upper: &Body, lower: &Body, size: f64) -> [f64; 3] {
    let unit = |a: [f64; 2], b: [f64; 2]| {
        let sum = [a[0] + b[0], a[1] + b[1]];
        let length = sum[0].hypot(sum[1]);
        sum.map(|part| part / length)
    };
    let (anterior, up) = (unit(upper.anterior, lower.anterior), unit(upper.up, lower.up));
    let middle = |body: &Body, [a, b]: [usize; 2]| {
        [0, 1].map(|axis| (body.points[a][axis] + body.points[b][axis]) / 2.0)
    };
    let (from, to) = (middle(upper, [5, 3]), middle(lower, [0, 2]));
    let step = [to[0] - from[0], to[1] - from[1]];
    let turn = -dot(lower.anterior, upper.up).atan2(dot(lower.anterior, upper.anterior));
    let scale = (-size).exp();
    [-dot(step, up) * scale, dot(step, anterior) * scale, turn]
}

/// Mean and standard deviation once what lies beyond 3.5 deviations is left out.
fn spread(mut values: Vec<f64>) -> Spread {
    loop {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let sd = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let before = values.len();
        values.retain(|value| (value - mean).abs() <= 3.5 * sd);
        if values.len() == before {
            return Spread { mean, sd };
        }
    }
}

/// T1 to T3 and L5 continue the step between the two nearest rows that were read, half of it from the
/// second row on.
fn extrapolate(model: &mut SpineModel) {
    let last = ROWS.len() - 1;
    model.bodies[last] = continued(&model.bodies[last - 1], &model.bodies[last - 2], 1.0);
    let pair = continued_pair(&model.pairs[last - 2], &model.pairs[last - 3]);
    model.pairs[last - 1] = pair;
    for row in (0..3).rev() {
        model.bodies[row] = continued(&model.bodies[row + 1], &model.bodies[row + 2], 0.5);
        model.pairs[row] = PairModel { extrapolated: true, ..widened(model.pairs[row + 1]) };
    }
}

fn continued(near: &BodyModel, far: &BodyModel, part: f64) -> BodyModel {
    let on = |near: f64, far: f64| near + part * (near - far);
    let sd = |near: &Spread, far: &Spread| Spread {
        mean: on(near.mean, far.mean),
        sd: if near.sd > 0.08 { near.sd } else { near.sd * EXTRAPOLATED_SD },
    };
    let points = |at: usize| [0, 1].map(|axis| on(near.points[at][axis], far.points[at][axis]));
    let wider = if near.extrapolated { 1.0 } else { EXTRAPOLATED_SD * EXTRAPOLATED_SD };
    BodyModel {
        extrapolated: true,
        height: sd(&near.height, &far.height),
        depth: sd(&near.depth, &far.depth),
        points: std::array::from_fn(points),
        covariance: near.covariance.map(|row| row.map(|value| value * wider)),
    }
}

fn continued_pair(near: &PairModel, far: &PairModel) -> PairModel {
    let wide = widened(*near);
    let on =
        |near: Spread, far: Spread, wide: Spread| Spread { mean: 2.0 * near.mean - far.mean, sd: wide.sd };
    PairModel {
        extrapolated: true,
        gap: Spread { mean: near.gap.mean, sd: wide.gap.sd },
        offset: on(near.offset, far.offset, wide.offset),
        turn: on(near.turn, far.turn, wide.turn),
    }
}

fn widened(pair: PairModel) -> PairModel {
    let wider = |spread: Spread| Spread {
        mean: spread.mean,
        sd: if pair.extrapolated { spread.sd } else { spread.sd * EXTRAPOLATED_SD },
    };
    PairModel {
        extrapolated: pair.extrapolated,
        gap: wider(pair.gap),
        offset: wider(pair.offset),
        turn: wider(pair.turn),
    }
}
