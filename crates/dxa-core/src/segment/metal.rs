//! Metal: pixels without counts, and places far denser than the bone around that end abruptly.

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
/// Two bones that lie over one another are as dense as metal, but swell and end gradually: of metal a quarter of the
/// border falls by this part of dense bone a millimeter, or more. *Ours*: of simulated ischia over the femur none
/// had more than 0.32, of buttons, screws and prostheses none less than 0.60.
const ABRUPT_PER_MM: f32 = 0.45;
/// The fall is taken over so much to either side.
const SLOPE_MM: f64 = 1.0;

/// Which pixels show metal; a display image does not tell.
///
/// # Shape
/// Rows × columns of the field.
#[must_use]
pub fn metal(field: &Field) -> Option<Array2<bool>> {
    if field.quantity != Quantity::BoneDensity {
        return None;
    }
    let dense = dense_bone(field);
    let threshold = dense.map_or(NO_BONE_G_CM2, |dense| (OVER_BONE * dense).min(NO_BONE_G_CM2));
    let of = |(value, pixel): (&f32, &Pixel)| match pixel {
        Pixel::Unmeasured => true,
        Pixel::Tissue => *value > threshold,
        Pixel::Air => false,
    };
    let mask = field.values.iter().zip(&field.pixels).map(of).collect();
    let mut mask = Array2::from_shape_vec(field.shape(), mask).ok()?;
    let Some(dense) = dense else { return Some(mask) };
    for piece in pieces(&mask) {
        if !is_metal(field, &mask, &piece, dense) {
            piece.into_iter().for_each(|at| mask[at] = false);
        }
    }
    Some(mask)
}

/// The density of dense bone in this scan.
fn dense_bone(field: &Field) -> Option<f32> {
    let tissue = field.values.iter().zip(&field.pixels).filter(|(_, pixel)| **pixel == Pixel::Tissue);
    let mut bone: Vec<f32> =
        tissue.map(|(value, _)| *value).filter(|value| (BONE_G_CM2..NO_BONE_G_CM2).contains(value)).collect();
    let rank = (DENSE_SHARE * bone.len() as f64) as usize;
    (rank < bone.len()).then(|| *bone.select_nth_unstable_by(rank, f32::total_cmp).1)
}

/// Pixels that hold together, each piece by itself.
fn pieces(mask: &Array2<bool>) -> Vec<Vec<(usize, usize)>> {
    let mut left = mask.clone();
    let mut pieces = Vec::new();
    for (start, _) in mask.indexed_iter().filter(|(_, set)| **set) {
        let mut piece = Vec::new();
        let mut waiting = vec![start];
        while let Some(at) = waiting.pop() {
            if let Some(set) = left.get_mut(at).filter(|set| **set) {
                *set = false;
                piece.push(at);
                waiting.extend(beside(at));
            }
        }
        if !piece.is_empty() {
            pieces.push(piece);
        }
    }
    pieces
}

/// The four neighbors of a pixel; those outside of the image have no place.
fn beside((row, column): (usize, usize)) -> [(usize, usize); 4] {
    [(row.wrapping_sub(1), column), (row + 1, column), (row, column.wrapping_sub(1)), (row, column + 1)]
}

/// What lets nothing through is metal, and what ends abruptly.
fn is_metal(field: &Field, mask: &Array2<bool>, piece: &[(usize, usize)], dense: f32) -> bool {
    let opaque =
        |at: &(usize, usize)| field.pixels[*at] == Pixel::Unmeasured || field.values[*at] > NO_BONE_G_CM2;
    if piece.iter().any(opaque) {
        return true;
    }
    let border = piece.iter().filter(|at| beside(**at).iter().any(|next| mask.get(*next) == Some(&false)));
    let mut falls: Vec<f32> = border.map(|at| slope_per_mm(field, *at)).collect();
    let rank = falls.len() * 3 / 4;
    rank < falls.len() && *falls.select_nth_unstable_by(rank, f32::total_cmp).1 >= ABRUPT_PER_MM * dense
}

/// How much density changes a millimeter, in the direction in which it changes most.
fn slope_per_mm(field: &Field, (row, column): (usize, usize)) -> f32 {
    let (rows, columns) = field.shape();
    let ends = |at: usize, pixel_mm: f64, count: usize| {
        let reach = ((SLOPE_MM / pixel_mm).round() as usize).max(1);
        let (from, to) = (at.saturating_sub(reach), (at + reach).min(count - 1));
        (from, to, ((to - from).max(1) as f64 * pixel_mm) as f32)
    };
    let (above, below, high) = ends(row, field.spacing.row_mm, rows);
    let (left, right, wide) = ends(column, field.spacing.column_mm, columns);
    let down = (field.values[(below, column)] - field.values[(above, column)]) / high;
    let across = (field.values[(row, right)] - field.values[(row, left)]) / wide;
    (down * down + across * across).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Contrast;
    use crate::study::PixelSpacing;

    /// A bone of 1 g/cm², and over it something of another density whose rim is so wide.
    fn field(over: f64, rim_mm: f64) -> Field {
        let values = Array2::from_shape_fn((120, 120), |(row, column)| {
            let (y, x) = (row as f64 / 2.0 - 30.0, column as f64 / 2.0 - 30.0);
            let bone = if x.abs() < 14.0 { 1.0 } else { 0.0 };
            let inside = ((4.0 - x.hypot(y)) / rim_mm + 0.5).clamp(0.0, 1.0);
            (bone + over * inside) as f32
        });
        Field {
            pixels: Array2::from_elem(values.dim(), Pixel::Tissue),
            values,
            spacing: PixelSpacing { row_mm: 0.5, column_mm: 0.5 },
            quantity: Quantity::BoneDensity,
            contrast: Contrast::USUAL,
        }
    }

    #[test]
    fn a_button_ends_abruptly_and_a_bone_over_a_bone_does_not() {
        let area = |field: &Field| metal(field).unwrap().iter().filter(|metal| **metal).count() / 4;
        // Four millimeters around are 50 mm².
        assert!((45..56).contains(&area(&field(1.2, 0.8))), "{}", area(&field(1.2, 0.8)));
        assert_eq!(area(&field(0.9, 8.0)), 0);
        assert_eq!(area(&field(0.3, 0.8)), 0, "less dense than metal");
        // What nothing passes through is metal, however it ends.
        assert!(area(&field(2.5, 8.0)) > 0);
    }
}
