//! Rotation around the long axis: spinous processes leave the middle of the bodies.

use super::Measured;
use super::metal::across;
use super::view::View;
use crate::geometry::{DetectorPoint, ImagePoint};
use crate::outline::{Landmark, LandmarkShape};

/// From where to where below the middle of a body the spinous process is alone, in millimeters.
const BELOW_MM: (f64, f64) = (1.0, 7.0);
/// Half the width of a process.
const HALF_MM: f64 = 4.0;
/// From where to where beside it is compared.
const BESIDE_MM: (f64, f64) = (6.0, 9.0);
/// How far from the middle a process is looked for, as a share of half the width.
const REACH_SHARE: f64 = 1.0;
/// Between two samples.
const SAMPLE_MM: f64 = 0.5;

/// Median distance of the spinous processes of L1 to L4 from the middle of their bodies.
pub(super) fn offset_mm(view: &View<'_>) -> Measured {
    let processes: Vec<(f64, DetectorPoint)> =
        view.middles().into_iter().flatten().filter_map(|middle| process(view, middle)).collect();
    if processes.len() < 3 {
        return None;
    }
    let mut offsets: Vec<f64> = processes.iter().map(|(offset, _)| *offset).collect();
    offsets.sort_by(f64::total_cmp);
    let count = offsets.len();
    let median = (offsets[(count - 1) / 2] + offsets[count / 2]) / 2.0;
    let path = LandmarkShape::Path(processes.into_iter().map(|(_, point)| point).collect());
    Some((median.abs(), vec![Landmark { name: "spinous_processes", shape: path }]))
}

/// Offset and place of the process of the vertebra with this middle: the brightest narrow band.
fn process(view: &View<'_>, middle: DetectorPoint) -> Option<(f64, DetectorPoint)> {
    let (left, right) = (view.edge("spine_edge_left"), view.edge("spine_edge_right"));
    let y_mm = middle.y_mm + (BELOW_MM.0 + BELOW_MM.1) / 2.0;
    let (from, to) = (across(left, y_mm), across(right, y_mm));
    let (center, reach) = ((from + to) / 2.0, REACH_SHARE * (to - from) / 2.0);
    let steps = (2.0 * reach / SAMPLE_MM).max(0.0) as usize;
    let contrast = |step: usize| {
        let x_mm = center - reach + step as f64 * SAMPLE_MM;
        let bright = mean(view, x_mm - HALF_MM, x_mm + HALF_MM, middle.y_mm)?;
        let beside = [
            mean(view, x_mm - BESIDE_MM.1, x_mm - BESIDE_MM.0, middle.y_mm)?,
            mean(view, x_mm + BESIDE_MM.0, x_mm + BESIDE_MM.1, middle.y_mm)?,
        ];
        Some((bright - beside[0].max(beside[1]), x_mm))
    };
    let (_, x_mm) = (0..=steps).filter_map(contrast).max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some((x_mm - center, DetectorPoint { x_mm, y_mm }))
}

/// Mean of a small area beside the middle of a body.
fn mean(view: &View<'_>, from_mm: f64, to_mm: f64, y_mm: f64) -> Option<f64> {
    let spacing = view.field.spacing;
    let corner = |x_mm: f64, y_mm: f64| -> ImagePoint { DetectorPoint { x_mm, y_mm }.to_image(spacing) };
    let first = view.field.pixel_at(corner(from_mm, y_mm + BELOW_MM.0))?;
    let last = view.field.pixel_at(corner(to_mm, y_mm + BELOW_MM.1))?;
    let (mut sum, mut count) = (0.0, 0.0);
    for row in first.row..=last.row {
        for column in first.column..=last.column {
            sum += f64::from(view.field.values[(row, column)]);
            count += 1.0;
        }
    }
    (count > 0.0).then(|| sum / count)
}
