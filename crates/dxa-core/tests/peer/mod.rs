//! An object as dicom-object sees it.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

use dicom_core::header::{HasLength, Header};
use dicom_core::{Tag, VR};
use dicom_encoding::transfer_syntax::{TransferSyntax, TransferSyntaxIndex};
use dicom_object::InMemDicomObject;
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use flate2::read::DeflateDecoder;

use super::hostile_files::writer::SHORT;

/// Top-level elements with the length of their values, where they are neither sequence nor fragments.
pub(crate) type Elements = Vec<(Tag, Option<u32>)>;

/// How a reading ended.
#[derive(Debug)]
pub(crate) enum Reading {
    Elements(Elements),
    Refused(String),
    Panicked,
    /// Version 0.10.1 reads an UN (or unknown) element of undefined length in Explicit VR, though it is always written in
    /// Implicit VR (PS3.5 6.2.2 note 4), and then reserves the gigabytes that a tag looks like as a length.
    CannotBeAsked,
}

/// Reads a file that the guard accepted, its data set alone, in the transfer syntax found there.
pub(crate) fn read(bytes: &[u8], syntax: &str) -> Reading {
    if syntax != IMPLICIT && bytes.windows(8).any(is_undefined_and_unknown) {
        return Reading::CannotBeAsked;
    }
    let Some(syntax) = TransferSyntaxRegistry.get(syntax).or_else(|| TransferSyntaxRegistry.get(EXPLICIT))
    else {
        return Reading::Refused(format!("no transfer syntax {syntax}"));
    };
    let data_set = &bytes[data_set_start(bytes)..];
    let read = if syntax.uid() == DEFLATED { read_deflated(data_set) } else { read_plain(data_set, syntax) };
    read.unwrap_or(Reading::Panicked)
}

/// The end of an explicit header of undefined length that is neither of a sequence, of pixels nor of an item.
fn is_undefined_and_unknown(bytes: &[u8]) -> bool {
    let known = [b"SQ\0\0", b"OB\0\0", b"OW\0\0", b"\xFE\xFF\x00\xE0", b"\xFF\xFE\xE0\x00"];
    bytes[4..] == [0xFF; 4] && bytes[3] != 0xFF && !known.iter().any(|known| bytes[..4] == **known)
}

const IMPLICIT: &str = "1.2.840.10008.1.2";
const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const DEFLATED: &str = "1.2.840.10008.1.2.1.99";

/// Behind the last element of group 2: the peer itself believes the group length, which lies in many mutants.
fn data_set_start(bytes: &[u8]) -> usize {
    let mut at = [(132, 128), (4, 0)]
        .into_iter()
        .find_map(|(behind, at)| (bytes.get(at..behind) == Some(b"DICM")).then_some(behind))
        .unwrap_or(0);
    while bytes.get(at..at + 2) == Some(&[2, 0]) && bytes.len() >= at + 8 {
        let number = |from: usize, to: usize| {
            bytes[at + from..at + to].iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
        };
        let is_long = !SHORT.iter().any(|vr| vr.as_bytes() == &bytes[at + 4..at + 6]);
        at += if is_long { 12 + number(8, 12) } else { 8 + number(6, 8) };
    }
    at
}

fn read_plain(data_set: &[u8], syntax: &TransferSyntax) -> Option<Reading> {
    catch_unwind(AssertUnwindSafe(|| match InMemDicomObject::read_dataset_with_ts(data_set, syntax) {
        Ok(object) => Reading::Elements(elements(&object)),
        Err(error) => Reading::Refused(reason(&error)),
    }))
    .ok()
}

fn read_deflated(data_set: &[u8]) -> Option<Reading> {
    let mut inflated = Vec::new();
    DeflateDecoder::new(data_set).read_to_end(&mut inflated).expect("the guard inflated it before");
    read_plain(&inflated, TransferSyntaxRegistry.get(EXPLICIT)?)
}

/// The whole chain of causes.
fn reason(error: &dyn std::error::Error) -> String {
    let mut reason = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        reason = format!("{reason}: {cause}");
        next = cause.source();
    }
    reason
}

fn elements(object: &InMemDicomObject) -> Elements {
    let length = |element: &dicom_object::mem::InMemElement| {
        (element.vr() != VR::SQ).then(|| element.header().length().get()).flatten()
    };
    object.iter().map(|element| (element.tag(), length(element))).collect()
}
