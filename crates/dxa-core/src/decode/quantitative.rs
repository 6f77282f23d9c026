//! Pixels that are densities or can be made so: density maps and dual-energy partners.

mod calibration;
mod energy_image;
mod mapping;

pub use calibration::{Calibration, ulna_length_mm};
pub use energy_image::{EnergyImage, Intensity};
pub use mapping::{Curve, ValueMapping};

use dicom_dictionary_std::tags;

use crate::findings::{Refusal, RefusalCode};
use crate::guard::{Elements, Object};

use super::header::{self, Header};
use super::pixels::{self, StoredPixels};

/// What the pixels of an image are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pixels {
    /// Gray values for looking at.
    #[default]
    Display,
    /// Densities in g/cm².
    DensityMap,
    /// Attenuation at one of two energies.
    Energy {
        /// Which of the two.
        energy: Energy,
        /// A `DXA OPEN 1.0` calibration is there and whole.
        calibrated: bool,
    },
}

/// One of the two energies of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Energy {
    /// Low.
    Low,
    /// High.
    High,
}

/// Decides what the pixels of an image are.
#[must_use]
pub fn pixels(header: &Header, root: Elements<'_>) -> Pixels {
    let image = &header.image;
    let palette = image.photometric.as_deref() == Some("PALETTE COLOR");
    let single_gray = image.samples.unwrap_or(1) == 1 && image.frames.unwrap_or(1) == 1 && !palette;
    if single_gray && image.bits_allocated == Some(16) && has_density_mapping(root) {
        return Pixels::DensityMap;
    }
    let for_processing = single_gray && image.presentation_intent.as_deref() == Some("FOR PROCESSING");
    match image.image_type.get(3).map(String::as_str) {
        Some("LOW_ENERGY") if for_processing => energy(Energy::Low, root),
        Some("HIGH_ENERGY") if for_processing => energy(Energy::High, root),
        _ => Pixels::Display,
    }
}

/// A density map: stored values and what they map to.
#[derive(Clone, Debug, PartialEq)]
pub struct DensityMap {
    /// Stored values.
    pub pixels: StoredPixels,
    /// From stored value to g/cm².
    pub mapping: ValueMapping,
}

impl DensityMap {
    /// Reads the density map of an object that was walked as a whole.
    ///
    /// # Errors
    /// Pixels that cannot be read, or a mapping without usable numbers.
    pub fn read(object: &Object<'_>) -> Result<Self, Refusal> {
        let pixels = pixels::read(object)?;
        let item = items_of_unit(object.root(), "g/cm2").next();
        let mapping = item.and_then(|item| ValueMapping::read(item, pixels.signed));
        let mapping = mapping.ok_or_else(|| {
            Refusal::new(
                RefusalCode::NotCalibrated,
                "The mapping of this map to g/cm² has no usable numbers.",
            )
        })?;
        Ok(Self { pixels, mapping })
    }
}

fn has_density_mapping(root: Elements<'_>) -> bool {
    items_of_unit(root, "g/cm2").next().is_some()
}

/// The Real World Value Mapping items whose unit is this one of UCUM.
fn items_of_unit<'o>(root: Elements<'o>, unit: &'static str) -> impl Iterator<Item = Elements<'o>> {
    header::real_world_value_items(root).filter(move |item| {
        let units = header::items(*item, tags::MEASUREMENT_UNITS_CODE_SEQUENCE).next();
        let part = |tag| units.and_then(|units| units.get(tag)).and_then(|element| header::code(&element));
        part(tags::CODE_VALUE).as_deref() == Some(unit)
            && part(tags::CODING_SCHEME_DESIGNATOR).as_deref() == Some("UCUM")
    })
}

fn energy(energy: Energy, root: Elements<'_>) -> Pixels {
    Pixels::Energy { energy, calibrated: Calibration::read(root).is_some() }
}

/// The block number that a private creator reserved in a group.
pub(super) fn private_block(
    root: Elements<'_>,
    group: u16,
    is_creator: impl Fn(&str) -> bool,
) -> Option<u16> {
    root.iter()
        .filter(|element| element.tag().0 == group && (0x10..=0xFF).contains(&element.tag().1))
        .find(|element| header::code(element).is_some_and(|creator| is_creator(&creator)))
        .map(|element| element.tag().1)
}
