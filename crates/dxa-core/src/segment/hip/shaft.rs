//! The shaft of the femur: its two edges, its axis, and where the trochanters leave it.

use super::head::Head;
use super::{HipRefusal, Missing};
use crate::geometry::{DetectorPoint, Segment};
use crate::segment::limb::frame::Frame;
use crate::segment::limb::grid::Grid;
use crate::segment::limb::line_fit::{Polynomial, polynomial};
use crate::segment::limb::runs::{Run, runs};

/// Widths of a femoral shaft, with room for children and for bones that are tilted.
const SHAFT_WIDTHS_MM: std::ops::Range<f64> = 17.0..48.0;
/// The shaft must begin within this distance from the lower end of the image.
const START_MM: f64 = 6.0;
/// The part of the shaft from which the search for the lesser trochanter starts.
const FIRST_PART_MM: f64 = 14.0;
/// The part of the lateral edge that lends its direction to a shaft in view for less than that.
const LATERAL_PART_MM: f64 = 25.0;
/// Edges that run apart by more are not those of a shaft.
const WIDEST_ANGLE_DEG: f64 = 14.0;
/// The lowest rows, which then tell the width.
const LOWEST_PART_MM: f64 = 3.0;
/// The axis is taken from this far below the lesser trochanter downward.
const BELOW_LESSER_TROCHANTER_MM: f64 = 10.0;
/// The least part of the shaft that carries an axis.
const SHORTEST_PART_MM: f64 = 8.0;
/// An edge point farther from the line than this counts for nothing.
const EDGE_SCALE_MM: f64 = 0.6;
/// How far the medial edge must leave the shaft line to be the lesser trochanter (docs/regions.md).
const LESSER_TROCHANTER_STEP_MM: f64 = 1.0;
/// The lesser trochanter is looked at this far up from its lower edge (docs/regions.md).
const LESSER_TROCHANTER_MM: f64 = 12.0;
/// No lesser trochanter ends nearer to the middle of the head, along the shaft, than so many of its radii; what
/// stands out far, as the neck does, must end farther from it (docs/regions.md).
const NEAREST_TO_HEAD_RADII: f64 = 2.4;
const NEAR_HEAD_RADII: f64 = 2.75;
const PROMINENT_MM: f64 = 8.0;
/// How far the lateral edge must leave the shaft line to be the base of the greater one (docs/regions.md).
const GREATER_TROCHANTER_STEP_MM: f64 = 2.0;

/// The rows of the femur from the lower end upward, as far as they hold together.
pub(super) fn rows(excess: &Grid) -> Result<Vec<Run>, HipRefusal> {
    let first_rows = (START_MM / excess.row_mm) as usize;
    let bottom = excess.values.nrows() - 1;
    let start = (0..first_rows.min(bottom))
        .find_map(|up| shaft_run(excess, bottom - up))
        .ok_or(HipRefusal(Missing::Shaft))?;
    let mut rows = vec![start.1];
    for row in (0..start.0).rev() {
        let last = rows[rows.len() - 1];
        let found = runs(excess, row)
            .into_iter()
            .filter(|run| run.left_mm < last.right_mm && run.right_mm > last.left_mm)
            .max_by(|a, b| a.overlap(&last).total_cmp(&b.overlap(&last)));
        match found {
            Some(run) => rows.push(run),
            None => break,
        }
    }
    Ok(rows)
}

/// The widest run of a row that can be a shaft and touches neither side of the image.
fn shaft_run(excess: &Grid, row: usize) -> Option<(usize, Run)> {
    let edge = excess.width_mm() - 1.0;
    runs(excess, row)
        .into_iter()
        .filter(|run| SHAFT_WIDTHS_MM.contains(&run.width()) && run.left_mm > 1.0 && run.right_mm < edge)
        .max_by(|a, b| a.width().total_cmp(&b.width()))
        .map(|run| (row, run))
}

/// A rough axis from the lowest part of the rows, for telling which side is medial.
pub(super) fn rough_axis(rows: &[Run]) -> Option<Frame> {
    let part: Vec<(f64, f64)> = rows
        .iter()
        .filter(|run| rows[0].y_mm - run.y_mm < FIRST_PART_MM)
        .map(|run| (run.y_mm, run.middle()))
        .collect();
    downward(&polynomial(&part, EDGE_SCALE_MM, 2)?, rows[0].y_mm)
}

