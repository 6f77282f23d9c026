//! One object, read: its header, its form, and whatever numbers its device put into it.

use crate::guard::Object;
use crate::reported::{DeviceItem, DeviceReport};
use crate::study::ScanKind;

use super::anatomy::{self, Anatomy};
use super::header::{Device, Header, Identity};
use super::quantitative::{self, Pixels};
use super::{device_result, form, maker};

/// Everything later stages need of one object; it no longer refers to the bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadObject {
    /// Decoded attributes.
    pub header: Header,
    /// What kind of object it is.
    pub form: form::Form,
    /// What its pixels are.
    pub pixels: Pixels,
    /// The anatomy it names.
    pub anatomy: Option<Anatomy>,
    /// It comes from a densitometer, or is worded or scaled as densitometry.
    pub is_densitometry: bool,
    /// Its pixels can be decoded here.
    pub is_decodable: bool,
    /// Transfer syntax UID.
    pub transfer_syntax: String,
    /// Numbers of the device.
    pub reported: Option<DeviceReport>,
    /// What the device result says of the patient contradicts the header.
    pub patient_contradicted: bool,
    /// What had to be inferred to read the file.
    pub tolerated: Vec<&'static str>,
}

/// Why a walked object is still not one that a study can be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAStudyObject {
    /// A media directory.
    #[error("this is a media directory (DICOMDIR); it lists files and holds no scan itself")]
    Directory,
    /// Neither SOP class nor modality.
    #[error("the object has neither SOP Class UID nor Modality, so nothing says what it is")]
    Nameless,
    /// An image or report that stops before its content.
    #[error("the object ends before its content; the file was probably cut short")]
    CutShort,
}

/// Reads one walked object.
///
/// # Errors
/// [`NotAStudyObject`] when no study can be made from it.
pub fn read(object: &Object<'_>) -> Result<ReadObject, NotAStudyObject> {
    let header = Header::read(object);
    let form = form::form(&header);
    check_complete(object, &header, form)?;
    let pixels = quantitative::pixels(&header, object.root());
    let result = device_result::read(object, &header, form);
    Ok(ReadObject {
        anatomy: anatomy::anatomy(&header.naming),
        is_densitometry: maker::is_densitometry(&header) || pixels != Pixels::Display,
        is_decodable: object.syntax().is_decodable(),
        transfer_syntax: object.syntax().uid.clone(),
        patient_contradicted: result.as_ref().is_some_and(|result| result.patient_contradicted),
        reported: result.map(|result| compact(result.report)),
        tolerated: object.tolerated().to_vec(),
        header,
        form,
        pixels,
    })
}

/// A file cut at an element boundary is well-formed; what it lacks then gives it away.
fn check_complete(object: &Object<'_>, header: &Header, form: form::Form) -> Result<(), NotAStudyObject> {
    use dicom_dictionary_std::tags;
    let identity = &header.identity;
    if identity.sop_class.as_deref() == Some(form::MEDIA_DIRECTORY)
        || object.root().get(tags::DIRECTORY_RECORD_SEQUENCE).is_some()
    {
        return Err(NotAStudyObject::Directory);
    }
    if identity.sop_class.is_none() && identity.modality.is_none() {
        return Err(NotAStudyObject::Nameless);
    }
    let has = |tag| object.root().get(tag).is_some();
    let complete = match form {
        form::Form::Image | form::Form::SecondaryCapture => header.image.has_pixels || has(tags::ROWS),
        form::Form::StructuredReport => has(tags::CONTENT_SEQUENCE),
        form::Form::Pdf => has(tags::ENCAPSULATED_DOCUMENT),
        form::Form::OtherModality | form::Form::Ultrasound | form::Form::Message => {
            identity.has_study_element
        }
    };
    if complete { Ok(()) } else { Err(NotAStudyObject::CutShort) }
}

/// Thousands of objects wait for their studies: none holds more memory than its rows need.
fn compact(mut report: DeviceReport) -> DeviceReport {
    report.items.shrink_to_fit();
    report.regions.shrink_to_fit();
    report.findings.shrink_to_fit();
    report
}

impl ReadObject {
    /// A result that a device told in a message: of the study and the person of the object `beside` it.
    ///
    /// Whoever matched the message to the study has made sure that both are about one person.
    #[must_use]
    pub fn of_message(report: DeviceReport, device: Device, beside: &Header) -> Self {
        let identity = Identity {
            study: beside.identity.study.clone(),
            has_study_element: beside.identity.has_study_element,
            accession: beside.identity.accession.clone(),
            study_date: beside.identity.study_date,
            study_description: beside.identity.study_description.clone(),
            ..Identity::default()
        };
        let header = Header { identity, person: beside.person.clone(), device, ..Header::default() };
        Self {
            header,
            form: form::Form::Message,
            is_densitometry: true,
            reported: Some(compact(report)),
            ..Self::default()
        }
    }

    /// The kind of scan its anatomy says, without regard to its form.
    #[must_use]
    pub fn named_kind(&self) -> Option<ScanKind> {
        match self.anatomy? {
            Anatomy::Kind(kind) => Some(kind),
            Anatomy::CervicalLateral => Some(ScanKind::LateralSpine),
            Anatomy::Other => None,
        }
    }

    /// Takes the device's items out, which nothing but the final result needs.
    pub fn take_items(&mut self) -> Vec<DeviceItem> {
        self.reported.as_mut().map(|report| std::mem::take(&mut report.items)).unwrap_or_default()
    }

    /// The device wrote numbers that were read.
    #[must_use]
    pub fn has_numbers(&self) -> bool {
        self.reported
            .as_ref()
            .is_some_and(|report| !report.regions.is_empty() || !report.composition.is_empty())
    }
}
