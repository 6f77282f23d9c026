//! Which objects belong to one study of one patient.

use std::collections::BTreeMap;

use super::object::ReadObject;

/// The objects of a folder, sorted into studies by their index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Studies {
    /// Indices of the objects of each study, ordered by Study Instance UID, then Patient ID.
    pub studies: Vec<Vec<usize>>,
    /// Objects whose Study Instance UID occurs under two patients: none of them is used.
    pub mismatched: Vec<usize>,
}

/// Sorts objects into studies by Study Instance UID and Patient ID together.
///
/// An object without Study Instance UID is a study of its own: nothing says what it belongs to.
#[must_use]
pub fn studies(objects: &[ReadObject]) -> Studies {
    let mut by_study: BTreeMap<&str, BTreeMap<&str, Vec<usize>>> = BTreeMap::new();
    let mut alone = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        let patient = object.header.person.id.as_deref().unwrap_or_default();
        match object.header.identity.study.as_deref() {
            Some(study) => by_study.entry(study).or_default().entry(patient).or_default().push(index),
            None => alone.push(vec![index]),
        }
    }
    alone.sort_by_key(|study: &Vec<usize>| objects[study[0]].header.person.id.as_deref());
    let mut result = Studies { studies: alone, mismatched: Vec::new() };
    for patients in by_study.into_values() {
        let one_patient = patients.len() == 1;
        let indices = patients.into_values().flatten();
        if one_patient {
            result.studies.push(indices.collect());
        } else {
            result.mismatched.extend(indices);
        }
    }
    result.mismatched.sort_unstable();
    result
}
