//! Lengths that promise more than what follows, for every representation and every place that has a length.

use super::writer::{
    ITEM, Image, LONG, PIXEL_DATA, SHORT, Syntax, Tag, UNDEFINED, Writer, file, identified, meta,
};
use super::{Answer, HostileFile};

/// A standard element, written in any representation.
const COMMENTS: Tag = (0x0020, 0x4000);
const SEQUENCE: Tag = (0x0040, 0xA730);

pub(super) fn files() -> Vec<HostileFile> {
    let mut files = elements();
    files.extend(pixels());
    files.extend(items());
    files.extend(meta_elements());
    files.push(values_without_end());
    files
}

fn unreadable(name: &str, make: impl Fn() -> Vec<u8> + 'static) -> HostileFile {
    HostileFile::new(name.to_lowercase(), Answer::Unreadable, make)
}

fn elements() -> Vec<HostileFile> {
    const LENGTHS: [u32; 6] = [4, 0xFFFF, 0x7FFF_FFFE, 0xFFFF_FF00, 0xFFFF_FFFE, UNDEFINED];
    let mut files = Vec::new();
    for syntax in [Syntax::ExplicitLittle, Syntax::ExplicitBig] {
        for vr in SHORT {
            files.extend([4, 0x7FFE, 0xFFFE, 0xFFFF].map(|length| element(syntax, vr, length)));
        }
        for vr in LONG {
            files.extend(LENGTHS.map(|length| element(syntax, vr, length)));
        }
    }
    files.extend(LENGTHS.map(|length| element(Syntax::ImplicitLittle, "LT", length)));
    files
}

fn element(syntax: Syntax, vr: &'static str, length: u32) -> HostileFile {
    unreadable(&format!("long-{vr}-{length:x}-{syntax:?}"), move || {
        let mut writer = identified(syntax);
        writer.header(COMMENTS, vr, length);
        writer.raw(&[0, 0]);
        writer.file()
    })
}

fn pixels() -> Vec<HostileFile> {
    let mut files = Vec::new();
    for syntax in [Syntax::ExplicitLittle, Syntax::ExplicitBig, Syntax::ImplicitLittle] {
        for length in [50, 0x7FFF_FF00, 0xFFFF_FF00, 0xFFFF_FFFE, UNDEFINED] {
            files.push(unreadable(&format!("long-pixels-{length:x}-{syntax:?}"), move || {
                let mut writer = Image::small(syntax).before_pixels();
                writer.header(PIXEL_DATA, "OW", length);
                writer.raw(&[7; 48]);
                writer.file()
            }));
        }
    }
    for length in [0x10, 0xFFFF_FF00, UNDEFINED] {
        files.push(unreadable(&format!("long-fragment-{length:x}"), move || {
            let mut writer = Image::small(Syntax::Rle).before_pixels();
            writer.header(PIXEL_DATA, "OB", UNDEFINED);
            writer.plain_header(ITEM, 0);
            writer.plain_header(ITEM, length);
            writer.raw(&[0; 8]);
            writer.file()
        }));
    }
    files
}

/// An item longer than its sequence, than the file, or cut inside its header.
fn items() -> Vec<HostileFile> {
    let mut files = Vec::new();
    for (name, sequence, item) in
        [("sequence", 24, 100), ("file", UNDEFINED, 100), ("address-space", UNDEFINED, 0xFFFF_FFFE)]
    {
        for syntax in [Syntax::ExplicitLittle, Syntax::ExplicitBig, Syntax::ImplicitLittle] {
            files.push(unreadable(&format!("item-longer-than-{name}-{syntax:?}"), move || {
                let mut writer = identified(syntax);
                writer.header(SEQUENCE, "SQ", sequence);
                writer.plain_header(ITEM, item);
                writer.text((0x0040, 0xA040), "CS", "TEXT    ");
                writer.file()
            }));
        }
    }
    files.push(unreadable("item-header-cut", || {
        let mut writer = identified(Syntax::ExplicitLittle);
        writer.header(SEQUENCE, "SQ", UNDEFINED);
        writer.raw(&[0xFE, 0xFF, 0x00, 0xE0, 0xFF]);
        writer.file()
    }));
    files
}

fn meta_elements() -> Vec<HostileFile> {
    let with_meta = |name: &str, answer, change: fn(&mut [u8])| {
        HostileFile::new(name, answer, move || {
            let mut header = meta(Syntax::ExplicitLittle.uid());
            change(&mut header);
            file(&header, &Image::small(Syntax::ExplicitLittle).data_set().bytes)
        })
    };
    // The group length is in bytes 8 to 11, the length of the version behind it in bytes 20 to 23.
    vec![
        with_meta("meta-group-length-0", Answer::Accepted, |meta| meta[8..12].fill(0)),
        with_meta("meta-group-length-1", Answer::Accepted, |meta| meta[8..12].copy_from_slice(&[1, 0, 0, 0])),
        with_meta("meta-group-length-ffffffff", Answer::Accepted, |meta| meta[8..12].fill(0xFF)),
        with_meta("long-meta-version", Answer::Unreadable, |meta| meta[20..24].fill(0xFF)),
        with_meta("long-meta-transfer-syntax", Answer::Unreadable, |meta| {
            let at = meta.windows(4).position(|bytes| bytes == [2, 0, 0x10, 0]).expect("is there");
            meta[at + 6..at + 8].fill(0xFF);
        }),
    ]
}

/// Sixteen million values: honest in its length, but no text of the standard is that long.
fn values_without_end() -> HostileFile {
    HostileFile::new("image-type-of-16-mib", Answer::LimitsExceeded, || {
        let mut writer = Writer::new(Syntax::ImplicitLittle);
        writer.element((0x0008, 0x0008), "CS", &vec![b'\\'; 16 << 20]);
        writer.raw(&Image::small(Syntax::ImplicitLittle).data_set().bytes);
        writer.file()
    })
}
