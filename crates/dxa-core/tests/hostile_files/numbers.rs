//! A million of something, and orders of elements that cost a careless reader quadratic time.

use super::writer::{
    ITEM, Image, PIXEL_DATA, SECONDARY_CAPTURE, SEQUENCE_END, Syntax, Tag, UNDEFINED, Writer, file,
    identified, meta,
};
use super::{Answer, HostileFile};

const MILLION: u32 = 1_000_000;
const SEQUENCE: Tag = (0x0040, 0xA730);

pub(super) fn files() -> Vec<HostileFile> {
    let mut files = Vec::new();
    for syntax in [Syntax::ExplicitLittle, Syntax::ImplicitLittle] {
        let mut add = |what: &str, answer, make: fn(Syntax) -> Vec<u8>| {
            let name = format!("{what}-{syntax:?}").to_lowercase();
            files.push(HostileFile::new(name, answer, move || make(syntax)));
        };
        add("million-items", Answer::LimitsExceeded, items);
        add("million-private-elements", Answer::LimitsExceeded, |syntax| private(syntax, 0..MILLION));
        add("descending", Answer::Accepted, |syntax| private(syntax, (0..60_000).rev()));
        // A reader that looks back at each of the last elements looks at all of the first.
        add("descending-at-the-end", Answer::Accepted, |syntax| {
            private(syntax, (100_000..290_000).chain((0..9_900).rev()))
        });
        add("alternating", Answer::Accepted, |syntax| {
            private(syntax, (0..90_000).flat_map(|at| [180_000 + at, at]))
        });
        add("twice-side-by-side", Answer::Unreadable, |syntax| private(syntax, [1, 1].into_iter()));
        add("twice-far-apart", Answer::Unreadable, |syntax| private(syntax, (1..100_000).chain([1])));
        add("twice-in-an-item", Answer::Unreadable, twice_in_item);
        add("once-in-each-item", Answer::Accepted, once_in_items);
        add("tag-zero-twice", Answer::Unreadable, |syntax| {
            let mut writer = Writer::new(syntax);
            (0..2).for_each(|_| writer.header((0, 0), "UL", 0));
            writer.raw(&Image::small(syntax).data_set().bytes);
            writer.file()
        });
        add("group-length-lies", Answer::Accepted, group_length);
        add("odd-length", Answer::Accepted, odd);
    }
    files.push(HostileFile::new("million-fragments", Answer::LimitsExceeded, fragments));
    files.push(HostileFile::new("million-meta-elements", Answer::Accepted, meta_elements));
    files
}

/// An object of empty private elements in the order given.
fn private(syntax: Syntax, numbers: impl Iterator<Item = u32>) -> Vec<u8> {
    const A_GROUP: u32 = 0xE000;
    let mut writer = Writer::new(syntax);
    writer.text((0x0008, 0x0016), "UI", SECONDARY_CAPTURE);
    for number in numbers {
        let tag = (0x0009 + 2 * (number / A_GROUP) as u16, 0x1000 + (number % A_GROUP) as u16);
        writer.header(tag, "LO", 0);
    }
    writer.file()
}

fn items(syntax: Syntax) -> Vec<u8> {
    let mut writer = identified(syntax);
    writer.header(SEQUENCE, "SQ", UNDEFINED);
    (0..MILLION).for_each(|_| writer.plain_header(ITEM, 0));
    writer.plain_header(SEQUENCE_END, 0);
    writer.file()
}

fn fragments() -> Vec<u8> {
    let mut writer = Image::small(Syntax::Rle).before_pixels();
    writer.header(PIXEL_DATA, "OB", UNDEFINED);
    (0..MILLION).for_each(|_| writer.plain_header(ITEM, 0));
    writer.plain_header(SEQUENCE_END, 0);
    writer.file()
}

/// Nothing says how many elements a meta header may have; passing over them must cost nothing else.
fn meta_elements() -> Vec<u8> {
    let mut header = Writer::new(Syntax::ExplicitLittle);
    header.raw(&meta(Syntax::ExplicitLittle.uid()));
    (0..MILLION).for_each(|_| header.header((2, 0x0102), "SH", 0));
    file(&header.bytes, &Image::small(Syntax::ExplicitLittle).data_set().bytes)
}

fn twice_in_item(syntax: Syntax) -> Vec<u8> {
    let mut content = Writer::new(syntax);
    content.text((0x0040, 0xA160), "UT", "0.873 ");
    content.text((0x0040, 0xA168), "UT", "L1    ");
    content.text((0x0040, 0xA160), "UT", "1.873 ");
    with_items(syntax, &[content])
}

fn once_in_items(syntax: Syntax) -> Vec<u8> {
    let mut content = Writer::new(syntax);
    content.text((0x0040, 0xA160), "UT", "0.873 ");
    with_items(syntax, &[content.clone(), content])
}

fn with_items(syntax: Syntax, contents: &[Writer]) -> Vec<u8> {
    let mut writer = identified(syntax);
    writer.header(SEQUENCE, "SQ", UNDEFINED);
    for content in contents {
        writer.plain_header(ITEM, content.bytes.len() as u32);
        writer.raw(&content.bytes);
    }
    writer.plain_header(SEQUENCE_END, 0);
    writer.file()
}

/// Group lengths are retired, and software that changed an object often left the old ones.
fn group_length(syntax: Syntax) -> Vec<u8> {
    let mut writer = Writer::new(syntax);
    writer.header((0x0008, 0x0000), "UL", 4);
    writer.u32(UNDEFINED);
    writer.raw(&Image::small(syntax).data_set().bytes);
    writer.file()
}

fn odd(syntax: Syntax) -> Vec<u8> {
    let mut writer = Writer::new(syntax);
    writer.header((0x0008, 0x0008), "CS", 7);
    writer.raw(b"DERIVED");
    writer.raw(&Image::small(syntax).data_set().bytes);
    writer.file()
}
