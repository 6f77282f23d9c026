//! A body as the search handles it: a place, a direction and a height; anterior is always to the right.

use super::relief::Relief;
use super::result::Facing;
use super::strokes::{DIRECTIONS, STEP, Turned, between};

/// A body, in millimeters of an image that is mirrored where the front is at the left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Body {
    /// Middle.
    pub(super) x: f64,
    /// Middle, down.
    pub(super) y: f64,
    /// Direction of the anterior axis; positive where the anterior edge turns down.
    pub(super) turn: f64,
    /// From plate to plate.
    pub(super) height: f64,
    /// How strongly it shows.
    pub(super) score: f64,
}

impl Body {
    /// The point so far to anterior and upward of the middle.
    pub(super) fn at(&self, anterior: f64, up: f64) -> (f64, f64) {
        let (sin, cos) = self.turn.sin_cos();
        (self.x + anterior * cos + up * sin, self.y + anterior * sin - up * cos)
    }
}

/// How the lower of two bodies lies to the upper one, as the spine model says it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Joint {
    pub(super) gap: f64,
    pub(super) offset: f64,
    pub(super) turn: f64,
}

/// Where the plates of a body lie, and how it is turned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plates {
    upper: (f64, f64),
    lower: (f64, f64),
    turn: f64,
}

impl Plates {
    pub(super) fn of(body: &Body) -> Self {
        let half = body.height / 2.0;
        Self { upper: body.at(0.0, half), lower: body.at(0.0, -half), turn: body.turn }
    }
}

impl Joint {
    pub(super) fn between(upper: &Body, lower: &Body) -> Self {
        Self::of(&Plates::of(upper), &Plates::of(lower))
    }

    /// How far two bodies are turned, and how long the way from plate to plate is, before more is asked.
    pub(super) fn roughly(upper: &Plates, lower: &Plates) -> (f64, f64) {
        let (dx, dy) = (lower.upper.0 - upper.lower.0, lower.upper.1 - upper.lower.1);
        (lower.turn - upper.turn, dx * dx + dy * dy)
    }

    /// The same of bodies whose plates are known.
    pub(super) fn of(upper: &Plates, lower: &Plates) -> Self {
        let (sin, cos) = f64::midpoint(upper.turn, lower.turn).sin_cos();
        let (dx, dy) = (lower.upper.0 - upper.lower.0, lower.upper.1 - upper.lower.1);
        Self { gap: dy * cos - dx * sin, offset: dx * cos + dy * sin, turn: lower.turn - upper.turn }
    }
}

/// Weights of a body's score: plates singly and the weaker of both, discs alike, the anterior wall.
const PLATES: (f32, f32) = (0.35, 0.5);
const DISCS: (f32, f32) = (0.25, 0.25);
const WALL: f32 = 0.6;
/// A disc is read this far outside of the plate.
pub(super) const DISC_OUTSIDE_MM: f64 = 2.5;
/// Distances of the anterior wall from the middle.
pub(super) const HALF_DEPTHS_MM: std::ops::RangeInclusive<usize> = 8..=20;
/// How far from where it is expected the wall may be.
const WALL_REACH_MM: [f64; 7] = [-3.6, -2.4, -1.2, 0.0, 1.2, 2.4, 3.6];
/// What a wall loses that lies this far from where it is expected: half a point.
const WALL_SD_MM: f64 = 2.2;

/// The score of answers at both plates, at both discs, and of the wall.
pub(super) fn score(plates: [f32; 2], discs: [f32; 2]) -> f32 {
    let [above, below] = plates;
    let [over, under] = discs;
    PLATES.0 * (above + below)
        + PLATES.1 * lesser(above, below)
        + DISCS.0 * (over + under)
        + DISCS.1 * lesser(over, under)
}

/// The lesser of two numbers that are numbers: a form that is fast over whole rows.
fn lesser(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// The greater of two numbers that are numbers, as fast as [`lesser`].
pub(super) fn greater<T: PartialOrd>(a: T, b: T) -> T {
    if a > b { a } else { b }
}

/// What the wall adds.
pub(super) fn wall_score(wall: f32) -> f32 {
    WALL * wall
}

/// Scores bodies anywhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judge<'a> {
    pub(super) relief: &'a Relief,
    pub(super) turned: &'a [Turned],
    pub(super) facing: Facing,
}