/// The frame of a straight line `x(y)`, downward from a row.
fn downward(line: &Polynomial, y_mm: f64) -> Option<Frame> {
    let point = |y_mm: f64| DetectorPoint { x_mm: line.at(y_mm), y_mm };
    Frame::through(point(y_mm), point(y_mm + 1.0))
}

/// The shaft in an image with the pelvis on the right.
#[derive(Clone, Debug)]
pub(super) struct Shaft {
    /// Downward; `across` grows laterally.
    pub(super) axis: Frame,
    /// The part that the axis is taken from, in `along` of the axis.
    pub(super) part: (f64, f64),
    /// Lower edge of the lesser trochanter on the medial edge.
    pub(super) lesser_trochanter: DetectorPoint,
    /// From the medial shaft line to the most prominent point of the lesser trochanter; `None` where the image
    /// ends at or above its lower edge.
    pub(super) prominence: Option<Segment>,
    /// Base of the greater trochanter on the lateral edge, where it stands out.
    pub(super) greater_trochanter_base: Option<DetectorPoint>,
}

impl Shaft {
    /// The shaft from the rows of the femur.
    pub(super) fn of(rows: &[Run]) -> Result<Self, HipRefusal> {
        let bottom = rows[0].y_mm;
        let mut upper = bottom - FIRST_PART_MM;
        let mut found = None;
        for _ in 0..6 {
            let lines = Lines::of(rows, upper).ok_or(HipRefusal(Missing::Shaft))?;
            let step = departure(rows, |run| run.right_mm, &lines.medial, -LESSER_TROCHANTER_STEP_MM)
                .ok_or(HipRefusal(Missing::LesserTrochanter))?;
            let next = (step.y_mm + BELOW_LESSER_TROCHANTER_MM).min(bottom - SHORTEST_PART_MM);
            found = Some((lines, step));
            if (next - upper).abs() < 0.25 {
                break;
            }
            upper = next;
        }
        let (lines, step) = found.ok_or(HipRefusal(Missing::Shaft))?;
        if lines.medial.angle_deg(&lines.lateral) > WIDEST_ANGLE_DEG {
            return Err(HipRefusal(Missing::LowerShaft));
        }
        if bottom - step.y_mm > FIRST_PART_MM {
            return Self::with(rows, upper, &lines, step);
        }
        // The straight part may be too short to show its own direction: then the lateral edge lends its.
        let parallel = Lines::parallel(rows).ok_or(HipRefusal(Missing::Shaft))?;
        match departure(rows, |run| run.right_mm, &parallel.medial, -LESSER_TROCHANTER_STEP_MM) {
            Some(lower) if lower.y_mm > step.y_mm + LESSER_TROCHANTER_STEP_MM => {
                Self::with(rows, bottom - SHORTEST_PART_MM, &parallel, lower)
            }
            _ => Self::with(rows, upper, &lines, step),
        }
    }

    /// The shaft of an image that ends at or above the lower edge of the lesser trochanter: the lateral edge alone
    /// shows its direction.
    pub(super) fn cut(rows: &[Run]) -> Result<Self, HipRefusal> {
        let lines = Lines::parallel(rows).ok_or(HipRefusal(Missing::Shaft))?;
        let end = DetectorPoint { x_mm: rows[0].right_mm, y_mm: rows[0].y_mm };
        let shaft = Self::with(rows, rows[0].y_mm - SHORTEST_PART_MM, &lines, end)?;
        Ok(Self { prominence: None, ..shaft })
    }

    /// Whether what was taken for the lesser trochanter is the neck, which lies nearer to the head.
    pub(super) fn is_neck(&self, head: &Head) -> bool {
        let along = |point: DetectorPoint| self.axis.of(point).0;
        let radii = (along(self.lesser_trochanter) - along(head.middle)) / head.radius_mm;
        let stands_out = self.prominence.is_some_and(|line| line.from.distance_mm(line.to) > PROMINENT_MM);
        radii < if stands_out { NEAR_HEAD_RADII } else { NEAREST_TO_HEAD_RADII }
    }

