//! What is believed of the bodies of a spine before the image is asked.

use super::body::{Body, Frame, Vector, Wall};
use super::solve::{Row, System, UNKNOWNS};
use crate::reference::vertebrae::{BodyModel, SpineModel};

/// Size and depth of the person against the model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Build {
    /// Factor of all lengths.
    pub(super) size: f64,
    /// Factor of the depth besides.
    pub(super) depth: f64,
}

/// What is believed of the bodies of a spine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Belief {
    /// Heights are like those of the neighbors, and a fracture is rare: what covers a corner does not move it.
    Sound,
    /// Every body may be pressed: the image alone tells how high it is.
    Pressed,
}

/// A body may lie anywhere near, turned: standard deviations in millimeters and radians.
const SHIFT_MM: f64 = 4.0;
const TURN: f64 = 0.1;
/// The table speaks of healthy bodies of one reading; others differ by more.
const WIDER: f64 = 1.4;
/// A fracture moves points along the height of the body: all of a plate, more at its front, its middle; so far
/// where there is one, and so far where there is none.
const PRESSED_MM: [f64; 3] = [0.8, 2.5, 1.5];
const SOUND_MM: f64 = 0.3;
/// How often a plate is pressed in one of these ways.
const PRESSED_SHARE: f64 = 0.05;
/// How each moves the posterior, middle and anterior point of a plate.
const WAYS: [[f64; 3]; 3] = [[1.0, 1.0, 1.0], [0.0, 0.4, 1.0], [0.0, 1.0, 0.0]];

/// How far each plate may be pressed in each way: standard deviations.
pub(super) type Pressed = [f64; 2 * WAYS.len()];

/// At first every body may have a fracture.
pub(super) const MAY_BE_PRESSED: Pressed =
    [PRESSED_MM[0], PRESSED_MM[1], PRESSED_MM[2], PRESSED_MM[0], PRESSED_MM[1], PRESSED_MM[2]];
/// Every point besides, along the height and across.
const OWN_MM: [f64; 2] = [0.35, 0.25];

/// The middle of a body's wall lies on the line of its neighbors' walls: how much the near corners count
/// against the far ones, and how far it strays; from triples of NHANES 2013-2014.
const LINE: [(Wall, f64, f64); 2] = [(Wall::Posterior, 1.1, 0.75), (Wall::Anterior, 1.2, 1.1)];

/// The posterior, middle and anterior height of a body stray about the mean of those of both neighbors by these
/// parts of themselves; at an end, about the two bodies next to it, by so much more. From triples of NHANES
/// 2013-2014.
const HEIGHTS: [([usize; 2], f64); 3] = [([0, 5], 0.033), ([1, 4], 0.033), ([2, 3], 0.042)];
const AT_AN_END: f64 = 1.25;

/// Added to the scatter of the turn between neighbors, radians.
const TURN_SLACK: f64 = 0.02;

/// The template of a body for this person.
pub(super) fn template(model: &BodyModel, build: Build) -> [Vector; 6] {
    model.points.map(|[anterior, up]| [anterior * build.size * build.depth, up * build.size])
}

/// Adds what is believed of one body, `at` in the chain, about where it is now.
pub(super) fn add_body(
    system: &mut System,
    at: usize,
    body: &Body,
    model: &BodyModel,
    build: Build,
    pressed: &Pressed,
) {
    let frame = body.frame();
    let template = template(model, build);
    let Some(precision) = precision(model, build, &template, pressed) else { return };
    let rows: Vec<(Row, f64)> = (0..UNKNOWNS)
        .map(|unknown| {
            let (point, axis) = (unknown / 2, unknown % 2);
            let value = template[point][axis];
            local_row(at, point, &frame, axis, value)
        })
        .collect();
    for (i, (row, _)) in rows.iter().enumerate() {
        for (j, (other, value)) in rows.iter().enumerate() {
            system.add_product(row, *value, other, precision[i][j]);
        }
    }
}

/// A local coordinate of a point as a linear form, and the value that it is believed to have.
fn local_row(at: usize, point: usize, frame: &Frame, axis: usize, value: f64) -> (Row, f64) {
    let direction = if axis == 0 { frame.anterior } else { frame.up };
    let first = at * UNKNOWNS + 2 * point;
    let origin = direction[0] * frame.center[0] + direction[1] * frame.center[1];
    (vec![(first, direction[0]), (first + 1, direction[1])], value + origin)
}

