//! The result of a study as a FHIR R4 Bundle.
//!
//! Each measured quantity of a region, vertebra or part of the body is an Observation of its own; what belongs to it
//! without being a result of its own is a component of the panel that holds them.
//! `docs/fhir.md` has every field.

mod bundle;
mod coding;
mod diagnostic_report;
mod observation;
mod patient;
mod provenance;
mod read;
mod served;
mod sources;
mod time;
mod types;

pub use bundle::{Pdf, bundle, observed, transaction};
pub use patient::patient_id;
pub use read::{FhirError, ReadBundle, read};
pub use served::{Served, Token, observation_id, served};
pub use time::Time;
pub use types::{Bundle, Resource};

/// An identifier of FHIR that the same study, patient or key always gets.
fn id(parts: &[&str]) -> String {
    let bytes: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    crate::uid::derived_uuid(&bytes)
}
