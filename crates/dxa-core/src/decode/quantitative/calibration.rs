//! The private block `DXA OPEN 1.0`: how two attenuations become bone and soft tissue.

use dicom_core::Tag;

use crate::guard::{Element, Elements};

use super::super::header;
use super::private_block;

/// Two polynomials of the low and the high log attenuation.
///
/// Each has the terms `L^i·H^j`, ordered by i and then j, without the constant.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// Its name, as written.
    pub id: Option<String>,
    /// Bone mineral, g/cm².
    pub bone: [f64; Self::TERMS],
    /// Soft tissue, g/cm².
    pub soft: [f64; Self::TERMS],
}

impl Calibration {
    /// Terms of one polynomial of the fourth degree.
    pub const TERMS: usize = 14;

    /// Reads the block; `None` unless both polynomials are there, whole and finite.
    #[must_use]
    pub fn read(root: Elements<'_>) -> Option<Self> {
        let polynomial = |number| -> Option<[f64; Self::TERMS]> {
            let terms: [f64; Self::TERMS] = element(root, number)?.f64s().try_into().ok()?;
            terms.iter().all(|term| term.is_finite()).then_some(terms)
        };
        let id = element(root, 0x01).and_then(|element| header::code(&element));
        Some(Self { id, bone: polynomial(0x02)?, soft: polynomial(0x03)? })
    }
}

/// Length of the ulna that a person measured and typed in at the scan, mm.
#[must_use]
pub fn ulna_length_mm(root: Elements<'_>) -> Option<f64> {
    let [length] = element(root, 0x10)?.f64s()[..] else { return None };
    (length.is_finite() && length > 0.0).then_some(length)
}

/// Whether any of the block is there, whole or not.
pub(super) fn is_begun(root: Elements<'_>) -> bool {
    [0x01, 0x02, 0x03].into_iter().any(|number| element(root, number).is_some())
}

const GROUP: u16 = 0x0019;
const CREATOR: &str = "DXA OPEN 1.0";

fn element<'o>(root: Elements<'o>, number: u16) -> Option<Element<'o>> {
    let block = private_block(root, GROUP, |creator| creator == CREATOR)?;
    root.get(Tag(GROUP, block << 8 | number))
}
