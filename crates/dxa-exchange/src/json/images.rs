//! What was found on images: lines, points and circles, labels with their evidence, quality records.

use dxa_core::geometry::{DetectorPoint, ImagePoint};
use dxa_core::measure::hip_geometry::HipGeometry;
use dxa_core::outline::{Evidence, Landmark, LandmarkShape, Outlines};
use dxa_core::quality::QualityRecord;
use dxa_core::report::Analysis;
use dxa_core::study::PixelSpacing;
use dxa_core::units::round_half_away;
use serde::Serialize;

use super::rounded;

/// A point as `[column, row]`.
pub(super) fn point(point: ImagePoint) -> [f64; 2] {
    let ImagePoint { x, y } = point.printed();
    [x, y]
}

/// A landmark of a scan.
#[derive(Serialize)]
pub(super) struct ScanLandmark<'a> {
    scan: usize,
    #[serde(flatten)]
    landmark: Shape<'a>,
}

impl<'a> ScanLandmark<'a> {
    pub(super) fn all(analysis: &'a Analysis) -> Vec<Self> {
        let of_scan = |(scan, outlines): (usize, &'a Outlines)| {
            let spacing = spacing(analysis, scan);
            let shape = move |landmark| Some(Self { scan, landmark: Shape::of(landmark, spacing?) });
            outlines.landmarks.iter().filter_map(shape)
        };
        analysis.outlines.iter().enumerate().flat_map(of_scan).collect()
    }
}

fn spacing(analysis: &Analysis, scan: usize) -> Option<PixelSpacing> {
    analysis.scans.get(scan)?.spacing
}

/// A named shape in pixels.
#[derive(Serialize)]
struct Shape<'a> {
    name: &'a str,
    shape: &'static str,
    points_px: Vec<[f64; 2]>,
    /// Half axes along columns and rows: a circle in millimeters need not be one in pixels.
    radius_px: Option<[f64; 2]>,
}

impl<'a> Shape<'a> {
    fn of(landmark: &'a Landmark, spacing: PixelSpacing) -> Self {
        let px = |place: &DetectorPoint| point(place.to_image(spacing));
        let (shape, points_px, radius_px) = match &landmark.shape {
            LandmarkShape::Point(place) => ("point", vec![px(place)], None),
            LandmarkShape::Line(line) => ("line", vec![px(&line.from), px(&line.to)], None),
            LandmarkShape::Path(places) => ("path", places.iter().map(px).collect(), None),
            LandmarkShape::Circle { middle, radius_mm } => {
                let radius = ImagePoint { x: radius_mm / spacing.column_mm, y: radius_mm / spacing.row_mm };
                ("circle", vec![px(middle)], Some(point(radius)))
            }
            LandmarkShape::Area(area) => ("area", area.corners.iter().map(px).collect(), None),
        };
        Self { name: landmark.name, shape, points_px, radius_px }
    }
}

/// Why the regions of a scan are named as they are.
#[derive(Serialize)]
pub(super) struct Labels<'a> {
    margin: Option<f64>,
    evidence: Vec<Clue<'a>>,
}

#[derive(Serialize)]
struct Clue<'a> {
    name: &'a str,
    measured: f64,
    weight: f64,
}

impl<'a> Labels<'a> {
    /// `None` where names are not in question.
    pub(super) fn of(outlines: &'a Outlines) -> Option<Self> {
        let clue = |evidence: &'a Evidence| Clue {
            name: evidence.name,
            measured: round_half_away(evidence.measured, 4),
            weight: round_half_away(evidence.weight, 4),
        };
        let said = outlines.label_margin.is_some() || !outlines.evidence.is_empty();
        said.then(|| Self {
            margin: rounded(outlines.label_margin, 4),
            evidence: outlines.evidence.iter().map(clue).collect(),
        })
    }
}

/// Angle and lengths of a hip.
#[derive(Serialize)]
pub(super) struct Hip {
    neck_shaft_angle_deg: f64,
    neck_width_mm: f64,
    hip_axis_length_mm: Option<f64>,
}

impl Hip {
    /// `None` where no hip was found.
    pub(super) fn of(outlines: &Outlines) -> Option<Self> {
        let found = HipGeometry::of(outlines)?;
        Some(Self {
            neck_shaft_angle_deg: round_half_away(found.neck_shaft_angle_deg, 2),
            neck_width_mm: round_half_away(found.neck_width_mm, 2),
            hip_axis_length_mm: rounded(found.hip_axis_length_mm, 2),
        })
    }
}

/// One check of one scan.
#[derive(Serialize)]
pub(super) struct Quality<'a> {
    scan: usize,
    id: &'static str,
    status: &'static str,
    measured: Option<f64>,
    limit: Option<f64>,
    unit: &'static str,
    evidence: Where<'a>,
}

/// Where on the image a check was made.
#[derive(Serialize)]
struct Where<'a> {
    landmarks: Vec<Shape<'a>>,
}

impl<'a> Quality<'a> {
    pub(super) fn of(record: &'a QualityRecord, analysis: &Analysis) -> Self {
        let spacing = spacing(analysis, record.scan);
        let shape = |landmark| Some(Shape::of(landmark, spacing?));
        Self {
            scan: record.scan,
            id: record.id,
            status: record.status.code(),
            measured: rounded(record.measured, 4),
            limit: rounded(record.limit, 4),
            unit: record.unit,
            evidence: Where { landmarks: record.evidence.iter().filter_map(shape).collect() },
        }
    }
}
