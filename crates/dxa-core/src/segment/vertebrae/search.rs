//! From an image to rough bodies with their levels.

use super::image::LateralImage;
use super::result::{NotFound, RoughSpine};
use crate::reference::vertebrae::SpineModel;

/// The best spine of an image.
pub(super) fn search(_: &LateralImage<'_>, _: &SpineModel) -> Result<RoughSpine, NotFound> {
    Err(NotFound::NoSpine)
}
