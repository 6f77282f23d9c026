//! Area, mineral content and density of one outlined region.

use ndarray::Array2;

use crate::calibrate::{Calibrated, SoftTissue};
use crate::field::{Field, Pixel, Quantity};
use crate::findings::{Refusal, RefusalCode};
use crate::geometry::{DetectorPoint, Polygon};
use crate::outline::RegionOutline;
use crate::segment::edge::Bone;
use crate::units::{Cm2, Grams, GramsPerCm2};

use super::coverage::coverage;

/// What was measured in a region.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RegionMeasure {
    /// Projected area.
    pub area: Cm2,
    /// Bone mineral content.
    pub bmc: Grams,
    /// How far off the density may be.
    pub uncertainty: Uncertainty,
}

/// One standard deviation of a density, and its parts.
///
/// # Units
/// g/cm².
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Uncertainty {
    /// From noise and structure of soft tissue.
    pub noise: f64,
    /// From where the outline runs.
    pub edge: f64,
    /// From the zero of soft tissue.
    pub baseline: f64,
}

impl Uncertainty {
    /// All parts together: they do not depend on one another.
    #[must_use]
    pub fn combined(self) -> f64 {
        self.noise.hypot(self.edge).hypot(self.baseline)
    }
}

impl RegionMeasure {
    /// Content over area.
    #[must_use]
    pub fn bmd(&self) -> GramsPerCm2 {
        self.bmc / self.area
    }
}

/// The rule by which content is summed, for `method`.
pub const RULE: &str = "content over the outline and 0.8 mm beyond it (v1)";

/// Blur carries content this far beyond an outline.
const BEYOND_MM: f64 = 0.8;
/// Samples of that margin are at most this far apart.
const SAMPLE_MM: f64 = 0.15;

/// Measures the region inside of an outline.
///
/// Area is that of the polygons. Content is the sum of density × area over them, and over the margin around
/// them that is no bone: bone outside of the outline belongs to another region and is never counted.
/// The same outline on the same field gives the same numbers, whoever drew it.
///
/// # Errors
/// A field that is no density; an outline that holds unmeasured pixels, leaves the image or encloses nothing.
pub fn measure(
    calibrated: &Calibrated,
    bone: &Bone,
    region: &RegionOutline,
) -> Result<RegionMeasure, Refusal> {
    let field = &calibrated.field;
    if field.quantity != Quantity::BoneDensity {
        let message = "These are display pixels; bone density cannot be computed from them.";
        return Err(Refusal::new(RefusalCode::NotCalibrated, message));
    }
    let window = Window::around(field, &region.outline)
        .ok_or_else(|| not_evaluable(region, "does not lie inside of the image"))?;
    let inside = coverage(&region.outline, field.spacing, window.origin, window.size);
    if window.holds_unmeasured(field, &inside) {
        return Err(not_evaluable(region, "holds pixels without counts, as behind metal"));
    }
    let margin = window.margin(field, bone, &region.outline);
    let pixel_cm2 = field.pixel_area_mm2() / 100.0;
    let lost = |pixel| if calibrated.restores_partial_pixels { bone.lost(pixel) } else { 0.0 };
    let mut content = 0.0;
    for ((at, inside), margin) in inside.indexed_iter().zip(&margin) {
        let weight = inside + margin.min(1.0 - inside);
        if weight > 0.0 {
            let pixel = window.pixel(at);
            content += weight * (f64::from(field.values[pixel]) + lost(pixel));
        }
    }
    let area_cm2 = region.outline.iter().map(Polygon::area_mm2).sum::<f64>() / 100.0;
    let (Some(area), Some(bmc)) = (Cm2::new(area_cm2), Grams::new(content * pixel_cm2)) else {
        return Err(not_evaluable(region, "holds no bone mineral"));
    };
    let uncertainty = uncertainty(field, &calibrated.soft_tissue, region, (bmc / area).get(), area_cm2);
    Ok(RegionMeasure { area, bmc, uncertainty })
}

