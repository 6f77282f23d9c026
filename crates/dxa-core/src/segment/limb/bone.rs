//! The bone of limbs on density and on display images, cut by areas.

use std::borrow::Cow;

use ndarray::Axis;

use crate::field::{Field, Pixel, Quantity};
use crate::geometry::{DetectorPoint, Polygon};
use crate::segment::edge::{Bone, EdgeRule, bone};

use super::relief::Relief;

/// Gray says nothing of how intensities add up, so no step is looked at.
const GRAY_RULE: EdgeRule = EdgeRule::LocalFraction(0.35);

/// The bone of a field, unless it was found before; a display image counts by its gray above soft tissue, in
/// parts of typical bone.
pub(in crate::segment) fn bone_of<'b>(
    field: &Field,
    relief: &Relief,
    before: Option<&'b Bone>,
) -> Option<Cow<'b, Bone>> {
    if let Some(bone) = before {
        return Some(Cow::Borrowed(bone));
    }
    let found = match field.quantity {
        Quantity::BoneDensity => bone(field, EdgeRule::HalfStep),
        Quantity::Gray => {
            let values = field.values.mapv(|gray| (gray - relief.background) / relief.typical);
            bone(&Field { values, ..field.clone() }, GRAY_RULE)
        }
    };
    found.ok().map(Cow::Owned)
}

/// The piece of bone in an area that holds a point.
pub(in crate::segment) fn piece_at(bone: &Bone, area: &Polygon, point: DetectorPoint) -> Option<Polygon> {
    bone.outlines_within(area).into_iter().find(|piece| piece.contains(point))
}

/// The pieces of bone in an area that lie within an outline.
pub(in crate::segment) fn pieces_of(bone: &Bone, area: &Polygon, within: &Polygon) -> Vec<Polygon> {
    let mut pieces = bone.outlines_within(area);
    pieces.retain(|piece| inner_points(piece).any(|point| within.contains(point)));
    pieces
}

/// Some points well inside of a polygon.
fn inner_points(polygon: &Polygon) -> impl Iterator<Item = DetectorPoint> + '_ {
    let corners = &polygon.corners;
    let pairs = [2, 3].into_iter().flat_map(move |part| {
        (0..corners.len())
            .step_by(1 + corners.len() / 16)
            .map(move |first| (first, (first + corners.len() / part) % corners.len()))
    });
    pairs
        .map(move |(a, b)| DetectorPoint {
            x_mm: 0.5 * (corners[a].x_mm + corners[b].x_mm),
            y_mm: 0.5 * (corners[a].y_mm + corners[b].y_mm),
        })
        .filter(move |point| polygon.contains(*point))
}

/// An axis along which an image, and what is found in it, can be exchanged.
pub(in crate::segment) const LEFT_RIGHT: Axis = Axis(1);
pub(in crate::segment) const UP_DOWN: Axis = Axis(0);

/// Both ends of an axis exchanged.
pub(in crate::segment) fn reversed(field: &Field, axis: Axis) -> Field {
    let mut values = field.values.clone();
    let mut pixels: ndarray::Array2<Pixel> = field.pixels.clone();
    values.invert_axis(axis);
    pixels.invert_axis(axis);
    Field {
        values: values.as_standard_layout().into_owned(),
        pixels: pixels.as_standard_layout().into_owned(),
        ..*field
    }
}
