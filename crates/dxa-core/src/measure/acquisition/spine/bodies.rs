//! One vertebra against the others: density, width, height, area.

use super::Measured;
use super::view::{ENDPLATES, View};
use crate::field::{Field, Pixel, Quantity};
use crate::geometry::{DetectorPoint, PixelIndex, Polygon};
use crate::outline::{Landmark, LandmarkShape, RegionOutline};

/// Difference of the densest and the least dense vertebra over their mean.
pub(super) fn spread(view: &View<'_>) -> Measured {
    if view.field.quantity != Quantity::BoneDensity {
        return None;
    }
    let densities: Vec<(f64, &RegionOutline)> = view
        .found
        .regions
        .iter()
        .filter_map(|region| Some((mean_density(view.field, region)?, region)))
        .collect();
    if densities.len() < 3 {
        return None;
    }
    let mean = densities.iter().map(|(density, _)| density).sum::<f64>() / densities.len() as f64;
    let away = |density: f64| (density - mean).abs();
    let odd = densities.iter().max_by(|a, b| away(a.0).total_cmp(&away(b.0)))?;
    let (least, most) = densities.iter().fold((f64::INFINITY, 0.0f64), |(least, most), (density, _)| {
        (least.min(*density), most.max(*density))
    });
    let evidence = odd.1.outline.first().map(|polygon| area("outlier", polygon.clone()));
    Some((100.0 * (most - least) / mean, evidence.into_iter().collect()))
}

fn area(name: &'static str, polygon: Polygon) -> Landmark {
    Landmark { name, shape: LandmarkShape::Area(polygon) }
}

/// Mean over the pixels whose middle lies in the outline.
fn mean_density(field: &Field, region: &RegionOutline) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0f64);
    for polygon in &region.outline {
        let (top, bottom) = polygon.corners.iter().fold((f64::INFINITY, 0.0f64), |(top, bottom), corner| {
            (top.min(corner.y_mm), bottom.max(corner.y_mm))
        });
        let rows = (top / field.spacing.row_mm).max(0.0) as usize..=(bottom / field.spacing.row_mm) as usize;
        for row in rows.filter(|row| *row < field.shape().0) {
            let crossings = crossings(polygon, (row as f64 + 0.5) * field.spacing.row_mm);
            for span in crossings.chunks_exact(2) {
                let column = |x_mm: f64| (x_mm / field.spacing.column_mm - 0.5).ceil().max(0.0) as usize;
                for column in column(span[0])..column(span[1]).min(field.shape().1) {
                    let at = PixelIndex { row, column };
                    if field.pixels[(at.row, at.column)] == Pixel::Tissue {
                        sum += f64::from(field.values[(at.row, at.column)]);
                        count += 1.0;
                    }
                }
            }
        }
    }
    (count > 0.0).then(|| sum / count)
}

/// Where a horizontal line crosses a polygon, from the left.
fn crossings(polygon: &Polygon, y_mm: f64) -> Vec<f64> {
    let next = polygon.corners.iter().cycle().skip(1);
    let crossing = |(a, b): (&DetectorPoint, &DetectorPoint)| {
        ((a.y_mm > y_mm) != (b.y_mm > y_mm))
            .then(|| a.x_mm + (y_mm - a.y_mm) / (b.y_mm - a.y_mm) * (b.x_mm - a.x_mm))
    };
    let mut crossings: Vec<f64> = polygon.corners.iter().zip(next).filter_map(crossing).collect();
    crossings.sort_by(f64::total_cmp);
    crossings
}

/// By how much a vertebra is less tall than its neighbors let expect.
pub(super) fn height_loss(view: &View<'_>) -> Measured {
    let heights = view.heights_mm();
    let loss = |index: usize| {
        let own = heights[index]?;
        let neighbors: Vec<f64> = [index.checked_sub(1), Some(index + 1)]
            .into_iter()
            .flatten()
            .filter_map(|at| heights.get(at).copied().flatten())
            .collect();
        let expected = neighbors.iter().sum::<f64>() / neighbors.len() as f64;
        (expected > 0.0).then(|| (100.0 * (1.0 - own / expected), index))
    };
    let (loss, index) = (0..4).filter_map(loss).max_by(|a, b| a.0.total_cmp(&b.0))?;
    let shown = ENDPLATES[index]
        .into_iter()
        .filter_map(|name| view.found.landmark(name).map(|shape| Landmark { name, shape: shape.clone() }));
    Some((loss.max(0.0), shown.collect()))
}
