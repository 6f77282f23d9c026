//! From a file to its data set: preamble, meta header, transfer syntax, and what may be missing of them.

use std::borrow::Cow;

use dicom_core::{Tag, VR};
use dicom_dictionary_std::{StandardDataDictionary, uids};

use dicom_core::dictionary::{DataDictionary, VirtualVr};

use super::syntax::EXPLICIT_VR_BIG_ENDIAN;
use super::view::Entry;
use super::{Input, Limits, Object, Rejection, TransferSyntax, inflate, pixels, walk};

/// Whether a file may lack its preamble, meta header or transfer syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leniency {
    /// Complete files only: what a network peer must send.
    Strict,
    /// What old archives hold: the command line.
    Tolerant,
}

/// Checks an input and indexes it.
///
/// # Errors
/// [`Rejection`] for anything that is not a whole, self-consistent DICOM object within `limits`.
pub fn open<'a>(input: Input<'a>, leniency: Leniency, limits: &Limits) -> Result<Object<'a>, Rejection> {
    let input = Input { total: input.total.max(input.head.len() as u64), ..input };
    if input.total == 0 {
        return Err(Rejection::Empty);
    }
    if input.total > limits.file_bytes {
        return Err(Rejection::Limit(format!("the file is larger than {} MiB", limits.file_bytes >> 20)));
    }
    let container = Container::read(input, leniency)?;
    let object = container.data_set(input, leniency, limits)?;
    pixels::check(&object, limits)?;
    Ok(object)
}

/// Indexes the first bytes of a complete file whose length is not known yet, up to native pixels that end beyond them;
/// says where these will end.
pub(super) fn head_before_pixels<'a>(head: &'a [u8], limits: &Limits) -> Option<(Object<'a>, u64)> {
    let input = Input { head, total: limits.file_bytes };
    let Container { start, syntax, tolerated, .. } = Container::read(input, Leniency::Strict).ok()?;
    if syntax.deflated {
        return None;
    }
    let (entries, end) = walk::walk_to_pixels(input, start, &syntax, limits)?;
    Some((Object { bytes: Cow::Borrowed(head), syntax, entries, tolerated }, end))
}

/// Where the data set starts and how it is encoded.
struct Container {
    start: usize,
    syntax: TransferSyntax,
    tolerated: Vec<&'static str>,
    /// The file gave no sign of being DICOM but its first element.
    guessed: bool,
}

impl Container {
    fn read(input: Input<'_>, leniency: Leniency) -> Result<Self, Rejection> {
        if input.head.get(PREAMBLE..PREAMBLE + 4) == Some(b"DICM") {
            return Self::after_meta(input, PREAMBLE + 4, Vec::new(), leniency);
        }
        if input.head.len() < PREAMBLE + 4 && (input.head.len() as u64) < input.total {
            return Err(Rejection::NeedMore);
        }
        if leniency == Leniency::Strict {
            return Err(Rejection::NotDicom);
        }
        let start = if input.head.starts_with(b"DICM") { 4 } else { 0 };
        Self::after_meta(input, start, vec!["the file has no preamble"], leniency)
    }

    /// Reads the meta group (0002,eeee), whose stated length is not relied on.
    fn after_meta(
        input: Input<'_>,
        start: usize,
        mut tolerated: Vec<&'static str>,
        leniency: Leniency,
    ) -> Result<Self, Rejection> {
        let guessed = start == 0;
        let meta = Meta::read(input, start)?;
        if meta.start == start && !guessed {
            tolerated.push("the file has no meta header");
        }
        if let Some(uid) = meta.transfer_syntax {
            return Ok(Self {
                start: meta.start,
                syntax: TransferSyntax::of(&uid),
                tolerated,
                guessed: false,
            });
        }
        if leniency == Leniency::Strict {
            return Err(Rejection::Contradiction("the meta header names no transfer syntax".to_owned()));
        }
        tolerated.push("the transfer syntax is not stated and was inferred");
        // Behind a preamble or meta header the oldest default holds; without either only a known first element counts.
        let uid = match sniff(input, meta.start) {
            Err(Rejection::NotDicom) if meta.start > 0 => uids::IMPLICIT_VR_LITTLE_ENDIAN,
            sniffed => sniffed?,
        };
        Ok(Self { start: meta.start, syntax: TransferSyntax::of(uid), tolerated, guessed })
    }

    fn data_set<'a>(
        self,
        input: Input<'a>,
        leniency: Leniency,
        limits: &Limits,
    ) -> Result<Object<'a>, Rejection> {
        let Self { start, mut syntax, mut tolerated, guessed } = self;
        let as_not_dicom = |rejection| match rejection {
            Rejection::Malformed { .. } if guessed => Rejection::NotDicom,
            other => other,
        };
        if !syntax.deflated {
            let mut walked = walk::walk(input, start, &syntax, limits);
            let may_retry =
                leniency == Leniency::Tolerant && !matches!(walked, Ok(_) | Err(Rejection::NeedMore));
            if may_retry && is_written_otherwise(input, start, &syntax) {
                syntax.explicit = !syntax.explicit;
                tolerated.push("the data set is not written in the transfer syntax that the file states");
                walked = walk::walk(input, start, &syntax, limits);
            }
            let entries = walked.map_err(as_not_dicom)?;
            return Ok(Object { bytes: Cow::Borrowed(input.head), syntax, entries, tolerated });
        }
        if (input.head.len() as u64) < input.total {
            return Err(Rejection::NeedMore);
        }
        let inflated = inflate::inflate(&input.head[start..], limits)?;
        let entries = walk::walk(Input::whole(&inflated), 0, &syntax, limits)?;
        Ok(Object { bytes: Cow::Owned(inflated), syntax, entries, tolerated })
    }
}

