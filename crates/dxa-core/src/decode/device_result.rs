//! Where an object carries its device's own numbers: private analysis text, content tree, or PDF.

use dicom_core::VR;
use dicom_dictionary_std::tags;

use crate::findings::{Finding, Severity};
use crate::guard::{Element, Elements, Object};
use crate::patient::Patient;
use crate::reported::{DeviceReport, ReportedAnatomy};
use crate::study::ScanKind;

use super::anatomy::{self, Anatomy};
use super::device::patient_facts::{Contradiction, PatientFacts};
use super::device::{Hints, hologic, pdf, structured_report};
use super::form::Form;
use super::header::Header;
use super::text::CharacterSet;
use super::{content_tree, person};

/// A device result and whether it speaks of the patient in the header.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceResult {
    /// The numbers.
    pub report: DeviceReport,
    /// Sex or birth date in the result differ from those of the header.
    pub patient_contradicted: bool,
}

/// Reads the device result of an object, where it has one.
#[must_use]
pub fn read(object: &Object<'_>, header: &Header, form: Form) -> Option<DeviceResult> {
    let root = object.root();
    match form {
        Form::Image | Form::SecondaryCapture => analysis_text(root, header),
        Form::StructuredReport => {
            let tree = content_tree::read(root);
            Some(compared(
                structured_report::read_content(&tree),
                &[structured_report::subject(&tree)],
                header,
            ))
        }
        Form::Pdf => text_layer(&root.get(tags::ENCAPSULATED_DOCUMENT)?, header),
        Form::Message | Form::Ultrasound | Form::OtherModality => None,
    }
}

/// The analysis text of a Hologic capture, wherever in the private blocks of that maker it stands.
fn analysis_text(root: Elements<'_>, header: &Header) -> Option<DeviceResult> {
    let element = root.iter().find(|element| is_hologic(root, element) && holds_results(element.bytes()))?;
    let text = CharacterSet::of(root).decode(element.text_bytes());
    let read = hologic::read_analysis_text(&text.value, hints(header));
    Some(compared(read.report, &[read.patient], header))
}

/// A result held against the header: whom it is about must not be another person.
fn compared(mut report: DeviceReport, patients: &[PatientFacts], header: &Header) -> DeviceResult {
    let (of_header, _): (Patient, _) = person::patient(&[header]);
    let found: Vec<Contradiction> =
        patients.iter().flat_map(|facts| facts.contradictions(&of_header)).collect();
    let differs = |wanted: &[Contradiction]| found.iter().any(|found| wanted.contains(found));
    if differs(&[Contradiction::Id, Contradiction::Name]) {
        let message = "The device's result names the patient differently than the header.";
        report.findings.push(Finding::new(
            "device_patient_named_differently",
            Severity::Review,
            message.to_owned(),
        ));
    }
    DeviceResult { report, patient_contradicted: differs(&[Contradiction::Sex, Contradiction::BirthDate]) }
}

/// Whether the creator of the element's private block is Hologic, in either spelling.
fn is_hologic(root: Elements<'_>, element: &Element<'_>) -> bool {
    let tag = element.tag();
    // Raw scan files are kept, never parsed.
    let raw = matches!(element.vr(), VR::SQ | VR::OB | VR::OW);
    if tag.0.is_multiple_of(2) || tag.1 < 0x1000 || raw {
        return false;
    }
    let creator =
        root.get(dicom_core::Tag(tag.0, tag.1 >> 8)).and_then(|creator| super::header::code(&creator));
    creator.is_some_and(|creator| creator.eq_ignore_ascii_case("hologic"))
}

fn holds_results(bytes: &[u8]) -> bool {
    const MATRIX: &[u8] = b"ResultsTable";
    bytes.windows(MATRIX.len()).any(|window| window == MATRIX)
}

fn text_layer(document: &Element<'_>, header: &Header) -> Option<DeviceResult> {
    match pdf::read_text_layer(document.bytes(), hints(header)) {
        Ok(layer) if layer.has_text => Some(compared(layer.report, &layer.patients, header)),
        Ok(_) => None,
        Err(error) => {
            let mut report = DeviceReport::default();
            let message = format!("The text of this document cannot be read: {error}.");
            report.findings.push(Finding::new("document_unreadable", Severity::Review, message));
            Some(DeviceResult { report, patient_contradicted: false })
        }
    }
}

/// What the header already says of anatomy and side, for rows that say neither.
fn hints(header: &Header) -> Hints {
    let anatomy = match anatomy::anatomy(&header.naming) {
        Some(Anatomy::Kind(ScanKind::ApSpine)) => Some(ReportedAnatomy::Spine),
        Some(Anatomy::Kind(ScanKind::Hip)) => Some(ReportedAnatomy::Hip),
        Some(Anatomy::Kind(ScanKind::Forearm)) => Some(ReportedAnatomy::Forearm),
        Some(Anatomy::Kind(ScanKind::WholeBody)) => Some(ReportedAnatomy::WholeBody),
        _ => None,
    };
    let side = anatomy::laterality(&header.naming).side;
    let lateral = anatomy::anatomy(&header.naming) == Some(Anatomy::Kind(ScanKind::LateralSpine));
    Hints { anatomy, side, lateral }
}
