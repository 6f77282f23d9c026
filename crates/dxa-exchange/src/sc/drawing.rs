//! What is drawn: the scan in its true proportions, outlines, lines, labels, and the legend beside it.

use dxa_core::field::Field;
use dxa_core::geometry::{DetectorPoint, Polygon};
use dxa_core::outline::{Landmark, LandmarkShape, RegionOutline};
use dxa_core::quality::QualityStatus;
use dxa_core::report::Analysis;
use dxa_core::site::{ForearmBone, Site};

use super::canvas::{Canvas, Letters, Pen, Rgb, Spot};
use super::{legend, vertebrae};

/// A finished picture.
pub(super) struct Picture {
    pub(super) width: u16,
    pub(super) height: u16,
    /// Red, green and blue of every pixel, row by row.
    pub(super) rgb: Vec<u8>,
    /// Size of a pixel of the scan's part of the picture.
    pub(super) mm_per_pixel: f64,
}

/// Which side of the patient lies at the right and at the lower edge, as `L` and `F`.
pub(super) type Orientation = Option<[char; 2]>;

/// Draws a scan; `None` when its size is none that can be drawn.
pub(super) fn draw(
    analysis: &Analysis,
    scan: usize,
    gray: &Field,
    orientation: Orientation,
) -> Option<Picture> {
    let sheet = Sheet::of(gray)?;
    let legend = legend::lines(analysis, scan, PANEL_LETTERS);
    let height = sheet.height.max(legend_height(&legend)) + 2 * MARGIN;
    let mut canvas = Canvas::new(sheet.width + PANEL_WIDTH + 3 * MARGIN, height)?;
    sheet.image(&mut canvas, gray);
    if let Some(found) = analysis.outlines.get(scan) {
        found.landmarks.iter().for_each(|landmark| sheet.landmark(&mut canvas, landmark, pen_of(landmark)));
        found.regions.iter().for_each(|region| sheet.outline(&mut canvas, region));
        sheet.labels(&mut canvas, &found.regions);
    }
    for spine in analysis.laterals.iter().filter(|spine| spine.scan == scan) {
        vertebrae::draw(&mut canvas, spine, |point| sheet.spot(point.to_detector(gray.spacing)));
    }
    let failed = analysis.quality.iter();
    let failed = failed.filter(|record| record.scan == scan && record.status == QualityStatus::Fail);
    failed.flat_map(|record| &record.evidence).for_each(|place| sheet.landmark(&mut canvas, place, FAILED));
    sheet.sides(&mut canvas, orientation);
    write_legend(&mut canvas, &legend, sheet.width + 2 * MARGIN);
    Some(Picture {
        width: u16::try_from(canvas.width()).ok()?,
        height: u16::try_from(canvas.height()).ok()?,
        rgb: canvas.into_rgb(),
        mm_per_pixel: 1.0 / sheet.pixels_per_mm,
    })
}

/// The scan's part of the picture is about this large, whatever the raster of the scan.
const LARGEST_WIDTH: f64 = 900.0;
const LARGEST_HEIGHT: f64 = 1000.0;
/// Black around the scan.
const MARGIN: u32 = 24;
/// Letters of a line of the legend.
const PANEL_LETTERS: usize = 44;
const PANEL_WIDTH: u32 = 44 * 9;
/// The legend with the black beside it.
pub(super) const LEGEND_WIDTH: u32 = PANEL_WIDTH + MARGIN;

const REGION: Pen = Pen { color: [90, 220, 255], width: 2.0, dashed: false };
const CUT: Pen = Pen { color: [255, 230, 60], width: 2.0, dashed: false };
const AXIS: Pen = Pen { color: [255, 130, 200], width: 1.6, dashed: true };
const HELP: Pen = Pen { color: [190, 150, 180], width: 0.8, dashed: true };
const BOX: Pen = Pen { color: [120, 255, 120], width: 2.0, dashed: false };
const FAILED: Pen = Pen { color: [255, 110, 50], width: 1.6, dashed: true };
/// Labels nearer than this could overlap.
const LABEL_WIDTH: i32 = 50;
const LABEL: Rgb = [255, 255, 255];

