//! The walk: iterative, with its place in a fixed array, every length held against what is left.

use dicom_core::dictionary::{DataDictionary, VirtualVr};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::{StandardDataDictionary, tags};

use super::view::Entry;
use super::{Input, Limits, Rejection, TransferSyntax, name};

/// Walks a data set from byte `start` to the end of the input and returns its index.
///
/// # Errors
/// Every way in which the bytes contradict themselves or pass a limit.
pub(super) fn walk(
    input: Input<'_>,
    start: usize,
    syntax: &TransferSyntax,
    limits: &Limits,
) -> Result<Vec<Entry>, Rejection> {
    let mut walk = Walk::new(input, start, syntax, limits);
    while walk.step()? {}
    Ok(walk.entries)
}

/// Walks a data set of which the end is not known, until native pixels end beyond what is given; says where.
pub(super) fn walk_to_pixels(
    input: Input<'_>,
    start: usize,
    syntax: &TransferSyntax,
    limits: &Limits,
) -> Option<(Vec<Entry>, u64)> {
    let mut walk = Walk::new(input, start, syntax, limits);
    while walk.step().ok()? {
        if walk.pos > input.head.len() as u64 {
            return Some((walk.entries, walk.pos));
        }
    }
    None
}

const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);
const UNDEFINED: u32 = u32::MAX;

/// Deepest nesting the fixed array can hold: a sequence and an item a level, plus the data set itself.
const FRAMES: usize = 2 * 64 + 1;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    DataSet,
    Sequence,
    Item,
}

#[derive(Clone, Copy)]
struct Frame {
    inside: Inside,
    /// Nothing in this frame may pass this byte.
    limit: u64,
    /// The frame ends by a delimiter rather than at `limit`.
    delimited: bool,
    explicit: bool,
    /// Its own entry, to be given its end.
    entry: usize,
    last: Option<Tag>,
    /// Some element did not come after the one before it.
    disordered: bool,
}

struct Walk<'a> {
    input: Input<'a>,
    big_endian: bool,
    limits: &'a Limits,
    depth_limit: usize,
    pos: u64,
    frames: [Frame; FRAMES],
    top: usize,
    entries: Vec<Entry>,
}

impl<'a> Walk<'a> {
    fn new(input: Input<'a>, start: usize, syntax: &TransferSyntax, limits: &'a Limits) -> Self {
        let root = Frame {
            inside: Inside::DataSet,
            limit: input.total,
            delimited: false,
            explicit: syntax.explicit,
            entry: usize::MAX,
            last: None,
            disordered: false,
        };
        Self {
            input,
            big_endian: syntax.big_endian,
            limits,
            depth_limit: limits.depth.min((FRAMES - 1) / 2),
            pos: start as u64,
            frames: [root; FRAMES],
            top: 0,
            entries: Vec::with_capacity(128),
        }
    }

    /// Reads one element, item or delimiter, or closes one frame; false at the end of the input.
    fn step(&mut self) -> Result<bool, Rejection> {
        let frame = self.frames[self.top];
        if self.pos == frame.limit {
            return self.end_of(frame);
        }
        let tag = self.tag(frame.limit)?;
        match (frame.inside, tag) {
            (Inside::Sequence, ITEM) => self.item()?,
            (Inside::Sequence, SEQUENCE_END) if frame.delimited => self.delimiter()?,
            (Inside::Item, ITEM_END) if frame.delimited => self.delimiter()?,
            (Inside::Sequence, _) => {
                return Err(self.malformed(format!("{} where an item should be", name(tag))));
            }
            (Inside::DataSet | Inside::Item, Tag(0xFFFE, _)) => {
                return Err(self.malformed(format!("{} outside a sequence", name(tag))));
            }
            (Inside::DataSet | Inside::Item, _) => self.element(tag)?,
        }
        Ok(true)
    }

    /// The bytes of a frame are used up: right for a frame of defined length, an early end for the others.
    fn end_of(&mut self, frame: Frame) -> Result<bool, Rejection> {
        if frame.delimited {
            let what = "a delimiter of undefined length".to_owned();
            return Err(Rejection::Truncated { what, offset: self.pos, needed: 8, left: 0 });
        }
        if self.top == 0 {
            self.check_once(frame)?;
            return Ok(false);
        }
        self.close()?;
        Ok(true)
    }

    fn close(&mut self) -> Result<(), Rejection> {
        let frame = self.frames[self.top];
        self.check_once(frame)?;
        let end = self.entries.len() as u32;
        let entry = &mut self.entries[frame.entry];
        entry.end = end;
        entry.len = (self.pos - u64::from(entry.start)) as u32;
        self.top -= 1;
        Ok(())
    }

    fn delimiter(&mut self) -> Result<(), Rejection> {
        let limit = self.frames[self.top].limit;
        let length = self.u32_at(self.pos + 4, limit)?;
        if length != 0 {
            return Err(self.malformed(format!("a delimiter with a length of {length}")));
        }
        self.close()?;
        self.pos += 8;
        Ok(())
    }

