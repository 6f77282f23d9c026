//! Synthetic scans with exact truth beside them.
//!
//! The same kind, seed and settings give the same bytes on every machine: no clock, no environment, no
//! shared code with the analysis that reads the files. Pictures are simple shapes; people do not exist.

mod arithmetic_coder;
mod broken;
mod charset;
mod compressed;
mod ct;
mod device_numbers;
mod dicom_writer;
mod fixtures;
mod fixtures_images;
mod fixtures_results;
mod font;
mod forearm;
mod ge;
mod hip;
mod hologic;
mod hologic_text;
mod jpeg2000;
mod kinds;
mod lateral;
mod limb;
mod object;
mod other_makers;
mod patient;
mod pdf;
mod phantom;
mod physics;
mod picture;
mod quantitative;
mod random;
mod report_page;
mod scene;
mod settings;
mod single_kinds;
mod spine;
mod structured_report;
mod truth;
mod uid;
mod unusable;

use std::collections::BTreeMap;

pub use kinds::{Kind, kinds};

/// The seed of the committed test scans, and of a run that names none.
pub const DEFAULT_SEED: u64 = 1;

/// A file of a simulation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimFile {
    /// Path relative to the folder of the run.
    pub name: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// Why nothing could be simulated. Every sentence says what is wrong and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SimError {
    /// There is no such kind.
    #[error("There is no simulation `{kind}`; choose one of {known}.")]
    UnknownKind {
        /// What was asked for.
        kind: String,
        /// The names of all kinds.
        known: String,
    },
    /// The kind does not take this setting.
    #[error("The simulation `{kind}` has no setting `{key}`; it takes {known}.")]
    UnknownSetting {
        /// The kind.
        kind: String,
        /// What was set.
        key: String,
        /// The settings that the kind takes.
        known: String,
    },
    /// The setting does not take this value.
    #[error("The setting `{key}` cannot be `{value}`; give {expected}.")]
    BadSetting {
        /// The setting.
        key: String,
        /// The value.
        value: String,
        /// What it takes.
        expected: &'static str,
    },
    /// The object could not be encoded: a fault of this software, not of the caller.
    #[error("The simulated object could not be written as DICOM ({0}); please report this.")]
    Writing(String),
}

/// Simulates one kind: DICOM files, and last `truth.json`, which says for every file what it is, what a
/// reader ought to make of it, and the exact numbers in it.
///
/// # Errors
/// An unknown kind, a setting that the kind does not take, or a value that the setting does not take.
pub fn simulate(
    kind: &str,
    seed: u64,
    settings: &BTreeMap<String, String>,
) -> Result<Vec<SimFile>, SimError> {
    let known = known_kind(kind)?;
    let parsed = settings::Settings::parse(known, settings)?;
    let fixtures = match single_kinds::build(kind, seed, &parsed)? {
        Some(objects) => {
            objects.into_iter().map(|(name, object)| fixtures::file(name, known.about, object)).collect()
        }
        None => fixtures::all(seed),
    };
    truth::files(kind, seed, settings, &fixtures)
}

fn known_kind(name: &str) -> Result<&'static Kind, SimError> {
    kinds().iter().find(|kind| kind.name == name).ok_or_else(|| SimError::UnknownKind {
        kind: name.to_owned(),
        known: kinds().iter().map(|kind| kind.name).collect::<Vec<_>>().join(", "),
    })
}