    fn with(
        rows: &[Run],
        upper: f64,
        lines: &Lines,
        lesser_trochanter: DetectorPoint,
    ) -> Result<Self, HipRefusal> {
        let point = |line: &Frame, y_mm: f64| line.x_at(y_mm);
        let bottom = rows[0].y_mm;
        let middle = |y_mm: f64| DetectorPoint {
            x_mm: 0.5 * (point(&lines.medial, y_mm) + point(&lines.lateral, y_mm)),
            y_mm,
        };
        let axis = Frame::through(middle(upper), middle(bottom)).ok_or(HipRefusal(Missing::Shaft))?;
        let base = departure(rows, |run| run.left_mm, &lines.lateral, GREATER_TROCHANTER_STEP_MM);
        Ok(Self {
            axis,
            part: (0.0, axis.of(middle(bottom)).0),
            prominence: Some(prominence(rows, &lines.medial, lesser_trochanter)),
            lesser_trochanter,
            greater_trochanter_base: base,
        })
    }
}

/// The two edge lines of the shaft below a row.
struct Lines {
    medial: Frame,
    lateral: Frame,
}

impl Lines {
    fn of(rows: &[Run], upper: f64) -> Option<Self> {
        let edge = |side: fn(&Run) -> f64| {
            let points: Vec<(f64, f64)> =
                rows.iter().filter(|run| run.y_mm >= upper).map(|run| (run.y_mm, side(run))).collect();
            downward(&polynomial(&points, EDGE_SCALE_MM, 2)?, rows[0].y_mm)
        };
        Some(Self { medial: edge(|run| run.right_mm)?, lateral: edge(|run| run.left_mm)? })
    }
}

/// From the medial shaft line to the point of the medial edge that stands out most above the lower edge.
fn prominence(rows: &[Run], medial: &Frame, lower_edge: DetectorPoint) -> Segment {
    let start = medial.of(lower_edge).0;
    let farthest = rows
        .iter()
        .map(|run| medial.of(DetectorPoint { x_mm: run.right_mm, y_mm: run.y_mm }))
        .filter(|(along, _)| (0.0..=LESSER_TROCHANTER_MM).contains(&(start - along)))
        .min_by(|a, b| a.1.total_cmp(&b.1));
    let (along, across) = farthest.unwrap_or((start, 0.0));
    Segment { from: medial.point(along, 0.0), to: medial.point(along, across) }
}

impl Lines {
    /// The lateral edge over a longer part, and a medial line beside it through the lowest rows.
    fn parallel(rows: &[Run]) -> Option<Self> {
        let bottom = rows[0].y_mm;
        let lateral: Vec<(f64, f64)> = rows
            .iter()
            .filter(|run| bottom - run.y_mm < LATERAL_PART_MM)
            .map(|run| (run.y_mm, run.left_mm))
            .collect();
        let line = polynomial(&lateral, EDGE_SCALE_MM, 2)?;
        let mut widths: Vec<f64> = rows
            .iter()
            .filter(|run| bottom - run.y_mm < LOWEST_PART_MM)
            .map(|run| run.right_mm - line.at(run.y_mm))
            .collect();
        let middle = widths.len() / 2;
        let width = *widths.select_nth_unstable_by(middle, f64::total_cmp).1;
        let lateral = downward(&line, bottom)?;
        let origin = DetectorPoint { x_mm: line.at(bottom) + width, y_mm: bottom };
        Some(Self { medial: lateral.at(origin), lateral })
    }
}

/// Going up an edge, the first point that stands `step` across from a line and stays beyond it for 2 mm.
fn departure(rows: &[Run], side: fn(&Run) -> f64, line: &Frame, step: f64) -> Option<DetectorPoint> {
    let points: Vec<DetectorPoint> =
        rows.iter().map(|run| DetectorPoint { x_mm: side(run), y_mm: run.y_mm }).collect();
    let beyond = |point: &DetectorPoint| line.of(*point).1 * step.signum() >= step.abs();
    let stay = (2.0 / (rows[0].y_mm - rows.get(1)?.y_mm)).ceil() as usize;
    let first =
        (1..points.len().saturating_sub(stay)).find(|at| points[*at..at + stay].iter().all(beyond))?;
    let (below, above) = (line.of(points[first - 1]).1 / step, line.of(points[first]).1 / step);
    let part = if above > below { ((1.0 - below) / (above - below)).clamp(0.0, 1.0) } else { 1.0 };
    let mix = |a: f64, b: f64| a + (b - a) * part;
    Some(DetectorPoint {
        x_mm: mix(points[first - 1].x_mm, points[first].x_mm),
        y_mm: mix(points[first - 1].y_mm, points[first].y_mm),
    })
}
