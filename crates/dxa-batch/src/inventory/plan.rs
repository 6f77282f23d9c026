//! Which files make a study.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::Shard;
use super::header::{Entry, problem};
use crate::identities::hexadecimal;
use crate::source::Location;
use crate::study::Asked;
use dxa_exchange::tables::Problem;

/// The files of one study of one patient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Files {
    /// Study Instance UID.
    pub(crate) study: Option<String>,
    /// Patient ID.
    pub(crate) patient: Option<String>,
    /// Where they lie, in the order of their paths.
    pub(crate) locations: Vec<Location>,
    /// Files that hold the same objects again.
    pub(crate) copies: u64,
    /// Identifiers that must not be seen where people are hidden.
    pub(crate) identifiers: Vec<String>,
}

impl Files {
    /// A digest of which files these are; it changes when one of them does.
    pub(crate) fn objects(&self) -> String {
        let mut hash = Sha256::new();
        for location in &self.locations {
            hash.update((location.path.len() as u64).to_le_bytes());
            hash.update(&location.path);
            hash.update(location.size.to_le_bytes());
            hash.update(location.changed.to_le_bytes());
        }
        hash.update(self.copies.to_le_bytes());
        hexadecimal(&hash.finalize()[..16])
    }

    /// The study as a worker is asked for it.
    pub(crate) fn asked(&self) -> Asked {
        Asked {
            study: self.study.clone(),
            patient: self.patient.clone(),
            paths: self.locations.iter().map(Location::shown).collect(),
            copies: self.copies,
            objects: self.objects(),
            identifiers: self.identifiers.clone(),
        }
    }
}

/// Studies to be done, and files that are part of none.
#[derive(Debug, Default)]
pub(crate) struct Planned {
    /// Studies of the shard.
    pub(crate) studies: Vec<Files>,
    /// Files of a study that occurs under two patients.
    pub(crate) problems: Vec<Problem>,
}

/// Sorts entries, each with whether it is a copy, into studies by Study Instance UID and Patient ID together.
///
/// A file without Study Instance UID is a study of its own: nothing says what it belongs to.
pub(super) fn plan(entries: Vec<(Entry, bool)>, shard: Shard) -> Planned {
    let mut studies: BTreeMap<String, BTreeMap<String, Files>> = BTreeMap::new();
    let mut planned = Planned::default();
    for (entry, copy) in entries {
        match &entry.study {
            Some(uid) => {
                let patients = studies.entry(uid.clone()).or_default();
                patients.entry(entry.patient.clone().unwrap_or_default()).or_default().take(entry, copy);
            }
            None if shard.has(&entry.location.shown()) && !copy => {
                let mut alone = Files::default();
                alone.take(entry, false);
                planned.studies.push(alone);
            }
            None => {}
        }
    }
    for (uid, patients) in studies {
        let two = patients.len() > 1;
        for mut files in patients.into_values() {
            files.locations.sort();
            if two {
                let own = files.locations.iter().filter(|location| shard.has(&location.shown()));
                planned
                    .problems
                    .extend(own.map(|location| problem(location, "patient_mismatch", TWO_PATIENTS)));
            } else if shard.has(&uid) && !files.locations.is_empty() {
                planned.studies.push(files);
            }
        }
    }
    planned
}

const TWO_PATIENTS: &str =
    "the same Study Instance UID occurs under two Patient IDs; nothing of it is analyzed";

impl Files {
    fn take(&mut self, entry: Entry, copy: bool) {
        let own = [&entry.study, &entry.patient, &entry.instance, &entry.accession];
        self.identifiers.extend(own.into_iter().flatten().cloned());
        self.study = entry.study;
        self.patient = entry.patient;
        if copy {
            self.copies += 1;
        } else {
            self.locations.push(entry.location);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, study: Option<&str>, patient: &str) -> (Entry, bool) {
        let location = Location { path: path.into(), size: 1, changed: 0, part: None };
        let text = |text: &str| Some(text.to_owned());
        (
            Entry {
                location,
                study: study.map(str::to_owned),
                patient: text(patient),
                instance: None,
                accession: None,
            },
            false,
        )
    }

    #[test]
    fn files_are_sorted_into_studies_whatever_their_order() {
        let all = || {
            vec![
                entry("b/2", Some("1.2"), "p"),
                entry("a/1", Some("1.2"), "p"),
                entry("c", None, "p"),
                entry("d", Some("1.3"), "p"),
                entry("e", Some("1.3"), "q"),
            ]
        };
        let one = plan(all(), Shard::WHOLE);
        let paths = |files: &Files| files.locations.iter().map(Location::shown).collect::<Vec<_>>();
        assert_eq!(one.studies.iter().map(paths).collect::<Vec<_>>(), [vec!["c"], vec!["a/1", "b/2"]]);
        let refused: Vec<_> = one.problems.iter().map(|problem| (&*problem.path, &*problem.code)).collect();
        assert_eq!(refused, [("d", "patient_mismatch"), ("e", "patient_mismatch")]);
        let mut turned = all();
        turned.reverse();
        assert_eq!(plan(turned, Shard::WHOLE).studies[1].objects(), one.studies[1].objects());
    }

    #[test]
    fn another_file_is_another_study_to_do() {
        let of = |path, size| {
            let mut files = Files::default();
            let (mut entry, _) = entry(path, Some("1.2"), "p");
            entry.location.size = size;
            files.take(entry, false);
            files.objects()
        };
        assert_eq!(of("a", 1), of("a", 1));
        assert!(of("a", 1) != of("a", 2) && of("a", 1) != of("b", 1));
    }
}
