//! A digest of what an object says, whatever uncompressed transfer syntax it is written in.

use dicom_core::{Tag, VR};
use sha2::{Digest, Sha256};

use super::{Element, Elements, Object};

impl Object<'_> {
    /// SHA-256 over the data set without preamble, meta header and group lengths.
    ///
    /// Numbers are taken in little-endian order and sequence lengths are left out, so that the same object
    /// in another uncompressed transfer syntax has the same digest.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        elements(&mut hash, self.root(), self.syntax.big_endian);
        hash.finalize().into()
    }
}

/// Recursion is as deep as the nesting the walk admits.
fn elements(hash: &mut Sha256, data_set: Elements<'_>, big_endian: bool) {
    for element in data_set.iter().filter(|element| element.tag().1 != 0) {
        tag(hash, element.tag());
        // An empty sequence cannot be told from an empty value where representations are not written.
        if element.vr() == VR::SQ && !element.is_empty() {
            for item in element.items() {
                hash.update(b"item");
                elements(hash, item, big_endian);
            }
            hash.update(b"end");
        } else {
            value(hash, &element, big_endian);
        }
    }
}

fn tag(hash: &mut Sha256, Tag(group, number): Tag) {
    hash.update(group.to_le_bytes());
    hash.update(number.to_le_bytes());
}

fn value(hash: &mut Sha256, element: &Element<'_>, big_endian: bool) {
    let bytes = element.bytes();
    hash.update((bytes.len() as u64).to_le_bytes());
    match word(element.vr()) {
        size if big_endian && size > 1 => {
            for word in bytes.chunks(size) {
                let mut word = word.to_vec();
                word.reverse();
                hash.update(&word);
            }
        }
        _ => hash.update(bytes),
    }
}

/// Bytes per number of a binary representation.
fn word(vr: VR) -> usize {
    use VR::{AT, FD, FL, OD, OF, OL, OV, OW, SL, SS, SV, UL, US, UV};
    match vr {
        US | SS | OW | AT => 2,
        UL | SL | FL | OF | OL => 4,
        FD | OD | OV | SV | UV => 8,
        _ => 1,
    }
}
