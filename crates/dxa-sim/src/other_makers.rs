//! Objects that are not from a densitometer of known make: a radiograph, an ultrasound device, a picture of a page.

use dicom_dictionary_std::{tags, uids};

use crate::device_numbers::{Decimal, Row};
use crate::dicom_writer::Syntax;
use crate::hologic::page_object;
use crate::object::{Expected, Object, little_endian};
use crate::patient::{STUDY_DATE, Series, Study};
use crate::picture::{self, Canvas};
use crate::quantitative::{dx_modules, words_module};
use crate::random::Random;
use crate::report_page::{Page, SCAN_BOX, table};
use crate::structured_report::Code;

/// Bits that the radiograph uses.
const RADIOGRAPH_BITS: u16 = 12;
/// Its spacing at the detector, mm; the spine stands before it and is magnified by 1.1.
const DETECTOR_MM: f64 = 0.55;

/// A lateral spine radiograph in MONOCHROME1; its detector spacing is larger than the spacing at the spine.
pub(crate) fn lateral_radiograph(study: &Study) -> Object {
    let drawing = picture::lateral_spine(320, 800);
    let mut random = Random::new(study.seed(), "radiograph");
    let white: u16 = (1 << RADIOGRAPH_BITS) - 1;
    // Bright bone of a display image turned into the dark bone of MONOCHROME1, over twelve bits.
    let words: Vec<u16> =
        drawing.to_words(2, &mut random).iter().map(|grey| white - grey.min(&255) * 16).collect();
    let series = Series { label: "radiograph", number: 1 };
    let data = study
        .object(uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION, "DX", &series, 1)
        .text(tags::IMAGE_TYPE, "ORIGINAL\\PRIMARY")
        .text(tags::CONTENT_DATE, STUDY_DATE)
        .text(tags::CONTENT_TIME, "101500")
        .text(tags::MANUFACTURER, "Simulated Radiography")
        .text(tags::MANUFACTURER_MODEL_NAME, "Wall stand 1")
        .text(tags::SERIES_DESCRIPTION, "T-SPINE + L-SPINE LATERAL")
        .text(tags::BODY_PART_EXAMINED, "SPINE")
        .text(tags::VIEW_POSITION, "LL")
        .text(tags::PATIENT_ORIENTATION, "P\\F")
        .text(tags::BURNED_IN_ANNOTATION, "NO")
        .text(tags::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR, "1.1")
        .text(tags::POSITIONER_TYPE, "")
        .text(tags::WINDOW_CENTER, "2048")
        .text(tags::WINDOW_WIDTH, "4096");
    let spine = Code::new("421060004", "SCT", "Spine");
    let data = dx_modules(data, "FOR PRESENTATION", [DETECTOR_MM; 2], &spine);
    let data = words_module(data, drawing.size(), &words)
        .signed_short(tags::PIXEL_INTENSITY_RELATIONSHIP_SIGN, 1)
        .text(tags::PHOTOMETRIC_INTERPRETATION, "MONOCHROME1")
        .text(tags::PRESENTATION_LUT_SHAPE, "INVERSE")
        .shorts(tags::BITS_STORED, &[RADIOGRAPH_BITS])
        .shorts(tags::HIGH_BIT, &[RADIOGRAPH_BITS - 1]);
    let spacing = DETECTOR_MM / 1.1;
    let expected = Expected::display("lateral_spine").spacing([spacing; 2], "imager_pixel_spacing");
    Object::new(data, Syntax::Explicit, expected).with_pixels(little_endian(&words))
}

/// An ultrasound bone densitometer: a heel, in the modality that has its own word for it.
pub(crate) fn ultrasound(study: &Study) -> Object {
    let mut drawing = Canvas::new(160, 160, 30.0);
    drawing.ellipse(0.5, 0.55, 0.3, 0.35, 90.0);
    let pixels = drawing.to_even_grey(&mut Random::new(study.seed(), "ultrasound"));
    let series = Series { label: "ultrasound", number: 1 };
    let data = study
        .object(uids::SECONDARY_CAPTURE_IMAGE_STORAGE, "BDUS", &series, 1)
        .text(tags::IMAGE_TYPE, "DERIVED\\SECONDARY")
        .text(tags::CONTENT_DATE, STUDY_DATE)
        .text(tags::CONTENT_TIME, "101500")
        .text(tags::CONVERSION_TYPE, "DV")
        .text(tags::MANUFACTURER, "Simulated Ultrasound")
        .text(tags::MANUFACTURER_MODEL_NAME, "Heel 1")
        .text(tags::SERIES_DESCRIPTION, "Calcaneus BUA SOS")
        .text(tags::BODY_PART_EXAMINED, "CALCANEUS")
        .text(tags::PATIENT_ORIENTATION, "")
        .text(tags::LATERALITY, "")
        .shorts(tags::SAMPLES_PER_PIXEL, &[1])
        .text(tags::PHOTOMETRIC_INTERPRETATION, "MONOCHROME2")
        .shorts(tags::ROWS, &[drawing.rows])
        .shorts(tags::COLUMNS, &[drawing.columns])
        .shorts(tags::BITS_ALLOCATED, &[8])
        .shorts(tags::BITS_STORED, &[8])
        .shorts(tags::HIGH_BIT, &[7])
        .shorts(tags::PIXEL_REPRESENTATION, &[0])
        .bytes(tags::PIXEL_DATA, pixels.clone());
    Object::new(data, Syntax::Explicit, Expected::refused("unsupported", "ultrasound")).with_pixels(pixels)
}

/// A report page that is a picture and nothing else: what it says can only be read by eye.
pub(crate) fn page_picture(study: &Study, rows: &[Row]) -> Object {
    let (_, _, width, height) = SCAN_BOX;
    let grey = picture::ap_spine(width, height).to_even_grey(&mut Random::new(study.seed(), "page picture"));
    let head = [
        format!("{} {}", study.patient.name, study.patient.id),
        "AP SPINE BONE DENSITY".to_owned(),
        "REFERENCE: SIMULATED POPULATION".to_owned(),
    ];
    let samples = Page::new()
        .scan(&grey)
        .lines(8, 6, [0, 0, 0], &head)
        .lines(156, 44, [0, 0, 0], &table(rows, Decimal::Point))
        .into_samples();
    let data =
        page_object(study, "Simulated Densitometers", "Stand 2", "DXA Report AP Spine", samples.clone());
    let expected = Expected::display("report_page").refusing("needs_confirmation");
    let printed: Vec<_> = rows.iter().map(|row| row.to_json(None)).collect();
    Object::new(data, Syntax::Explicit, expected)
        .with_pixels(samples)
        .with("burned_in_regions", printed.into())
}
