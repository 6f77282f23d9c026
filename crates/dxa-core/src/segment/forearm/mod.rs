//! The forearm: radius and ulna, their ends at the wrist, and the strips between.
//!
//! Definitions: docs/regions.md, "Forearm regions, exactly".

mod bones;
mod ends;
mod strips;

use self::bones::Bones;
use crate::field::Field;
use crate::geometry::DetectorPoint;
use crate::outline::{Landmark, LandmarkShape, Outlines};
use crate::segment::edge::Bone;
use crate::segment::limb::bone::{UP_DOWN, bone_of, reversed};
use crate::segment::limb::frame::Frame;
use crate::segment::limb::grid::Grid;
use crate::segment::limb::line_fit::polynomial;
use crate::segment::limb::mirror;
use crate::segment::limb::relief::Relief;
use crate::segment::limb::runs::Run;

/// Length over which the axis of the forearm is drawn.
const AXIS_MM: f64 = 80.0;

/// Why no forearm, or none of its regions, was found in an image: a sentence for the refusal `not_evaluable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForearmRefusal {
    /// Too small or too large.
    #[error("An image of this size cannot hold one forearm.")]
    Size,
    /// Nothing stands out.
    #[error("No bone stands out from soft tissue in this image.")]
    NoBone,
    /// There are not two bones side by side.
    #[error("No two bones run side by side through this image.")]
    NoTwoBones,
    /// The wrist end of a bone was not found.
    #[error("The end of radius or ulna at the wrist was not found.")]
    NoWrist,
    /// A strip leaves the image.
    #[error("The image does not hold the whole strip at a third of the ulna.")]
    OutOfImage,
    /// Nobody typed in how long the ulna is.
    #[error(
        "The regions of the forearm lie at parts of the length of the ulna, which this object does not state."
    )]
    NoUlnaLength,
}

/// What was found of a forearm.
#[derive(Clone, Debug)]
pub struct Found {
    /// Regions and landmarks; what could not be found is missing.
    pub outlines: Outlines,
    /// Why there are no regions, where there are none.
    pub missing: Option<ForearmRefusal>,
}

/// Finds the regions of a forearm scan, on density or on a display image, with its
/// [`bone`](crate::segment::edge::bone) where that is found already.
///
/// Where two bones run side by side but there are no regions, there are landmarks still.
///
/// # Units
/// Millimeters of the detector plane.
///
/// # Errors
/// An image of another part of the body.
pub fn find(
    field: &Field,
    bone: Option<&Bone>,
    ulna_length_mm: Option<f64>,
) -> Result<Found, ForearmRefusal> {
    let turned = reversed(field, UP_DOWN);
    let upright = Scene::of(field)?;
    let overhead = Scene::of(&turned)?;
    let length = |scene: &Scene| scene.bones.as_ref().map_or(0.0, Bones::common_mm);
    if length(&upright) >= length(&overhead) {
        return upright.found(field, bone, ulna_length_mm);
    }
    let bone = bone.map(|bone| bone.reversed(UP_DOWN));
    let height_mm = overhead.relief.excess.height_mm();
    let found = overhead.found(&turned, bone.as_ref(), ulna_length_mm)?;
    Ok(Found { outlines: mirror::flipped(found.outlines, height_mm), ..found })
}

/// An image, and the bones that run upward in it.
struct Scene {
    relief: Relief,
    bones: Option<Bones>,
}

impl Scene {
    fn of(field: &Field) -> Result<Self, ForearmRefusal> {
        let grid = Grid::of(field).ok_or(ForearmRefusal::Size)?;
        let relief = Relief::of(&grid, field.quantity).ok_or(ForearmRefusal::NoBone)?;
        let bones = Bones::of(&relief);
        Ok(Self { relief, bones })
    }

