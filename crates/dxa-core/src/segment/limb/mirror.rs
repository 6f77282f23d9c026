//! Outlines found in a mirrored image, brought back.

use crate::geometry::{DetectorPoint, Polygon, Segment};
use crate::outline::{Landmark, LandmarkShape, Outlines, RegionOutline};

/// The same outlines with left and right exchanged in an image of this width.
pub(in crate::segment) fn mirrored(outlines: Outlines, width_mm: f64) -> Outlines {
    let regions = outlines
        .regions
        .into_iter()
        .map(|region| RegionOutline {
            outline: region.outline.iter().map(|part| polygon(part, width_mm)).collect(),
            ..region
        })
        .collect();
    let landmarks = outlines
        .landmarks
        .into_iter()
        .map(|landmark| Landmark { shape: shape(&landmark.shape, width_mm), ..landmark })
        .collect();
    Outlines { regions, landmarks, ..outlines }
}

fn point(point: DetectorPoint, width_mm: f64) -> DetectorPoint {
    DetectorPoint { x_mm: width_mm - point.x_mm, ..point }
}

fn segment(segment: Segment, width_mm: f64) -> Segment {
    Segment { from: point(segment.from, width_mm), to: point(segment.to, width_mm) }
}

fn polygon(polygon: &Polygon, width_mm: f64) -> Polygon {
    Polygon { corners: polygon.corners.iter().map(|corner| point(*corner, width_mm)).collect() }
}

fn shape(shape: &LandmarkShape, width_mm: f64) -> LandmarkShape {
    match shape {
        LandmarkShape::Point(place) => LandmarkShape::Point(point(*place, width_mm)),
        LandmarkShape::Line(line) => LandmarkShape::Line(segment(*line, width_mm)),
        LandmarkShape::Path(path) => {
            LandmarkShape::Path(path.iter().map(|place| point(*place, width_mm)).collect())
        }
        LandmarkShape::Circle { middle, radius_mm } => {
            LandmarkShape::Circle { middle: point(*middle, width_mm), radius_mm: *radius_mm }
        }
        LandmarkShape::Area(area) => LandmarkShape::Area(polygon(area, width_mm)),
    }
}
