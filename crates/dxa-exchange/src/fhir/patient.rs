//! The patient, identified by the hospital's number; the resource's own id is a digest.

use crate::issue::Issue;
use crate::record::{self, Study};

use super::coding::hl7;
use super::types::{Extension, Identifier, Name, Patient, Reference};

/// FHIR's extension that says in which script a name is written.
const SCRIPT: &str = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation";

pub(super) fn id(study: &Study, issue: &Issue<'_>) -> String {
    let issuer = issue.sources.patient_id_issuer.as_deref().unwrap_or_default();
    match study.patient.id.as_deref().filter(|id| !id.is_empty()) {
        Some(id) => patient_id(id, issuer),
        // Nobody is known by name alone: a patient without a number belongs to this study only.
        None => super::id(&["patient of", study.study.instance_uid.as_deref().unwrap_or_default()]),
    }
}

/// The id of the Patient with a number that somebody issued; empty where nobody is named.
#[must_use]
pub fn patient_id(number: &str, issuer: &str) -> String {
    super::id(&["patient", issuer, number])
}

pub(super) fn patient(study: &Study, issue: &Issue<'_>) -> Patient {
    let of = &study.patient;
    let identifier = of.id.clone().filter(|id| !id.is_empty()).map(|value| Identifier {
        purpose: Some("usual".to_owned()),
        kind: Some(hl7("v2-0203", "MR", "Medical record number")),
        system: issue.sources.patient_id_system.clone(),
        value: Some(value),
        assigner: issue
            .sources
            .patient_id_issuer
            .clone()
            .map(|display| Reference { display: Some(display), ..Reference::default() }),
    });
    let gender = match of.sex.as_deref() {
        Some("F") => "female",
        Some("M") => "male",
        _ => "unknown",
    };
    Patient {
        id: id(study, issue),
        identifier: identifier.into_iter().collect(),
        name: names(of),
        gender: Some(gender.to_owned()),
        birth_date: of.birth_date.clone(),
    }
}

/// One name a script: Latin, ideographic, phonetic.
fn names(patient: &record::Patient) -> Vec<Name> {
    let raw = patient.name_raw.as_deref().or(patient.name.as_deref()).unwrap_or_default();
    let scripts = ["ABC", "IDE", "SYL"];
    let groups = raw.split('=').zip(scripts);
    groups
        .filter(|(group, _)| !group.trim_matches(['^', ' ']).is_empty())
        .map(|(group, script)| name(group, script))
        .collect()
}

fn name(group: &str, script: &str) -> Name {
    let mut parts = group.split('^').map(|part| part.trim().to_owned());
    let family = parts.next().filter(|part| !part.is_empty());
    let given: Vec<String> = parts.take(2).filter(|part| !part.is_empty()).collect();
    let shown: Vec<&str> =
        family.iter().map(String::as_str).chain(given.iter().map(String::as_str)).collect();
    let joint = if script == "IDE" { "" } else { " " };
    let representation =
        Extension { url: SCRIPT.to_owned(), value_code: Some(script.to_owned()), ..Extension::default() };
    Name {
        extension: vec![representation],
        purpose: Some("official".to_owned()),
        text: Some(shown.join(joint)),
        family,
        given,
    }
}
