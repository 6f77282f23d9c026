//! An object as dicom-object sees it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use dicom_core::header::{HasLength, Header};
use dicom_core::{Tag, VR};
use dicom_object::file::ReadPreamble;
use dicom_object::{InMemDicomObject, OpenFileOptions};

/// Top-level elements with the length of their values, where they are neither sequence nor fragments.
pub(crate) type Elements = Vec<(Tag, Option<u32>)>;

/// How a reading ended.
#[derive(Debug)]
pub(crate) enum Reading {
    Elements(Elements),
    Refused(String),
    Panicked,
    /// Version 0.10.1 reads an UN element of undefined length in Explicit VR, though it is always written in
    /// Implicit VR (PS3.5 6.2.2 note 4), and then reserves the gigabytes that a tag looks like as a length.
    CannotBeAsked,
}

pub(crate) fn read(bytes: &[u8]) -> Reading {
    if bytes.windows(8).any(|window| window == b"UN\0\0\xFF\xFF\xFF\xFF") {
        return Reading::CannotBeAsked;
    }
    let options = OpenFileOptions::new().read_preamble(ReadPreamble::Auto);
    match catch_unwind(AssertUnwindSafe(|| options.from_reader(bytes))) {
        Ok(Ok(object)) => Reading::Elements(elements(&object)),
        Ok(Err(error)) => Reading::Refused(reason(&error)),
        Err(_) => Reading::Panicked,
    }
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