const PREAMBLE: usize = 128;

/// The meta group: where it ends and the one value of it that matters.
struct Meta {
    start: usize,
    transfer_syntax: Option<String>,
}

impl Meta {
    fn read(input: Input<'_>, start: usize) -> Result<Self, Rejection> {
        let mut meta = Self { start, transfer_syntax: None };
        while input.head.get(meta.start..meta.start + 2) == Some(&[2, 0]) {
            let element = meta_element(input, meta.start)?;
            let (from, to) = (element.start as usize, (element.start + element.len) as usize);
            if element.tag == Tag(0x0002, 0x0010) {
                let uid = String::from_utf8_lossy(&input.head[from..to]);
                let uid = uid.trim_end_matches(['\0', ' ']);
                meta.transfer_syntax = (!uid.is_empty()).then(|| uid.to_owned());
            }
            meta.start = to;
        }
        if meta.start + 2 > input.head.len() && (input.head.len() as u64) < input.total {
            return Err(Rejection::NeedMore);
        }
        Ok(meta)
    }
}

/// One element of the meta group, always in Explicit VR Little Endian and never a sequence.
fn meta_element(input: Input<'_>, at: usize) -> Result<Entry, Rejection> {
    let head = input.head.get(at..).unwrap_or_default();
    let short = head.len() < 12;
    if short && (input.head.len() as u64) < input.total {
        return Err(Rejection::NeedMore);
    }
    let field = |from: usize, to: usize| head.get(from..to);
    let truncated = |needed: u64| Rejection::Truncated {
        what: "the meta header".to_owned(),
        offset: at as u64,
        needed,
        left: input.total - at as u64,
    };
    let (Some(tag), Some(vr), Some(length)) = (field(2, 4), field(4, 6), field(6, 8)) else {
        return Err(truncated(8));
    };
    let tag = Tag(2, u16::from_le_bytes([tag[0], tag[1]]));
    let vr = VR::from_binary([vr[0], vr[1]]).unwrap_or(VR::UN);
    let (header, length) = if walk::is_long(vr) {
        let long = field(8, 12).ok_or_else(|| truncated(12))?;
        (12, u32::from_le_bytes([long[0], long[1], long[2], long[3]]))
    } else {
        (8, u32::from(u16::from_le_bytes([length[0], length[1]])))
    };
    let (needed, left) = (header as u64 + u64::from(length), input.total - at as u64);
    if needed > left {
        return Err(truncated(needed));
    }
    if needed > head.len() as u64 {
        return Err(Rejection::NeedMore);
    }
    let start = (at + header) as u32;
    Ok(Entry { tag, vr, start, len: length, end: 0, fragments: false })
}

/// Infers the transfer syntax from the first element, which must be one that objects begin with.
fn sniff(input: Input<'_>, start: usize) -> Result<&'static str, Rejection> {
    let first = input.head.get(start..start + 8).and_then(|head| head.try_into().ok());
    let is_part = (input.head.len() as u64) < input.total;
    let head: [u8; 8] = first.ok_or(if is_part { Rejection::NeedMore } else { Rejection::NotDicom })?;
    let written = VR::from_binary([head[4], head[5]]);
    for (uid, big) in [
        (uids::EXPLICIT_VR_LITTLE_ENDIAN, false),
        (EXPLICIT_VR_BIG_ENDIAN, true),
        (uids::IMPLICIT_VR_LITTLE_ENDIAN, false),
    ] {
        let number = |low: u8, high: u8| {
            if big { u16::from_be_bytes([low, high]) } else { u16::from_le_bytes([low, high]) }
        };
        let tag = Tag(number(head[0], head[1]), number(head[2], head[3]));
        let fits = if uid == uids::IMPLICIT_VR_LITTLE_ENDIAN {
            u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]])) <= input.total
        } else {
            written.is_some() && written == dictionary_vr(tag)
        };
        if tag.0 == FIRST_GROUP && fits && dictionary_vr(tag).is_some() {
            return Ok(uid);
        }
    }
    Err(Rejection::NotDicom)
}

/// Whether the first element has a value representation where the transfer syntax has none, or the reverse:
/// some writers change one and forget the other.
fn is_written_otherwise(input: Input<'_>, start: usize, syntax: &TransferSyntax) -> bool {
    let Some(&[group, high, number, top, one, two]) = input.head.get(start..start + 6) else { return false };
    if syntax.big_endian || syntax.deflated {
        return false;
    }
    if syntax.explicit {
        return !(one.is_ascii_uppercase() && two.is_ascii_uppercase());
    }
    let tag = Tag(u16::from_le_bytes([group, high]), u16::from_le_bytes([number, top]));
    VR::from_binary([one, two]).is_some_and(|written| dictionary_vr(tag) == Some(written))
}

/// Data sets start with the identifying group.
const FIRST_GROUP: u16 = 0x0008;

fn dictionary_vr(tag: Tag) -> Option<VR> {
    if tag.1 == 0 {
        return Some(VR::UL);
    }
    match StandardDataDictionary.by_tag(tag)?.vr {
        VirtualVr::Exact(vr) => Some(vr),
        other => Some(other.relaxed()),
    }
}
