//! DICOM objects made for a test, written by dicom-object and read back through the pipeline.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses a part of it, and a failure here is its failure"
)]

use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::value::{DataSetSequence, PixelFragmentSequence};
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{StandardDataDictionary, tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use dxa_core::decode::object::ReadObject;
use dxa_core::guard::{Leniency, Limits};
use dxa_core::pipeline::{self, Told};
use dxa_core::protocol::Protocol;
use dxa_core::reference::{Library, Profile};
use dxa_core::report::Analysis;

/// An object under construction; each call sets one element.
#[derive(Clone)]
pub(crate) struct Made {
    elements: InMemDicomObject,
    transfer_syntax: &'static str,
}

impl Made {
    /// An object of a class with the identifiers every object has.
    pub(crate) fn of(class: &str, modality: &str) -> Self {
        let made = Self {
            elements: InMemDicomObject::new_empty(),
            transfer_syntax: uids::EXPLICIT_VR_LITTLE_ENDIAN,
        };
        made.text(tags::SOP_CLASS_UID, class)
            .text(tags::MODALITY, modality)
            .text(tags::SOP_INSTANCE_UID, "2.25.1")
            .text(tags::STUDY_INSTANCE_UID, "2.25.2")
            .text(tags::SERIES_INSTANCE_UID, "2.25.3")
            .text(tags::PATIENT_ID, "P1")
    }

    /// A GE Lunar export as seen in real files: no spacing, no region but in the protocol name.
    pub(crate) fn lunar(protocol: &str) -> Self {
        Self::of(uids::COMPUTED_RADIOGRAPHY_IMAGE_STORAGE, "CR")
            .text(tags::MANUFACTURER, "GE Healthcare")
            .text(tags::MANUFACTURER_MODEL_NAME, "Lunar iDXA")
            .text(tags::PROTOCOL_NAME, protocol)
            .text(tags::BODY_PART_EXAMINED, "")
            .text(tags::LATERALITY, "")
            .shorts(tags::EXPOSED_AREA, &[50, 60])
            .image(240, 200, 8)
    }

    /// A radiograph of a room that is no densitometer.
    pub(crate) fn radiograph(class: &str, modality: &str, maker: &str, model: &str) -> Self {
        Self::of(class, modality)
            .text(tags::MANUFACTURER, maker)
            .text(tags::MANUFACTURER_MODEL_NAME, model)
            .text(tags::PIXEL_SPACING, "0.2\\0.2")
            .image(100, 100, 16)
    }

    pub(crate) fn text(mut self, tag: Tag, text: &str) -> Self {
        let vr = StandardDataDictionary.by_tag(tag).map_or(VR::LO, |entry| entry.vr().relaxed());
        let value = if text.is_empty() { PrimitiveValue::Empty } else { PrimitiveValue::from(text) };
        self.elements.put(DataElement::new(tag, vr, value));
        self
    }

    pub(crate) fn shorts(mut self, tag: Tag, values: &[u16]) -> Self {
        self.elements.put(DataElement::new(tag, VR::US, PrimitiveValue::U16(values.into())));
        self
    }

    pub(crate) fn doubles(mut self, tag: Tag, values: &[f64]) -> Self {
        self.elements.put(DataElement::new(tag, VR::FD, PrimitiveValue::F64(values.into())));
        self
    }

    pub(crate) fn without(mut self, tag: Tag) -> Self {
        self.elements.remove_element(tag);
        self
    }

    pub(crate) fn sequence(mut self, tag: Tag, items: Vec<Self>) -> Self {
        let items: Vec<_> = items.into_iter().map(|item| item.elements).collect();
        self.elements.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
        self
    }

    pub(crate) fn item() -> Self {
        Self { elements: InMemDicomObject::new_empty(), transfer_syntax: uids::EXPLICIT_VR_LITTLE_ENDIAN }
    }

    /// A code of a code sequence.
    pub(crate) fn code(value: &str, scheme: &str, meaning: &str) -> Self {
        Self::item()
            .text(tags::CODE_VALUE, value)
            .text(tags::CODING_SCHEME_DESIGNATOR, scheme)
            .text(tags::CODE_MEANING, meaning)
    }

    /// Gray pixels, all zero.
    pub(crate) fn image(mut self, rows: u16, columns: u16, bits: u16) -> Self {
        let bytes = usize::from(rows) * usize::from(columns) * usize::from(bits / 8);
        let vr = if bits == 8 { VR::OB } else { VR::OW };
        self.elements.put(DataElement::new(tags::PIXEL_DATA, vr, PrimitiveValue::U8(vec![0; bytes].into())));
        self.shorts(tags::SAMPLES_PER_PIXEL, &[1])
            .text(tags::PHOTOMETRIC_INTERPRETATION, "MONOCHROME2")
            .shorts(tags::ROWS, &[rows])
            .shorts(tags::COLUMNS, &[columns])
            .shorts(tags::BITS_ALLOCATED, &[bits])
            .shorts(tags::BITS_STORED, &[bits])
            .shorts(tags::HIGH_BIT, &[bits - 1])
            .shorts(tags::PIXEL_REPRESENTATION, &[0])
    }

    /// Colored pixels, as a report page has them.
    pub(crate) fn page(mut self, rows: u16, columns: u16) -> Self {
        self = self.image(rows, columns, 8).shorts(tags::SAMPLES_PER_PIXEL, &[3]);
        let bytes = vec![255_u8; usize::from(rows) * usize::from(columns) * 3];
        self.elements.put(DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::U8(bytes.into())));
        self.text(tags::PHOTOMETRIC_INTERPRETATION, "RGB").shorts(tags::PLANAR_CONFIGURATION, &[0])
    }

    /// The same with compressed pixels, which nobody decodes here.
    pub(crate) fn compressed(mut self, transfer_syntax: &'static str) -> Self {
        let fragments = PixelFragmentSequence::new(Vec::<u32>::new(), vec![vec![0_u8; 8]]);
        self.elements.put(DataElement::new(tags::PIXEL_DATA, VR::OB, fragments));
        self.transfer_syntax = transfer_syntax;
        self
    }

    pub(crate) fn read(&self) -> ReadObject {
        let bytes = self.bytes();
        pipeline::read(&bytes[..], bytes.len() as u64, Leniency::Tolerant, &Limits::DEFAULT).unwrap().unwrap()
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let class = self.elements.element(tags::SOP_CLASS_UID).ok();
        let class = class.and_then(|element| element.to_str().ok()).unwrap_or_default().into_owned();
        let meta = FileMetaTableBuilder::new()
            .transfer_syntax(self.transfer_syntax)
            .media_storage_sop_class_uid(class)
            .media_storage_sop_instance_uid("2.25.1")
            .build()
            .unwrap();
        let mut bytes = Vec::new();
        self.elements.clone().with_exact_meta(meta).write_all(&mut bytes).unwrap();
        bytes
    }
}

