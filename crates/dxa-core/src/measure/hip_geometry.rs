//! Lengths and angles of the proximal femur.

use crate::geometry::Segment;
use crate::outline::Outlines;

/// The geometry of a hip, measured between the landmarks of `segment::hip`.
///
/// It holds on display images too, as far as their pixel spacing does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HipGeometry {
    /// The obtuse angle between neck axis and shaft axis, degrees.
    pub neck_shaft_angle_deg: f64,
    /// The shortest chord across the neck.
    pub neck_width_mm: f64,
    /// Along the neck axis from the lateral edge of the femur to the inner edge of the pelvis, where both
    /// are in view. It depends on the magnification of the device; lengths of two devices do not compare.
    pub hip_axis_length_mm: Option<f64>,
}

impl HipGeometry {
    /// The geometry of what was found; `None` where it was no hip.
    #[must_use]
    pub fn of(outlines: &Outlines) -> Option<Self> {
        let length = |line: Segment| line.from.distance_mm(line.to);
        let shaft = outlines.line("shaft_axis")?;
        let neck = outlines.line("neck_axis")?;
        Some(Self {
            neck_shaft_angle_deg: 180.0 - angle_deg(shaft, neck),
            neck_width_mm: length(outlines.line("neck_width")?),
            hip_axis_length_mm: outlines.line("hip_axis_length").map(length),
        })
    }
}

/// The angle between the directions of two lines.
fn angle_deg(a: Segment, b: Segment) -> f64 {
    let direction = |line: Segment| (line.to.x_mm - line.from.x_mm, line.to.y_mm - line.from.y_mm);
    let ((ax, ay), (bx, by)) = (direction(a), direction(b));
    (ax * by - ay * bx).atan2(ax * bx + ay * by).abs().to_degrees()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::DetectorPoint;
    use crate::outline::{Landmark, LandmarkShape};

    #[test]
    fn the_angle_is_the_obtuse_one_between_neck_and_shaft() {
        let line = |name, from: (f64, f64), to: (f64, f64)| {
            let point = |(x_mm, y_mm)| DetectorPoint { x_mm, y_mm };
            Landmark { name, shape: LandmarkShape::Line(Segment { from: point(from), to: point(to) }) }
        };
        let landmarks = vec![
            line("shaft_axis", (50.0, 90.0), (50.0, 130.0)),
            line("neck_axis", (90.0, 40.0), (50.0, 80.0)),
            line("neck_width", (70.0, 48.0), (94.0, 80.0)),
        ];
        let geometry = HipGeometry::of(&Outlines { landmarks, ..Outlines::default() }).unwrap();
        assert!((geometry.neck_shaft_angle_deg - 135.0).abs() < 1e-9);
        assert!((geometry.neck_width_mm - 40.0).abs() < 1e-9);
        assert_eq!(geometry.hip_axis_length_mm, None);
    }
}
