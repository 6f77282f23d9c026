//! A walked object: elements in their order, values as slices of the input.

use std::borrow::Cow;

use dicom_core::{Tag, VR};

use super::TransferSyntax;

/// One element or item of the index. Offsets fit in 32 bits because files above 256 MiB are refused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) tag: Tag,
    pub(super) vr: VR,
    /// First byte of the value.
    pub(super) start: u32,
    /// Bytes of the value; for fragments the whole run including its delimiters.
    pub(super) len: u32,
    /// Index just past the last entry nested below this one.
    pub(super) end: u32,
    /// The values are in fragments.
    pub(super) fragments: bool,
}

/// An object that the walk accepted.
#[derive(Debug)]
pub struct Object<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) syntax: TransferSyntax,
    pub(super) entries: Vec<Entry>,
    /// What had to be tolerated to read it, as sentences.
    pub(super) tolerated: Vec<&'static str>,
}

impl Object<'_> {
    /// Its transfer syntax.
    #[must_use]
    pub fn syntax(&self) -> &TransferSyntax {
        &self.syntax
    }

    /// The top-level data set.
    #[must_use]
    pub fn root(&self) -> Elements<'_> {
        Elements { object: self, from: 0, to: self.entries.len() as u32 }
    }

    /// What was missing from the file and had to be inferred.
    #[must_use]
    pub fn tolerated(&self) -> &[&'static str] {
        &self.tolerated
    }
}

/// A data set: the top level, or one item of a sequence.
#[derive(Clone, Copy, Debug)]
pub struct Elements<'o> {
    object: &'o Object<'o>,
    from: u32,
    to: u32,
}

impl<'o> Elements<'o> {
    /// Its elements, without those nested below them.
    pub fn iter(self) -> impl Iterator<Item = Element<'o>> {
        let mut next = self.from;
        std::iter::from_fn(move || {
            (next < self.to).then(|| {
                let element = Element { object: self.object, index: next };
                next = element.entry().end;
                element
            })
        })
    }

    /// The element with this tag.
    #[must_use]
    pub fn get(self, tag: Tag) -> Option<Element<'o>> {
        self.iter().find(|element| element.tag() == tag)
    }

    /// The object it belongs to.
    #[must_use]
    pub fn object(self) -> &'o Object<'o> {
        self.object
    }
}

/// One element.
#[derive(Clone, Copy, Debug)]
pub struct Element<'o> {
    object: &'o Object<'o>,
    index: u32,
}

impl<'o> Element<'o> {
    fn entry(&self) -> &'o Entry {
        &self.object.entries[self.index as usize]
    }

    /// First byte of its value.
    pub(super) fn start(&self) -> usize {
        self.entry().start as usize
    }

    /// Its tag.
    #[must_use]
    pub fn tag(&self) -> Tag {
        self.entry().tag
    }

    /// Its value representation as written; `UN` in implicit syntaxes.
    #[must_use]
    pub fn vr(&self) -> VR {
        self.entry().vr
    }

    /// Length of the value in bytes, known even when the value itself was not given.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entry().len as usize
    }

    /// Whether the value is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the value comes in fragments (compressed pixels).
    #[must_use]
    pub fn has_fragments(&self) -> bool {
        self.entry().fragments
    }

    /// The value; empty when it lies beyond the part of the file that was given (pixels only).
    #[must_use]
    pub fn bytes(&self) -> &'o [u8] {
        let start = self.entry().start as usize;
        self.object.bytes.get(start..start + self.len()).unwrap_or_default()
    }

    /// The value without the padding (spaces and NULs at its end) of a text.
    #[must_use]
    pub fn text_bytes(&self) -> &'o [u8] {
        let bytes = self.bytes();
        let end = bytes.iter().rposition(|b| !matches!(b, b' ' | 0)).map_or(0, |last| last + 1);
        &bytes[..end]
    }

    /// The items of a sequence.
    pub fn items(&self) -> impl Iterator<Item = Elements<'o>> + use<'o> {
        let object = self.object;
        let children = Elements { object, from: self.index + 1, to: self.entry().end };
        let is_sequence = self.vr() == VR::SQ;
        children.iter().take_while(move |_| is_sequence).map(move |item| Elements {
            object,
            from: item.index + 1,
            to: item.entry().end,
        })
    }

    /// The fragments of compressed pixels, the table of offsets first; the walk has checked their lengths.
    pub fn fragments(&self) -> impl Iterator<Item = &'o [u8]> + use<'o> {
        let mut rest = if self.has_fragments() { self.bytes() } else { &[] };
        std::iter::from_fn(move || {
            let (head, after) = rest.split_at_checked(8)?;
            let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
            let is_item = head[..4] == [0xfe, 0xff, 0x00, 0xe0];
            let (fragment, after) = after.split_at_checked(length).filter(|_| is_item)?;
            rest = after;
            Some(fragment)
        })
    }

    /// A single unsigned short; `None` unless the value is exactly two bytes.
    #[must_use]
    pub fn u16(&self) -> Option<u16> {
        let bytes: [u8; 2] = self.bytes().try_into().ok()?;
        Some(if self.object.syntax.big_endian {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        })
    }

    /// Unsigned shorts.
    #[must_use]
    pub fn u16s(&self) -> Vec<u16> {
        let big = self.object.syntax.big_endian;
        let short = |pair: &[u8]| {
            let pair = [pair[0], pair[1]];
            if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
        };
        self.bytes().chunks_exact(2).map(short).collect()
    }

    /// Binary doubles (FD), whatever the declared representation.
    #[must_use]
    pub fn f64s(&self) -> Vec<f64> {
        let big = self.object.syntax.big_endian;
        let double = |bytes: &[u8]| {
            let bytes: [u8; 8] = bytes.try_into().unwrap_or_default();
            if big { f64::from_be_bytes(bytes) } else { f64::from_le_bytes(bytes) }
        };
        self.bytes().chunks_exact(8).map(double).collect()
    }
}
