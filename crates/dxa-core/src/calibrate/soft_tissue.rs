//! Soft tissue at zero: a smooth surface through everything that is neither bone, air nor metal.

mod cells;
mod surface;

use ndarray::{Array2, Zip};

use crate::field::{Field, Pixel};
use crate::findings::{Refusal, RefusalCode};

use super::refusal;
use cells::Cells;
use surface::{Fit, Surface};

/// How well soft tissue is known to be at zero.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SoftTissue {
    /// Standard deviation of the mean over 1 cm² of soft tissue: noise, and structure that is no bone, g/cm².
    pub noise_g_cm2: f64,
    /// Standard error of the zero under the bone, g/cm².
    pub zero_g_cm2: f64,
    /// Whether a surface was subtracted.
    pub subtracted: bool,
}

/// Fewer cells of soft tissue than this say nothing.
const LEAST_CELLS: usize = 40;
/// A stated zero is believed unless soft tissue lies further away than this, g/cm².
const BELIEVED_G_CM2: f64 = 0.03;

/// Keeps the zero of a map, or moves soft tissue there where it clearly lies elsewhere.
pub(super) fn stated_zero(field: &mut Field) -> SoftTissue {
    let Some((surface, fit)) = fitted(&Cells::of(field, None)) else { return SoftTissue::default() };
    let subtracted = fit.median.abs() > BELIEVED_G_CM2;
    if subtracted {
        let baseline = baseline(field, &surface, None);
        field.values -= &baseline;
    }
    SoftTissue { noise_g_cm2: fit.noise_g_cm2, zero_g_cm2: fit.zero_g_cm2, subtracted }
}

/// Soft tissue that a gram of bone mineral takes the place of: densities of 1.05 and 3.0 g/cm³.
pub(super) const DISPLACED: f64 = 1.05 / 3.0;
/// Density from which on bone takes the place of soft tissue in the estimate of thickness, g/cm².
const LEAST_BONE: f32 = 0.1;
/// The thickness without bone needs the baseline, which needs the thickness.
const ROUNDS: usize = 2;

/// Finds the zero of densities from a pair and moves soft tissue there.
///
/// Fat shows as so much bone for each gram of it, so the baseline is the thickness of soft tissue, as it would
/// be without bone, times a smooth share: gas and the roundness of a body are in the thickness.
///
/// # Shape
/// `soft` is rows × columns of the field, soft tissue in g/cm².
///
/// # Errors
/// Too little soft tissue to find it.
///
/// # References
/// docs/measurement.md, "Soft tissue at zero".
pub(super) fn unknown_zero(field: &mut Field, soft: &Array2<f32>) -> Result<SoftTissue, Refusal> {
    let too_little = || {
        let message = "There is too little soft tissue beside the bone to find the zero of density.";
        refusal(RefusalCode::NotEvaluable, message)
    };
    let mut zero = Array2::<f32>::zeros(field.shape());
    let mut found = None;
    for _ in 0..ROUNDS {
        let mut thickness = soft.clone();
        Zip::from(&mut thickness).and(&field.values).and(&zero).for_each(|thickness, value, zero| {
            let bone = value - zero;
            if bone > LEAST_BONE {
                *thickness += DISPLACED as f32 * bone;
            }
        });
        let (surface, fit) = fitted(&Cells::of(field, Some(&thickness))).ok_or_else(too_little)?;
        zero = baseline(field, &surface, Some(&thickness));
        found = Some(fit);
    }
    field.values -= &zero;
    let fit = found.ok_or_else(too_little)?;
    Ok(SoftTissue { noise_g_cm2: fit.noise_g_cm2, zero_g_cm2: fit.zero_g_cm2, subtracted: true })
}

fn fitted(cells: &Cells) -> Option<(Surface, Fit)> {
    if cells.len() < LEAST_CELLS { None } else { Surface::through(cells) }
}

/// The surface at every pixel of tissue, zero elsewhere.
fn baseline(field: &Field, surface: &Surface, factors: Option<&Array2<f32>>) -> Array2<f32> {
    let spacing = field.spacing;
    let mut baseline = Array2::zeros(field.shape());
    for (row, mut line) in baseline.rows_mut().into_iter().enumerate() {
        let along = surface.along_row((row as f64 + 0.5) * spacing.row_mm);
        for (column, value) in line.iter_mut().enumerate() {
            if field.pixels[(row, column)] == Pixel::Tissue {
                let factor = factors.map_or(1.0, |factors| factors[(row, column)]);
                *value = factor * along.at((column as f64 + 0.5) * spacing.column_mm) as f32;
            }
        }
    }
    baseline
}
