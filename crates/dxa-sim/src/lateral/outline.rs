//! Outlines of vertebral bodies seen from the side, and the table of real spines they come from.
//!
//! Millimeters; front is to the right and `y` runs down, as in the table.

use std::sync::LazyLock;

const TABLE: &str = include_str!("../../data/spines.csv");
/// Hundredths of a millimeter in the table.
const UNIT: f64 = 0.01;

/// A point, mm.
pub(super) type Point = [f64; 2];

/// A body: corners, and plates and walls as distances from the straight lines between them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Body {
    /// Posterior superior, anterior superior, anterior inferior, posterior inferior.
    pub(super) corners: [Point; 4],
    /// Superior plate, downward, at sixths of the way from the back.
    pub(super) superior: [f64; 5],
    /// Inferior plate, downward, likewise.
    pub(super) inferior: [f64; 5],
    /// Anterior wall, backward, at quarters of the way from above.
    pub(super) anterior: [f64; 3],
    /// Posterior wall, backward, likewise.
    pub(super) posterior: [f64; 3],
    /// How far both lines of the superior contour lie apart on the whole, and more at the front than behind.
    pub(super) superior_gap: [f64; 2],
    /// The same of the inferior contour.
    pub(super) inferior_gap: [f64; 2],
    /// How far both lines of the posterior wall lie apart.
    pub(super) posterior_gap: f64,
}

/// A body of the table with what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Read {
    /// Its outline.
    pub(super) body: Body,
    /// Grade in the final reading.
    pub(super) grade: u8,
}

/// T4 to L4 of one person.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spine {
    /// Whether it is a man's.
    pub(super) is_male: bool,
    /// From above.
    pub(super) bodies: Vec<Read>,
}

impl Spine {
    /// Whether a vertebra of it was read as fractured.
    pub(super) fn is_fractured(&self) -> bool {
        self.bodies.iter().any(|body| body.grade > 0)
    }
}

/// All spines of the table.
pub(super) fn spines() -> &'static [Spine] {
    static SPINES: LazyLock<Vec<Spine>> = LazyLock::new(|| read(TABLE));
    &SPINES
}

fn read(table: &str) -> Vec<Spine> {
    let mut spines: Vec<(&str, Spine)> = Vec::new();
    for row in table.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let [name, sex, _level, grade, numbers @ ..] = cells.as_slice() else { continue };
        let numbers: Vec<f64> =
            numbers.iter().filter_map(|cell| cell.parse().ok()).map(|value: f64| value * UNIT).collect();
        let Some(body) = Body::read(&numbers) else { continue };
        if spines.last().is_none_or(|(last, _)| last != name) {
            spines.push((name, Spine { is_male: *sex == "M", bodies: Vec::new() }));
        }
        if let Some((_, spine)) = spines.last_mut() {
            spine.bodies.push(Read { body, grade: grade.parse().unwrap_or(0) });
        }
    }
    spines.into_iter().map(|(_, spine)| spine).collect()
}

impl Body {
    fn read(numbers: &[f64]) -> Option<Self> {
        let part = |from: usize, count: usize| numbers.get(from..from + count);
        let point = |index: usize| part(2 * index, 2)?.try_into().ok();
        Some(Self {
            corners: [point(0)?, point(1)?, point(2)?, point(3)?],
            superior: part(8, 5)?.try_into().ok()?,
            inferior: part(13, 5)?.try_into().ok()?,
            anterior: part(18, 3)?.try_into().ok()?,
            posterior: part(21, 3)?.try_into().ok()?,
            superior_gap: part(24, 2)?.try_into().ok()?,
            inferior_gap: part(26, 2)?.try_into().ok()?,
            posterior_gap: *numbers.get(28)?,
        })
    }

    /// Middle of the corners.
    pub(super) fn middle(&self) -> Point {
        [0, 1].map(|axis: usize| self.corners.iter().map(|corner| corner[axis]).sum::<f64>() / 4.0)
    }

    /// From the back to the front, mean of both plates.
    pub(super) fn depth(&self) -> f64 {
        let [ps, as_, ai, pi] = self.corners;
        f64::midpoint(length(minus(as_, ps)), length(minus(ai, pi)))
    }

    /// From plate to plate, mean of both walls.
    pub(super) fn height(&self) -> f64 {
        let [ps, as_, ai, pi] = self.corners;
        f64::midpoint(length(minus(pi, ps)), length(minus(ai, as_)))
    }

