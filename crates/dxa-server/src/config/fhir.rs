//! How results are written in FHIR.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How results are written in FHIR.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fhir {
    /// `Patient.identifier.system` of patient numbers, by Issuer of Patient ID; the empty key is about numbers that name
    /// no issuer. Without it a number has no system.
    pub patient_systems: BTreeMap<String, String>,
}

impl Fhir {
    /// What is wrong, if anything: a system is an absolute URI.
    pub(super) fn objection(&self) -> Option<String> {
        let is_absolute = |system: &String| {
            let scheme =
                system.split_once(':').filter(|(_, rest)| !rest.is_empty()).map(|(scheme, _)| scheme);
            let is_scheme = |scheme: &str| {
                scheme.starts_with(|first: char| first.is_ascii_alphabetic())
                    && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
            };
            scheme.is_some_and(is_scheme) && !system.contains(char::is_whitespace)
        };
        let wrong = self.patient_systems.iter().find(|(_, system)| !is_absolute(system));
        wrong.map(|(issuer, _)| format!("fhir.patient_systems: the system of `{issuer}` is no absolute URI"))
    }
}