fn pen_of(landmark: &Landmark) -> Pen {
    match landmark.name {
        name if name.starts_with("disc_") || name.ends_with("_line") => CUT,
        name if name.contains("box") => BOX,
        name if ["endplate_", "spine_edge_", "outline"].iter().any(|help| name.contains(help)) => HELP,
        _ => AXIS,
    }
}

/// Where millimeters of the detector lie on the canvas.
struct Sheet {
    pixels_per_mm: f64,
    width: u32,
    height: u32,
}

impl Sheet {
    fn of(gray: &Field) -> Option<Self> {
        let (rows, columns) = gray.shape();
        let (height_mm, width_mm) =
            (rows as f64 * gray.spacing.row_mm, columns as f64 * gray.spacing.column_mm);
        let pixels_per_mm = (LARGEST_WIDTH / width_mm).min(LARGEST_HEIGHT / height_mm);
        let pixels = |mm: f64| (mm * pixels_per_mm).round() as u32;
        let sheet = Self { pixels_per_mm, width: pixels(width_mm), height: pixels(height_mm) };
        (pixels_per_mm.is_finite() && sheet.width > 0 && sheet.height > 0).then_some(sheet)
    }

    fn spot(&self, point: DetectorPoint) -> Spot {
        let margin = f64::from(MARGIN);
        (point.x_mm * self.pixels_per_mm + margin, point.y_mm * self.pixels_per_mm + margin)
    }

    /// The scan in gray, interpolated between the middles of its pixels.
    fn image(&self, canvas: &mut Canvas, gray: &Field) {
        for y in 0..self.height {
            let row = self.place(y, gray.spacing.row_mm);
            for x in 0..self.width {
                let value = bilinear(gray, row, self.place(x, gray.spacing.column_mm));
                let level = (f64::from(value).clamp(0.0, 1.0) * 255.0).round() as u8;
                canvas.set(x + MARGIN, y + MARGIN, [level; 3]);
            }
        }
    }

    /// Place of a pixel of the canvas between the middles of the scan's pixels.
    fn place(&self, pixel: u32, pitch_mm: f64) -> f64 {
        (f64::from(pixel) + 0.5) / self.pixels_per_mm / pitch_mm - 0.5
    }

    fn outline(&self, canvas: &mut Canvas, region: &RegionOutline) {
        for part in &region.outline {
            canvas.line(&self.spots(&part.corners), true, REGION);
        }
    }

    fn spots(&self, points: &[DetectorPoint]) -> Vec<Spot> {
        points.iter().map(|point| self.spot(*point)).collect()
    }

    fn landmark(&self, canvas: &mut Canvas, landmark: &Landmark, pen: Pen) {
        match &landmark.shape {
            LandmarkShape::Point(point) => {
                canvas.ellipse(self.spot(*point), (4.0, 4.0), Pen { dashed: false, ..pen })
            }
            LandmarkShape::Line(line) => canvas.line(&self.spots(&[line.from, line.to]), false, pen),
            LandmarkShape::Path(points) => canvas.line(&self.spots(points), false, pen),
            LandmarkShape::Circle { middle, radius_mm } => {
                let radius = radius_mm * self.pixels_per_mm;
                canvas.ellipse(self.spot(*middle), (radius, radius), pen);
            }
            LandmarkShape::Area(area) => canvas.line(&self.spots(&area.corners), true, pen),
        }
    }