pub(crate) fn analyze(made: &[Made]) -> Analysis {
    let objects: Vec<ReadObject> = made.iter().map(Made::read).collect();
    let profile = Profile::bundled("iscd-2023").unwrap();
    pipeline::analyze(
        objects,
        &|object| Ok(made[object].bytes()),
        &Told::default(),
        &Protocol::new(profile, Library::bundled()),
    )
}

/// The scans of one study, each as `kind side tier spacing-source: refusals`.
pub(crate) fn scans(made: &[Made]) -> Vec<String> {
    let analysis = analyze(made);
    let refusals = |index: usize| {
        let of_scan = analysis.refusals.iter().filter(|refusal| refusal.scan == Some(index));
        of_scan.map(|refusal| refusal.code.code()).collect::<Vec<_>>().join(" ")
    };
    let line = |(index, scan): (usize, &dxa_core::study::Scan)| {
        let side = scan.laterality.map_or("-", dxa_core::site::Side::code);
        let (kind, tier, source) = (scan.kind.code(), scan.tier.code(), scan.spacing_source.code());
        format!("{kind} {side} {tier} {source}: {}", refusals(index))
    };
    analysis.scans.iter().enumerate().map(line).collect()
}

/// The one scan of one object.
pub(crate) fn scan(made: &Made) -> String {
    let mut scans = scans(std::slice::from_ref(made));
    assert_eq!(scans.len(), 1);
    scans.remove(0)
}
