//! Codes of the frame of a report: containers, relations, modifiers, units, qualifiers.

use super::{Code, Scheme};

const fn dcm(value: &'static str, meaning: &'static str) -> Code {
    Code::new(Scheme::Dicom, value, meaning)
}

const fn sct(value: &'static str, meaning: &'static str) -> Code {
    Code::new(Scheme::Snomed, value, meaning)
}

const fn own(value: &'static str, meaning: &'static str) -> Code {
    Code::new(Scheme::Local, value, meaning)
}

pub(crate) const REPORT: Code = dcm("126000", "Imaging Measurement Report");
pub(crate) const LANGUAGE: Code = dcm("121049", "Language of Content Item and Descendants");
pub(crate) const OBSERVER_TYPE: Code = dcm("121005", "Observer Type");
pub(crate) const DEVICE: Code = dcm("121007", "Device");
pub(crate) const DEVICE_UID: Code = dcm("121012", "Device Observer UID");
pub(crate) const DEVICE_NAME: Code = dcm("121013", "Device Observer Name");
pub(crate) const DEVICE_MANUFACTURER: Code = dcm("121014", "Device Observer Manufacturer");
pub(crate) const DEVICE_MODEL: Code = dcm("121015", "Device Observer Model Name");
pub(crate) const PROCEDURE_REPORTED: Code = dcm("121058", "Procedure reported");
pub(crate) const DXA_PROCEDURE: Code = sct("241686001", "Dual energy X-Ray absorptiometry");
pub(crate) const IMAGE_LIBRARY: Code = dcm("111028", "Image Library");
pub(crate) const IMAGE_LIBRARY_GROUP: Code = dcm("126200", "Image Library Group");
pub(crate) const MEASUREMENTS: Code = dcm("126010", "Imaging Measurements");
pub(crate) const QUALITATIVE: Code = Code::new(Scheme::Umls, "C0034375", "Qualitative Evaluations");
pub(crate) const GROUP: Code = dcm("125007", "Measurement Group");
pub(crate) const TRACKING_ID: Code = dcm("112039", "Tracking Identifier");
pub(crate) const TRACKING_UID: Code = dcm("112040", "Tracking Unique Identifier");
pub(crate) const FINDING_SITE: Code = sct("363698007", "Finding Site");
pub(crate) const LATERALITY: Code = sct("272741003", "Laterality");
pub(crate) const TOPOGRAPHICAL: Code = sct("106233006", "Topographical modifier");
pub(crate) const ANTERIOR: Code = sct("255549009", "Anterior");
pub(crate) const POSTERIOR: Code = sct("255551008", "Posterior");
pub(crate) const MIDDLE: Code = own("MID", "Middle of the vertebral body");
pub(crate) const METHOD: Code = sct("370129005", "Measurement Method");
pub(crate) const BY_DEVICE: Code = own("DEVICE-REPORTED", "As the device reported it");
pub(crate) const ALGORITHM_NAME: Code = dcm("111001", "Algorithm Name");
pub(crate) const ALGORITHM_VERSION: Code = dcm("111003", "Algorithm Version");
pub(crate) const SOURCE_OF_MEASUREMENT: Code = dcm("121112", "Source of Measurement");
pub(crate) const SOURCE: Code = sct("260753009", "Source");
pub(crate) const IMAGE_REGION: Code = dcm("111030", "Image Region");
pub(crate) const POPULATION: Code = dcm("121405", "Population description");
pub(crate) const REFERENCE: Code = dcm("121406", "Reference Authority");
pub(crate) const REFERENCE_VERSION: Code = own("REF-VERSION", "Version of the reference table");
pub(crate) const REFERENCE_STATUS: Code = own("REF-STATUS", "Status of the reference table");
pub(crate) const REFERENCE_SITE: Code = own("REF-SITE", "Site as the reference names it");
pub(crate) const REFERENCE_NAMED: Code = own("REF-NAMED", "Asked for by name, decides nothing");
pub(crate) const SCORED_QUANTITY: Code = own("SCORED", "Quantity that was scored");
pub(crate) const CONCLUSION: Code = dcm("121077", "Conclusion");
pub(crate) const HEIGHT: Code = dcm("121207", "Height");
pub(crate) const AREA: Code = sct("42798000", "Area");
pub(crate) const REGION_OF_INTEREST: Code = own("ROI", "Region of interest of densitometry");

pub(crate) const NOT_ATTEMPTED: Code = dcm("114007", "Measurement not attempted");
pub(crate) const FAILED: Code = dcm("114006", "Measurement failure");
pub(crate) const UNKNOWN: Code = dcm("114010", "Value unknown");

pub(crate) const ACQUISITION_EQUIPMENT: Code = dcm("109101", "Acquisition Equipment");
/// What an order or a report of bone densitometry is called.
pub(crate) const DXA_STUDY: Code =
    Code::new(Scheme::Loinc, "38268-9", "DXA Skeletal system Views for bone density");

/// A unit, by its UCUM code.
pub(crate) fn unit(ucum: &str) -> Code {
    let meaning = match ucum {
        "1" => "no units",
        "%" => "percent",
        "{pixels}" => "pixels",
        "deg" => "degrees",
        _ => ucum,
    };
    Code { scheme: Scheme::Ucum, value: ucum.to_owned().into(), meaning: meaning.to_owned().into() }
}
