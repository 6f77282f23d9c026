//! A body while it is fitted: its six points, its frame, and its walls as linear maps of the points.

/// Places along an endplate that are looked at, from the posterior to the anterior corner.
pub(super) const PLACES: usize = 33;
/// Places along a wall.
pub(super) const WALL_PLACES: usize = 21;

/// A point or vector, millimeters.
pub(super) type Vector = [f64; 2];

pub(super) fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

pub(super) fn sum(a: Vector, b: Vector) -> Vector {
    [a[0] + b[0], a[1] + b[1]]
}

pub(super) fn less(a: Vector, b: Vector) -> Vector {
    [a[0] - b[0], a[1] - b[1]]
}

pub(super) fn times(a: Vector, factor: f64) -> Vector {
    [a[0] * factor, a[1] * factor]
}

pub(super) fn middle(a: Vector, b: Vector) -> Vector {
    times(sum(a, b), 0.5)
}

/// One of the two endplates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plate {
    Superior,
    Inferior,
}

impl Plate {
    pub(super) const BOTH: [Self; 2] = [Self::Superior, Self::Inferior];

    /// Its points from posterior to anterior, in the order of the contract.
    pub(super) fn points(self) -> [usize; 3] {
        match self {
            Self::Superior => [0, 1, 2],
            Self::Inferior => [5, 4, 3],
        }
    }

    /// 1 where outward is up.
    pub(super) fn sign(self) -> f64 {
        match self {
            Self::Superior => 1.0,
            Self::Inferior => -1.0,
        }
    }
}

/// The front or the back wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wall {
    Anterior,
    Posterior,
}

impl Wall {
    /// Its points from above.
    pub(super) fn points(self) -> [usize; 2] {
        match self {
            Self::Anterior => [2, 3],
            Self::Posterior => [0, 5],
        }
    }

    /// 1 where outward is anterior.
    pub(super) fn sign(self) -> f64 {
        match self {
            Self::Anterior => 1.0,
            Self::Posterior => -1.0,
        }
    }
}

/// Six points in the order of the contract.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Body {
    pub(super) points: [Vector; 6],
}

/// Center and axes of a body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) center: Vector,
    /// Unit vector from the posterior to the anterior wall.
    pub(super) anterior: Vector,
    /// Unit vector upward.
    pub(super) up: Vector,
}

impl Frame {
    pub(super) fn local(&self, point: Vector) -> Vector {
        let from = less(point, self.center);
        [dot(from, self.anterior), dot(from, self.up)]
    }

    pub(super) fn place(&self, [anterior, up]: Vector) -> Vector {
        sum(self.center, sum(times(self.anterior, anterior), times(self.up, up)))
    }
}

impl Body {
    pub(super) fn frame(&self) -> Frame {
        let [ps, _, as_, ai, _, pi] = self.points;
        let depth = less(middle(as_, ai), middle(ps, pi));
        let anterior = times(depth, 1.0 / dot(depth, depth).sqrt().max(1e-9));
        let rising = less(middle(ps, as_), middle(pi, ai));
        let side = [anterior[1], -anterior[0]];
        let up = if dot(side, rising) < 0.0 { times(side, -1.0) } else { side };
        let center = times(self.points.iter().fold([0.0, 0.0], |total, point| sum(total, *point)), 1.0 / 6.0);
        Frame { center, anterior, up }
    }

    pub(super) fn depth(&self) -> f64 {
        let [ps, _, as_, ai, _, pi] = self.points;
        let across = less(middle(as_, ai), middle(ps, pi));
        dot(across, across).sqrt()
    }

    /// Mean of anterior and posterior height.
    pub(super) fn height(&self) -> f64 {
        let [ps, _, as_, ai, _, pi] = self.points;
        dot(less(middle(ps, as_), middle(pi, ai)), self.frame().up)
    }

    /// The outward normal of an endplate.
    pub(super) fn normal(&self, plate: Plate) -> Vector {
        let [posterior, _, anterior] = plate.points().map(|at| self.points[at]);
        let chord = less(anterior, posterior);
        let length = dot(chord, chord).sqrt().max(1e-9);
        let side = [chord[1] / length, -chord[0] / length];
        let outward = times(self.frame().up, plate.sign());
        if dot(side, outward) < 0.0 { times(side, -1.0) } else { side }
    }

    /// The point of an endplate at a share of its length.
    pub(super) fn on_plate(&self, plate: Plate, t: f64) -> Vector {
        let shares = plate_shares(t);
        let points = plate.points().map(|at| self.points[at]);
        let on = (0..3).fold([0.0, 0.0], |total, at| sum(total, times(points[at], shares[at])));
        sum(on, times(self.normal(plate), plate_offset(plate, t)))
    }

    /// The point of a wall at a share of its height from above.
    pub(super) fn on_wall(&self, wall: Wall, s: f64) -> Vector {
        let [upper, lower] = wall.points().map(|at| self.points[at]);
        let on = sum(times(upper, 1.0 - s), times(lower, s));
        sum(on, times(self.frame().anterior, wall.sign() * wall_offset(wall, s)))
    }
}

/// The share of its length of a place along an endplate.
pub(super) fn place_on_plate(place: usize) -> f64 {
    0.02 + 0.96 * place as f64 / (PLACES - 1) as f64
}

/// The share of its height of a place along a wall; its ends flare into lips and are left out.
pub(super) fn place_on_wall(place: usize) -> f64 {
    0.16 + 0.66 * place as f64 / (WALL_PLACES - 1) as f64
}

/// How the three points of an endplate make the quadratic curve through them.
pub(super) fn plate_shares(t: f64) -> [f64; 3] {
    [(1.0 - t) * (1.0 - 2.0 * t), 4.0 * t * (1.0 - t), t * (2.0 * t - 1.0)]
}

/// Mean distance of the middle line of an endplate outward of the quadratic curve through its three points,
/// at tenths of its length, NHANES 2013-2014.
const SUPERIOR_OFFSET: [f64; 11] = [0.20, -0.03, -0.15, -0.16, -0.09, 0.01, 0.11, 0.20, 0.24, 0.10, -0.26];
const INFERIOR_OFFSET: [f64; 11] = [0.09, 0.01, -0.03, -0.05, -0.03, 0.01, 0.07, 0.13, 0.16, 0.07, -0.25];
/// The same of the walls outward of the line between their corners, from above.
const ANTERIOR_OFFSET: [f64; 11] = [0.99, 0.98, 0.38, -0.01, -0.17, -0.20, -0.11, 0.12, 0.61, 1.28, 1.59];
const POSTERIOR_OFFSET: [f64; 11] = [0.33, 0.08, 0.07, 0.02, -0.05, -0.10, -0.12, -0.10, -0.06, 0.05, 0.64];

pub(super) fn plate_offset(plate: Plate, t: f64) -> f64 {
    match plate {
        Plate::Superior => between(&SUPERIOR_OFFSET, t),
        Plate::Inferior => between(&INFERIOR_OFFSET, t),
    }
}

pub(super) fn wall_offset(wall: Wall, s: f64) -> f64 {
    match wall {
        Wall::Anterior => between(&ANTERIOR_OFFSET, s),
        Wall::Posterior => between(&POSTERIOR_OFFSET, s),
    }
}

fn between(table: &[f64; 11], share: f64) -> f64 {
    let at = (share * 10.0).clamp(0.0, 9.999);
    let (low, part) = (at as usize, at.fract());
    table[low] * (1.0 - part) + table[low + 1] * part
}
