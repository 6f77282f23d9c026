//! Where a bone lies in the image, and which way round.

use super::plane::Point;

/// From the coordinates of a bone to those of the image and back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pose {
    /// The origin of the bone in the image: of a femur the middle of its head.
    pub(crate) origin: Point,
    /// `1.0` when the thumb or the outer side of the leg is to the right, as on the left; else `-1.0`.
    pub(crate) lateral: f64,
    sine: f64,
    cosine: f64,
}

impl Pose {
    /// A bone whose shaft leans laterally downward by `tilt_deg`.
    pub(crate) fn new(origin: Point, lateral: f64, tilt_deg: f64) -> Self {
        let angle = tilt_deg.to_radians();
        Self { origin, lateral, sine: libm::sin(angle), cosine: libm::cos(angle) }
    }

    /// A point of the bone in the image.
    pub(crate) fn to_image(self, point: Point) -> Point {
        let turned = self.turned(point, self.sine);
        Point::new(self.origin.x + self.lateral * turned.x, self.origin.y + turned.y)
    }

    /// A point of the image in coordinates of the bone.
    pub(crate) fn to_bone(self, point: Point) -> Point {
        self.turned(self.to_upright(point), -self.sine)
    }

    /// The same without the tilt: coordinates of the pelvis, which does not follow the leg.
    pub(crate) fn to_upright(self, point: Point) -> Point {
        Point::new(self.lateral * (point.x - self.origin.x), point.y - self.origin.y)
    }

    fn turned(self, point: Point, sine: f64) -> Point {
        Point::new(point.x * self.cosine + point.y * sine, point.y * self.cosine - point.x * sine)
    }
}