    fn found(
        self,
        field: &Field,
        bone: Option<&Bone>,
        ulna_length_mm: Option<f64>,
    ) -> Result<Found, ForearmRefusal> {
        let bones = self.bones.ok_or(ForearmRefusal::NoTwoBones)?;
        let without = |landmarks, missing| Found {
            outlines: Outlines { landmarks, convention: CONVENTION, ..Outlines::default() },
            missing: Some(missing),
        };
        let Some(axes) = axes(&bones, None) else {
            return Ok(without(Vec::new(), ForearmRefusal::NoWrist));
        };
        let seen = bones.landmarks(&axes);
        let mut forearm = match Forearm::of(&self.relief, bones, axes, ulna_length_mm) {
            Ok(forearm) => forearm,
            Err(missing) => return Ok(without(seen, missing)),
        };
        let Some(length) = ulna_length_mm else {
            return Ok(without(forearm.landmarks(), ForearmRefusal::NoUlnaLength));
        };
        let bone = bone_of(field, &self.relief, bone).ok_or(ForearmRefusal::NoBone)?;
        forearm.axis = ends::tip(&bone, &forearm.axis).map_or(forearm.axis, |tip| forearm.axis.at(tip));
        let landmarks = forearm.landmarks();
        let height_mm = self.relief.excess.height_mm();
        let Some(regions) = strips::regions(&bone, &forearm, length, height_mm) else {
            return Ok(without(landmarks, ForearmRefusal::OutOfImage));
        };
        let outlines = Outlines { regions, landmarks, convention: CONVENTION, ..Outlines::default() };
        Ok(Found { outlines, missing: None })
    }
}

/// Name and version of the regions.
const CONVENTION: &str = "forearm/1";

/// What was found of a forearm, with the hand above.
struct Forearm {
    bones: Bones,
    radius_axis: Frame,
    ulna_axis: Frame,
    /// From the tip of the ulna toward the elbow.
    axis: Frame,
    endplate: DetectorPoint,
}

impl Forearm {
    /// From the axes of both bones over their straight parts.
    fn of(
        relief: &Relief,
        bones: Bones,
        (mut radius_axis, mut ulna_axis): (Frame, Frame),
        ulna_length_mm: Option<f64>,
    ) -> Result<Self, ForearmRefusal> {
        let no_wrist = || ForearmRefusal::NoWrist;
        let mut axis = halfway(&radius_axis, &ulna_axis).ok_or_else(no_wrist)?;
        for _ in 0..2 {
            let styloid = ends::styloid(relief, &bones, &axis).ok_or_else(no_wrist)?;
            axis = axis.at(styloid);
            let site = ulna_length_mm.map(|length| strips::third(&axis, length));
            if let Some((radius, ulna)) = axes(&bones, site) {
                (radius_axis, ulna_axis) = (radius, ulna);
                axis = halfway(&radius, &ulna).ok_or_else(no_wrist)?.at(styloid);
            }
        }
        let endplate = ends::endplate(relief, &bones, &axis).ok_or_else(no_wrist)?;
        Ok(Self { bones, radius_axis, ulna_axis, axis, endplate })
    }

    fn landmarks(&self) -> Vec<Landmark> {
        let landmark = |name, shape| Landmark { name, shape };
        let mut landmarks = self.bones.landmarks(&(self.radius_axis, self.ulna_axis));
        landmarks.extend([
            landmark("forearm_axis", LandmarkShape::Line(self.axis.segment(0.0, AXIS_MM))),
            landmark("narrowest_gap", LandmarkShape::Line(self.bones.narrowest_gap(self.axis.origin.y_mm))),
            landmark("ulnar_styloid", LandmarkShape::Point(self.axis.origin)),
            landmark("radial_endplate", LandmarkShape::Point(self.endplate)),
        ]);
        landmarks
    }
}

/// The axes of the two bones over some rows, or over the straight part of both.
fn axes(bones: &Bones, rows: Option<(f64, f64)>) -> Option<(Frame, Frame)> {
    let (from, to) = rows.unwrap_or_else(|| {
        let bottom = bones.radius[0].y_mm;
        (bottom - 0.6 * bones.common_mm(), bottom)
    });
    let axis = |bone: &[Run]| {
        let points: Vec<(f64, f64)> = bone
            .iter()
            .filter(|run| (from..=to).contains(&run.y_mm))
            .map(|run| (run.y_mm, run.middle()))
            .collect();
        if points.len() < 10 {
            return None;
        }
        let line = polynomial(&points, 0.6, 2)?;
        let point = |y_mm: f64| DetectorPoint { x_mm: line.at(y_mm), y_mm };
        Frame::through(point(from), point(to))
    };
    Some((axis(&bones.radius)?, axis(&bones.ulna)?))
}

/// The direction that halves the angle between two axes.
fn halfway(a: &Frame, b: &Frame) -> Option<Frame> {
    let toward = DetectorPoint {
        x_mm: a.origin.x_mm + a.direction.0 + b.direction.0,
        y_mm: a.origin.y_mm + a.direction.1 + b.direction.1,
    };
    Frame::through(a.origin, toward)
}
