//! The proximal femur: shaft, head, neck, trochanters and the regions of a hip scan.
//!
//! Definitions: docs/regions.md, "Hip regions, exactly".

mod head;
mod neck;
mod neck_box;
mod outline;
mod shaft;
mod wards;

use self::head::Head;
use self::neck::Neck;
use self::outline::Regions;
use self::shaft::Shaft;
use crate::field::{Field, Quantity};
use crate::geometry::{DetectorPoint, PixelIndex, Polygon, Segment};
use crate::outline::{Evidence, Landmark, LandmarkShape, Outlines, RegionOutline};
use crate::segment::edge::Bone;
use crate::segment::limb::bone::{LEFT_RIGHT, bone_of, reversed};
use crate::segment::limb::frame::Frame;
use crate::segment::limb::grid::Grid;
use crate::segment::limb::mirror;
use crate::segment::limb::relief::Relief;
use crate::segment::limb::runs::Run;
use crate::segment::metal::metal;
use crate::site::Site;

/// Whose rule places the neck box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeckConvention {
    /// 15 mm box whose upper lateral corner touches the greater trochanter.
    Hologic,
    /// 15 mm box in the middle of the neck, at its narrowest place.
    Lunar,
}

impl NeckConvention {
    fn name(self) -> &'static str {
        match self {
            Self::Hologic => "hip-hologic/1",
            Self::Lunar => "hip-lunar/1",
        }
    }
}

/// A neck wider than this part of the head's diameter speaks against both.
const WIDEST_NECK: f64 = 0.85;

/// Wider than any person's: beyond these it was no neck.
const NECK_WIDTHS_MM: std::ops::Range<f64> = 18.0..58.0;
/// Wider than any person's neck-shaft angles.
const NECK_SHAFT_DEG: std::ops::Range<f64> = 95.0..160.0;
/// Less metal than this over the femur is noise.
const METAL_MM2: f64 = 5.0;

/// What of a hip could not be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Missing {
    Size,
    Bone,
    Shaft,
    LowerShaft,
    LesserTrochanter,
    Head,
    Neck,
    Box,
    PlacedBox,
    Outline,
    Metal,
}

/// Why no hip was found in an image: a sentence for the refusal `not_evaluable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct HipRefusal(Missing);

impl HipRefusal {
    fn sentence(self) -> &'static str {
        match self.0 {
            Missing::Size => "An image of this size cannot hold one hip.",
            Missing::Bone => "No bone stands out from soft tissue in this image.",
            Missing::Shaft => "No femoral shaft reaches the lower end of the image.",
            Missing::LowerShaft => "The image ends before the shaft below the lesser trochanter.",
            Missing::LesserTrochanter => "The lesser trochanter was not found above the shaft.",
            Missing::Head => "No femoral head was found medial of the shaft.",
            Missing::Neck => "No femoral neck was found between head and shaft.",
            Missing::Box => "The neck box does not reach the greater trochanter.",
            Missing::PlacedBox => "A neck box that is moved keeps its size and lies across the neck.",
            Missing::Metal => "Metal lies over the femur; its bone cannot be measured.",
            Missing::Outline => "The outline of the femur could not be followed.",
        }
    }
}

/// Finds the regions of a hip scan, on density or on a display image, with its [`bone`](crate::segment::edge::bone)
/// where that is found already.
///
/// The medial side is the one that head and pelvis lie on, whatever side the object says.
///
/// # Units
/// Millimeters of the detector plane.
///
/// # Errors
/// What could not be found, as in an image of another part of the body.
pub fn find(field: &Field, bone: Option<&Bone>, convention: NeckConvention) -> Result<Outlines, HipRefusal> {
    find_with(field, bone, convention, None)
}

/// The same with the neck box where a reader placed it: four corners in the order of the landmark `neck_box`.
///
/// # Errors
/// The same, and a box of another size than the convention's, or one across which there is no neck.
pub fn find_with(
    field: &Field,
    bone: Option<&Bone>,
    convention: NeckConvention,
    placed: Option<&Polygon>,
) -> Result<Outlines, HipRefusal> {
    let (relief, rows) = relief_and_rows(field)?;
    let axis = shaft::rough_axis(&rows).ok_or(HipRefusal(Missing::Shaft))?;
    if lies_right(&relief, &axis) {
        return Hip::of(field, bone, &relief, &rows, convention, placed)?.outlines(convention);
    }
    // What follows is written for a pelvis on the right; the mirrored image gives the mirrored result.
    let field = reversed(field, LEFT_RIGHT);
    let bone = bone.map(|bone| bone.reversed(LEFT_RIGHT));
    let (relief, rows) = relief_and_rows(&field)?;
    let width_mm = relief.excess.width_mm();
    let placed = placed.map(|area| Polygon {
        corners: area.corners.iter().map(|at| DetectorPoint { x_mm: width_mm - at.x_mm, ..*at }).collect(),
    });
    let hip = Hip::of(&field, bone.as_ref(), &relief, &rows, convention, placed.as_ref())?;
    let outlines = hip.outlines(convention)?;
    Ok(mirror::mirrored(outlines, width_mm))
}