impl Judge<'_> {
    /// Width of the image.
    pub(super) fn width(&self) -> f64 {
        self.relief.size().1 as f64
    }

    /// Height of the image.
    pub(super) fn height(&self) -> f64 {
        self.relief.size().0 as f64
    }

    /// x in the image of an x of the search, and back.
    pub(super) fn mirrored(&self, x: f64) -> f64 {
        match self.facing {
            Facing::Right => x,
            Facing::Left => self.width() - x,
        }
    }

    /// Gray at a point of the search.
    pub(super) fn gray(&self, (x, y): (f64, f64)) -> Option<f64> {
        self.relief.gray_at(self.mirrored(x), y).map(f64::from)
    }

    /// Whether a point of the search lies in the image, this far from its edge.
    pub(super) fn inside(&self, (x, y): (f64, f64), margin: f64) -> bool {
        (margin..self.width() - margin).contains(&x) && (margin..self.height() - margin).contains(&y)
    }

    /// The score of a body whose anterior wall lies about so far from its middle.
    pub(super) fn score(&self, body: &Body, half_depth: f64) -> f64 {
        let place = self.place(body);
        self.plates(body, &place) + self.wall(&place, half_depth)
    }

    /// The score of a body with its anterior wall at each of [`HALF_DEPTHS_MM`].
    pub(super) fn scores_by_depth(&self, body: &Body) -> Vec<f64> {
        let place = self.place(body);
        let plates = self.plates(body, &place);
        let (turned, column, row) = place;
        let wall = Line::of(&turned.wall, row);
        HALF_DEPTHS_MM.map(|depth| plates + self.wall_on(&wall, column, depth as f64)).collect()
    }

    /// What the wall of a body answers, at three heights of it.
    pub(super) fn wall_at(&self, body: &Body, half_depth: f64) -> f64 {
        let (turned, column, row) = self.place(body);
        let sign = self.facing.sign();
        let ahead = column + sign * half_depth;
        let at = |part: f64| sign * f64::from(Line::of(&turned.wall, row + part * body.height).at(ahead));
        (at(-0.25) + at(0.0) + at(0.25)) / 3.0
    }

    /// The answers at the nearest direction, and where the body lies among them.
    fn place(&self, body: &Body) -> (&Turned, f64, f64) {
        let turn = body.turn * self.facing.sign();
        let half = (DIRECTIONS / 2) as f64;
        let nearest = (turn / STEP + half).round().clamp(0.0, 2.0 * half) as usize;
        let turned = &self.turned[nearest];
        let (column, row) = turned.place(self.mirrored(body.x), body.y);
        (turned, column, row)
    }

    fn plates(&self, body: &Body, (turned, column, row): &(&Turned, f64, f64)) -> f64 {
        plates_at(&plate_lines(turned, *row, body.height), *column)
    }

    fn wall(&self, (turned, column, row): &(&Turned, f64, f64), half_depth: f64) -> f64 {
        self.wall_on(&Line::of(&turned.wall, *row), *column, half_depth)
    }

    fn wall_on(&self, wall: &Line<'_>, column: f64, half_depth: f64) -> f64 {
        let sign = self.facing.sign();
        let walls = WALL_REACH_MM.map(|aside| {
            let ahead = column + sign * (half_depth + aside);
            let away = aside / WALL_SD_MM;
            (sign * f64::from(wall.at(ahead)) - 0.5 * away * away) as f32
        });
        f64::from(wall_score(walls.into_iter().fold(f32::NEG_INFINITY, greater)))
    }

    /// Of the places up to so many millimeters before and behind a body whose direction is one of the frames', the
    /// one that scores best.
    pub(super) fn best_along(&self, body: &Body, half_depth: f64, reach_mm: i32) -> Body {
        let (turned, column, row) = self.place(body);
        let (plates, wall) = (plate_lines(turned, row, body.height), Line::of(&turned.wall, row));
        let score = |step: i32| {
            let column = column + self.facing.sign() * f64::from(step);
            plates_at(&plates, column) + self.wall_on(&wall, column, half_depth)
        };
        let scores = (-reach_mm..=reach_mm).map(|step| (score(step), step));
        let (_, step) = scores.reduce(|a, b| if b.0 > a.0 { b } else { a }).unwrap_or_default();
        let (x, y) = body.at(f64::from(step), 0.0);
        Body { x, y, ..*body }
    }
}

/// The answers that tell of the plates of a body of this height in the middle of a row: of steps, then of discs.
fn plate_lines(turned: &Turned, row: f64, height: f64) -> [Line<'_>; 4] {
    let (half, outside) = (height / 2.0, height / 2.0 + DISC_OUTSIDE_MM);
    let at = |map, down: f64| Line::of(map, row + down);
    [at(&turned.step, -half), at(&turned.step, half), at(&turned.disc, -outside), at(&turned.disc, outside)]
}

fn plates_at([above, below, over, under]: &[Line<'_>; 4], column: f64) -> f64 {
    f64::from(score([above.at(column), -below.at(column)], [over.at(column), under.at(column)]))
}

/// Answers along a row of a frame, between two rows of its samples.
struct Line<'a> {
    above: &'a [f32],
    below: &'a [f32],
    part: f32,
}

impl<'a> Line<'a> {
    /// Beyond the edge nothing shows.
    fn of(map: &'a ndarray::Array2<f32>, row: f64) -> Self {
        let (rows, columns) = map.dim();
        if !(0.0..(rows - 1) as f64).contains(&row) {
            return Self { above: &[], below: &[], part: 0.0 };
        }
        let above = row as i32;
        let part = (row - f64::from(above)) as f32;
        let samples = map.as_slice().unwrap_or_default();
        let line = |row: usize| samples.get(row * columns..(row + 1) * columns).unwrap_or_default();
        Self { above: line(above as usize), below: line(above as usize + 1), part }
    }

    /// Between four samples.
    fn at(&self, column: f64) -> f32 {
        if column < 0.0 {
            return 0.0;
        }
        let left = column as i32;
        let part = (column - f64::from(left)) as f32;
        let both = |line: &[f32]| line.get(left as usize..).and_then(|line| line.first_chunk().copied());
        let (Some([a, b]), Some([c, d])) = (both(self.above), both(self.below)) else { return 0.0 };
        between(between(a, b, part), between(c, d, part), self.part)
    }
}