/// Several regions as one: ΣBMC / Σarea.
///
/// The uncertainties of noise fall with the number of regions, those of edge and baseline are shared.
#[must_use]
pub fn total(regions: &[RegionMeasure]) -> Option<RegionMeasure> {
    let area = Cm2::new(regions.iter().map(|region| region.area.get()).sum())?;
    let bmc: Grams = regions.iter().map(|region| region.bmc).sum();
    let weighted = |part: fn(&Uncertainty) -> f64| {
        regions.iter().map(move |region| part(&region.uncertainty) * region.area.get() / area.get())
    };
    let uncertainty = Uncertainty {
        noise: weighted(|parts| parts.noise).map(|part| part * part).sum::<f64>().sqrt(),
        edge: weighted(|parts| parts.edge).sum(),
        baseline: weighted(|parts| parts.baseline).sum(),
    };
    Some(RegionMeasure { area, bmc, uncertainty })
}

fn not_evaluable(region: &RegionOutline, what: &str) -> Refusal {
    Refusal::new(RefusalCode::NotEvaluable, format!("The region {} {what}; it has no density.", region.site))
}

/// The outline may run this far beside the true edge all along, in pixels.
const EDGE_PIXELS: f64 = 0.05;

fn uncertainty(
    field: &Field,
    soft_tissue: &SoftTissue,
    region: &RegionOutline,
    bmd: f64,
    area_cm2: f64,
) -> Uncertainty {
    let pixel_cm = field.pixel_area_mm2().sqrt() / 10.0;
    let perimeter_cm = region.outline.iter().map(perimeter_mm).sum::<f64>() / 10.0;
    Uncertainty {
        noise: soft_tissue.noise_g_cm2 / area_cm2.sqrt(),
        edge: bmd * EDGE_PIXELS * pixel_cm * perimeter_cm / area_cm2,
        baseline: soft_tissue.zero_g_cm2,
    }
}

fn perimeter_mm(polygon: &Polygon) -> f64 {
    edges(polygon).map(|(from, to)| from.distance_mm(to)).sum()
}

fn edges(polygon: &Polygon) -> impl Iterator<Item = (DetectorPoint, DetectorPoint)> + '_ {
    let next = polygon.corners.iter().cycle().skip(1);
    polygon.corners.iter().zip(next).map(|(from, to)| (*from, *to))
}

/// The part of the image that a region and its margin lie in.
struct Window {
    origin: (usize, usize),
    size: (usize, usize),
}

