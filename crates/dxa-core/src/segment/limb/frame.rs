//! Coordinates along and across an axis of the anatomy.

use crate::geometry::{DetectorPoint, Segment};

/// An origin and a direction: `along` grows in the direction, `across` a quarter turn clockwise of it as seen
/// on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::segment) struct Frame {
    pub(in crate::segment) origin: DetectorPoint,
    /// Unit vector.
    pub(in crate::segment) direction: (f64, f64),
}

impl Frame {
    /// From one point toward another; `None` where they are the same.
    pub(in crate::segment) fn through(origin: DetectorPoint, toward: DetectorPoint) -> Option<Self> {
        let length = origin.distance_mm(toward);
        (length > 0.0).then(|| Self {
            origin,
            direction: ((toward.x_mm - origin.x_mm) / length, (toward.y_mm - origin.y_mm) / length),
        })
    }

    /// `along` and `across` of a point.
    pub(in crate::segment) fn of(&self, point: DetectorPoint) -> (f64, f64) {
        let (x, y) = (point.x_mm - self.origin.x_mm, point.y_mm - self.origin.y_mm);
        let (a, b) = self.direction;
        (x * a + y * b, y * a - x * b)
    }

    /// The point with these coordinates.
    pub(in crate::segment) fn point(&self, along: f64, across: f64) -> DetectorPoint {
        let (a, b) = self.direction;
        DetectorPoint {
            x_mm: self.origin.x_mm + along * a - across * b,
            y_mm: self.origin.y_mm + along * b + across * a,
        }
    }

    /// The same direction from another origin.
    pub(in crate::segment) fn at(&self, origin: DetectorPoint) -> Self {
        Self { origin, ..*self }
    }

    /// The same origin with the direction turned clockwise.
    pub(in crate::segment) fn turned(&self, degrees: f64) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (a, b) = self.direction;
        Self { direction: (a * cos - b * sin, a * sin + b * cos), ..*self }
    }

    /// The part of the axis between two values of `along`.
    pub(in crate::segment) fn segment(&self, from: f64, to: f64) -> Segment {
        Segment { from: self.point(from, 0.0), to: self.point(to, 0.0) }
    }

    /// Where the axis crosses a row; the axis must not run along rows.
    pub(in crate::segment) fn x_at(&self, y_mm: f64) -> f64 {
        self.origin.x_mm + (y_mm - self.origin.y_mm) * self.direction.0 / self.direction.1
    }

    /// The angle between two directions, degrees.
    pub(in crate::segment) fn angle_deg(&self, other: &Self) -> f64 {
        let ((ax, ay), (bx, by)) = (self.direction, other.direction);
        (ax * by - ay * bx).abs().atan2(ax * bx + ay * by).to_degrees()
    }
}
