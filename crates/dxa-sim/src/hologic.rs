//! Hologic exports: a report page as secondary capture with the analysis text in a private element.

use dicom_core::{Tag, VR};
use dicom_dictionary_std::{tags, uids};
use serde_json::json;

use crate::device_numbers::{Composition, Decimal, Row, Side};
use crate::dicom_writer::{DataSet, Syntax};
use crate::hologic_text::AnalysisText;
use crate::object::{Device, Expected, Object};
use crate::patient::{Patient, STUDY_DATE, Series, Sex, Study};
use crate::picture::{self, Canvas};
use crate::random::Random;
use crate::report_page::{PAGE, Page, SCAN_BOX, table};

/// How one export differs from the usual one.
#[derive(Clone, Debug)]
pub(crate) struct Export {
    /// Manufacturer.
    pub(crate) manufacturer: String,
    /// Model with serial number.
    pub(crate) model: String,
    /// Series Description; what the scan is called.
    pub(crate) description: String,
    /// Spelling of the private creator.
    pub(crate) creator: &'static str,
    /// Private block that the creator owns.
    pub(crate) block: u16,
    /// Decimal mark.
    pub(crate) decimal: Decimal,
    /// How the file is laid out.
    pub(crate) syntax: Syntax,
}

impl Export {
    /// A Horizon A with a decimal point.
    pub(crate) fn of(description: &str) -> Self {
        Self {
            manufacturer: "HOLOGIC".to_owned(),
            model: "Horizon A (S/N 000000)".to_owned(),
            description: description.to_owned(),
            creator: "HOLOGIC",
            block: 0x10,
            decimal: Decimal::Point,
            syntax: Syntax::Explicit,
        }
    }
}

/// What one analysis found, in the numbers it printed.
#[derive(Clone, Debug)]
pub(crate) enum Results {
    /// Bone regions of one place.
    Regions(Vec<Row>),
    /// Whole body.
    Body(Vec<Composition>),
}

/// The line that names the population of the printed scores.
pub(crate) fn reference_line(patient: &Patient) -> String {
    let sex = if patient.sex == Sex::Male { "Male" } else { "Female" };
    format!("T-score vs. White {sex}. Source: 2012 BMDCS/NHANES White {sex}")
}

/// A whole export: page, analysis text, truth.
pub(crate) fn export(
    study: &Study,
    export: &Export,
    kind: &'static str,
    side: Option<Side>,
    results: Results,
) -> Object {
    let reference = reference_line(&study.patient);
    let text = AnalysisText::new(&scan_id(study), &study.patient, export.decimal)
        .line("ScanType", &export.description);
    let text = match &results {
        Results::Regions(rows) => text.line("k", "1.130").line("d0", "48.6").regions(rows, &reference),
        Results::Body(parts) => text.whole_body(parts, &reference),
    };
    from_text(study, export, kind, side, results, text)
}

/// An export around an analysis text that the caller made.
pub(crate) fn from_text(
    study: &Study,
    export: &Export,
    kind: &'static str,
    side: Option<Side>,
    results: Results,
    text: AnalysisText,
) -> Object {
    let device = device(results, &reference_line(&study.patient));
    let page = page(study, export, &scan_picture(kind, side), &device.rows);
    let text = text.into_text();
    let data = page_object(study, &export.manufacturer, &export.model, &export.description, page.clone());
    let data = analysis(data, export, &text);
    let expected = Expected::reported(kind).side(side.map(Side::code));
    Object::new(data, export.syntax, expected)
        .with_pixels(page)
        .with_device(device)
        .with("analysis_text", json!(text))
        .with("analysis_tag", json!(format!("0021,{:02x}01", export.block)))
}

/// The scan's name in the analysis text.
pub(crate) fn scan_id(study: &Study) -> String {
    format!("A0517{}", study.patient.id.trim_start_matches("SIM-"))
}