impl Window {
    /// `None` where the outline leaves the image or has no corners.
    fn around(field: &Field, outline: &[Polygon]) -> Option<Self> {
        let spacing = field.spacing;
        let corners = || outline.iter().flat_map(|polygon| &polygon.corners);
        let span = |of: fn(&DetectorPoint) -> f64, pixel_mm: f64, pixels: usize| {
            let (low, high) = corners()
                .map(of)
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), at| (low.min(at), high.max(at)));
            let end = pixels as f64 * pixel_mm;
            if !(low >= -SLACK_MM && high <= end + SLACK_MM && low < high) {
                return None;
            }
            let from = ((low - BEYOND_MM) / pixel_mm).floor().max(0.0) as usize;
            let to = (((high + BEYOND_MM) / pixel_mm).ceil() as usize).min(pixels);
            (from < to).then_some((from, to - from))
        };
        let rows = span(|corner| corner.y_mm, spacing.row_mm, field.values.nrows())?;
        let columns = span(|corner| corner.x_mm, spacing.column_mm, field.values.ncols())?;
        Some(Self { origin: (rows.0, columns.0), size: (rows.1, columns.1) })
    }

    fn pixel(&self, at: (usize, usize)) -> (usize, usize) {
        (self.origin.0 + at.0, self.origin.1 + at.1)
    }

    fn holds_unmeasured(&self, field: &Field, inside: &Array2<f64>) -> bool {
        let mut covered = inside.indexed_iter().filter(|(_, part)| **part > 0.0);
        covered.any(|(at, _)| field.pixels[self.pixel(at)] == Pixel::Unmeasured)
    }

    /// The part of each pixel that lies outside of the outline, near to it, and is no bone.
    fn margin(&self, field: &Field, bone: &Bone, outline: &[Polygon]) -> Array2<f64> {
        let spacing = field.spacing;
        let samples = |pixel_mm: f64| (pixel_mm / SAMPLE_MM).ceil().max(1.0) as usize;
        let per_pixel = (samples(spacing.row_mm), samples(spacing.column_mm));
        let step = (spacing.row_mm / per_pixel.0 as f64, spacing.column_mm / per_pixel.1 as f64);
        let fine = (self.size.0 * per_pixel.0, self.size.1 * per_pixel.1);
        let middle = |row: usize, column: usize| DetectorPoint {
            x_mm: self.origin.1 as f64 * spacing.column_mm + (column as f64 + 0.5) * step.1,
            y_mm: self.origin.0 as f64 * spacing.row_mm + (row as f64 + 0.5) * step.0,
        };
        let mut near = Array2::from_elem(fine, false);
        for (from, to) in outline.iter().flat_map(edges) {
            self.mark_near(&mut near, from, to, step, spacing, &middle);
        }
        let share = 1.0 / (per_pixel.0 * per_pixel.1) as f64;
        let mut margin = Array2::zeros(self.size);
        for (row, near) in near.rows().into_iter().enumerate().filter(|(_, near)| near.iter().any(|n| *n)) {
            let across: Vec<_> = outline.iter().map(|polygon| polygon.across(middle(row, 0).y_mm)).collect();
            for (column, _) in near.indexed_iter().filter(|(_, near)| **near) {
                let point = middle(row, column);
                let counts = !bone.contains(point) && !across.iter().any(|part| part.contains(point.x_mm));
                if counts {
                    margin[(row / per_pixel.0, column / per_pixel.1)] += share;
                }
            }
        }
        margin
    }

    /// Marks the samples within reach of one edge.
    fn mark_near(
        &self,
        near: &mut Array2<bool>,
        from: DetectorPoint,
        to: DetectorPoint,
        step: (f64, f64),
        spacing: crate::study::PixelSpacing,
        middle: &impl Fn(usize, usize) -> DetectorPoint,
    ) {
        let start = (self.origin.0 as f64 * spacing.row_mm, self.origin.1 as f64 * spacing.column_mm);
        let span = |a: f64, b: f64, start: f64, step: f64, count: usize| {
            let first = ((a.min(b) - BEYOND_MM - start) / step).floor().max(0.0) as usize;
            let last = ((a.max(b) + BEYOND_MM - start) / step).ceil().max(0.0) as usize;
            first..last.min(count)
        };
        for row in span(from.y_mm, to.y_mm, start.0, step.0, near.nrows()) {
            for column in span(from.x_mm, to.x_mm, start.1, step.1, near.ncols()) {
                let near = &mut near[(row, column)];
                *near = *near || is_within(BEYOND_MM, middle(row, column), from, to);
            }
        }
    }
}

/// Rounding of printed corners.
const SLACK_MM: f64 = 0.01;

/// Whether a point lies at most so far from the straight line between two others.
fn is_within(reach_mm: f64, point: DetectorPoint, from: DetectorPoint, to: DetectorPoint) -> bool {
    let (dx, dy) = (to.x_mm - from.x_mm, to.y_mm - from.y_mm);
    let squared = dx * dx + dy * dy;
    let along = (point.x_mm - from.x_mm) * dx + (point.y_mm - from.y_mm) * dy;
    let part = if squared > 0.0 { (along / squared).clamp(0.0, 1.0) } else { 0.0 };
    let (x, y) = (point.x_mm - (from.x_mm + part * dx), point.y_mm - (from.y_mm + part * dy));
    x * x + y * y <= reach_mm * reach_mm
}
