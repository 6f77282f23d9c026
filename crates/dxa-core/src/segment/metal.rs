//! Metal: pixels without counts, and places far denser than the bone around.

use ndarray::Array2;

use crate::field::{Field, Pixel, Quantity};

/// Metal is denser than dense bone of the same scan by this factor.
const OVER_BONE: f32 = 1.45;
/// What is denser than soft tissue by this counts as bone here, g/cm².
const BONE_G_CM2: f32 = 0.3;
/// Bone that is denser than this share of all bone is dense bone.
const DENSE_SHARE: f64 = 0.95;
/// No bone is denser than this, g/cm².
const NO_BONE_G_CM2: f32 = 3.0;

/// Which pixels show metal; a display image does not tell.
///
/// # Shape
/// Rows × columns of the field.
#[must_use]
pub fn metal(field: &Field) -> Option<Array2<bool>> {
    if field.quantity != Quantity::BoneDensity {
        return None;
    }
    let threshold = dense_bone(field).map_or(NO_BONE_G_CM2, |dense| (OVER_BONE * dense).min(NO_BONE_G_CM2));
    let of = |(value, pixel): (&f32, &Pixel)| match pixel {
        Pixel::Unmeasured => true,
        Pixel::Tissue => *value > threshold,
        Pixel::Air => false,
    };
    let mask = field.values.iter().zip(&field.pixels).map(of).collect();
    Array2::from_shape_vec(field.shape(), mask).ok()
}

/// The density of dense bone in this scan.
fn dense_bone(field: &Field) -> Option<f32> {
    let tissue = field.values.iter().zip(&field.pixels).filter(|(_, pixel)| **pixel == Pixel::Tissue);
    let mut bone: Vec<f32> =
        tissue.map(|(value, _)| *value).filter(|value| (BONE_G_CM2..NO_BONE_G_CM2).contains(value)).collect();
    let rank = (DENSE_SHARE * bone.len() as f64) as usize;
    (rank < bone.len()).then(|| *bone.select_nth_unstable_by(rank, f32::total_cmp).1)
}