    fn item(&mut self) -> Result<(), Rejection> {
        let parent = self.frames[self.top];
        let length = self.u32_at(self.pos + 4, parent.limit)?;
        let start = self.pos + 8;
        self.push(ITEM, VR::UN, start, 0)?;
        self.open(Inside::Item, ITEM, start, length, parent.explicit)
    }

    fn element(&mut self, tag: Tag) -> Result<(), Rejection> {
        self.note_order(tag);
        let frame = self.frames[self.top];
        let (vr, header, length) = if frame.explicit {
            self.explicit_header(frame.limit)?
        } else {
            self.implicit_header(tag, frame.limit)?
        };
        let start = self.pos + header;
        let may_have_fragments =
            tag == tags::PIXEL_DATA && (!frame.explicit || matches!(vr, VR::OB | VR::OW));
        if length == UNDEFINED && may_have_fragments {
            self.push(tag, vr, start, 0)?;
            return self.fragments(tag, start);
        }
        if vr == VR::SQ || length == UNDEFINED {
            let is_sequence = matches!(vr, VR::SQ | VR::UN);
            if !is_sequence {
                return Err(self.malformed(format!("{} of undefined length that is no sequence", name(tag))));
            }
            self.push(tag, VR::SQ, start, 0)?;
            // Undefined-length UN is a sequence in Implicit VR, whatever surrounds it (PS3.5 6.2.2).
            let explicit = frame.explicit && vr == VR::SQ;
            return self.open(Inside::Sequence, tag, start, length, explicit);
        }
        let end = self.value_end(tag, start, length, frame.limit)?;
        if length > self.limits.value_bytes && !is_bulk(tag) {
            let limit = self.limits.value_bytes >> 10;
            return Err(Rejection::Limit(format!("{} is longer than {limit} KiB", name(tag))));
        }
        let given = self.input.head.len() as u64;
        if end > given && !(self.top == 0 && is_pixels(tag)) {
            return Err(Rejection::NeedMore);
        }
        self.push(tag, vr, start, length)?;
        self.pos = end;
        Ok(())
    }

    fn note_order(&mut self, tag: Tag) {
        let frame = &mut self.frames[self.top];
        frame.disordered |= frame.last.is_some_and(|last| tag <= last);
        frame.last = Some(tag);
    }