    /// Unit steps along it: from the back to the front, and from above to below.
    pub(super) fn axes(&self) -> [Point; 2] {
        let [ps, as_, ai, pi] = self.corners;
        let mean = |a: Point, b: Point| [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])];
        [unit(minus(mean(as_, ai), mean(ps, pi))), unit(minus(mean(pi, ai), mean(ps, as_)))]
    }

    /// A point of it: parts of the way from the back to the front and from above to below, beyond 0 and 1 too.
    pub(super) fn at(&self, across: f64, down: f64) -> Point {
        let [ps, as_, ai, pi] = self.corners;
        between(between(ps, as_, across), between(pi, ai, across), down)
    }

    /// The six points: corners and middles of both plates, in the order PS MS AS AI MI PI.
    pub(super) fn six(&self) -> [Point; 6] {
        let [ps, as_, ai, pi] = self.corners;
        let ms = beside(ps, as_, 0.5, curve(&self.superior, 0.5));
        let mi = beside(pi, ai, 0.5, curve(&self.inferior, 0.5));
        [ps, ms, as_, ai, mi, pi]
    }

    /// The same body with every point moved and all distances longer by a factor.
    pub(super) fn moved(&self, factor: f64, place: impl Fn(Point) -> Point) -> Self {
        Self {
            corners: self.corners.map(place),
            superior: self.superior.map(|value| value * factor),
            inferior: self.inferior.map(|value| value * factor),
            anterior: self.anterior.map(|value| value * factor),
            posterior: self.posterior.map(|value| value * factor),
            superior_gap: self.superior_gap.map(|value| value * factor),
            inferior_gap: self.inferior_gap.map(|value| value * factor),
            posterior_gap: self.posterior_gap * factor,
        }
    }
}

/// How far a line through evenly spaced distances, zero at both ends, lies beside its chord; zero beyond it.
///
/// A cubic after Catmull and Rom between the nodes.
pub(super) fn curve(inner: &[f64], part: f64) -> f64 {
    if !(0.0..=1.0).contains(&part) {
        return 0.0;
    }
    let pieces = inner.len() + 1;
    let node = |index: isize| -> f64 {
        match usize::try_from(index - 1) {
            Ok(at) => inner.get(at).copied().unwrap_or(if index > pieces as isize {
                -inner[inner.len() - 1]
            } else {
                0.0
            }),
            Err(_) if index < 0 => -inner[0],
            Err(_) => 0.0,
        }
    };
    let position = part * pieces as f64;
    let first = (position as isize).min(pieces as isize - 1);
    let t = position - first as f64;
    let [a, b, c, d] = [node(first - 1), node(first), node(first + 1), node(first + 2)];
    b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)))
}

/// The point beside a way at a part of it; positive is to the right of the way where `y` runs down.
pub(super) fn beside(from: Point, to: Point, part: f64, distance: f64) -> Point {
    let step = minus(to, from);
    let [x, y] = unit(step);
    [from[0] + part * step[0] - distance * y, from[1] + part * step[1] + distance * x]
}

pub(super) fn between(a: Point, b: Point, part: f64) -> Point {
    [a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])]
}

pub(super) fn plus(a: Point, b: Point, times: f64) -> Point {
    [a[0] + times * b[0], a[1] + times * b[1]]
}

pub(super) fn minus(a: Point, b: Point) -> Point {
    [a[0] - b[0], a[1] - b[1]]
}

pub(super) fn length([x, y]: Point) -> f64 {
    libm::hypot(x, y)
}

pub(super) fn unit(step: Point) -> Point {
    let length = length(step).max(1e-12);
    [step[0] / length, step[1] / length]
}

/// A point turned around another, clockwise as seen where `y` runs down.
pub(super) fn turned(point: Point, around: Point, radians: f64) -> Point {
    let (sine, cosine) = (libm::sin(radians), libm::cos(radians));
    let [x, y] = minus(point, around);
    [around[0] + cosine * x - sine * y, around[1] + sine * x + cosine * y]
}

#[cfg(test)]
mod tests {
    use super::{curve, spines};

    #[test]
    fn a_parabola_is_kept() {
        let inner = [1.0, 2.0, 3.0, 4.0, 5.0].map(|i: f64| 4.0 * (i / 6.0) * (1.0 - i / 6.0));
        for part in [0.0, 0.21, 0.5, 0.77, 1.0] {
            assert!((curve(&inner, part) - 4.0 * part * (1.0 - part)).abs() < 0.03, "{part}");
        }
    }

    #[test]
    fn every_spine_is_whole_and_of_the_size_of_people() {
        assert!(spines().len() > 90);
        assert!(spines().iter().filter(|spine| spine.is_fractured()).count() > 25);
        for spine in spines() {
            assert_eq!(spine.bodies.len(), 13);
            for read in &spine.bodies {
                let (height, depth) = (read.body.height(), read.body.depth());
                assert!((8.0..40.0).contains(&height) && (15.0..50.0).contains(&depth), "{height} {depth}");
            }
        }
    }
}
