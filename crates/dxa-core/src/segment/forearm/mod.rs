//! The forearm: radius and ulna, their ends at the wrist, and the strips between.
//!
//! Definitions: docs/regions.md, "Forearm regions, exactly".

mod bones;
mod ends;
mod strips;

use self::bones::Bones;
use crate::field::Field;
use crate::geometry::{DetectorPoint, Segment};
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

/// Why there are no regions where the length of the ulna is not known: a sentence for `not_evaluable`.
pub const WITHOUT_ULNA_LENGTH: &str =
    "The regions of the forearm lie at parts of the length of the ulna, which this object does not state.";

/// Why no forearm was found in an image: a sentence for the refusal `not_evaluable`.
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
}

/// Finds the regions of a forearm scan, on density or on a display image.
///
/// Without the length of the ulna there are landmarks, and no regions.
///
/// # Units
/// Millimeters of the detector plane.
///
/// # Errors
/// What could not be found, as in an image of another part of the body.
pub fn find(field: &Field, ulna_length_mm: Option<f64>) -> Result<Outlines, ForearmRefusal> {
    found(field, None, ulna_length_mm)
}

/// The same on a field whose bone is found already.
///
/// # Errors
/// As [`find`].
pub fn find_in(field: &Field, bone: &Bone, ulna_length_mm: Option<f64>) -> Result<Outlines, ForearmRefusal> {
    found(field, Some(bone), ulna_length_mm)
}

fn found(
    field: &Field,
    bone: Option<&Bone>,
    ulna_length_mm: Option<f64>,
) -> Result<Outlines, ForearmRefusal> {
    let turned = reversed(field, UP_DOWN);
    let upright = Scene::of(field)?;
    let overhead = Scene::of(&turned)?;
    let length = |scene: &Scene| scene.bones.as_ref().map_or(0.0, Bones::common_mm);
    if length(&upright) >= length(&overhead) {
        return upright.outlines(field, bone, ulna_length_mm);
    }
    let bone = bone.map(|bone| bone.reversed(UP_DOWN));
    let height_mm = overhead.relief.excess.height_mm();
    Ok(mirror::flipped(overhead.outlines(&turned, bone.as_ref(), ulna_length_mm)?, height_mm))
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

    fn outlines(
        self,
        field: &Field,
        bone: Option<&Bone>,
        ulna_length_mm: Option<f64>,
    ) -> Result<Outlines, ForearmRefusal> {
        let bones = self.bones.ok_or(ForearmRefusal::NoTwoBones)?;
        let forearm = Forearm::of(&self.relief, bones, ulna_length_mm)?;
        let mut outlines =
            Outlines { landmarks: forearm.landmarks(), convention: "forearm/1", ..Outlines::default() };
        if let Some(length) = ulna_length_mm {
            let bone = bone_of(field, &self.relief, bone).ok_or(ForearmRefusal::NoBone)?;
            let height_mm = self.relief.excess.height_mm();
            outlines.regions =
                strips::regions(&bone, &forearm, length, height_mm).ok_or(ForearmRefusal::OutOfImage)?;
        }
        Ok(outlines)
    }
}

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
    fn of(relief: &Relief, bones: Bones, ulna_length_mm: Option<f64>) -> Result<Self, ForearmRefusal> {
        let no_wrist = || ForearmRefusal::NoWrist;
        let (mut radius_axis, mut ulna_axis) = axes(&bones, None).ok_or_else(no_wrist)?;
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
        let line = |axis: &Frame, bone: &[Run]| {
            let (from, to) = (bone[bone.len() - 1].y_mm, bone[0].y_mm);
            let point = |y_mm| DetectorPoint { x_mm: axis.x_at(y_mm), y_mm };
            LandmarkShape::Line(Segment { from: point(from), to: point(to) })
        };
        vec![
            landmark("radius_axis", line(&self.radius_axis, &self.bones.radius)),
            landmark("ulna_axis", line(&self.ulna_axis, &self.bones.ulna)),
            landmark("forearm_axis", LandmarkShape::Line(self.axis.segment(0.0, AXIS_MM))),
            landmark("narrowest_gap", LandmarkShape::Line(self.bones.narrowest_gap(self.axis.origin.y_mm))),
            landmark("ulnar_styloid", LandmarkShape::Point(self.axis.origin)),
            landmark("radial_endplate", LandmarkShape::Point(self.endplate)),
        ]
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
