//! How the documents of a result are made.

use std::collections::BTreeMap;

use dxa_exchange::hl7::Mapping;
use serde::{Deserialize, Serialize};

use super::Printing;

/// How the documents of a result are made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Making {
    /// How a report is printed, where one is wanted.
    pub printing: Option<Printing>,
    /// How messages of HL7 v2 are written beside the default; the number of each is one more than its place.
    pub mappings: Vec<Mapping>,
    /// Whether somebody takes a Bundle in Chinese; it has the number 1.
    pub chinese_bundle: bool,
    /// Systems of patient numbers in FHIR, by who gives the numbers; empty for numbers that name nobody.
    pub patient_systems: BTreeMap<String, String>,
}

impl Making {
    /// The system of the numbers of an issuer; none is made up.
    #[must_use]
    pub fn patient_system(&self, issuer: Option<&str>) -> Option<String> {
        self.patient_systems.get(issuer.unwrap_or_default()).cloned()
    }
}
