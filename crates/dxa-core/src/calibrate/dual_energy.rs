//! A dual-energy pair as bone mineral, with soft tissue at zero.

use ndarray::Array2;

use crate::decode::quantitative::{Calibration, Energy, EnergyImage, Intensity};
use crate::field::{Field, Pixel, Quantity};
use crate::findings::{Refusal, RefusalCode};
use crate::study::PixelSpacing;

use super::map::check_contrast;
use super::polynomial::Polynomial;
use super::soft_tissue::{self, Zero};
use super::{Calibrated, USUAL_CONTRAST, refusal};

/// Bone mineral of a pair: the calibrated polynomial of both log attenuations, less the baseline of soft tissue.
///
/// A pixel without counts at either energy is unmeasured; one with hardly any soft tissue is air.
///
/// # Units
/// g/cm².
///
/// # Errors
/// Images that are no pair (`pair_incomplete`), no or an absurd calibration (`not_calibrated`), and images
/// without contrast or counts (`not_evaluable`).
///
/// # References
/// docs/measurement.md, "Density from a pair".
pub fn pair(low: &EnergyImage, high: &EnergyImage, spacing: PixelSpacing) -> Result<Calibrated, Refusal> {
    check_partners(low, high)?;
    let calibration = one_calibration(low, high)?;
    let logs = (log_attenuation(low), log_attenuation(high));
    let (bone, soft) = (Polynomial::new(calibration.bone), Polynomial::new(calibration.soft));
    let words = low.pixels.words().iter().zip(high.pixels.words());
    let decomposed =
        words.map(|(l, h)| decompose(logs.0[usize::from(*l)], logs.1[usize::from(*h)], &bone, &soft));
    let (values, pixels): (Vec<f32>, Vec<Pixel>) = decomposed.unzip();
    let shape = (low.pixels.rows, low.pixels.columns);
    let array =
        |_| refusal(RefusalCode::NotEvaluable, "The pixels of this pair do not fill its rows and columns.");
    let mut field = Field {
        values: Array2::from_shape_vec(shape, values).map_err(array)?,
        pixels: Array2::from_shape_vec(shape, pixels).map_err(array)?,
        spacing,
        quantity: Quantity::BoneDensity,
    };
    check_counts(&field)?;
    check_contrast(&field)?;
    let points = tissue_points(low, high, &logs, &field);
    check_physics(&points, &bone, &soft)?;
    let contrast_cm2_g = contrast(&points, &bone, &soft);
    let soft_tissue = soft_tissue::zero(&mut field, Zero::Unknown)?;
    let method = "dual-energy polynomial of degree 4, soft-tissue baseline of order 2";
    Ok(Calibrated {
        field,
        soft_tissue,
        contrast_cm2_g,
        restores_partial_pixels: true,
        method,
        findings: Vec::new(),
    })
}

/// # Errors
/// Everything in which two images must agree to be one acquisition.
fn check_partners(low: &EnergyImage, high: &EnergyImage) -> Result<(), Refusal> {
    let incomplete = |message| Err(refusal(RefusalCode::PairIncomplete, message));
    if (low.energy, high.energy) != (Energy::Low, Energy::High) {
        return incomplete("A dual-energy pair is one low-energy and one high-energy image.");
    }
    let size = |image: &EnergyImage| (image.pixels.rows, image.pixels.columns);
    if size(low) != size(high) || low.spacings != high.spacings || low.acquisition != high.acquisition {
        return incomplete("The two images differ in size, pixel spacing, series or acquisition number.");
    }
    Ok(())
}

/// # Errors
/// None, or two that differ.
fn one_calibration<'a>(low: &'a EnergyImage, high: &'a EnergyImage) -> Result<&'a Calibration, Refusal> {
    let not_calibrated = |message| Err(refusal(RefusalCode::NotCalibrated, message));
    match (&low.calibration, &high.calibration) {
        (Some(one), Some(other)) if one != other => {
            not_calibrated("The two images of this pair carry different calibrations.")
        }
        (Some(one), _) | (None, Some(one)) => Ok(one),
        (None, None) => not_calibrated(
            "This dual-energy pair carries no usable calibration, so no density can be computed from it.",
        ),
    }
}

/// Below this many stored steps of transmission, counts are too few to say anything.
const LEAST_TRANSMISSION_STEPS: f64 = 50.0;

/// −ln(I/I₀) for every stored value; `None` in padding, NaN without counts.
pub(super) fn log_attenuation(image: &EnergyImage) -> Vec<Option<f64>> {
    let stored = &image.pixels;
    let maximum = stored.range().1;
    let step = image.mapping.step();
    stored.table(|value| {
        if stored.is_padding(value) {
            return None;
        }
        let mapped = image.mapping.value(value).unwrap_or(f64::NAN);
        Some(match image.intensity {
            Intensity::NegativeLogarithm if value == maximum => f64::NAN,
            Intensity::NegativeLogarithm => mapped,
            Intensity::Transmission if mapped < LEAST_TRANSMISSION_STEPS * step => f64::NAN,
            Intensity::Transmission => -mapped.ln(),
        })
    })
}

/// Less soft tissue than this is beside the body, g/cm².
const LEAST_SOFT_TISSUE: f64 = 0.5;

