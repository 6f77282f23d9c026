//! Where results go.

use std::path::PathBuf;

use dxa_exchange::hl7::{Mapping, MessageLanguage};
use serde::{Deserialize, Serialize};

use super::security::{Secret, Tls};

/// Destinations, and how long a delivery is tried.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Deliver {
    /// Archives that take C-STORE.
    pub dicom: Vec<DicomDestination>,
    /// Archives that take STOW-RS.
    pub stow: Vec<StowDestination>,
    /// Record systems that take HL7 v2.
    pub hl7: Vec<Hl7Destination>,
    /// Record systems that take FHIR.
    pub fhir: Vec<FhirDestination>,
    /// First pause after a failed attempt, seconds; doubled each time.
    pub retry_first_seconds: f64,
    /// Longest pause, seconds.
    pub retry_longest_seconds: f64,
    /// A delivery is dead after this many hours of tries.
    pub retry_hours: f64,
}

impl Default for Deliver {
    fn default() -> Self {
        Self {
            dicom: Vec::new(),
            stow: Vec::new(),
            hl7: Vec::new(),
            fhir: Vec::new(),
            retry_first_seconds: 1.0,
            retry_longest_seconds: 900.0,
            retry_hours: 24.0,
        }
    }
}

/// An archive that takes C-STORE.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DicomDestination {
    /// Name in the ledger of deliveries.
    pub name: String,
    /// Its AE title.
    pub ae_title: String,
    /// `host:port`.
    pub address: String,
    /// Documents to send: `sr`, `sc`, `pdf`, `gsps`, `seg`.
    #[serde(default = "sr_and_sc")]
    pub send: Vec<String>,
    /// Certificate we show and authority we trust; without it the connection is plain.
    #[serde(default)]
    pub tls: Option<Tls>,
    /// Ask it to commit to what it stored.
    #[serde(default)]
    pub commitment: bool,
}

/// An archive that takes STOW-RS.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StowDestination {
    /// Name in the ledger of deliveries.
    pub name: String,
    /// Address of the service, without `/studies`.
    pub url: String,
    /// Documents to send.
    #[serde(default = "sr_and_sc")]
    pub send: Vec<String>,
    /// Value of the Authorization header.
    #[serde(default)]
    pub authorization: Option<Secret>,
    /// Certificate we show and authority we trust; without it the authorities of the system.
    #[serde(default)]
    pub tls: Option<Tls>,
}

/// A record system that takes HL7 v2.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Hl7Destination {
    /// Name in the ledger of deliveries.
    pub name: String,
    /// `host:port`.
    pub address: String,
    /// Certificate we show and authority we trust; without it the connection is plain.
    #[serde(default)]
    pub tls: Option<Tls>,
    /// The file that says how its messages are written (`docs/hl7.md`); without it they are written as by default.
    #[serde(default)]
    pub mapping: Option<PathBuf>,
    /// What that file says.
    #[serde(skip)]
    pub wishes: Option<Box<Mapping>>,
    /// An acknowledgement may take this long, seconds; 30 when left out.
    #[serde(default)]
    pub answer_seconds: Option<f64>,
}

impl Deliver {
    /// How messages are written beside the default, each way once.
    #[must_use]
    pub fn mappings(&self) -> Vec<&Mapping> {
        let mut all = Vec::new();
        for wishes in self.hl7.iter().filter_map(|to| to.wishes.as_deref()) {
            if !all.contains(&wishes) {
                all.push(wishes);
            }
        }
        all
    }

    /// The number of the message of a result that a destination gets: 0 for the default, else one more than the place
    /// among [`Self::mappings`].
    #[must_use]
    pub fn message_number(&self, to: &Hl7Destination) -> i64 {
        let wishes = to.wishes.as_deref();
        let place = wishes.and_then(|wishes| self.mappings().iter().position(|one| *one == wishes));
        place.map_or(0, |place| i64::try_from(place).map_or(0, |place| place + 1))
    }
}

/// A record system that takes FHIR.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FhirDestination {
    /// Name in the ledger of deliveries.
    pub name: String,
    /// Base address.
    pub url: String,
    /// Value of the Authorization header.
    #[serde(default)]
    pub authorization: Option<Secret>,
    /// Certificate we show and authority we trust; without it the authorities of the system.
    #[serde(default)]
    pub tls: Option<Tls>,
    /// Language of what people read in it, `en` or `zh-CN`.
    #[serde(default)]
    pub language: MessageLanguage,
}

impl FhirDestination {
    /// The number of the Bundle that it gets: the first is in English, and is the one that the service itself answers
    /// from.
    #[must_use]
    pub fn bundle_number(&self) -> i64 {
        match self.language {
            MessageLanguage::English => 0,
            MessageLanguage::Chinese => 1,
        }
    }
}

fn sr_and_sc() -> Vec<String> {
    vec!["sr".to_owned(), "sc".to_owned()]
}
