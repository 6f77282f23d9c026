//! Pixels that are densities or can be made so: density maps and dual-energy partners.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::guard::Elements;

use super::header::{self, Header};

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

/// A Real World Value Mapping item whose unit is (g/cm2, UCUM).
fn has_density_mapping(root: Elements<'_>) -> bool {
    header::real_world_value_items(root).any(|item| {
        let units = header::items(item, tags::MEASUREMENT_UNITS_CODE_SEQUENCE).next();
        let part = |tag| units.and_then(|units| units.get(tag)).and_then(|element| header::code(&element));
        part(tags::CODE_VALUE).as_deref() == Some("g/cm2")
            && part(tags::CODING_SCHEME_DESIGNATOR).as_deref() == Some("UCUM")
    })
}

fn energy(energy: Energy, root: Elements<'_>) -> Pixels {
    Pixels::Energy { energy, calibrated: has_calibration(root) }
}

/// Private creator of the open calibration block, group 0019.
const CALIBRATION_CREATOR: &str = "DXA OPEN 1.0";

/// Terms of one calibration polynomial.
const POLYNOMIAL_TERMS: usize = 14;

/// Both polynomials are there, each of fourteen finite terms.
fn has_calibration(root: Elements<'_>) -> bool {
    let Some(block) = private_block(root, 0x0019, |creator| creator == CALIBRATION_CREATOR) else {
        return false;
    };
    [0x02, 0x03].into_iter().all(|number| {
        let terms =
            root.get(Tag(0x0019, block << 8 | number)).map(|element| element.f64s()).unwrap_or_default();
        terms.len() == POLYNOMIAL_TERMS && terms.iter().all(|term| term.is_finite())
    })
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