fn relief_and_rows(field: &Field) -> Result<(Relief, Vec<Run>), HipRefusal> {
    let relief = relief(field)?;
    let rows = shaft::rows(&relief.excess)?;
    Ok((relief, rows))
}

fn relief(field: &Field) -> Result<Relief, HipRefusal> {
    let grid = Grid::of(field).ok_or(HipRefusal(Missing::Size))?;
    Relief::of(&grid, field.quantity).ok_or(HipRefusal(Missing::Bone))
}

/// Whether more bone lies right of the shaft than left of it.
fn lies_right(relief: &Relief, axis: &Frame) -> bool {
    let balance: f64 = relief
        .excess
        .values
        .indexed_iter()
        .filter(|(_, excess)| **excess > 0.0)
        .map(|((row, column), _)| relief.excess.point(row, column))
        .map(|point| point.x_mm - axis.x_at(point.y_mm))
        .sum();
    balance >= 0.0
}

/// What was found of a hip, with the pelvis on the right.
struct Hip {
    shaft: Shaft,
    head: Head,
    neck: Neck,
    /// Lateral edge of the neck box along the neck axis.
    lateral: f64,
    line: Segment,
    regions: Regions,
    wards: Option<Polygon>,
    hip_axis: Option<Segment>,
    ischium_mm2: f64,
}

impl Hip {
    fn of(
        field: &Field,
        bone: Option<&Bone>,
        relief: &Relief,
        rows: &[Run],
        convention: NeckConvention,
        placed: Option<&Polygon>,
    ) -> Result<Self, HipRefusal> {
        let excess = &relief.excess;
        let bone = bone_of(field, relief, bone).ok_or(HipRefusal(Missing::Bone))?;
        let mut shaft = match Shaft::of(rows) {
            Err(HipRefusal(Missing::LowerShaft)) => Shaft::cut(rows)?,
            shaft => shaft?,
        };
        let (mut head, mut neck) = head_and_neck(relief, &shaft)?;
        if shaft.is_neck(&head) {
            shaft = Shaft::cut(rows)?;
            (head, neck) = head_and_neck(relief, &shaft)?;
        }
        // The edge of a display image is wherever its window puts it; there neck and box are as the relief has them.
        let edges = (field.quantity == Quantity::BoneDensity).then_some(bone.as_ref());
        let mut neck = edges.and_then(|bone| neck.measured(bone, &head)).unwrap_or(neck);
        let placed = placed.map(|area| neck_box::placed(area).ok_or(HipRefusal(Missing::PlacedBox)));
        let placed = placed.transpose()?;
        if let Some((axis, _)) = placed {
            neck.axis = axis;
        }
        let angle = shaft.axis.angle_deg(&neck.axis);
        if !NECK_WIDTHS_MM.contains(&neck.width_mm()) || !NECK_SHAFT_DEG.contains(&(180.0 - angle)) {
            return Err(HipRefusal(if placed.is_some() { Missing::PlacedBox } else { Missing::Neck }));
        }
        let lateral = match placed {
            Some((_, lateral)) => lateral,
            None => {
                neck_box::lateral_edge(excess, edges, &neck, convention).ok_or(HipRefusal(Missing::Box))?
            }
        };
        let total = outline::total(&bone, &shaft, &neck, lateral).ok_or(HipRefusal(Missing::Outline))?;
        let line =
            outline::trochanteric_line(excess, &shaft, &neck, lateral).ok_or(HipRefusal(Missing::Outline))?;
        let regions = outline::parts(&bone, total, &shaft, &neck, lateral, line);
        let wards = wards::square(&relief.level, std::slice::from_ref(&regions.total), &neck, lateral);
        let hip_axis = hip_axis(excess, &head, &neck, lateral);
        let ischium_mm2 = neck_box::ischium_mm2(relief, &neck, lateral);
        if holds_metal(field, &regions.total) {
            return Err(HipRefusal(Missing::Metal));
        }
        Ok(Self { shaft, head, neck, lateral, line, regions, wards, hip_axis, ischium_mm2 })
    }

