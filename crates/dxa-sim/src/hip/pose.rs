//! Where the femur lies in the image, and which way round.

use crate::limb::plane::Point;

/// From the coordinates of the femur to those of the image and back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pose {
    /// Middle of the head in the image.
    pub(crate) head: Point,
    /// `1.0` when lateral is to the right, as for a left hip; else `-1.0`.
    pub(crate) lateral: f64,
    sine: f64,
    cosine: f64,
}

impl Pose {
    /// A femur whose shaft leans laterally downward by `abduction_deg`.
    pub(crate) fn new(head: Point, lateral: f64, abduction_deg: f64) -> Self {
        let angle = abduction_deg.to_radians();
        Self { head, lateral, sine: libm::sin(angle), cosine: libm::cos(angle) }
    }

    /// A point of the femur in the image.
    pub(crate) fn to_image(self, point: Point) -> Point {
        let turned = self.turned(point, self.sine);
        Point::new(self.head.x + self.lateral * turned.x, self.head.y + turned.y)
    }

    /// A point of the image in coordinates of the femur.
    pub(crate) fn to_femur(self, point: Point) -> Point {
        self.turned(self.to_pelvis(point), -self.sine)
    }

    /// A point of the image in coordinates of the pelvis, which abduction does not move.
    pub(crate) fn to_pelvis(self, point: Point) -> Point {
        Point::new(self.lateral * (point.x - self.head.x), point.y - self.head.y)
    }

    fn turned(self, point: Point, sine: f64) -> Point {
        Point::new(point.x * self.cosine + point.y * sine, point.y * self.cosine - point.x * sine)
    }
}
