//! Soft tissue at zero: a smooth surface through everything that is neither bone, air nor metal.

mod cells;
mod surface;

use crate::field::{Field, Pixel};
use crate::findings::{Refusal, RefusalCode};

use super::refusal;
use cells::Cells;
use surface::Surface;

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

/// What is known of the zero before looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zero {
    /// The maker states that soft tissue is at zero.
    Stated,
    /// Nothing: the surface has to be found.
    Unknown,
}

/// Fewer cells of soft tissue than this say nothing.
const LEAST_CELLS: usize = 40;
/// A stated zero is believed unless soft tissue lies further away than this, g/cm².
const BELIEVED_G_CM2: f64 = 0.03;

/// Finds soft tissue and moves it to zero where it is not there.
///
/// # Errors
/// Where the zero is unknown and there is too little soft tissue to find it.
pub(super) fn zero(field: &mut Field, known: Zero) -> Result<SoftTissue, Refusal> {
    let cells = Cells::of(field);
    let fitted = if cells.len() < LEAST_CELLS { None } else { Surface::through(&cells) };
    let Some((surface, fit)) = fitted else {
        let message = "There is too little soft tissue beside the bone to find the zero of density.";
        return match known {
            Zero::Stated => Ok(SoftTissue::default()),
            Zero::Unknown => Err(refusal(RefusalCode::NotEvaluable, message)),
        };
    };
    let subtracted = known == Zero::Unknown || fit.median.abs() > BELIEVED_G_CM2;
    if subtracted {
        subtract(field, &surface);
    }
    Ok(SoftTissue { noise_g_cm2: fit.noise_g_cm2, zero_g_cm2: fit.zero_g_cm2, subtracted })
}

fn subtract(field: &mut Field, surface: &Surface) {
    let spacing = field.spacing;
    for (row, (mut values, pixels)) in
        field.values.rows_mut().into_iter().zip(field.pixels.rows()).enumerate()
    {
        let along = surface.along_row((row as f64 + 0.5) * spacing.row_mm);
        for (column, (value, pixel)) in values.iter_mut().zip(pixels).enumerate() {
            if *pixel == Pixel::Tissue {
                *value -= along.at((column as f64 + 0.5) * spacing.column_mm) as f32;
            }
        }
    }
}
