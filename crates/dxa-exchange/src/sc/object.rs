//! The Secondary Capture object around a picture: patient and study as the source wrote them, the rest ours.

use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use dxa_core::guard::Object;
use dxa_core::report::Analysis;
use dxa_core::site::Side;

use crate::uid;

use super::drawing::{Orientation, Picture};

/// Which sides of the patient the source says lie to the right and below.
pub(super) fn orientation(objects: &[Object<'_>]) -> Orientation {
    let bytes = objects.first()?.root().get(tags::PATIENT_ORIENTATION)?.text_bytes();
    let mut sides = str::from_utf8(bytes).ok()?.split('\\').map(|side| side.trim().chars().next());
    Some([sides.next()??, sides.next()??])
}

/// The object as a file; `None` when the library refuses to write it.
pub(super) fn write(
    analysis: &Analysis,
    scan: usize,
    objects: &[Object<'_>],
    picture: Picture,
) -> Option<Vec<u8>> {
    let source = objects.first()?;
    let mut capture = Capture { elements: InMemDicomObject::new_empty() };
    capture.copy(source);
    capture.identify(analysis, scan, source, &picture);
    capture.describe(analysis, scan);
    capture.refer(objects);
    let sop_instance = capture.identity(analysis, scan, &picture);
    capture.text(tags::SOP_INSTANCE_UID, VR::UI, &sop_instance);
    capture.pixels(picture);
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN)
        .media_storage_sop_class_uid(uids::SECONDARY_CAPTURE_IMAGE_STORAGE)
        .media_storage_sop_instance_uid(sop_instance)
        .implementation_class_uid(IMPLEMENTATION_CLASS)
        .implementation_version_name(IMPLEMENTATION_VERSION)
        .build()
        .ok()?;
    let mut bytes = Vec::new();
    capture.elements.with_exact_meta(meta).write_all(&mut bytes).ok()?;
    Some(bytes)
}

/// Identifies this writer; fixed, so that files do not change with a library.
const IMPLEMENTATION_CLASS: &str = "2.25.301562198447702938116540228843775163294";
const IMPLEMENTATION_VERSION: &str = "DXA_1";

/// Text of the patient and of the study, byte by byte in the character set of the source.
///
/// The first ten must be there, if only empty.
const COPIED: [(Tag, VR); 25] = [
    (tags::PATIENT_NAME, VR::PN),
    (tags::PATIENT_ID, VR::LO),
    (tags::PATIENT_BIRTH_DATE, VR::DA),
    (tags::PATIENT_SEX, VR::CS),
    (tags::STUDY_DATE, VR::DA),
    (tags::STUDY_TIME, VR::TM),
    (tags::REFERRING_PHYSICIAN_NAME, VR::PN),
    (tags::STUDY_ID, VR::SH),
    (tags::ACCESSION_NUMBER, VR::SH),
    (tags::PATIENT_ORIENTATION, VR::CS),
    (tags::SPECIFIC_CHARACTER_SET, VR::CS),
    (tags::STUDY_INSTANCE_UID, VR::UI),
    (tags::STUDY_DESCRIPTION, VR::LO),
    (tags::ISSUER_OF_PATIENT_ID, VR::LO),
    (tags::PATIENT_BIRTH_TIME, VR::TM),
    (tags::PATIENT_COMMENTS, VR::LT),
    (tags::PATIENT_IDENTITY_REMOVED, VR::CS),
    (tags::DEIDENTIFICATION_METHOD, VR::LO),
    (tags::PATIENT_AGE, VR::AS),
    (tags::PATIENT_SIZE, VR::DS),
    (tags::PATIENT_WEIGHT, VR::DS),
    (tags::TIMEZONE_OFFSET_FROM_UTC, VR::SH),
    (tags::LOSSY_IMAGE_COMPRESSION, VR::CS),
    (tags::LOSSY_IMAGE_COMPRESSION_RATIO, VR::DS),
    (tags::LOSSY_IMAGE_COMPRESSION_METHOD, VR::CS),
];
const REQUIRED: usize = 10;

struct Capture {
    elements: InMemDicomObject,
}

impl Capture {
    fn text(&mut self, tag: Tag, vr: VR, text: &str) {
        self.put(tag, vr, PrimitiveValue::from(text));
    }

    fn put(&mut self, tag: Tag, vr: VR, value: PrimitiveValue) {
        self.elements.put(DataElement::new(tag, vr, value));
    }

    fn sequence(&mut self, tag: Tag, items: Vec<Self>) {
        let items: Vec<_> = items.into_iter().map(|item| item.elements).collect();
        self.elements.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
    }

    fn item(texts: &[(Tag, VR, &str)]) -> Self {
        let mut item = Self { elements: InMemDicomObject::new_empty() };
        texts.iter().for_each(|(tag, vr, text)| item.text(*tag, *vr, text));
        item
    }

    fn copy(&mut self, source: &Object<'_>) {
        for (index, (tag, vr)) in COPIED.into_iter().enumerate() {
            match source.root().get(tag).map(|element| element.text_bytes()) {
                Some(bytes) if !bytes.is_empty() => self.put(tag, vr, raw(bytes, vr)),
                _ if index < REQUIRED => self.put(tag, vr, PrimitiveValue::Empty),
                _ => {}
            }
        }
    }

    fn identify(&mut self, analysis: &Analysis, scan: usize, source: &Object<'_>, picture: &Picture) {
        let study = analysis.study_instance_uid.as_deref().unwrap_or_default();
        let series = uid::derived(&[b"sc series", study.as_bytes()]);
        let modality = source.root().get(tags::MODALITY).map(|element| element.text_bytes());
        let modality = modality.and_then(|bytes| str::from_utf8(bytes).ok()).filter(|code| !code.is_empty());
        self.text(tags::SOP_CLASS_UID, VR::UI, uids::SECONDARY_CAPTURE_IMAGE_STORAGE);
        self.text(tags::MODALITY, VR::CS, modality.unwrap_or("OT"));
        self.text(tags::CONVERSION_TYPE, VR::CS, "WSD");
        self.text(tags::SERIES_INSTANCE_UID, VR::UI, &series);
        self.text(tags::SERIES_NUMBER, VR::IS, SERIES_NUMBER);
        self.text(tags::INSTANCE_NUMBER, VR::IS, &(scan + 1).to_string());
        self.text(tags::SERIES_DESCRIPTION, VR::LO, "DXA regions drawn on the scan");
        self.text(tags::MANUFACTURER, VR::LO, "DXA Open");
        self.text(tags::MANUFACTURER_MODEL_NAME, VR::LO, "dxa");
        self.text(tags::SOFTWARE_VERSIONS, VR::LO, &analysis.provenance.software);
        let spacing = format!("{:.6}\\{0:.6}", picture.mm_per_pixel);
        self.text(tags::PIXEL_SPACING, VR::DS, &spacing);
        match analysis.scans.get(scan).and_then(|scan| scan.laterality) {
            Some(Side::Left) => self.text(tags::LATERALITY, VR::CS, "L"),
            Some(Side::Right) => self.text(tags::LATERALITY, VR::CS, "R"),
            Some(Side::Both) | None => self.put(tags::LATERALITY, VR::CS, PrimitiveValue::Empty),
        }
    }

    fn describe(&mut self, analysis: &Analysis, scan: usize) {
        let Some(of) = analysis.scans.get(scan) else { return };
        let tier = of.tier.code();
        let derived = format!(
            "{}: outlines, lines and labels drawn on scan {scan} ({tier}); protocol {}",
            analysis.provenance.software, analysis.provenance.protocol_sha256
        );
        self.text(tags::IMAGE_TYPE, VR::CS, "DERIVED\\SECONDARY\\OTHER");
        self.text(tags::DERIVATION_DESCRIPTION, VR::ST, &derived);
        self.text(tags::BURNED_IN_ANNOTATION, VR::CS, "YES");
        let mut scanner = Self::item(&[
            (
                tags::MANUFACTURER,
                VR::LO,
                of.manufacturer.as_deref().filter(|text| text.is_ascii()).unwrap_or(""),
            ),
            (tags::CONTRIBUTION_DESCRIPTION, VR::ST, "Made the scan that is drawn on"),
        ]);
        if let Some(model) = of.model.as_deref().filter(|text| text.is_ascii()) {
            scanner.text(tags::MANUFACTURER_MODEL_NAME, VR::LO, model);
        }
        scanner.sequence(tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE, vec![ACQUISITION_EQUIPMENT.item()]);
        self.sequence(tags::CONTRIBUTING_EQUIPMENT_SEQUENCE, vec![scanner]);
    }

    /// The images that were drawn on.
    fn refer(&mut self, objects: &[Object<'_>]) {
        let uid = |object: &Object<'_>, tag| {
            let bytes = object.root().get(tag).map(|element| element.text_bytes()).unwrap_or_default();
            String::from_utf8_lossy(bytes).into_owned()
        };
        let reference = |object: &Object<'_>| {
            let (class, instance) = (uid(object, tags::SOP_CLASS_UID), uid(object, tags::SOP_INSTANCE_UID));
            let known = !class.is_empty() && !instance.is_empty();
            known.then(|| {
                let mut item = Self::item(&[
                    (tags::REFERENCED_SOP_CLASS_UID, VR::UI, &class),
                    (tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, &instance),
                ]);
                item.sequence(tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE, vec![SOURCE_IMAGE.item()]);
                item
            })
        };
        let references: Vec<Self> = objects.iter().filter_map(reference).collect();
        if !references.is_empty() {
            self.sequence(tags::SOURCE_IMAGE_SEQUENCE, references);
        }
    }

    /// The instance: another protocol, another scan or another picture is another object.
    fn identity(&self, analysis: &Analysis, scan: usize, picture: &Picture) -> String {
        let study = analysis.study_instance_uid.as_deref().unwrap_or_default();
        let uids = analysis.scans.get(scan).map(|scan| scan.sop_instance_uids.join("\\")).unwrap_or_default();
        let protocol = analysis.provenance.protocol_sha256.as_bytes();
        uid::derived(&[b"sc", study.as_bytes(), uids.as_bytes(), protocol, &picture.rgb])
    }

    fn pixels(&mut self, picture: Picture) {
        let short = |value: u16| PrimitiveValue::from(value);
        self.put(tags::SAMPLES_PER_PIXEL, VR::US, short(3));
        self.text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "RGB");
        self.put(tags::PLANAR_CONFIGURATION, VR::US, short(0));
        self.put(tags::ROWS, VR::US, short(picture.height));
        self.put(tags::COLUMNS, VR::US, short(picture.width));
        self.put(tags::BITS_ALLOCATED, VR::US, short(8));
        self.put(tags::BITS_STORED, VR::US, short(8));
        self.put(tags::HIGH_BIT, VR::US, short(7));
        self.put(tags::PIXEL_REPRESENTATION, VR::US, short(0));
        let mut rgb = picture.rgb;
        if rgb.len() % 2 == 1 {
            rgb.push(0);
        }
        self.put(tags::PIXEL_DATA, VR::OB, PrimitiveValue::U8(rgb.into()));
    }
}

