//! The part of FHIR R4 that we write and read.

use serde::{Deserialize, Serialize};

/// A Bundle of resources.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "resourceType")]
pub struct Bundle {
    /// Id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Language of texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// `collection` or `transaction`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The resources.
    #[serde(default)]
    pub entry: Vec<Entry>,
}

/// A resource in a Bundle.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// `urn:uuid:` and its id.
    pub full_url: String,
    /// The resource.
    pub resource: Resource,
    /// What a transaction does with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
}

/// What a transaction does with a resource.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Request {
    /// `PUT`.
    pub method: String,
    /// Type and id.
    pub url: String,
}

/// A resource.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "resourceType")]
#[expect(missing_docs, reason = "the names are FHIR's")]
#[expect(clippy::large_enum_variant, reason = "nearly all are observations")]
pub enum Resource {
    Patient(Patient),
    Device(Device),
    ImagingStudy(ImagingStudy),
    Observation(Observation),
    DiagnosticReport(DiagnosticReport),
    Provenance(Provenance),
}

impl Resource {
    /// Its type and id.
    #[must_use]
    pub fn name(&self) -> (&'static str, &str) {
        match self {
            Self::Patient(resource) => ("Patient", &resource.id),
            Self::Device(resource) => ("Device", &resource.id),
            Self::ImagingStudy(resource) => ("ImagingStudy", &resource.id),
            Self::Observation(resource) => ("Observation", &resource.id),
            Self::DiagnosticReport(resource) => ("DiagnosticReport", &resource.id),
            Self::Provenance(resource) => ("Provenance", &resource.id),
        }
    }
}

/// Defines types whose fields are left out when there is nothing in them.
macro_rules! types {
    ($($(#[doc = $doc:literal])* $name:ident { $($(#[serde(rename = $rename:literal)])? $field:ident: $kind:ty,)* })*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        #[allow(missing_docs, reason = "the names are FHIR's")]
        pub struct $name {$(
            $(#[serde(rename = $rename)])?
            #[serde(skip_serializing_if = "is_empty")]
            pub $field: $kind,
        )*}
    )*};
}

/// Whether FHIR leaves a field out.
fn is_empty<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

types! {
    /// FHIR Coding.
    Coding {
        system: Option<String>, version: Option<String>, code: Option<String>, display: Option<String>,
        #[serde(rename = "_display")] other_display: Option<Element>,
    }
    /// What extends a primitive value.
    Element { extension: Vec<Extension>, }
    /// FHIR Extension.
    Extension {
        extension: Vec<Extension>, url: String, value_string: Option<String>, value_code: Option<String>,
        value_boolean: Option<bool>,
    }
    /// FHIR CodeableConcept.
    Concept { coding: Vec<Coding>, text: Option<String>, }
    /// FHIR Identifier.
    Identifier {
        #[serde(rename = "use")] purpose: Option<String>,
        #[serde(rename = "type")] kind: Option<Concept>,
        system: Option<String>, value: Option<String>, assigner: Option<Reference>,
    }
    /// FHIR Reference.
    Reference {
        reference: Option<String>, #[serde(rename = "type")] kind: Option<String>, identifier: Option<Box<Identifier>>,
        display: Option<String>,
    }
    /// FHIR HumanName.
    Name {
        extension: Vec<Extension>, #[serde(rename = "use")] purpose: Option<String>, text: Option<String>,
        family: Option<String>, given: Vec<String>,
    }
    /// FHIR Patient.
    Patient {
        id: String, identifier: Vec<Identifier>, name: Vec<Name>, gender: Option<String>, birth_date: Option<String>,
    }
    /// FHIR Device.
    Device {
        id: String, status: Option<String>, manufacturer: Option<String>, serial_number: Option<String>,
        device_name: Vec<DeviceName>, version: Vec<DeviceVersion>,
    }
    /// Name of a device.
    DeviceName { name: String, #[serde(rename = "type")] kind: String, }
    /// Version of a device.
    DeviceVersion { value: String, }
    /// FHIR ImagingStudy.
    ImagingStudy {
        id: String, identifier: Vec<Identifier>, status: String, modality: Vec<Coding>, subject: Reference,
        started: Option<String>, based_on: Vec<Reference>, referrer: Option<Reference>, number_of_series: Option<u32>,
        number_of_instances: Option<u32>, description: Option<String>, series: Vec<Series>,
    }
    /// A series of an imaging study.
    Series {
        uid: String, modality: Coding, number_of_instances: Option<u32>, performer: Vec<Performer>,
        instance: Vec<Instance>,
    }
    /// What performed a series.
    Performer { actor: Reference, }
    /// An object of a series.
    Instance { uid: String, sop_class: Coding, }
    /// FHIR Observation.
    Observation {
        id: String, extension: Vec<Extension>, identifier: Vec<Identifier>, status: String, category: Vec<Concept>,
        code: Concept, subject: Option<Reference>, effective_date_time: Option<String>, value_quantity: Option<Quantity>,
        value_codeable_concept: Option<Concept>, value_string: Option<String>, data_absent_reason: Option<Concept>,
        note: Vec<Annotation>, body_site: Option<Concept>, method: Option<Concept>, device: Option<Reference>,
        reference_range: Vec<Range>, has_member: Vec<Reference>, derived_from: Vec<Reference>,
        component: Vec<Component>,
    }
    /// A note.
    Annotation { text: String, }
    /// FHIR Quantity.
    Quantity { value: Option<f64>, unit: Option<String>, system: Option<String>, code: Option<String>, }
    /// With what a value is compared.
    Range { extension: Vec<Extension>, applies_to: Vec<Concept>, text: Option<String>, }
    /// A part of an Observation.
    Component {
        code: Concept, value_quantity: Option<Quantity>, value_codeable_concept: Option<Concept>,
        value_string: Option<String>, data_absent_reason: Option<Concept>, reference_range: Vec<Range>,
    }
    /// FHIR DiagnosticReport.
    DiagnosticReport {
        id: String, language: Option<String>, identifier: Vec<Identifier>, based_on: Vec<Reference>, status: String,
        category: Vec<Concept>, code: Concept, subject: Option<Reference>, effective_date_time: Option<String>, issued: Option<String>,
        performer: Vec<Reference>, results_interpreter: Vec<Reference>, result: Vec<Reference>,
        imaging_study: Vec<Reference>, conclusion: Option<String>, conclusion_code: Vec<Concept>,
        presented_form: Vec<Attachment>,
    }
    /// A document that comes along.
    Attachment { content_type: String, language: Option<String>, data: String, title: Option<String>, }
    /// FHIR Provenance.
    Provenance {
        id: String, target: Vec<Reference>, occurred_date_time: Option<String>, recorded: String,
        activity: Option<Concept>, agent: Vec<Agent>, entity: Vec<Entity>,
    }
    /// Who did it.
    Agent { #[serde(rename = "type")] kind: Option<Concept>, who: Reference, }
    /// What it was made from.
    Entity { role: String, what: Reference, }
}
