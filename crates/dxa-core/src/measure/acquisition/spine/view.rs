//! How the spine lies in the image, and how much of it is seen.

use super::Measured;
use super::metal::across;
use crate::field::Field;
use crate::geometry::{DetectorPoint, Segment};
use crate::measure::acquisition::motion;
use crate::outline::{Landmark, LandmarkShape, Outlines};
use crate::segment::spine::CUTS;

/// Upper and lower endplates of T12 to L5; the outer ones of these two are not looked for.
pub(super) const ENDPLATES: [[&str; 2]; 4] = [
    ["endplate_l1_upper", "endplate_l1_lower"],
    ["endplate_l2_upper", "endplate_l2_lower"],
    ["endplate_l3_upper", "endplate_l3_lower"],
    ["endplate_l4_upper", "endplate_l4_lower"],
];

/// How far beyond the spine rows are compared; ribs and crest run outward and are no part of it.
const BESIDE_MM: f64 = 8.0;

/// An image with what was found in it.
pub(super) struct View<'a> {
    pub(super) field: &'a Field,
    pub(super) found: &'a Outlines,
    /// Lines of the five discs; those that were found.
    pub(super) discs: [Option<Segment>; 5],
}

impl<'a> View<'a> {
    pub(super) fn of(field: &'a Field, found: &'a Outlines) -> Self {
        Self { field, found, discs: CUTS.map(|name| found.line(name)) }
    }

    /// Height and width of the image, in millimeters.
    fn size_mm(&self) -> (f64, f64) {
        let (rows, columns) = self.field.shape();
        (rows as f64 * self.field.spacing.row_mm, columns as f64 * self.field.spacing.column_mm)
    }

    /// Middles of those of L1 to L4 that lie between two discs.
    pub(super) fn middles(&self) -> [Option<DetectorPoint>; 4] {
        [0, 1, 2, 3].map(|index| Some(between(middle(self.discs[index]?), middle(self.discs[index + 1]?))))
    }

    /// Middle of L1 to L4 and sideways slope of the line that fits their middles best.
    fn axis(&self) -> Option<(DetectorPoint, f64)> {
        let middles: Vec<DetectorPoint> = self.middles().into_iter().flatten().collect();
        if middles.len() < 2 {
            return None;
        }
        let count = middles.len() as f64;
        let center = DetectorPoint {
            x_mm: middles.iter().map(|point| point.x_mm).sum::<f64>() / count,
            y_mm: middles.iter().map(|point| point.y_mm).sum::<f64>() / count,
        };
        let (mut product, mut square) = (0.0, 0.0);
        for point in &middles {
            let down = point.y_mm - center.y_mm;
            product += down * (point.x_mm - center.x_mm);
            square += down * down;
        }
        Some((center, if square > 0.0 { product / square } else { 0.0 }))
    }

    /// Angle between the axis of L1 to L4 and the vertical.
    pub(super) fn tilt(&self) -> Measured {
        let (center, slope) = self.axis()?;
        let end = |down: f64| DetectorPoint { x_mm: center.x_mm + down * slope, y_mm: center.y_mm + down };
        let axis = LandmarkShape::Line(Segment { from: end(-60.0), to: end(60.0) });
        Some((slope.atan().to_degrees().abs(), vec![Landmark { name: "spine_axis", shape: axis }]))
    }

    /// Distance of the middle of L1 to L4 from the middle of the image.
    pub(super) fn centering(&self) -> Measured {
        let (center, _) = self.axis()?;
        let middle = Landmark { name: "spine_middle", shape: LandmarkShape::Point(center) };
        Some(((center.x_mm - self.size_mm().1 / 2.0).abs(), vec![middle]))
    }

    /// Heights of L1 to L4 between their endplates.
    pub(super) fn heights_mm(&self) -> [Option<f64>; 4] {
        ENDPLATES.map(|[upper, lower]| {
            Some(middle(self.found.line(upper)?).distance_mm(middle(self.found.line(lower)?)))
        })
    }

    /// Share of T12 above its lower endplate that is in the image; T12 is taken to be as tall as L1.
    pub(super) fn t12(&self) -> Measured {
        let cosine = self.axis()?.1.hypot(1.0).recip();
        let Some(plate) = self.found.line("endplate_t12_lower") else { return Some((0.0, Vec::new())) };
        let height = self.heights_mm()[0]?;
        let seen = middle(plate).y_mm.max(0.0) / cosine;
        Some((share(seen, height), vec![shape("endplate_t12_lower", plate)]))
    }

    /// Share of L5 below its upper endplate that is in the image; L5 is taken to be as tall as L4.
    pub(super) fn l5(&self) -> Measured {
        let cosine = self.axis()?.1.hypot(1.0).recip();
        let Some(plate) = self.found.line("endplate_l5_upper") else { return Some((0.0, Vec::new())) };
        let height = self.heights_mm()[3]?;
        let seen = (self.size_mm().0 - middle(plate).y_mm).max(0.0) / cosine;
        Some((share(seen, height), vec![shape("endplate_l5_upper", plate)]))
    }