/// Behind the series that a scanner makes.
const SERIES_NUMBER: &str = "901";

/// A code of a coding scheme with its meaning.
struct Code {
    value: &'static str,
    meaning: &'static str,
}

/// Both of scheme DCM, DICOM PS3.16 annex D.
const SOURCE_IMAGE: Code = Code { value: "121322", meaning: "Source image for image processing operation" };
const ACQUISITION_EQUIPMENT: Code = Code { value: "109101", meaning: "Acquisition Equipment" };

impl Code {
    fn item(&self) -> Capture {
        Capture::item(&[
            (tags::CODE_VALUE, VR::SH, self.value),
            (tags::CODING_SCHEME_DESIGNATOR, VR::SH, "DCM"),
            (tags::CODE_MEANING, VR::LO, self.meaning),
        ])
    }
}

/// Bytes as they stand: the library must not decode and encode text whose character set it may not know.
fn raw(bytes: &[u8], vr: VR) -> PrimitiveValue {
    // The library writes bytes under these two as a list of numbers; their text is ASCII.
    if matches!(vr, VR::IS | VR::DS) {
        return PrimitiveValue::from(String::from_utf8_lossy(bytes).into_owned());
    }
    let mut bytes = bytes.to_vec();
    if bytes.len() % 2 == 1 {
        bytes.push(if vr == VR::UI { 0 } else { b' ' });
    }
    PrimitiveValue::U8(bytes.into())
}
