//! What is found in an image: regions, lines and circles with the evidence for them.

use crate::geometry::{DetectorPoint, ImagePoint, Polygon, Segment};
use crate::site::Site;
use crate::study::PixelSpacing;

/// The bone of one region of interest, as an outline.
///
/// The outline is where the bone ends, or where a cut line (disc line, neck box, trochanteric line) ends the
/// region; its area is the projected area that is reported.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionOutline {
    /// Region.
    pub site: Site,
    /// Where it ends; one simple polygon for each connected part.
    pub outline: Vec<Polygon>,
}

impl RegionOutline {
    /// The corners as results print them, in pixels.
    ///
    /// Parts follow each other, each closed, with a way to the first part and back between them: the line
    /// encloses the sum of the parts' areas, whatever reads it.
    #[must_use]
    pub fn corners_px(&self, spacing: PixelSpacing) -> Vec<ImagePoint> {
        let mut corners = Vec::new();
        let mut ways_back = Vec::new();
        for part in &self.outline {
            let start = corners.len();
            let turned = signed_area(part) < 0.0;
            let in_order: Vec<&DetectorPoint> =
                if turned { part.corners.iter().rev().collect() } else { part.corners.iter().collect() };
            corners.extend(in_order.into_iter().map(|corner| corner.to_image(spacing).printed()));
            if self.outline.len() > 1
                && let Some(first) = corners.get(start).copied()
            {
                corners.push(first);
                ways_back.push(first);
            }
        }
        ways_back.pop();
        corners.extend(ways_back.into_iter().rev());
        corners
    }
}

/// Above zero when the corners run clockwise as seen on the screen.
fn signed_area(polygon: &Polygon) -> f64 {
    let next = polygon.corners.iter().cycle().skip(1);
    polygon.corners.iter().zip(next).map(|(a, b)| a.x_mm * b.y_mm - b.x_mm * a.y_mm).sum()
}

/// A line, point or circle that a region rests on, drawn in pictures and given in the result.
#[derive(Clone, Debug, PartialEq)]
pub struct Landmark {
    /// Stable name: `disc_t12_l1`, `shaft_axis`, `neck_axis`, `neck_width`, `trochanteric_line`, `head`, …
    pub name: &'static str,
    /// Its shape.
    pub shape: LandmarkShape,
}

/// The shape of a landmark.
#[derive(Clone, Debug, PartialEq)]
pub enum LandmarkShape {
    /// One point.
    Point(DetectorPoint),
    /// A straight line.
    Line(Segment),
    /// A line through several points.
    Path(Vec<DetectorPoint>),
    /// A circle.
    Circle {
        /// Its middle.
        middle: DetectorPoint,
        /// Its radius.
        radius_mm: f64,
    },
    /// A closed shape, as a box.
    Area(Polygon),
}

/// One piece of evidence for naming what was found, for instance for the level of a vertebra.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// What was looked at.
    pub name: &'static str,
    /// What was measured there.
    pub measured: f64,
    /// How strongly it speaks for the chosen name over the alternative; negative speaks against it.
    pub weight: f64,
}

/// Everything that `segment` found in one scan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outlines {
    /// Regions in the order of the contract; totals are not among them.
    pub regions: Vec<RegionOutline>,
    /// Lines, points and circles.
    pub landmarks: Vec<Landmark>,
    /// Why the names of the regions are what they are.
    pub evidence: Vec<Evidence>,
    /// How much the chosen names lead before the best alternative; below zero a person must look.
    pub label_margin: Option<f64>,
    /// Names of the rules that placed the regions, with versions, for `method`.
    pub convention: &'static str,
}

impl Outlines {
    /// The shape of the landmark of this name.
    #[must_use]
    pub fn landmark(&self, name: &str) -> Option<&LandmarkShape> {
        self.landmarks.iter().find(|landmark| landmark.name == name).map(|landmark| &landmark.shape)
    }

    /// The straight line of this name.
    #[must_use]
    pub fn line(&self, name: &str) -> Option<Segment> {
        match self.landmark(name)? {
            LandmarkShape::Line(line) => Some(*line),
            _ => None,
        }
    }

    /// The point of this name.
    #[must_use]
    pub fn point(&self, name: &str) -> Option<DetectorPoint> {
        match self.landmark(name)? {
            LandmarkShape::Point(point) => Some(*point),
            _ => None,
        }
    }

    /// The closed shape of this name.
    #[must_use]
    pub fn area(&self, name: &str) -> Option<&Polygon> {
        match self.landmark(name)? {
            LandmarkShape::Area(area) => Some(area),
            _ => None,
        }
    }

    /// Middle and radius of the circle of this name.
    #[must_use]
    pub fn circle(&self, name: &str) -> Option<(DetectorPoint, f64)> {
        match self.landmark(name)? {
            LandmarkShape::Circle { middle, radius_mm } => Some((*middle, *radius_mm)),
            _ => None,
        }
    }
}