    /// The name of each region in the middle of its largest part, below those that stand there already.
    fn labels(&self, canvas: &mut Canvas, regions: &[RegionOutline]) {
        let mut taken: Vec<(i32, i32)> = Vec::new();
        for region in regions.iter().filter(|region| is_named(region.site)) {
            let largest = region.outline.iter().max_by(|a, b| a.area_mm2().total_cmp(&b.area_mm2()));
            let Some((x, y)) = largest.and_then(middle).map(|middle| self.spot(middle)) else { continue };
            let name = legend::short_name(region.site);
            let half = name.chars().count() as f64 * f64::from(Letters::Large.width()) / 2.0;
            let (left, height) = ((x - half) as i32, Letters::Large.height() as i32);
            let mut top = y as i32 - height / 2;
            while taken.iter().any(|(x, y)| (x - left).abs() < LABEL_WIDTH && (y - top).abs() < height) {
                top += height;
            }
            taken.push((left, top));
            canvas.text((left, top), &name, Letters::Large, LABEL);
        }
    }

    /// Letters at the edges that say which side of the patient lies there.
    fn sides(&self, canvas: &mut Canvas, orientation: Orientation) {
        let Some([right, lower]) = orientation else { return };
        let (width, height, margin) = (self.width as i32, self.height as i32, MARGIN as i32);
        let (middle_x, middle_y) = (margin + width / 2 - 5, margin + height / 2 - 10);
        let places = [
            (Some(right), (margin + width - 14, middle_y)),
            (opposite(right), (margin + 4, middle_y)),
            (Some(lower), (middle_x, margin + height - 22)),
            (opposite(lower), (middle_x, margin + 2)),
        ];
        for (letter, place) in places {
            let text = letter.map(String::from).unwrap_or_default();
            canvas.text(place, &text, Letters::Large, CUT.color);
        }
    }
}

/// Radius and ulna together have no place of their own beside the radius.
fn is_named(site: Site) -> bool {
    !matches!(site, Site::Forearm(ForearmBone::RadiusUlna, _))
}

fn opposite(side: char) -> Option<char> {
    const PAIRS: [(char, char); 3] = [('L', 'R'), ('A', 'P'), ('H', 'F')];
    PAIRS.into_iter().find_map(|(one, other)| match side {
        side if side == one => Some(other),
        side if side == other => Some(one),
        _ => None,
    })
}

/// The center of gravity of an outline.
fn middle(polygon: &Polygon) -> Option<DetectorPoint> {
    let next = polygon.corners.iter().cycle().skip(1);
    let (mut x, mut y, mut doubled) = (0.0, 0.0, 0.0);
    for (a, b) in polygon.corners.iter().zip(next) {
        let cross = a.x_mm * b.y_mm - b.x_mm * a.y_mm;
        (x, y, doubled) = (x + (a.x_mm + b.x_mm) * cross, y + (a.y_mm + b.y_mm) * cross, doubled + cross);
    }
    let middle = DetectorPoint { x_mm: x / (3.0 * doubled), y_mm: y / (3.0 * doubled) };
    (middle.x_mm.is_finite() && middle.y_mm.is_finite()).then_some(middle)
}

fn bilinear(gray: &Field, row: f64, column: f64) -> f32 {
    let (rows, columns) = gray.shape();
    let split = |place: f64, count: usize| {
        let place = place.clamp(0.0, (count - 1) as f64);
        let first = place as usize;
        (first, (first + 1).min(count - 1), (place - first as f64) as f32)
    };
    let ((top, bottom, down), (left, right, across)) = (split(row, rows), split(column, columns));
    let value = |row, column| gray.values[(row, column)];
    let upper = value(top, left) * (1.0 - across) + value(top, right) * across;
    let lower = value(bottom, left) * (1.0 - across) + value(bottom, right) * across;
    upper * (1.0 - down) + lower * down
}

fn letters_of(line: &legend::Line) -> Letters {
    if line.heading { Letters::Large } else { Letters::Small }
}

fn legend_height(legend: &[legend::Line]) -> u32 {
    legend.iter().map(|line| letters_of(line).height()).sum()
}

fn write_legend(canvas: &mut Canvas, legend: &[legend::Line], x: u32) {
    let mut y = MARGIN as i32;
    for line in legend {
        canvas.text((x as i32, y), &line.text, letters_of(line), line.color);
        y += letters_of(line).height() as i32;
    }
}
