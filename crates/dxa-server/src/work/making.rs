//! How the documents of a result are made.

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
}
