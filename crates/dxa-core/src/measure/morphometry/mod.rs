//! From the six points of a vertebral body to heights, endplate depressions and angles.

mod curvature;
mod endplate;

pub use curvature::{SpineAngle, cobb_angle_deg, kyphosis_deg, local_kyphosis_deg, vertebral_angle_deg};
pub use endplate::{EndplateDepression, endplate_depression};

use crate::geometry::DetectorPoint;
use crate::vertebra::SixPoints;

/// Straight distances between the two points of a pair, in the unit of the points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heights {
    /// At the anterior wall.
    pub anterior: f64,
    /// In the middle.
    pub middle: f64,
    /// At the posterior wall.
    pub posterior: f64,
}

/// Why points are no vertebral body that can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotMeasurable {
    /// A coordinate is no number, or larger than any image.
    CoordinateImpossible,
    /// Two points of a pair are one.
    HeightZero,
    /// The points are not in the order of a body: an endplate or a wall runs against its partner.
    PointsCrossed,
}

impl NotMeasurable {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::CoordinateImpossible => "coordinate_impossible",
            Self::HeightZero => "height_zero",
            Self::PointsCrossed => "points_crossed",
        }
    }
}

/// Beyond this no coordinate of an image lies, in whatever unit.
const LARGEST_COORDINATE: f64 = 1e7;
/// A height below this part of the longest distance between two of the points is none.
const SMALLEST_HEIGHT: f64 = 1e-6;

/// The three heights of a body.
///
/// Ha = |AS − AI|, Hm = |MS − MI|, Hp = |PS − PI|
///
/// # Units
/// The unit of the points, which must be the same along both axes.
///
/// # Errors
/// Points that are no body: see [`NotMeasurable`].
///
/// ```
/// use dxa_core::geometry::DetectorPoint;
/// use dxa_core::measure::morphometry::heights;
/// use dxa_core::vertebra::SixPoints;
/// let at = |x_mm, y_mm| DetectorPoint { x_mm, y_mm };
/// let body = [at(0.0, 0.0), at(15.0, 2.0), at(30.0, 3.0), at(34.0, 27.0), at(15.0, 22.0), at(0.0, 25.0)];
/// let heights = heights(&SixPoints::from_array(body)).unwrap();
/// assert_eq!((heights.middle, heights.posterior), (20.0, 25.0));
/// assert!((heights.anterior - 592f64.sqrt()).abs() < 1e-12);
/// ```
pub fn heights(points: &SixPoints) -> Result<Heights, NotMeasurable> {
    let all = points.to_array();
    let possible = |value: f64| value.is_finite() && value.abs() <= LARGEST_COORDINATE;
    if !all.iter().all(|point| possible(point.x_mm) && possible(point.y_mm)) {
        return Err(NotMeasurable::CoordinateImpossible);
    }
    let heights = Heights {
        anterior: points.as_.distance_mm(points.ai),
        middle: points.ms.distance_mm(points.mi),
        posterior: points.ps.distance_mm(points.pi),
    };
    let longest = all.iter().flat_map(|a| all.iter().map(|b| a.distance_mm(*b))).fold(0.0, f64::max);
    let smallest = heights.anterior.min(heights.middle).min(heights.posterior);
    if smallest <= SMALLEST_HEIGHT * longest {
        return Err(NotMeasurable::HeightZero);
    }
    if are_crossed(points) {
        return Err(NotMeasurable::PointsCrossed);
    }
    Ok(heights)
}

/// Whether the endplates, or two of the three heights, point in opposite directions.
fn are_crossed(points: &SixPoints) -> bool {
    let [anterior, middle, posterior] =
        [step(points.as_, points.ai), step(points.ms, points.mi), step(points.ps, points.pi)];
    let [superior, inferior] = [step(points.ps, points.as_), step(points.pi, points.ai)];
    dot(superior, inferior) < 0.0 || dot(posterior, anterior) < 0.0 || dot(posterior, middle) < 0.0
}

/// A step in the plane.
type Step = (f64, f64);

fn step(from: DetectorPoint, to: DetectorPoint) -> Step {
    (to.x_mm - from.x_mm, to.y_mm - from.y_mm)
}

fn dot(a: Step, b: Step) -> f64 {
    a.0 * b.0 + a.1 * b.1
}

fn cross(a: Step, b: Step) -> f64 {
    a.0 * b.1 - a.1 * b.0
}

#[cfg(test)]
mod tests;
