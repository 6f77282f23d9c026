//! How far the middle of an endplate lies below the line between its corners.

use super::{cross, dot, step};
use crate::geometry::DetectorPoint;
use crate::vertebra::SixPoints;

/// Depth of both endplates below their chords, in the unit of the points; negative where they bulge outward.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EndplateDepression {
    /// Of the superior endplate.
    pub superior: f64,
    /// Of the inferior endplate.
    pub inferior: f64,
    /// Length of the superior chord.
    pub superior_chord: f64,
    /// Length of the inferior chord.
    pub inferior_chord: f64,
}

impl EndplateDepression {
    /// The deeper of the two as part of its chord.
    #[must_use]
    pub fn deepest_part(&self) -> f64 {
        (self.superior / self.superior_chord).max(self.inferior / self.inferior_chord)
    }
}

/// Both depressions; `None` when a chord has no length.
///
/// The distance of the middle point from the line through the corners, positive toward the other endplate.
///
/// # Units
/// The unit of the points.
///
/// ```
/// use dxa_core::geometry::DetectorPoint;
/// use dxa_core::measure::morphometry::endplate_depression;
/// use dxa_core::vertebra::SixPoints;
/// let at = |x_mm, y_mm| DetectorPoint { x_mm, y_mm };
/// let body = [at(0.0, 0.0), at(15.0, 2.0), at(30.0, 0.0), at(30.0, 25.0), at(15.0, 26.0), at(0.0, 25.0)];
/// let depression = endplate_depression(&SixPoints::from_array(body)).unwrap();
/// assert_eq!((depression.superior, depression.inferior), (2.0, -1.0));
/// ```
#[must_use]
pub fn endplate_depression(points: &SixPoints) -> Option<EndplateDepression> {
    let (superior, superior_chord) = below_chord(points.ps, points.ms, points.as_, points.mi)?;
    let (inferior, inferior_chord) = below_chord(points.pi, points.mi, points.ai, points.ms)?;
    Some(EndplateDepression { superior, inferior, superior_chord, inferior_chord })
}

/// Distance of `middle` from the chord, positive on the side of `inside`, and the length of the chord.
fn below_chord(
    from: DetectorPoint,
    middle: DetectorPoint,
    to: DetectorPoint,
    inside: DetectorPoint,
) -> Option<(f64, f64)> {
    let chord = step(from, to);
    let length = dot(chord, chord).sqrt();
    let toward = cross(chord, step(from, inside));
    let depth = cross(chord, step(from, middle)) * toward.signum() / length;
    depth.is_finite().then_some((depth, length))
}