/// Inverse of the covariance of the twelve local coordinates.
fn precision(
    model: &BodyModel,
    build: Build,
    template: &[Vector; 6],
    pressed: &Pressed,
) -> Option<[[f64; UNKNOWNS]; UNKNOWNS]> {
    let mut covariance = model.covariance;
    let scale = build.size * build.size * WIDER;
    covariance.iter_mut().flatten().for_each(|value| *value *= scale);
    let mut free = |mode: [f64; UNKNOWNS]| {
        for (row, own) in covariance.iter_mut().zip(mode) {
            row.iter_mut().zip(mode).for_each(|(value, other)| *value += own * other);
        }
    };
    free(std::array::from_fn(|at| if at % 2 == 0 { SHIFT_MM } else { 0.0 }));
    free(std::array::from_fn(|at| if at % 2 == 1 { SHIFT_MM } else { 0.0 }));
    free(std::array::from_fn(|at| {
        TURN * if at % 2 == 0 { -template[at / 2][1] } else { template[at / 2][0] }
    }));
    for (way, amount) in pressed.iter().enumerate() {
        free(mode(way).map(|share| share * amount));
    }
    for (at, row) in covariance.iter_mut().enumerate() {
        let own = if at % 2 == 0 { OWN_MM[1] } else { OWN_MM[0] };
        row[at] += own * own;
    }
    inverse(&covariance)
}

/// How a way of being pressed moves the coordinates of a body.
fn mode(way: usize) -> [f64; UNKNOWNS] {
    let points = if way < WAYS.len() { [0, 1, 2] } else { [5, 4, 3] };
    let mut mode = [0.0; UNKNOWNS];
    for (point, share) in points.into_iter().zip(WAYS[way % WAYS.len()]) {
        mode[2 * point + 1] = share;
    }
    mode
}

/// How far each plate may be pressed, from how far it seems to be: most bodies have no fracture, and what looks
/// like a small one is more often something that covers a corner.
pub(super) fn pressed(
    body: &Body,
    points: &[f64],
    model: &BodyModel,
    build: Build,
    before: &Pressed,
) -> Pressed {
    let frame = body.frame();
    let template = template(model, build);
    let Some(precision) = precision(model, build, &template, before) else { return *before };
    let off: [f64; UNKNOWNS] = std::array::from_fn(|at| {
        let local = frame.local([points[at / 2 * 2], points[at / 2 * 2 + 1]]);
        local[at % 2] - template[at / 2][at % 2]
    });
    let weighed = precision.map(|row| row.iter().zip(off).map(|(value, off)| value * off).sum::<f64>());
    std::array::from_fn(|way| {
        let share: f64 = mode(way).iter().zip(weighed).map(|(share, weighed)| share * weighed).sum();
        let amount = before[way] * before[way] * share;
        let wide = PRESSED_MM[way % WAYS.len()];
        let likelihood = |sd: f64| (-0.5 * (amount / sd).powi(2)).exp() / sd;
        let is_pressed = PRESSED_SHARE * likelihood(wide);
        let chance = is_pressed / (is_pressed + (1.0 - PRESSED_SHARE) * likelihood(SOUND_MM));
        (chance / (wide * wide) + (1.0 - chance) / (SOUND_MM * SOUND_MM)).powf(-0.5)
    })
}

/// Adds how bodies are turned against their neighbors.
pub(super) fn add_turns(system: &mut System, bodies: &[Body], rows: &[usize], model: &SpineModel) {
    for at in 1..bodies.len() {
        if rows[at] != rows[at - 1] + 1 {
            continue;
        }
        let pair = &model.pairs[rows[at - 1]];
        let (above, below) = (bodies[at - 1].frame().up, bodies[at].frame().up);
        let up = [0.5 * (above[0] + below[0]), 0.5 * (above[1] + below[1])];
        let direction = |body: usize, sign: f64| {
            let share = 0.5 * sign / bodies[body].depth().max(5.0);
            [(0, -share), (2, share), (3, share), (5, -share)].into_iter().flat_map(move |(point, share)| {
                let first = body * UNKNOWNS + 2 * point;
                [(first, share * up[0]), (first + 1, share * up[1])]
            })
        };
        let row: Row = direction(at - 1, 1.0).chain(direction(at, -1.0)).collect();
        let sd = 1.5 * pair.turn.sd + TURN_SLACK;
        system.add(&row, pair.turn.mean.sin(), 1.0 / (sd * sd));
    }
}

