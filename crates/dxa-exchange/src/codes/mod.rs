//! Every code that leaves in a structured report, a FHIR bundle or an HL7 message, in one table.
//!
//! # References
//! DICOM PS3.16; LOINC and SNOMED CT codes as `docs/sr.md` lists them with where each was confirmed.

mod anatomy;
mod concepts;
mod loinc;
mod words;

use std::borrow::Cow;

pub(crate) use anatomy::{finding_site, laterality, region_code, vertebra};
pub(crate) use concepts::*;
pub(crate) use loinc::{Kind, kind_of, loinc};
pub(crate) use words::{chinese, code_of_word, english};

/// Who keeps a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// SNOMED CT.
    Snomed,
    /// DICOM.
    Dicom,
    /// LOINC.
    Loinc,
    /// Units of measure.
    Ucum,
    /// The Unified Medical Language System, of which DICOM uses single codes.
    Umls,
    /// Language tags.
    Language,
    /// Our own; declared in each document.
    Local,
}

/// Identifies our own scheme; fixed.
pub(crate) const LOCAL_SCHEME_UID: &str = "2.25.226815438790315671842904711562368950193";
/// Version of our own scheme; a code never changes its meaning, so it only grows.
pub(crate) const LOCAL_SCHEME_VERSION: &str = "1";

impl Scheme {
    const ALL: [Self; 7] =
        [Self::Snomed, Self::Dicom, Self::Loinc, Self::Ucum, Self::Umls, Self::Language, Self::Local];

    /// Designator in DICOM.
    pub(crate) fn designator(self) -> &'static str {
        match self {
            Self::Snomed => "SCT",
            Self::Dicom => "DCM",
            Self::Loinc => "LN",
            Self::Ucum => "UCUM",
            Self::Umls => "UMLS",
            Self::Language => "RFC5646",
            Self::Local => "99DXA",
        }
    }

    /// The scheme with this designator.
    pub(crate) fn from_designator(designator: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.designator() == designator)
    }

    /// Code system in FHIR.
    pub(crate) fn uri(self) -> Cow<'static, str> {
        match self {
            Self::Snomed => "http://snomed.info/sct".into(),
            Self::Dicom => "http://dicom.nema.org/resources/ontology/DCM".into(),
            Self::Loinc => "http://loinc.org".into(),
            Self::Ucum => "http://unitsofmeasure.org".into(),
            Self::Umls => "http://www.nlm.nih.gov/research/umls".into(),
            Self::Language => "urn:ietf:bcp:47".into(),
            Self::Local => format!("urn:oid:{LOCAL_SCHEME_UID}").into(),
        }
    }
}

/// A code with its meaning in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) scheme: Scheme,
    pub(crate) value: Cow<'static, str>,
    pub(crate) meaning: Cow<'static, str>,
}

impl Code {
    pub(crate) const fn new(scheme: Scheme, value: &'static str, meaning: &'static str) -> Self {
        Self { scheme, value: Cow::Borrowed(value), meaning: Cow::Borrowed(meaning) }
    }

    pub(crate) fn local(value: impl Into<Cow<'static, str>>, meaning: impl Into<Cow<'static, str>>) -> Self {
        Self { scheme: Scheme::Local, value: value.into(), meaning: meaning.into() }
    }

    /// The same concept, whatever its meaning is called.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.scheme == other.scheme && self.value == other.value
    }
}
