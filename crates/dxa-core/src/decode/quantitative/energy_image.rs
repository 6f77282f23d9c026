//! One image of a dual-energy pair, with everything that its partner must agree with.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::findings::{Refusal, RefusalCode};
use crate::guard::{Elements, Object};

use super::super::header::{self, Header};
use super::super::pixels::{self, StoredPixels};
use super::calibration;
use super::{Calibration, Energy, Pixels, ValueMapping, items_of_unit};

/// One image of a pair.
#[derive(Clone, Debug, PartialEq)]
pub struct EnergyImage {
    /// Which of the two.
    pub energy: Energy,
    /// Stored values.
    pub pixels: StoredPixels,
    /// What mapped values are.
    pub intensity: Intensity,
    /// From stored values to those.
    pub mapping: ValueMapping,
    /// The calibration it carries.
    pub calibration: Option<Calibration>,
    /// Peak kilovoltage.
    pub kvp: f64,
    /// Pixel Spacing and Imager Pixel Spacing as written.
    pub spacings: [Vec<f64>; 2],
    /// Series Instance UID and Acquisition Number.
    pub acquisition: (Option<String>, Option<i64>),
}

/// What the mapped values of an image are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intensity {
    /// −ln(I/I₀).
    NegativeLogarithm,
    /// I/I₀.
    Transmission,
}

impl EnergyImage {
    /// Reads one image of a pair from an object that was walked as a whole.
    ///
    /// # Errors
    /// Pixels that cannot be read; no energy, no peak kilovoltage, no scale, or a scale that contradicts itself.
    pub fn read(object: &Object<'_>) -> Result<Self, Refusal> {
        let (root, header) = (object.root(), Header::read(object));
        let Pixels::Energy { energy, .. } = super::pixels(&header, root) else {
            let message = "This image does not say which of two energies it shows.";
            return Err(Refusal::new(RefusalCode::PairIncomplete, message));
        };
        let kvp = header.image.kvp.filter(|kvp| kvp.is_finite() && *kvp > 0.0);
        let kvp =
            kvp.ok_or_else(|| not_calibrated("KVP is missing in an image of this dual-energy pair."))?;
        let pixels = pixels::read(object)?;
        let (intensity, mapping) = scale(root, pixels.signed)?;
        let calibration = Calibration::read(root);
        if calibration.is_none() && calibration::is_begun(root) {
            return Err(not_calibrated("The calibration of this dual-energy pair is not whole."));
        }
        let acquisition = (header.identity.series, header.identity.acquisition_number);
        let spacings = [header.image.pixel_spacing, header.image.imager_pixel_spacing];
        Ok(Self { energy, pixels, intensity, mapping, calibration, kvp, spacings, acquisition })
    }
}

/// The mapping of the unit 1 with a known label, else the rescale attributes read the same way.
fn scale(root: Elements<'_>, signed: bool) -> Result<(Intensity, ValueMapping), Refusal> {
    let stated = Stated::read(root)?;
    let labelled = items_of_unit(root, "1").find_map(|item| Some((Intensity::of_label(item)?, item)));
    let (intensity, mapping) = match labelled {
        Some((intensity, item)) => (Some(intensity), ValueMapping::read(item, signed)),
        None => (stated.intensity(), rescale(root)),
    };
    let (Some(intensity), Some(mapping)) = (intensity, mapping) else {
        return Err(not_calibrated(
            "Nothing says how the pixels of this dual-energy pair follow attenuation.",
        ));
    };
    if !stated.agrees(intensity) || !mapping.rises() {
        let message =
            "Pixel intensity relationship or its sign contradicts the scale of this dual-energy pair.";
        return Err(not_calibrated(message));
    }
    Ok((intensity, mapping))
}

impl Intensity {
    fn of_label(item: Elements<'_>) -> Option<Self> {
        match header::code(&item.get(tags::LUT_LABEL)?)?.as_str() {
            "NEGLOG" => Some(Self::NegativeLogarithm),
            "TRANSMISSION" => Some(Self::Transmission),
            _ => None,
        }
    }
}

fn rescale(root: Elements<'_>) -> Option<ValueMapping> {
    let decimal = |tag: Tag| root.get(tag).and_then(|element| header::decimals(&element).first().copied());
    ValueMapping::linear(decimal(tags::RESCALE_SLOPE)?, decimal(tags::RESCALE_INTERCEPT)?)
}

/// What Pixel Intensity Relationship and its sign say; each may be missing.
struct Stated {
    relationship: Option<Intensity>,
    sign: Option<Intensity>,
}

impl Stated {
    fn read(root: Elements<'_>) -> Result<Self, Refusal> {
        let relationship =
            root.get(tags::PIXEL_INTENSITY_RELATIONSHIP).and_then(|element| header::code(&element));
        let relationship = match relationship.as_deref() {
            None => None,
            Some("LOG") => Some(Intensity::NegativeLogarithm),
            Some("LIN") => Some(Intensity::Transmission),
            Some(_) => {
                return Err(not_calibrated("The pixel intensity relationship is neither LOG nor LIN."));
            }
        };
        let sign = root.get(tags::PIXEL_INTENSITY_RELATIONSHIP_SIGN).and_then(|element| element.u16());
        let sign = match sign.map(u16::cast_signed) {
            None => None,
            Some(-1) => Some(Intensity::NegativeLogarithm),
            Some(1) => Some(Intensity::Transmission),
            Some(_) => {
                return Err(not_calibrated("The sign of the pixel intensity relationship is not 1 or −1."));
            }
        };
        Ok(Self { relationship, sign })
    }

    fn intensity(&self) -> Option<Intensity> {
        self.relationship.or(self.sign)
    }

    fn agrees(&self, intensity: Intensity) -> bool {
        [self.relationship, self.sign].into_iter().flatten().all(|stated| stated == intensity)
    }
}

fn not_calibrated(message: &str) -> Refusal {
    Refusal::new(RefusalCode::NotCalibrated, message)
}
