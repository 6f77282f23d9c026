//! Images whose attributes and pixels contradict each other.

use super::writer::{ITEM, Image, PIXEL_DATA, SEQUENCE_END, Syntax, UNDEFINED, Writer};
use super::{Answer, HostileFile};

const SYNTAXES: [Syntax; 4] =
    [Syntax::ExplicitLittle, Syntax::ImplicitLittle, Syntax::ExplicitBig, Syntax::Rle];

pub(super) fn files() -> Vec<HostileFile> {
    let mut files = Vec::new();
    for syntax in SYNTAXES {
        files.extend(sides(syntax));
        files.extend(frames(syntax));
        if syntax != Syntax::Rle {
            files.extend(lengths(syntax));
        }
    }
    files.extend(contradictory_encodings());
    files
}

fn changed(name: &str, answer: Answer, syntax: Syntax, change: impl Fn(&mut Image) + 'static) -> HostileFile {
    HostileFile::new(format!("{name}-{syntax:?}").to_lowercase(), answer, move || {
        let mut image = Image::small(syntax);
        change(&mut image);
        image.file()
    })
}

fn sides(syntax: Syntax) -> Vec<HostileFile> {
    let mut files = vec![
        changed("image", Answer::Accepted, syntax, |_| {}),
        changed("image-65535-by-65535-of-64-bytes", Answer::LimitsExceeded, syntax, |image| {
            (image.rows, image.columns) = (("US", vec![65_535]), ("US", vec![65_535]));
            image.pixels = vec![0; 64];
        }),
    ];
    for (name, vr, values) in [
        ("zero", "US", &[0][..]),
        ("empty", "US", &[]),
        ("two-values", "US", &[4, 4]),
        ("as-ul", "UL", &[4, 0]),
    ] {
        files.push(changed(&format!("rows-{name}"), Answer::Unreadable, syntax, move |image| {
            image.rows = (vr, values.to_vec());
        }));
        files.push(changed(&format!("columns-{name}"), Answer::Unreadable, syntax, move |image| {
            image.columns = (vr, values.to_vec());
        }));
    }
    files
}

fn frames(syntax: Syntax) -> impl Iterator<Item = HostileFile> {
    let cases = [
        ("one", "1", Answer::Accepted),
        ("zero", "0", Answer::Unreadable),
        ("negative", "-1", Answer::Unreadable),
        ("exponent", "1e9", Answer::Unreadable),
        ("two-values", "1\\1", Answer::Unreadable),
        ("beyond-64-bits", "99999999999999999999", Answer::Unreadable),
        ("2147483647", "2147483647", Answer::LimitsExceeded),
    ];
    cases.into_iter().map(move |(name, frames, answer)| {
        changed(&format!("frames-{name}"), answer, syntax, move |image| image.frames = Some(frames))
    })
}

fn lengths(syntax: Syntax) -> Vec<HostileFile> {
    const ROW: usize = 12;
    let mut files = Vec::new();
    for (name, length) in [
        ("one-short", 47),
        ("row-short", 48 - ROW),
        ("one-long", 49),
        ("row-long", 48 + ROW),
        ("of-two-bytes", 2),
    ] {
        files.push(changed(&format!("pixels-{name}"), Answer::Unreadable, syntax, move |image| {
            image.pixels = vec![7; length];
        }));
    }
    // Three rows of five pixels of one byte: odd, so one byte of padding belongs to it.
    for (name, length, answer) in [
        ("odd-unpadded", 15, Answer::Accepted),
        ("odd-padded", 16, Answer::Accepted),
        ("odd-padded-twice", 17, Answer::Unreadable),
        ("odd-short", 14, Answer::Unreadable),
    ] {
        files.push(changed(&format!("pixels-{name}"), answer, syntax, move |image| {
            (image.rows, image.columns) = (("US", vec![3]), ("US", vec![5]));
            (image.bits, image.pixels) = (8, vec![7; length]);
        }));
    }
    for bits in [0, 7, 65, 65_535] {
        files.push(changed(&format!("bits-{bits}"), Answer::Unreadable, syntax, move |image| {
            image.bits = bits;
        }));
    }
    files
}

/// Pixels in the form that the transfer syntax does not allow.
fn contradictory_encodings() -> Vec<HostileFile> {
    let with_pixels = |name: &str, syntax, length: u32, pixels: fn(&mut Writer)| {
        HostileFile::new(name, Answer::Unreadable, move || {
            let mut writer = Image::small(syntax).before_pixels();
            writer.header(PIXEL_DATA, "OB", length);
            pixels(&mut writer);
            writer.file()
        })
    };
    vec![
        with_pixels("native-pixels-in-rle", Syntax::Rle, 48, |writer| writer.raw(&[7; 48])),
        with_pixels("fragments-in-native", Syntax::ExplicitLittle, UNDEFINED, |writer| {
            writer.plain_header(ITEM, 0);
            writer.plain_header(ITEM, 48);
            writer.raw(&[7; 48]);
            writer.plain_header(SEQUENCE_END, 0);
        }),
        with_pixels("rle-without-fragments", Syntax::Rle, UNDEFINED, |writer| {
            writer.plain_header(ITEM, 0);
            writer.plain_header(SEQUENCE_END, 0);
        }),
        // Six empty items are as many bytes as the pixels.
        with_pixels("items-as-pixels", Syntax::ImplicitLittle, UNDEFINED, |writer| {
            (0..6).for_each(|_| writer.plain_header(ITEM, 0));
            writer.plain_header(SEQUENCE_END, 0);
        }),
    ]
}
