//! A digest of what an object says, whatever uncompressed transfer syntax it is written in.

use dicom_core::{Tag, VR};
use sha2::{Digest, Sha256};

use super::{Element, Elements, Limits, Object, container};

impl Object<'_> {
    /// SHA-256 over the data set without preamble, meta header and group lengths.
    ///
    /// Numbers are taken in little-endian order and sequence lengths are left out, so that the same object
    /// in another uncompressed transfer syntax has the same digest.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        elements(&mut hash, self.root().iter(), self.syntax.big_endian);
        hash.finalize().into()
    }

    /// [`Self::digest`], of which `begun` has done a part while these bytes came in.
    #[must_use]
    pub fn digest_begun(&self, begun: Option<DigestBegun>) -> [u8; 32] {
        let as_begun = |mut begun: DigestBegun| {
            let from = begun.pixels;
            let mut rest = self.root().iter().skip_while(|element| element.start() < from);
            let pixels = rest.next()?;
            let same = pixels.start() == from
                && pixels.start() + pixels.len() == begun.end
                && !pixels.has_fragments()
                && !self.syntax.big_endian
                && !self.syntax.deflated;
            same.then(|| {
                begun.take(&self.bytes);
                elements(&mut begun.hash, rest, false);
                begun.hash.finalize().into()
            })
        };
        begun.and_then(as_begun).unwrap_or_else(|| self.digest())
    }
}

/// The digest of an object that is still coming in, as far as it has come.
#[derive(Clone, Debug)]
pub struct DigestBegun {
    hash: Sha256,
    /// First byte of the pixels, and the one behind them.
    pixels: usize,
    end: usize,
    done: usize,
}

impl DigestBegun {
    /// From the first bytes of a complete file; `None` unless they reach into native little-endian pixels, whose end is
    /// then known.
    #[must_use]
    pub fn new(head: &[u8], limits: &Limits) -> Option<Self> {
        let (object, end) = container::head_before_pixels(head, limits)?;
        if object.syntax.big_endian {
            return None;
        }
        let last = object.root().iter().last()?;
        let mut hash = Sha256::new();
        elements(&mut hash, object.root().iter().take_while(|element| element.start() < last.start()), false);
        tag(&mut hash, last.tag());
        hash.update((last.len() as u64).to_le_bytes());
        let pixels = last.start();
        let mut begun = Self { hash, pixels, end: usize::try_from(end).ok()?, done: pixels };
        begun.take(head);
        Some(begun)
    }

    /// Goes on with what has come since; `bytes` is everything that has come.
    pub fn take(&mut self, bytes: &[u8]) {
        let to = bytes.len().min(self.end);
        if let Some(new) = bytes.get(self.done..to) {
            self.hash.update(new);
            self.done = to;
        }
    }

    /// Bytes of the file if nothing follows its pixels.
    #[must_use]
    pub fn announced(&self) -> usize {
        self.end
    }
}

/// Recursion is as deep as the nesting the walk admits.
fn elements<'o>(hash: &mut Sha256, data_set: impl Iterator<Item = Element<'o>>, big_endian: bool) {
    for element in data_set.filter(|element| element.tag().1 != 0) {
        tag(hash, element.tag());
        // An empty sequence cannot be told from an empty value where representations are not written.
        if element.vr() == VR::SQ && !element.is_empty() {
            for item in element.items() {
                hash.update(b"item");
                nested(hash, item, big_endian);
            }
            hash.update(b"end");
        } else {
            value(hash, &element, big_endian);
        }
    }
}