fn decompose(low: Option<f64>, high: Option<f64>, bone: &Polynomial, soft: &Polynomial) -> (f32, Pixel) {
    let (Some(low), Some(high)) = (low, high) else { return (0.0, Pixel::Air) };
    let density = bone.at(low, high);
    if !density.is_finite() {
        return (0.0, Pixel::Unmeasured);
    }
    if soft.at(low, high) < LEAST_SOFT_TISSUE && density < LEAST_SOFT_TISSUE {
        return (0.0, Pixel::Air);
    }
    (density as f32, Pixel::Tissue)
}

/// Above this share of pixels without counts nothing is said of the rest.
const MOST_UNMEASURED: f64 = 0.5;

fn check_counts(field: &Field) -> Result<(), Refusal> {
    let count = |kind| field.pixels.iter().filter(|pixel| **pixel == kind).count() as f64;
    if count(Pixel::Unmeasured) > MOST_UNMEASURED * field.pixels.len() as f64 {
        let message = "Most pixels of this pair have no counts; it is saturated or was not exposed.";
        return Err(refusal(RefusalCode::NotEvaluable, message));
    }
    if count(Pixel::Tissue) == 0.0 {
        return Err(refusal(RefusalCode::NotEvaluable, "This pair shows no tissue."));
    }
    Ok(())
}

/// Low over high log attenuation of soft tissue cannot be below this at two different energies.
const LEAST_RATIO: f64 = 1.03;
/// Bone mineral beyond these, in soft tissue or bone, is no density of a person, g/cm².
const POSSIBLE_BONE: std::ops::RangeInclusive<f64> = -2.0..=10.0;
/// Soft tissue beyond this is no person, g/cm².
const POSSIBLE_SOFT: std::ops::RangeInclusive<f64> = -5.0..=100.0;
/// Share of the pixels that must be possible.
const MOST_PIXELS: f64 = 0.98;
/// Pixels that are tried.
const TRIED: usize = 5000;

/// Both log attenuations of some pixels of tissue, in the order of the ratio of low to high.
fn tissue_points(
    low: &EnergyImage,
    high: &EnergyImage,
    logs: &(Vec<Option<f64>>, Vec<Option<f64>>),
    field: &Field,
) -> Vec<(f64, f64)> {
    let words = low.pixels.words().iter().zip(high.pixels.words()).zip(&field.pixels);
    let step = (field.pixels.len() / TRIED).max(1);
    let tissue = words.step_by(step).filter(|(_, pixel)| **pixel == Pixel::Tissue);
    let mut points: Vec<(f64, f64)> =
        tissue.filter_map(|((l, h), _)| Some((logs.0[usize::from(*l)]?, logs.1[usize::from(*h)]?))).collect();
    points.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    points
}

/// Holds the calibration against what bone and soft tissue are, on pixels of the scan itself.
fn check_physics(points: &[(f64, f64)], bone: &Polynomial, soft: &Polynomial) -> Result<(), Refusal> {
    if points.get(points.len() / 2).is_none_or(|(low, high)| low / high < LEAST_RATIO) {
        let message = "The two images of this pair attenuate alike, so they do not show two energies.";
        return Err(refusal(RefusalCode::PairIncomplete, message));
    }
    let most = |holds: &dyn Fn(f64, f64) -> bool| {
        let held = points.iter().filter(|(l, h)| holds(*l, *h)).count();
        held as f64 >= MOST_PIXELS * points.len() as f64
    };
    let possible =
        most(&|l, h| POSSIBLE_BONE.contains(&bone.at(l, h)) && POSSIBLE_SOFT.contains(&soft.at(l, h)));
    let signs =
        |(along_low, along_high): (f64, f64), sign: f64| along_low * sign > 0.0 && along_high * sign < 0.0;
    let monotone = most(&|l, h| signs(bone.slopes(l, h), 1.0) && signs(soft.slopes(l, h), -1.0));
    if possible && monotone {
        return Ok(());
    }
    let message = "The calibration of this pair gives densities that no person has.";
    Err(refusal(RefusalCode::NotCalibrated, message))
}

/// Soft tissue that a gram of bone mineral takes the place of: densities of 1.05 and 3.0 g/cm³.
const DISPLACED: f64 = 1.05 / 3.0;
/// Contrasts beyond these belong to no densitometer, cm²/g.
const POSSIBLE_CONTRAST: (f64, f64) = (0.1, 4.0);

/// How the intensity behind bone falls with its density, at the median of the tissue.
///
/// The second order of `m(−ln Ī)` for a mixture: `k = m_L·μ_L² + m_H·μ_H²`, with the slopes of the polynomial
/// for m, and for μ those of the attenuations for bone that takes the place of soft tissue.
fn contrast(points: &[(f64, f64)], bone: &Polynomial, soft: &Polynomial) -> f64 {
    let Some(&(low, high)) = points.get(points.len() / 2) else { return USUAL_CONTRAST };
    let ((m_low, m_high), (s_low, s_high)) = (bone.slopes(low, high), soft.slopes(low, high));
    let determinant = m_low * s_high - m_high * s_low;
    // Columns of the inverse: what bone, and what soft tissue, adds to either attenuation.
    let of_bone = (s_high / determinant, -s_low / determinant);
    let of_soft = (-m_high / determinant, m_low / determinant);
    let (by_low, by_high) = (of_bone.0 - DISPLACED * of_soft.0, of_bone.1 - DISPLACED * of_soft.1);
    let contrast = m_low * by_low * by_low + m_high * by_high * by_high;
    if contrast.is_finite() {
        contrast.clamp(POSSIBLE_CONTRAST.0, POSSIBLE_CONTRAST.1)
    } else {
        USUAL_CONTRAST
    }
}
