//! Where are the vertebral bodies on a lateral image of the spine, and where are their six points?

mod body;
mod candidates;
mod chain;
mod extend;
mod fit;
mod front;
mod image;
mod levels;
mod pelvis;
mod relief;
mod result;
mod search;
mod strokes;

pub use image::LateralImage;
pub use result::{
    Facing, FoundSpine, FoundVertebra, NotEvaluable, NotFound, PlacedVertebra, RoughSpine, RoughVertebra,
};

use crate::reference::vertebrae::SpineModel;

/// Finds the vertebral bodies of a lateral image: proposals, chain, facing and levels, then the six points.
///
/// # Errors
/// Why the image shows no spine that can be read; never an invented vertebra.
pub fn find(image: &LateralImage<'_>, model: &SpineModel) -> Result<FoundSpine, NotFound> {
    let rough = propose(image, model)?;
    let placed = place(image, &rough, model);
    Ok(rough.into_placed(image, placed))
}

/// The bodies, roughly: where each lies, which level it is, how sure that is; before the points are fitted.
///
/// # Errors
/// Why the image shows no spine that can be read.
pub fn propose(image: &LateralImage<'_>, model: &SpineModel) -> Result<RoughSpine, NotFound> {
    search::search(image, model)
}

/// Fits the six points of every body of a rough spine, in its order, and says what each is worth.
#[must_use]
pub fn place(image: &LateralImage<'_>, rough: &RoughSpine, model: &SpineModel) -> Vec<PlacedVertebra> {
    fit::place(image, rough, model)
}

#[cfg(test)]
mod tests;