/// That walls of neighbors lie on a line: linear forms that are near 0, and how far they stray.
pub(super) fn lines(bodies: &[Body], rows: &[usize]) -> Vec<(Row, f64)> {
    let mut lines = Vec::new();
    for at in 1..bodies.len().saturating_sub(1) {
        if rows[at + 1] - rows[at - 1] != 2 {
            continue;
        }
        let direction = bodies[at].frame().anterior;
        for (wall, near, stray) in LINE {
            let [upper, lower] = wall.points();
            let far = 1.0 - near;
            let terms = [
                (at, upper, 0.5),
                (at, lower, 0.5),
                (at - 1, lower, -0.5 * near),
                (at + 1, upper, -0.5 * near),
                (at - 1, upper, -0.5 * far),
                (at + 1, lower, -0.5 * far),
            ];
            let row: Row = terms
                .iter()
                .flat_map(|(body, point, share)| {
                    let first = body * UNKNOWNS + 2 * point;
                    [(first, share * direction[0]), (first + 1, share * direction[1])]
                })
                .collect();
            lines.push((row, stray));
        }
    }
    lines
}

/// That heights are like those of the neighbors: linear forms that are near 0, and how far they stray.
pub(super) fn heights(bodies: &[Body], rows: &[usize], model: &SpineModel, build: Build) -> Vec<(Row, f64)> {
    let count = bodies.len();
    let mut lines = Vec::new();
    for at in 0..count {
        let (beside, wider) = match at {
            _ if count < 3 => continue,
            0 => ([1, 2], AT_AN_END),
            _ if at + 1 == count => ([at - 2, at - 1], AT_AN_END),
            _ => ([at - 1, at + 1], 1.0),
        };
        let (first, last) = (at.min(beside[0]), at.max(beside[1]));
        if rows[last] - rows[first] != 2 {
            continue;
        }
        for (pair, stray) in HEIGHTS {
            let expected = |body: usize| {
                let points = template(&model.bodies[rows[body]], build);
                points[pair[0]][1] - points[pair[1]][1]
            };
            let term = |(body, share): (usize, f64)| {
                let up = bodies[body].frame().up;
                [(pair[0], share), (pair[1], -share)].into_iter().flat_map(move |(point, share)| {
                    let first = body * UNKNOWNS + 2 * point;
                    [(first, share * up[0]), (first + 1, share * up[1])]
                })
            };
            let own = expected(at);
            let terms = [(at, 1.0)].into_iter().chain(beside.map(|body| (body, -0.5 * own / expected(body))));
            lines.push((terms.flat_map(term).collect(), stray * wider * own));
        }
    }
    lines
}

/// Inverse of a symmetric positive matrix.
fn inverse(matrix: &[[f64; UNKNOWNS]; UNKNOWNS]) -> Option<[[f64; UNKNOWNS]; UNKNOWNS]> {
    let mut left = *matrix;
    let mut right: [[f64; UNKNOWNS]; UNKNOWNS] =
        std::array::from_fn(|i| std::array::from_fn(|j| if i == j { 1.0 } else { 0.0 }));
    for pivot in 0..UNKNOWNS {
        let scale = left[pivot][pivot];
        if scale <= 1e-12 {
            return None;
        }
        for j in 0..UNKNOWNS {
            left[pivot][j] /= scale;
            right[pivot][j] /= scale;
        }
        for i in 0..UNKNOWNS {
            if i == pivot {
                continue;
            }
            let factor = left[i][pivot];
            for j in 0..UNKNOWNS {
                left[i][j] -= factor * left[pivot][j];
                right[i][j] -= factor * right[pivot][j];
            }
        }
    }
    Some(right)
}

/// How large the person is: the middle of the heights against the model.
pub(super) fn size_of(bodies: &[Body], rows: &[usize], model: &SpineModel) -> f64 {
    let mut ratios: Vec<f64> = bodies
        .iter()
        .zip(rows)
        .filter(|(_, row)| model.bodies[**row].height.mean > 0.0)
        .map(|(body, row)| body.height() / model.bodies[*row].height.mean)
        .collect();
    ratios.sort_by(f64::total_cmp);
    // Fractures make bodies lower, never higher: a little above the middle.
    let at = (ratios.len() * 55 / 100).min(ratios.len().saturating_sub(1));
    ratios.get(at).copied().unwrap_or(1.0).clamp(0.75, 1.3)
}
