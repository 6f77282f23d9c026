//! The Bundle of a study: every resource once, with ids that a re-run repeats.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::issue::{Issue, Status};
use crate::record::Study;
use crate::statement;
use crate::text::Language;

use super::observation::observations;
use super::types::{Bundle, Device, Entry, Observation, Reference, Request, Resource};
use super::{diagnostic_report, patient, provenance, sources};

/// A report as a page, to go along.
#[derive(Clone, Copy, Debug)]
pub struct Pdf<'a> {
    /// The whole document.
    pub bytes: &'a [u8],
}

/// What every Observation of a study says alike.
pub(super) struct Frame<'a> {
    pub(super) study: &'a Study,
    pub(super) study_uid: &'a str,
    pub(super) status: &'static str,
    pub(super) when: Option<String>,
    pub(super) patient: Reference,
    pub(super) imaging_study: Reference,
    pub(super) software: Reference,
    pub(super) language: Language,
    scanners: Vec<Option<Device>>,
}

impl Frame<'_> {
    /// The device of a scan.
    pub(super) fn scanner(&self, scan: Option<usize>) -> Option<Reference> {
        let device = self.scanners.get(scan?)?.as_ref()?;
        Some(refer("Device", &device.id))
    }
}

/// The study as a Bundle of type `collection`; `None` for a study without a UID.
///
/// The same result, sources and standing give the same bytes; references are `urn:uuid`.
#[must_use]
pub fn bundle(study: &Study, issue: &Issue<'_>, pdf: Option<Pdf<'_>>) -> Option<Bundle> {
    let study_uid = study.study.instance_uid.as_deref().filter(|uid| !uid.is_empty())?;
    let person = patient::patient(study, issue);
    let subject = refer("Patient", &person.id);
    let received = sources::imaging_study(study, issue, &subject);
    let software = sources::software(study);
    let frame = Frame {
        study,
        study_uid,
        status: status(issue.standing.status),
        when: sources::when(study, issue),
        patient: subject,
        imaging_study: refer("ImagingStudy", &received.id),
        software: refer("Device", &software.id),
        language: issue.language,
        scanners: study.scans.iter().map(|scan| sources::scanner(scan, issue)).collect(),
    };
    let (mut panels, mut members) = (Vec::new(), Vec::new());
    for group in statement::of(study) {
        let (panel, of_panel) = observations(&group, &frame);
        panels.push(panel);
        members.extend(of_panel);
    }
    let report = diagnostic_report::report(&frame, issue, &panels, pdf);
    let origin = provenance::provenance(&frame, issue, &report);
    let mut scanners: Vec<Device> = frame.scanners.into_iter().flatten().collect();
    scanners.sort_by(|one, other| one.id.cmp(&other.id));
    scanners.dedup_by(|one, other| one.id == other.id);
    let resources =
        [Resource::DiagnosticReport(report), Resource::Patient(person), Resource::ImagingStudy(received)]
            .into_iter()
            .chain(std::iter::once(software).chain(scanners).map(Resource::Device))
            .chain(panels.into_iter().chain(members).map(Resource::Observation))
            .chain([Resource::Provenance(origin)]);
    let id = super::id(&["bundle", study_uid]);
    Some(Bundle {
        id: Some(id),
        language: Some(tag(issue.language).to_owned()),
        kind: "collection".to_owned(),
        entry: resources
            .map(|resource| Entry { full_url: url(&resource), resource, request: None })
            .collect(),
    })
}

/// The same Bundle as a transaction that puts every resource under its own id, for a server that may have taken
/// `earlier` Bundles of the same study: what they observed and this one does not is put there as entered in error.
#[must_use]
pub fn transaction(mut bundle: Bundle, earlier: Vec<Bundle>) -> Bundle {
    "transaction".clone_into(&mut bundle.kind);
    let mut known: BTreeSet<String> =
        bundle.entry.iter().map(|entry| entry.resource.name().1.to_owned()).collect();
    let patient = bundle.entry.iter().find_map(|entry| match &entry.resource {
        Resource::Patient(person) => Some(refer("Patient", &person.id)),
        _ => None,
    });
    for entry in earlier.into_iter().flat_map(|earlier| earlier.entry) {
        if let Resource::Observation(gone) = entry.resource
            && known.insert(gone.id.clone())
        {
            let resource = Resource::Observation(gone.in_error(patient.clone()));
            bundle.entry.push(Entry { full_url: url(&resource), resource, request: None });
        }
    }
    for entry in &mut bundle.entry {
        let (kind, id) = entry.resource.name();
        entry.request = Some(Request { method: "PUT".to_owned(), url: format!("{kind}/{id}") });
    }
    bundle
}

/// What of a Bundle is needed to take it back: which Observations it has, and nothing of what they say.
#[must_use]
pub fn observed(bundle: Bundle) -> Bundle {
    let entries = bundle.entry.into_iter().filter_map(|entry| match entry.resource {
        Resource::Observation(of) => {
            Some(Entry { resource: Resource::Observation(of.in_error(None)), ..entry })
        }
        _ => None,
    });
    Bundle { kind: bundle.kind, entry: entries.collect(), ..Bundle::default() }
}

impl Observation {
    /// What is left of an Observation that is taken back: which it was, and nothing that could be read as a result.
    fn in_error(self, subject: Option<Reference>) -> Self {
        Self {
            id: self.id,
            identifier: self.identifier,
            status: "entered-in-error".to_owned(),
            category: self.category,
            code: self.code,
            subject,
            ..Self::default()
        }
    }
}

impl Bundle {
    /// The Bundle as JSON.
    ///
    /// # Errors
    /// Never in practice; what serde says.
    pub fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let mut value = serde_json::to_value(self)?;
        point_inside(&mut value);
        serde_json::to_vec_pretty(&value)
    }

    /// A resource as a server gives it: references are to type and id.
    ///
    /// # Errors
    /// Never in practice; what serde says.
    pub fn resource_json(resource: &Resource) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec_pretty(resource)
    }
}

/// Turns `Patient/id` into the `urn:uuid:id` under which the Bundle has it.
fn point_inside(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get_mut("reference")
                && let Some((_, id)) = reference.split_once('/')
            {
                *reference = format!("urn:uuid:{id}");
            }
            fields.values_mut().for_each(point_inside);
        }
        Value::Array(items) => items.iter_mut().for_each(point_inside),
        _ => {}
    }
}

fn url(resource: &Resource) -> String {
    format!("urn:uuid:{}", resource.name().1)
}

/// A reference to a resource of this software.
pub(super) fn refer(kind: &str, id: &str) -> Reference {
    Reference { reference: Some(format!("{kind}/{id}")), ..Reference::default() }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Preliminary => "preliminary",
        Status::Final => "final",
        Status::Amended => "amended",
    }
}

/// A language as FHIR has it.
pub(super) fn tag(language: Language) -> &'static str {
    match language {
        Language::English => "en",
        Language::Chinese => "zh-CN",
    }
}
