//! DICOM files for tests of the service, written by dicom-object.

use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};

/// A secondary capture of `rows` by 256 pixels; `number` makes its UIDs and its content its own.
pub(crate) fn capture(study: u32, number: u32, rows: u16) -> Vec<u8> {
    written(&data_set(study, number, rows), uids::EXPLICIT_VR_LITTLE_ENDIAN)
}

/// The data set of [`capture`].
pub(crate) fn data_set(study: u32, number: u32, rows: u16) -> InMemDicomObject {
    let uid = format!("1.2.826.0.1.3680043.9.7.{study}.{number}");
    let mut pixels = vec![0u8; usize::from(rows) * 256];
    let mut state = u64::from(study) << 32 | u64::from(number) | 1;
    for pixel in &mut pixels {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *pixel = state.to_le_bytes()[0];
    }
    let text = |tag, vr, value: &str| DataElement::new(tag, vr, PrimitiveValue::from(value));
    let short = |tag, value: u16| DataElement::new(tag, VR::US, PrimitiveValue::from(value));
    InMemDicomObject::from_element_iter([
        text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192"),
        text(tags::SOP_CLASS_UID, VR::UI, uids::SECONDARY_CAPTURE_IMAGE_STORAGE),
        text(tags::SOP_INSTANCE_UID, VR::UI, &uid),
        text(tags::STUDY_DATE, VR::DA, "20240517"),
        text(tags::MODALITY, VR::CS, "OT"),
        text(tags::ACCESSION_NUMBER, VR::SH, &format!("A{study}")),
        text(tags::PATIENT_NAME, VR::PN, &format!("Canary^Person{study}=金丝雀^{study}")),
        text(tags::PATIENT_ID, VR::LO, &format!("CANARY-{study}")),
        text(tags::STUDY_INSTANCE_UID, VR::UI, &format!("1.2.826.0.1.3680043.9.7.{study}")),
        text(tags::SERIES_INSTANCE_UID, VR::UI, &format!("1.2.826.0.1.3680043.9.7.{study}.0")),
        text(tags::INSTANCE_NUMBER, VR::IS, &number.to_string()),
        short(tags::SAMPLES_PER_PIXEL, 1),
        text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2"),
        short(tags::ROWS, rows),
        short(tags::COLUMNS, 256),
        short(tags::BITS_ALLOCATED, 8),
        short(tags::BITS_STORED, 8),
        short(tags::HIGH_BIT, 7),
        short(tags::PIXEL_REPRESENTATION, 0),
        DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::U8(pixels.into())),
    ])
}

/// A data set as a file in an uncompressed transfer syntax.
pub(crate) fn written(data_set: &InMemDicomObject, transfer_syntax: &str) -> Vec<u8> {
    let meta = FileMetaTableBuilder::new().transfer_syntax(transfer_syntax);
    let file = data_set.clone().with_meta(meta).unwrap();
    let mut bytes = Vec::new();
    file.write_all(&mut bytes).unwrap();
    bytes
}
