//! A dual-energy pair as bone mineral, with soft tissue at zero.

use ndarray::Array2;

use crate::decode::quantitative::{Calibration, Energy, EnergyImage, Intensity};
use crate::field::{Contrast, Field, Pixel, Quantity};
use crate::findings::{Refusal, RefusalCode};
use crate::study::PixelSpacing;

use super::map::check_contrast;
use super::polynomial::Polynomial;
use super::soft_tissue::{self, DISPLACED};
use super::{Calibrated, refusal};

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
    let points = points(low, high, &logs)?;
    check_physics(&points, &bone, &soft)?;
    let words = low.pixels.words().iter().zip(high.pixels.words());
    let decomposed =
        words.map(|(l, h)| decompose(logs.0[usize::from(*l)], logs.1[usize::from(*h)], &bone, &soft));
    let shape = (low.pixels.rows, low.pixels.columns);
    let mut pixels = Array2::from_elem(shape, Pixel::Air);
    let (mut values, mut soft_values) = (Array2::zeros(shape), Array2::zeros(shape));
    let places = values.iter_mut().zip(&mut soft_values).zip(&mut pixels);
    for (((value, soft), pixel), found) in places.zip(decomposed) {
        (*value, *soft, *pixel) = found;
    }
    let contrast = contrast(&points, &bone, &soft);
    let mut field = Field { values, pixels, spacing, quantity: Quantity::BoneDensity, contrast };
    check_contrast(&field)?;
    let soft_tissue = soft_tissue::unknown_zero(&mut field, &soft_values)?;
    let method = "dual-energy polynomial of degree 4, soft-tissue baseline of thickness and order 2";
    Ok(Calibrated { field, soft_tissue, restores_partial_pixels: true, method, findings: Vec::new() })
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

/// Bone, soft tissue, and what the pixel is.
fn decompose(low: Option<f64>, high: Option<f64>, bone: &Polynomial, soft: &Polynomial) -> (f32, f32, Pixel) {
    let (Some(low), Some(high)) = (low, high) else { return (0.0, 0.0, Pixel::Air) };
    let (density, tissue) = (bone.at(low, high), soft.at(low, high));
    if !density.is_finite() {
        return (0.0, 0.0, Pixel::Unmeasured);
    }
    if tissue < LEAST_SOFT_TISSUE && density < LEAST_SOFT_TISSUE {
        return (0.0, 0.0, Pixel::Air);
    }
    (density as f32, tissue as f32, Pixel::Tissue)
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

/// High log attenuation from which on something is in the beam.
const LEAST_ATTENUATION: f64 = 0.1;
/// Above this share of pixels without counts nothing is said of the rest.
const MOST_UNMEASURED: f64 = 0.5;

/// Both log attenuations of some pixels that something is in front of, in the order of the ratio of low to high.
///
/// # Errors
/// Where most pixels have no counts.
fn points(low: &EnergyImage, high: &EnergyImage, logs: &Logs) -> Result<Vec<(f64, f64)>, Refusal> {
    let words = low.pixels.words().iter().zip(high.pixels.words());
    let step = (low.pixels.words().len() / TRIED).max(1);
    let tried = words.step_by(step).map(|(l, h)| logs.0[usize::from(*l)].zip(logs.1[usize::from(*h)]));
    let inside: Vec<(f64, f64)> = tried.flatten().collect();
    let counted = |(l, h): &&(f64, f64)| l.is_finite() && h.is_finite();
    if (inside.iter().filter(counted).count() as f64) < (1.0 - MOST_UNMEASURED) * inside.len().max(1) as f64 {
        let message = "Most pixels of this pair have no counts; it is saturated or was not exposed.";
        return Err(refusal(RefusalCode::NotEvaluable, message));
    }
    let mut points: Vec<(f64, f64)> =
        inside.into_iter().filter(|point| counted(&point) && point.1 > LEAST_ATTENUATION).collect();
    points.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    Ok(points)
}

/// Log attenuations of either image for every stored value.
type Logs = (Vec<Option<f64>>, Vec<Option<f64>>);

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

/// Contrasts beyond these belong to no densitometer, cm²/g.
const POSSIBLE_CONTRAST: std::ops::RangeInclusive<f64> = 0.1..=4.0;

/// How the intensities behind bone fall with its density, at the median of the tissue.
///
/// c are the slopes of the polynomial for bone mineral; μ those of the attenuations for bone that takes the place
/// of soft tissue.
fn contrast(points: &[(f64, f64)], bone: &Polynomial, soft: &Polynomial) -> Contrast {
    let Some(&(low, high)) = points.get(points.len() / 2) else { return Contrast::USUAL };
    let ((m_low, m_high), (s_low, s_high)) = (bone.slopes(low, high), soft.slopes(low, high));
    let determinant = m_low * s_high - m_high * s_low;
    // Columns of the inverse: what bone, and what soft tissue, adds to either attenuation.
    let of_bone = (s_high / determinant, -s_low / determinant);
    let of_soft = (-m_high / determinant, m_low / determinant);
    let (by_low, by_high) = (of_bone.0 - DISPLACED * of_soft.0, of_bone.1 - DISPLACED * of_soft.1);
    let contrast = Contrast::dual((m_low, by_low), (m_high, by_high));
    if POSSIBLE_CONTRAST.contains(&contrast.of_small_steps()) { contrast } else { Contrast::USUAL }
}