    /// A tag twice in one data set leaves open which value is meant; out of order alone is harmless.
    fn check_once(&self, frame: Frame) -> Result<(), Rejection> {
        if !frame.disordered {
            return Ok(());
        }
        let mut tags = Vec::new();
        let mut index = frame.entry.wrapping_add(1);
        while let Some(entry) = self.entries.get(index) {
            tags.push(entry.tag);
            index = entry.end as usize;
        }
        tags.sort_unstable();
        match tags.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(self.malformed(format!("{} twice in one data set that ends", name(pair[0])))),
            None => Ok(()),
        }
    }

    fn open(
        &mut self,
        inside: Inside,
        tag: Tag,
        start: u64,
        length: u32,
        explicit: bool,
    ) -> Result<(), Rejection> {
        let parent = self.frames[self.top];
        let delimited = length == UNDEFINED;
        let limit = if delimited { parent.limit } else { self.value_end(tag, start, length, parent.limit)? };
        if inside == Inside::Sequence && self.top / 2 >= self.depth_limit {
            return Err(Rejection::Limit(format!(
                "sequences are nested more than {} deep",
                self.depth_limit
            )));
        }
        let entry = self.entries.len() - 1;
        self.top += 1;
        self.frames[self.top] =
            Frame { inside, limit, delimited, explicit, entry, last: None, disordered: false };
        self.pos = start;
        Ok(())
    }

    fn fragments(&mut self, tag: Tag, start: u64) -> Result<(), Rejection> {
        let limit = self.frames[self.top].limit;
        self.pos = start;
        for items in 0..=self.limits.fragments {
            let found = self.tag(limit)?;
            let length = self.u32_at(self.pos + 4, limit)?;
            self.pos += 8;
            match found {
                // The first item is the table of offsets.
                SEQUENCE_END if items < 2 => {
                    return Err(self.malformed(format!("{} without a fragment", name(tag))));
                }
                SEQUENCE_END if length == 0 => return self.end_fragments(start),
                ITEM if length != UNDEFINED => self.pos = self.value_end(tag, self.pos, length, limit)?,
                _ => return Err(self.malformed(format!("{} where a fragment should be", name(found)))),
            }
        }
        Err(Rejection::Limit(format!("{} has more than {} fragments", name(tag), self.limits.fragments)))
    }

    fn end_fragments(&mut self, start: u64) -> Result<(), Rejection> {
        let Some(entry) = self.entries.last_mut() else { return Err(Rejection::NotDicom) };
        entry.fragments = true;
        entry.len = (self.pos - start) as u32;
        Ok(())
    }

    fn push(&mut self, tag: Tag, vr: VR, start: u64, length: u32) -> Result<(), Rejection> {
        if self.entries.len() >= self.limits.elements {
            return Err(Rejection::Limit(format!("more than {} elements", self.limits.elements)));
        }
        let end = self.entries.len() as u32 + 1;
        self.entries.push(Entry { tag, vr, start: start as u32, len: length, end, fragments: false });
        Ok(())
    }

    /// Value representation, bytes of header, length of value.
    fn explicit_header(&self, limit: u64) -> Result<(VR, u64, u32), Rejection> {
        let head = self.take::<8>(self.pos, limit)?;
        let letters = [head[4], head[5]];
        let short = u32::from(self.u16([head[6], head[7]]));
        match VR::from_binary(letters) {
            Some(vr) if is_long(vr) => Ok((vr, 12, self.u32_at(self.pos + 8, limit)?)),
            Some(vr) => Ok((vr, 8, short)),
            // Representations of later editions have the long form (PS3.5 6.2); anything else is no header.
            None => Ok((VR::UN, 12, self.u32_at(self.pos + 8, limit)?)),
        }
    }

    fn implicit_header(&self, tag: Tag, limit: u64) -> Result<(VR, u64, u32), Rejection> {
        let length = self.u32_at(self.pos + 4, limit)?;
        let start = self.pos + 8;
        // Only what can hold items is looked up: the dictionary costs more than the rest of the walk.
        let may_nest = length == UNDEFINED || (length >= 8 && self.peek_item(start));
        let vr = if may_nest && is_sequence(tag) { VR::SQ } else { VR::UN };
        Ok((vr, 8, length))
    }

    fn peek_item(&self, at: u64) -> bool {
        self.take::<4>(at, self.input.total).is_ok_and(|bytes| self.parse_tag(bytes) == ITEM)
    }

    fn value_end(&self, tag: Tag, start: u64, length: u32, limit: u64) -> Result<u64, Rejection> {
        let (needed, left) = (u64::from(length), limit.saturating_sub(start));
        if needed > left {
            return Err(Rejection::Truncated { what: name(tag), offset: self.pos, needed, left });
        }
        Ok(start + needed)
    }

    fn tag(&self, limit: u64) -> Result<Tag, Rejection> {
        Ok(self.parse_tag(self.take::<4>(self.pos, limit)?))
    }

    fn parse_tag(&self, bytes: [u8; 4]) -> Tag {
        Tag(self.u16([bytes[0], bytes[1]]), self.u16([bytes[2], bytes[3]]))
    }

    fn u16(&self, bytes: [u8; 2]) -> u16 {
        if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    fn u32_at(&self, at: u64, limit: u64) -> Result<u32, Rejection> {
        let bytes = self.take::<4>(at, limit)?;
        Ok(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    fn take<const N: usize>(&self, at: u64, limit: u64) -> Result<[u8; N], Rejection> {
        let end = at + N as u64;
        if end > limit {
            let left = limit.saturating_sub(at);
            return Err(Rejection::Truncated {
                what: "an element".to_owned(),
                offset: at,
                needed: N as u64,
                left,
            });
        }
        let bytes = self.input.head.get(at as usize..end as usize).ok_or(Rejection::NeedMore)?;
        bytes.try_into().map_err(|_| Rejection::NeedMore)
    }

    fn malformed(&self, what: String) -> Rejection {
        Rejection::Malformed { what, offset: self.pos }
    }
}

/// Representations whose explicit header has a 32-bit length.
pub(super) fn is_long(vr: VR) -> bool {
    use VR::{OB, OD, OF, OL, OV, OW, SQ, SV, UC, UN, UR, UT, UV};
    matches!(vr, OB | OD | OF | OL | OV | OW | SQ | SV | UC | UN | UR | UT | UV)
}

fn is_sequence(tag: Tag) -> bool {
    // An unknown (private) element of undefined length can only be a sequence.
    StandardDataDictionary.by_tag(tag).is_some_and(|entry| entry.vr == VirtualVr::Exact(VR::SQ))
}

/// Values that are large by nature, and those that nobody here reads by their tag.
fn is_bulk(tag: Tag) -> bool {
    use VR::{OB, OD, OF, OL, OV, OW, SQ, UN};
    match StandardDataDictionary.by_tag(tag).map(|entry| entry.vr) {
        None => true,
        Some(VirtualVr::Exact(vr)) => matches!(vr, OB | OD | OF | OL | OV | OW | SQ | UN),
        Some(vr) => vr != VirtualVr::Xs,
    }
}

fn is_pixels(tag: Tag) -> bool {
    matches!(tag, tags::PIXEL_DATA | tags::FLOAT_PIXEL_DATA | tags::DOUBLE_FLOAT_PIXEL_DATA)
}
