//! A file cut at any byte is refused or says what it lacks, and a head never changes the answer of the whole.

#![expect(clippy::disallowed_methods, reason = "core takes bytes; its tests read them from files")]

mod hostile_files;

use std::path::Path;

use dxa_core::decode::form::Form;
use dxa_core::decode::object::{self, ReadObject};
use dxa_core::guard::{self, Input, Leniency, Limits, Rejection};
use dxa_core::pipeline::ReadError;
use hostile_files::writer::{Image, Syntax};

/// Test scans of different shapes.
const SCANS: [&str; 9] = [
    "01-ge-idxa-ap-spine.dcm",
    "07-hologic-spine.dcm",
    "09-sr-enhanced-ge-hips.dcm",
    "10-pdf-spine.dcm",
    "12-bmd-map-multi-frame.dcm",
    "14-ultrasound-bdus.dcm",
    "17-no-preamble.dcm",
    "18-jpeg-lossless.dcm",
    "18-rle.dcm",
];

/// Behind the header of an image or document only some cuts are tried; the step is prime.
const STRIDE: usize = 997;

fn seeds() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-scans");
    let scan = |name: &str| {
        let path = folder.join(name);
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (name.to_owned(), bytes)
    };
    let written =
        [Syntax::ImplicitLittle, Syntax::ExplicitLittle, Syntax::ExplicitBig, Syntax::Deflated, Syntax::Rle]
            .map(|syntax| (format!("{syntax:?}"), Image::small(syntax).file()));
    SCANS.map(scan).into_iter().chain(written).collect()
}

fn read(input: Input<'_>) -> Result<ReadObject, ReadError> {
    let walked = guard::open(input, Leniency::Tolerant, &Limits::DEFAULT)?;
    Ok(object::read(&walked)?)
}

/// The top-level tags, in order.
fn tags(bytes: &[u8]) -> Vec<(u16, u16)> {
    let walked = guard::open(Input::whole(bytes), Leniency::Tolerant, &Limits::DEFAULT)
        .expect("what was read was walked before");
    walked.root().iter().map(|element| (element.tag().0, element.tag().1)).collect()
}

/// Every length in front of the bulk and shortly behind its start, then some, then all near the end.
fn cuts(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let bulk = [&[0xE0, 0x7F, 0x10, 0x00], &[0x7F, 0xE0, 0x00, 0x10], &[0x42, 0x00, 0x11, 0x00]];
    let start = bytes.windows(4).position(|window| bulk.iter().any(|tag| window == *tag));
    let dense = (start.unwrap_or(bytes.len()) + 64).min(bytes.len());
    let last = dense.max(bytes.len().saturating_sub(64));
    (0..dense).chain((dense..last).step_by(STRIDE)).chain(last..bytes.len())
}

#[test]
fn a_cut_file_is_refused_or_says_what_it_lacks() {
    for (name, bytes) in seeds() {
        let whole = read(Input::whole(&bytes)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let all_tags = tags(&bytes);
        let mut most_tags = 0;
        for cut in cuts(&bytes) {
            let Ok(object) = read(Input::whole(&bytes[..cut])) else { continue };
            let found = tags(&bytes[..cut]);
            assert!(all_tags.starts_with(&found), "{name} cut at {cut}: other elements than in the whole");
            // Two cuts with the same elements would mean that one of them lies inside an element.
            assert!(found.len() > most_tags, "{name} cut at {cut}: not between two elements");
            most_tags = found.len();
            if whole.header.image.has_pixels {
                assert!(!object.header.image.has_pixels, "{name} cut at {cut}: pixels that are not whole");
                // An image of another modality is refused as such, however much of it is there.
                let other = matches!(object.form, Form::OtherModality | Form::Ultrasound);
                let says_so = object.header.image.rows.is_some() || other;
                assert!(says_so, "{name} cut at {cut}: not known as an image");
            } else {
                let content = if object.form == Form::Pdf { (0x0042, 0x0011) } else { (0x0040, 0xA730) };
                assert!(found.contains(&content), "{name} cut at {cut}: without its content");
            }
        }
    }
}

#[test]
fn a_cut_deflated_or_compressed_file_has_no_pixels() {
    for syntax in [Syntax::Deflated, Syntax::Rle] {
        let bytes = Image::small(syntax).file();
        let refused = |cut: &usize| read(Input::whole(&bytes[..*cut])).is_err();
        let from = if syntax == Syntax::Deflated { 0 } else { bytes.len() - 60 };
        assert_eq!((from..bytes.len()).filter(refused).count(), bytes.len() - from, "{syntax:?}");
    }
}

/// Every head of a file either asks for more or gives the answer of the whole.
fn check_heads(name: &str, bytes: &[u8]) -> usize {
    let whole = read(Input::whole(bytes));
    let mut answered = 0;
    for length in cuts(bytes) {
        let part = read(Input { head: &bytes[..length], total: bytes.len() as u64 });
        if part != Err(ReadError::Rejected(Rejection::NeedMore)) {
            assert_eq!(part, whole, "{name} by its first {length} bytes");
            answered += 1;
        }
    }
    answered
}

#[test]
fn a_head_answers_like_the_whole() {
    for (name, bytes) in seeds() {
        let answered = check_heads(&name, &bytes);
        let native_image = ["01-", "07-", "12-", "14-", "17-"].iter().any(|kind| name.starts_with(kind));
        assert!(answered > 0 || !native_image, "{name}: the pixels were asked for");
    }
}

#[test]
fn a_head_of_a_hostile_file_answers_like_the_whole() {
    const SHORT: usize = 4 << 10;
    let mut checked = 0;
    for file in hostile_files::all().iter().filter(|file| !file.name.starts_with("nested-1000")) {
        let bytes = file.bytes();
        if bytes.len() <= SHORT {
            check_heads(&file.name, &bytes);
            checked += 1;
        }
    }
    assert!(checked > 400, "only {checked} files are short");
}

#[test]
fn a_total_below_the_head_is_the_head() {
    let bytes = Image::small(Syntax::ExplicitLittle).file();
    assert_eq!(read(Input { head: &bytes, total: 1 }), read(Input::whole(&bytes)));
}