/// Apart, because the iterator of a nested data set has another type than one that has been cut.
fn nested(hash: &mut Sha256, data_set: Elements<'_>, big_endian: bool) {
    let all: &mut dyn Iterator<Item = Element<'_>> = &mut data_set.iter();
    elements(hash, all, big_endian);
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::guard::{Input, Leniency, open};

    /// An image with a sequence before its pixels, and something behind them or not.
    fn image(syntax: &str, pixels: &[u8], trailing: bool) -> Vec<u8> {
        let big = syntax.ends_with(".2.2\0");
        let mut file = vec![0; 128];
        file.extend_from_slice(b"DICM");
        file.extend_from_slice(&[2, 0, 0x10, 0, b'U', b'I', syntax.len() as u8, 0]);
        file.extend_from_slice(syntax.as_bytes());
        let u16 = |value: u16| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        let u32 = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        let mut element = |group: u16, number: u16, vr: &[u8; 2], value: &[u8]| {
            file.extend_from_slice(&u16(group));
            file.extend_from_slice(&u16(number));
            if syntax == "1.2.840.10008.1.2\0" {
                file.extend_from_slice(&u32(value.len() as u32));
            } else if [b"OW", b"SQ", b"OB"].contains(&vr) {
                file.extend_from_slice(vr);
                file.extend_from_slice(&[0, 0]);
                file.extend_from_slice(&u32(value.len() as u32));
            } else {
                file.extend_from_slice(vr);
                file.extend_from_slice(&u16(value.len() as u16));
            }
            file.extend_from_slice(value);
        };
        let item: Vec<u8> = [&u16(0xFFFE)[..], &u16(0xE000), &u32(0)].concat();
        element(0x0008, 0x1140, b"SQ", &item);
        element(0x0010, 0x0010, b"PN", b"A^B ");
        element(0x0028, 0x0002, b"US", &u16(1));
        element(0x0028, 0x0004, b"CS", b"MONOCHROME2 ");
        element(0x0028, 0x0010, b"US", &u16(1));
        element(0x0028, 0x0011, b"US", &u16((pixels.len() / 2) as u16));
        element(0x0028, 0x0100, b"US", &u16(16));
        element(0x7FE0, 0x0010, b"OW", pixels);
        if trailing {
            element(0xFFFC, 0xFFFC, b"OB", &[0; 6]);
        }
        file
    }

    proptest! {
        #[test]
        fn begun_early_it_is_the_digest_of_the_whole(
            pixels in prop::collection::vec(any::<u16>(), 1..400),
            syntax in prop::sample::select(vec!["1.2.840.10008.1.2\0", "1.2.840.10008.1.2.1\0", "1.2.840.10008.1.2.2\0"]),
            trailing: bool,
            first in 0usize..900,
            step in 1usize..300,
        ) {
            let pixels: Vec<u8> = pixels.iter().flat_map(|pixel| pixel.to_le_bytes()).collect();
            let file = image(syntax, &pixels, trailing);
            let object = open(Input::whole(&file), Leniency::Strict, &Limits::DEFAULT).unwrap();
            let first = first.min(file.len());
            let mut begun = DigestBegun::new(&file[..first], &Limits::DEFAULT);
            if let Some(begun) = &mut begun {
                prop_assert_eq!(begun.announced() + if trailing { 18 - 4 * usize::from(syntax.ends_with(".1.2\0")) } else { 0 }, file.len());
                for end in (first..file.len()).step_by(step) {
                    begun.take(&file[..end]);
                }
            }
            let pixels_begin = file.len() - pixels.len() - if trailing { 18 } else { 0 };
            prop_assert_eq!(begun.is_some() && syntax.ends_with(".2.2\0"), false);
            prop_assert!(begun.is_none() || first + 4 >= pixels_begin);
            prop_assert_eq!(object.digest_begun(begun), object.digest());
        }

        #[test]
        fn of_another_object_it_is_not_taken(pixels in prop::collection::vec(any::<u8>(), 2..100)) {
            let even = &pixels[..pixels.len() / 2 * 2];
            let file = image("1.2.840.10008.1.2.1\0", even, false);
            let other = image("1.2.840.10008.1.2.1\0", &[even, &[0, 0]].concat(), false);
            let begun = DigestBegun::new(&other[..other.len() - 1], &Limits::DEFAULT);
            prop_assert!(begun.is_some());
            let object = open(Input::whole(&file), Leniency::Strict, &Limits::DEFAULT).unwrap();
            prop_assert_eq!(object.digest_begun(begun), object.digest());
        }
    }
}
