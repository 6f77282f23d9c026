//! An analysed study in the formats of the outside world, and the words for it in two languages.

pub mod agreement;
mod codes;
pub mod context;
pub mod corrections;
pub mod csv;
mod data_set;
pub mod encapsulated_pdf;
pub mod fhir;
pub mod frames;
pub mod gsps;
pub mod hl7;
pub mod issue;
pub mod json;
mod moment;
pub mod reading;
pub mod record;
pub mod sc;
pub mod seg;
mod shapes;
pub mod sr;
pub mod statement;
mod study_header;
pub mod table;
pub mod tables;
pub mod text;
pub mod uid;
pub mod view;

/// A file that made no study.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Refused {
    /// Path as given.
    pub path: String,
    /// Error code of the contract.
    pub code: &'static str,
    /// One sentence: what, where, what to do.
    pub message: String,
}

/// A reason as a sentence: capital first, period last.
#[must_use]
pub fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let period = if reason.ends_with('.') { "" } else { "." };
    format!("{first}{}{period}", letters.as_str())
}
