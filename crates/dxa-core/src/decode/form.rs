//! The form of an object: image, capture, report, document, or something densitometry does not use.

use dicom_dictionary_std::uids;

use super::header::Header;
use super::maker;

/// What form an object has, by SOP class and modality.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// A projection image.
    Image,
    /// A secondary capture: a projection image or the picture of a page.
    SecondaryCapture,
    /// A structured report.
    StructuredReport,
    /// An encapsulated PDF.
    Pdf,
    /// A message of HL7 v2, which is no object.
    Message,
    /// Ultrasound of any kind.
    Ultrasound,
    /// Anything else.
    #[default]
    OtherModality,
}

/// Manufacturer of what this software writes.
pub const OURS: &str = "DXA Open";

/// SOP class of a DICOMDIR.
pub const MEDIA_DIRECTORY: &str = uids::MEDIA_STORAGE_DIRECTORY_STORAGE;

/// Decides the form of an object.
#[must_use]
pub fn form(header: &Header) -> Form {
    let class = header.identity.sop_class.as_deref().unwrap_or_default();
    let modality = header.identity.modality.as_deref().unwrap_or_default();
    if header.device.manufacturer.as_deref() == Some(OURS) {
        // A result of ours that comes back is no device's: its numbers would count twice.
        return Form::OtherModality;
    }
    if is_ultrasound(class, modality) {
        return Form::Ultrasound;
    }
    if class.starts_with(STRUCTURED_REPORTS) || (class.is_empty() && modality == "SR") {
        return Form::StructuredReport;
    }
    if class == uids::ENCAPSULATED_PDF_STORAGE {
        return Form::Pdf;
    }
    if maker::is_ultrasound(header) && is_image_class(class) {
        return Form::Ultrasound;
    }
    if !PROJECTION_MODALITIES.contains(&modality) {
        return Form::OtherModality;
    }
    match class {
        _ if SECONDARY_CAPTURES.contains(&class) => Form::SecondaryCapture,
        _ if PROJECTION_IMAGES.contains(&class) || class.is_empty() => Form::Image,
        _ => Form::OtherModality,
    }
}

/// All structured reports share this root.
const STRUCTURED_REPORTS: &str = "1.2.840.10008.5.1.4.1.1.88.";

/// Modalities under which projection radiography and densitometry are stored; GE lets a site choose.
const PROJECTION_MODALITIES: &[&str] = &["", "CR", "DX", "OT", "BMD", "SC", "RG", "RF", "XA"];

const PROJECTION_IMAGES: &[&str] = &[
    uids::COMPUTED_RADIOGRAPHY_IMAGE_STORAGE,
    uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION,
    uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PROCESSING,
    uids::X_RAY_ANGIOGRAPHIC_IMAGE_STORAGE,
    uids::X_RAY_RADIOFLUOROSCOPIC_IMAGE_STORAGE,
];

const SECONDARY_CAPTURES: &[&str] = &[
    uids::SECONDARY_CAPTURE_IMAGE_STORAGE,
    uids::MULTI_FRAME_SINGLE_BIT_SECONDARY_CAPTURE_IMAGE_STORAGE,
    uids::MULTI_FRAME_GRAYSCALE_BYTE_SECONDARY_CAPTURE_IMAGE_STORAGE,
    uids::MULTI_FRAME_GRAYSCALE_WORD_SECONDARY_CAPTURE_IMAGE_STORAGE,
    uids::MULTI_FRAME_TRUE_COLOR_SECONDARY_CAPTURE_IMAGE_STORAGE,
];

fn is_image_class(class: &str) -> bool {
    class.is_empty() || PROJECTION_IMAGES.contains(&class) || SECONDARY_CAPTURES.contains(&class)
}

/// Ultrasound image classes share this root with a `.1`, `.2` or nothing behind.
fn is_ultrasound(class: &str, modality: &str) -> bool {
    const ULTRASOUND_ROOTS: [&str; 3] =
        ["1.2.840.10008.5.1.4.1.1.6", "1.2.840.10008.5.1.4.1.1.6.", "1.2.840.10008.5.1.4.1.1.3."];
    matches!(modality, "US" | "BDUS" | "IVUS")
        || class == ULTRASOUND_ROOTS[0]
        || ULTRASOUND_ROOTS[1..].iter().any(|root| class.starts_with(root))
}