/// A report page of any maker as secondary capture, without further numbers.
pub(crate) fn page_object(
    study: &Study,
    manufacturer: &str,
    model: &str,
    description: &str,
    samples: Vec<u8>,
) -> DataSet {
    let series = Series { label: "pages", number: 1 };
    study
        .object(uids::SECONDARY_CAPTURE_IMAGE_STORAGE, "OT", &series, 1)
        .text(tags::IMAGE_TYPE, "DERIVED\\SECONDARY")
        .text(tags::CONTENT_DATE, STUDY_DATE)
        .text(tags::CONTENT_TIME, "102000")
        .text(tags::CONVERSION_TYPE, "WSD")
        .text(tags::MANUFACTURER, manufacturer)
        .text(tags::MANUFACTURER_MODEL_NAME, model)
        .text(tags::SOFTWARE_VERSIONS, "13.6.0.5")
        .text(tags::STUDY_DESCRIPTION, "Bone Densitometry")
        .text(tags::SERIES_DESCRIPTION, description)
        .text(tags::PATIENT_ORIENTATION, "")
        .text(tags::LATERALITY, "")
        .text(tags::BURNED_IN_ANNOTATION, "YES")
        .shorts(tags::SAMPLES_PER_PIXEL, &[3])
        .text(tags::PHOTOMETRIC_INTERPRETATION, "RGB")
        .shorts(tags::PLANAR_CONFIGURATION, &[0])
        .shorts(tags::ROWS, &[PAGE.1])
        .shorts(tags::COLUMNS, &[PAGE.0])
        .shorts(tags::BITS_ALLOCATED, &[8])
        .shorts(tags::BITS_STORED, &[8])
        .shorts(tags::HIGH_BIT, &[7])
        .shorts(tags::PIXEL_REPRESENTATION, &[0])
        .bytes(tags::PIXEL_DATA, samples)
}

/// The private block; when it is not the first, another maker owns the first.
fn analysis(data: DataSet, export: &Export, text: &str) -> DataSet {
    let data = match export.block {
        0x10 => data,
        _ => data.private_text(Tag(0x0021, 0x0010), VR::LO, "SIMULATED PACS 1.0").private_text(
            Tag(0x0021, 0x1001),
            VR::LO,
            "not an analysis",
        ),
    };
    data.private_text(Tag(0x0021, export.block), VR::LO, export.creator).private_text(
        Tag(0x0021, export.block << 8 | 1),
        VR::LT,
        text,
    )
}

fn device(results: Results, reference: &str) -> Device {
    match results {
        Results::Regions(rows) => {
            Device::of(rows, reference).item("k", json!("1.130")).item("d0", json!("48.6"))
        }
        Results::Body(composition) => {
            let rows = composition.iter().filter_map(|part| part.bone.clone());
            let rows = rows.filter(|row| row.site.starts_with("total_body")).collect();
            Device { composition, ..Device::of(rows, reference) }
        }
    }
}

/// The picture of the scan that stands on the page.
fn scan_picture(kind: &str, side: Option<Side>) -> Canvas {
    let (_, _, width, height) = SCAN_BOX;
    match kind {
        "hip" => picture::hip(width, height, side.unwrap_or(Side::Left)),
        "forearm" => picture::forearm(width, height),
        "whole_body" => picture::whole_body(width, height, true),
        _ => picture::ap_spine(width, height),
    }
}

/// The page itself: head, scan, table, reference line.
pub(crate) fn page(study: &Study, export: &Export, scan: &Canvas, rows: &[Row]) -> Vec<u8> {
    let patient = &study.patient;
    let grey = scan.to_even_grey(&mut Random::new(study.seed(), &format!("{} page", patient.id)));
    let name = if patient.name.is_ascii() { patient.name.as_str() } else { "" };
    let head = [
        format!("{} {}  DOB {}", name, patient.id, patient.birth_date_dotted()),
        format!("{}  {}", export.description, scan_id(study)),
        "k = 1.130, d0 = 48.6   116 x 135".to_owned(),
    ];
    Page::new()
        .scan(&grey)
        .lines(8, 6, [0, 0, 128], &head)
        .lines(156, 44, [0, 0, 0], &table(rows, export.decimal))
        .lines(8, 280, [64, 64, 64], &[reference_line(patient)])
        .into_samples()
}
