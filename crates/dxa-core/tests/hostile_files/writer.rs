//! Writes DICOM bytes one by one, lies included: a length is what the caller says, not what follows it.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// How a data set is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    ImplicitLittle,
    ExplicitLittle,
    ExplicitBig,
    Deflated,
    Rle,
}

impl Syntax {
    pub(crate) fn uid(self) -> &'static str {
        match self {
            Self::ImplicitLittle => "1.2.840.10008.1.2",
            Self::ExplicitLittle => "1.2.840.10008.1.2.1",
            Self::ExplicitBig => "1.2.840.10008.1.2.2",
            Self::Deflated => "1.2.840.10008.1.2.1.99",
            Self::Rle => "1.2.840.10008.1.2.5",
        }
    }
}

pub(crate) type Tag = (u16, u16);

pub(crate) const ITEM: Tag = (0xFFFE, 0xE000);
pub(crate) const ITEM_END: Tag = (0xFFFE, 0xE00D);
pub(crate) const SEQUENCE_END: Tag = (0xFFFE, 0xE0DD);
pub(crate) const PIXEL_DATA: Tag = (0x7FE0, 0x0010);
pub(crate) const UNDEFINED: u32 = 0xFFFF_FFFF;

/// Representations with two reserved bytes and a 32-bit length (PS3.5 table 7.1-1).
pub(crate) const LONG: [&str; 13] =
    ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"];

/// Representations with a 16-bit length (PS3.5 table 7.1-2).
pub(crate) const SHORT: [&str; 21] = [
    "AE", "AS", "AT", "CS", "DA", "DS", "DT", "FL", "FD", "IS", "LO", "LT", "PN", "SH", "SL", "SS", "ST",
    "TM", "UI", "UL", "US",
];

/// A data set being written.
#[derive(Clone)]
pub(crate) struct Writer {
    pub(crate) syntax: Syntax,
    pub(crate) bytes: Vec<u8>,
}

impl Writer {
    pub(crate) fn new(syntax: Syntax) -> Self {
        Self { syntax, bytes: Vec::new() }
    }

    pub(crate) fn u16(&mut self, number: u16) {
        let big = self.syntax == Syntax::ExplicitBig;
        self.bytes.extend(if big { number.to_be_bytes() } else { number.to_le_bytes() });
    }

    pub(crate) fn u32(&mut self, number: u32) {
        let big = self.syntax == Syntax::ExplicitBig;
        self.bytes.extend(if big { number.to_be_bytes() } else { number.to_le_bytes() });
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// Tag and length without representation, as items, delimiters and implicit elements have them.
    pub(crate) fn plain_header(&mut self, (group, number): Tag, length: u32) {
        self.u16(group);
        self.u16(number);
        self.u32(length);
    }

    /// An element's header with whatever length it claims.
    pub(crate) fn header(&mut self, tag: Tag, vr: &str, length: u32) {
        if self.syntax == Syntax::ImplicitLittle {
            return self.plain_header(tag, length);
        }
        self.u16(tag.0);
        self.u16(tag.1);
        self.raw(vr.as_bytes());
        if LONG.contains(&vr) {
            self.raw(&[0, 0]);
            self.u32(length);
        } else {
            self.u16(length as u16);
        }
    }

    /// An honest element; an odd value is padded as its representation asks.
    pub(crate) fn element(&mut self, tag: Tag, vr: &str, value: &[u8]) {
        let odd = value.len() % 2;
        self.header(tag, vr, (value.len() + odd) as u32);
        self.raw(value);
        let padding = if matches!(vr, "UI" | "OB" | "UN") { 0 } else { b' ' };
        self.bytes.extend(std::iter::repeat_n(padding, odd));
    }

    pub(crate) fn text(&mut self, tag: Tag, vr: &str, value: &str) {
        self.element(tag, vr, value.as_bytes());
    }

    pub(crate) fn short(&mut self, tag: Tag, value: u16) {
        self.header(tag, "US", 2);
        self.u16(value);
    }

    /// The file: preamble, meta header, data set (deflated where the syntax says so).
    pub(crate) fn file(self) -> Vec<u8> {
        let data_set = if self.syntax == Syntax::Deflated { deflate(&self.bytes) } else { self.bytes };
        file(&meta(self.syntax.uid()), &data_set)
    }
}

/// Preamble, prefix, and what the caller puts behind them.
pub(crate) fn file(meta: &[u8], data_set: &[u8]) -> Vec<u8> {
    [&[0; 128][..], b"DICM", meta, data_set].concat()
}

/// A meta group with a true group length.
pub(crate) fn meta(transfer_syntax: &str) -> Vec<u8> {
    let mut group = Writer::new(Syntax::ExplicitLittle);
    group.element((2, 0x0001), "OB", &[0, 1]);
    group.text((2, 0x0002), "UI", SECONDARY_CAPTURE);
    group.text((2, 0x0003), "UI", "2.25.1");
    group.text((2, 0x0010), "UI", transfer_syntax);
    let mut whole = Writer::new(Syntax::ExplicitLittle);
    whole.header((2, 0), "UL", 4);
    whole.u32(group.bytes.len() as u32);
    whole.raw(&group.bytes);
    whole.bytes
}

pub(crate) const SECONDARY_CAPTURE: &str = "1.2.840.10008.5.1.4.1.1.7";

pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory does not fail");
    encoder.finish().expect("memory does not fail")
}