    /// Height of the iliac crest above the lower border, on the side where more of it is seen.
    pub(super) fn crest(&self) -> Measured {
        self.axis()?;
        let crests = ["iliac_crest_left", "iliac_crest_right"].into_iter().filter_map(|name| {
            let point = self.found.point(name)?;
            Some((self.size_mm().0 - point.y_mm, Landmark { name, shape: LandmarkShape::Point(point) }))
        });
        let highest = crests.max_by(|a, b| a.0.total_cmp(&b.0));
        Some(highest.map_or((0.0, Vec::new()), |(height, crest)| (height, vec![crest])))
    }

    /// Least distance from the edges of the spine at L1 to L4 to the sides of the image.
    pub(super) fn margins(&self) -> Measured {
        let (top, bottom) = self.rows_mm()?;
        let inside = |point: &&DetectorPoint| (top..=bottom).contains(&point.y_mm);
        let width = self.size_mm().1;
        let left = self.edge("spine_edge_left").iter().filter(inside).map(|point| (point.x_mm, *point));
        let right =
            self.edge("spine_edge_right").iter().filter(inside).map(|point| (width - point.x_mm, *point));
        let (margin, nearest) = left.chain(right).min_by(|a, b| a.0.total_cmp(&b.0))?;
        Some((margin, vec![Landmark { name: "nearest_edge", shape: LandmarkShape::Point(nearest) }]))
    }

    /// Upper and lower end of those of L1 to L4 that were found.
    pub(super) fn rows_mm(&self) -> Option<(f64, f64)> {
        let mut middles = self.discs.iter().flatten().map(|disc| middle(*disc).y_mm);
        let first = middles.next()?;
        Some((first, middles.next_back()?))
    }

    /// The points of a path of the segmentation.
    pub(super) fn edge(&self, name: &str) -> &'a [DetectorPoint] {
        match self.found.landmark(name) {
            Some(LandmarkShape::Path(points)) => points,
            _ => &[],
        }
    }

    /// The largest shift to the side from one row to the next, beyond the lean of the spine.
    pub(super) fn motion(&self) -> Measured {
        self.rows_mm()?;
        let (left, right) = (self.edge("spine_edge_left"), self.edge("spine_edge_right"));
        let jerk = motion::largest(self.field, |y_mm| {
            (across(left, y_mm) - BESIDE_MM, across(right, y_mm) + BESIDE_MM)
        })?;
        let end = |path| DetectorPoint { x_mm: across(path, jerk.y_mm), y_mm: jerk.y_mm };
        let border = LandmarkShape::Line(Segment { from: end(left), to: end(right) });
        Some((jerk.shift_mm, vec![Landmark { name: "shifted_row", shape: border }]))
    }

    /// Angle between the two most tilted discs, or vertebrae beyond the outer ones of which half is in view.
    ///
    /// A vertebra beyond the last disc is tilted from it by half of what that disc is from the one before.
    pub(super) fn curvature(&self) -> Measured {
        let is_disc =
            |landmark: &&Landmark| landmark.name.starts_with("disc_") && landmark.name != "disc_l5_s1";
        let tilt = |landmark: &'a Landmark| match landmark.shape {
            LandmarkShape::Line(line) => {
                let slope = (line.to.y_mm - line.from.y_mm) / (line.to.x_mm - line.from.x_mm);
                Some((slope.atan().to_degrees(), landmark))
            }
            _ => None,
        };
        let tilts: Vec<(f64, &Landmark)> =
            self.found.landmarks.iter().filter(is_disc).filter_map(tilt).collect();
        if tilts.len() < 3 {
            return None;
        }
        let beyond = |outer: &str, inner: &str, seen: Measured| {
            let of = |name: &str| tilts.iter().find(|(_, disc)| disc.name == name);
            let (outer, inner) = (of(outer)?, of(inner)?);
            let half_seen = seen.is_some_and(|(percent, _)| percent >= 50.0);
            half_seen.then_some((outer.0 + 0.5 * (outer.0 - inner.0), outer.1))
        };
        let above = beyond("disc_t12_l1", "disc_l1_l2", self.t12());
        let below = beyond("disc_l4_l5", "disc_l3_l4", self.l5());
        let all = || tilts.iter().copied().chain(above).chain(below);
        let least = all().min_by(|a, b| a.0.total_cmp(&b.0))?;
        let most = all().max_by(|a, b| a.0.total_cmp(&b.0))?;
        Some((most.0 - least.0, vec![least.1.clone(), most.1.clone()]))
    }
}

fn shape(name: &'static str, line: Segment) -> Landmark {
    Landmark { name, shape: LandmarkShape::Line(line) }
}

/// Percent, at most all of it.
fn share(seen_mm: f64, height_mm: f64) -> f64 {
    if height_mm > 0.0 { (100.0 * seen_mm / height_mm).min(100.0) } else { 0.0 }
}

pub(super) fn middle(line: Segment) -> DetectorPoint {
    between(line.from, line.to)
}

fn between(a: DetectorPoint, b: DetectorPoint) -> DetectorPoint {
    DetectorPoint { x_mm: (a.x_mm + b.x_mm) / 2.0, y_mm: (a.y_mm + b.y_mm) / 2.0 }
}
