//! Outlines found in a mirrored image, brought back.

use crate::geometry::{DetectorPoint, Polygon, Segment};
use crate::outline::{Landmark, LandmarkShape, Outlines, RegionOutline};

/// The same outlines with left and right exchanged in an image of this width.
pub(in crate::segment) fn mirrored(outlines: Outlines, width_mm: f64) -> Outlines {
    moved(outlines, |point| DetectorPoint { x_mm: width_mm - point.x_mm, ..point })
}

/// The same outlines with above and below exchanged in an image of this height.
pub(in crate::segment) fn flipped(outlines: Outlines, height_mm: f64) -> Outlines {
    moved(outlines, |point| DetectorPoint { y_mm: height_mm - point.y_mm, ..point })
}

fn moved(outlines: Outlines, to: impl Fn(DetectorPoint) -> DetectorPoint) -> Outlines {
    let polygon =
        |polygon: &Polygon| Polygon { corners: polygon.corners.iter().map(|corner| to(*corner)).collect() };
    let shape = |shape: &LandmarkShape| match shape {
        LandmarkShape::Point(point) => LandmarkShape::Point(to(*point)),
        LandmarkShape::Line(line) => LandmarkShape::Line(Segment { from: to(line.from), to: to(line.to) }),
        LandmarkShape::Path(path) => LandmarkShape::Path(path.iter().map(|point| to(*point)).collect()),
        LandmarkShape::Circle { middle, radius_mm } => {
            LandmarkShape::Circle { middle: to(*middle), radius_mm: *radius_mm }
        }
        LandmarkShape::Area(area) => LandmarkShape::Area(polygon(area)),
    };
    let region = |region: RegionOutline| RegionOutline {
        outline: region.outline.iter().map(polygon).collect(),
        ..region
    };
    let landmark = |landmark: Landmark| Landmark { shape: shape(&landmark.shape), ..landmark };
    Outlines {
        regions: outlines.regions.into_iter().map(region).collect(),
        landmarks: outlines.landmarks.into_iter().map(landmark).collect(),
        ..outlines
    }
}