/// The elements in front of an image's own: what makes an object of a study.
pub(crate) fn identified(syntax: Syntax) -> Writer {
    let mut writer = Writer::new(syntax);
    writer.text((0x0008, 0x0016), "UI", SECONDARY_CAPTURE);
    writer.text((0x0008, 0x0018), "UI", "2.25.1");
    writer.text((0x0008, 0x0060), "CS", "OT");
    writer.text((0x0008, 0x0070), "LO", "HOLOGIC");
    writer.text((0x0010, 0x0010), "PN", "Test^Case");
    writer.text((0x0010, 0x0020), "LO", "case");
    writer.text((0x0020, 0x000D), "UI", "2.25.2");
    writer.text((0x0020, 0x000E), "UI", "2.25.3");
    writer
}

/// An image of one sample a pixel, every attribute open to lies.
#[derive(Clone)]
pub(crate) struct Image {
    pub(crate) syntax: Syntax,
    pub(crate) rows: (&'static str, Vec<u16>),
    pub(crate) columns: (&'static str, Vec<u16>),
    pub(crate) frames: Option<&'static str>,
    pub(crate) bits: u16,
    pub(crate) pixels: Vec<u8>,
}

impl Image {
    /// 4 rows, 6 columns, 16 bits.
    pub(crate) fn small(syntax: Syntax) -> Self {
        Self {
            syntax,
            rows: ("US", vec![4]),
            columns: ("US", vec![6]),
            frames: None,
            bits: 16,
            pixels: vec![7; 4 * 6 * 2],
        }
    }

    /// The data set in front of the pixels.
    pub(crate) fn before_pixels(&self) -> Writer {
        let mut writer = identified(self.syntax);
        writer.short((0x0028, 0x0002), 1);
        writer.text((0x0028, 0x0004), "CS", "MONOCHROME2");
        if let Some(frames) = self.frames {
            writer.text((0x0028, 0x0008), "IS", frames);
        }
        for (tag, (vr, values)) in [((0x0028, 0x0010), &self.rows), ((0x0028, 0x0011), &self.columns)] {
            writer.header(tag, vr, values.len() as u32 * 2);
            values.iter().for_each(|value| writer.u16(*value));
        }
        writer.short((0x0028, 0x0100), self.bits);
        writer
    }

    /// The data set with its pixels as they are, in one fragment where the syntax wants fragments.
    pub(crate) fn data_set(&self) -> Writer {
        let mut writer = self.before_pixels();
        if self.syntax == Syntax::Rle {
            writer.header(PIXEL_DATA, "OB", UNDEFINED);
            writer.plain_header(ITEM, 0);
            writer.plain_header(ITEM, self.pixels.len() as u32);
            writer.raw(&self.pixels);
            writer.plain_header(SEQUENCE_END, 0);
        } else {
            writer.header(PIXEL_DATA, "OW", self.pixels.len() as u32);
            writer.raw(&self.pixels);
        }
        writer
    }

    pub(crate) fn file(&self) -> Vec<u8> {
        self.data_set().file()
    }
}