    fn outlines(self, convention: NeckConvention) -> Result<Outlines, HipRefusal> {
        let landmarks = self.landmarks();
        let region = |site, outline| RegionOutline { site, outline };
        let mut regions = vec![
            region(Site::FemoralNeck, self.regions.neck),
            region(Site::Trochanter, self.regions.trochanter),
            region(Site::Intertrochanter, self.regions.intertrochanter),
        ];
        regions.extend(self.wards.map(|square| region(Site::Wards, vec![square])));
        if regions.iter().any(|region| region.outline.is_empty()) {
            return Err(HipRefusal(Missing::Outline));
        }
        let ischium = Evidence { name: "ischium_in_neck_box_mm2", measured: self.ischium_mm2, weight: 0.0 };
        Ok(Outlines {
            regions,
            landmarks,
            evidence: vec![ischium],
            label_margin: None,
            convention: convention.name(),
        })
    }

    /// The point of the femur that lies highest along the shaft.
    fn greater_trochanter_tip(&self) -> DetectorPoint {
        let corners = self.regions.total.corners.iter().copied();
        let lateral = corners.filter(|corner| self.shaft.axis.of(*corner).1 > 0.0);
        let height = |point: &DetectorPoint| self.shaft.axis.of(*point).0;
        lateral.min_by(|a, b| height(a).total_cmp(&height(b))).unwrap_or(self.line.to)
    }

    fn landmarks(&self) -> Vec<Landmark> {
        let landmark = |name, shape| Landmark { name, shape };
        let (from, to) = self.shaft.part;
        let head = LandmarkShape::Circle { middle: self.head.middle, radius_mm: self.head.radius_mm };
        let neck_axis = Segment { from: self.head.middle, to: self.line.from };
        let mut landmarks = vec![
            landmark("shaft_axis", LandmarkShape::Line(self.shaft.axis.segment(from, to))),
            landmark("head", head),
            landmark("neck_axis", LandmarkShape::Line(neck_axis)),
            landmark("neck_width", LandmarkShape::Line(self.neck.width)),
            landmark("neck_box", LandmarkShape::Area(neck_box::corners(&self.neck, self.lateral))),
            landmark("trochanteric_line", LandmarkShape::Line(self.line)),
            landmark("lesser_trochanter_lower_edge", LandmarkShape::Point(self.shaft.lesser_trochanter)),
            landmark("greater_trochanter_tip", LandmarkShape::Point(self.greater_trochanter_tip())),
            landmark("femur", LandmarkShape::Area(self.regions.total.clone())),
        ];
        let prominence = self.shaft.prominence;
        landmarks.extend(prominence.map(|line| landmark("lesser_trochanter", LandmarkShape::Line(line))));
        landmarks.extend(self.hip_axis.map(|axis| landmark("hip_axis_length", LandmarkShape::Line(axis))));
        landmarks
    }
}

/// Whether metal lies within an outline.
fn holds_metal(field: &Field, outline: &Polygon) -> bool {
    let Some(metal) = metal(field) else { return false };
    let place =
        |(row, column): (usize, usize)| PixelIndex { row, column }.middle().to_detector(field.spacing);
    let over = metal.indexed_iter().filter(|(at, metal)| **metal && outline.contains(place(*at)));
    over.count() as f64 * field.pixel_area_mm2() > METAL_MM2
}

/// The circle and the neck that fit each other best.
fn head_and_neck(relief: &Relief, shaft: &Shaft) -> Result<(Head, Neck), HipRefusal> {
    let heads = Head::candidates(&relief.level, f64::from(relief.typical), shaft);
    if heads.is_empty() {
        return Err(HipRefusal(Missing::Head));
    }
    heads
        .into_iter()
        .filter_map(|head| Neck::of(relief, shaft, &head).ok().map(|neck| (head, neck)))
        .max_by(|a, b| fitness(a).total_cmp(&fitness(b)))
        .ok_or(HipRefusal(Missing::Neck))
}

/// How well a head and a neck fit each other: the edge seen, less what the neck is unlike a neck.
fn fitness((head, neck): &(Head, Neck)) -> f64 {
    head.support - neck.asymmetry() - (neck.width_mm() / (2.0 * head.radius_mm) - WIDEST_NECK).max(0.0) * 2.0
}

/// Along the neck axis from the lateral edge of the femur to the inner edge of the pelvis.
fn hip_axis(excess: &Grid, head: &Head, neck: &Neck, lateral: f64) -> Option<Segment> {
    let outside = outline::lateral_exit(excess, neck, lateral)?;
    let inside = outline::edge_from(excess, &neck.axis, -0.5 * head.radius_mm, -1.0)?;
    Some(Segment { from: outside, to: neck.axis.point(inside, 0.0) })
}
