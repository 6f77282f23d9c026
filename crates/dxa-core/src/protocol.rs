//! Everything that can change a number, in one value that is hashed into each result.

use sha2::{Digest, Sha256};

use crate::reference::{CompositionTable, Library, Profile, ReferenceTable};

/// Version of the way numbers are computed; raised with every change listed under "Numbers that change".
pub const ALGORITHMS: &str = "1";

/// What an analysis depends on beside its input.
#[derive(Clone, Debug)]
pub struct Protocol<'a> {
    profile: &'a Profile,
    library: &'a Library,
    named: Vec<&'a ReferenceTable>,
    sha256: String,
}

impl<'a> Protocol<'a> {
    /// The protocol of a profile and the tables it may choose from.
    #[must_use]
    pub fn new(profile: &'a Profile, library: &'a Library) -> Self {
        Self::beside(profile, library, Vec::new())
    }

    /// The same, with tables that every region is scored against beside the profile's choice.
    #[must_use]
    pub fn beside(profile: &'a Profile, library: &'a Library, named: Vec<&'a ReferenceTable>) -> Self {
        let sha256 = sha256(profile, library, &named);
        Self { profile, library, named, sha256 }
    }

    /// Which tables and rules apply.
    #[must_use]
    pub fn profile(&self) -> &'a Profile {
        self.profile
    }

    /// The tables.
    #[must_use]
    pub fn library(&self) -> &'a Library {
        self.library
    }

    /// The tables asked for by name, in the order in which they were.
    #[must_use]
    pub fn named(&self) -> &[&'a ReferenceTable] {
        &self.named
    }

    /// SHA-256 over the algorithms' version, the profile and every table.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}

fn sha256(profile: &Profile, library: &Library, named: &[&ReferenceTable]) -> String {
    let mut hash = Sha256::new();
    hash.update(ALGORITHMS);
    hash.update(format!("{profile:?}"));
    for table in library.iter() {
        hash.update(&table.sidecar.id);
        hash.update(&table.sidecar.version);
        hash.update(&table.sidecar.sha256);
    }
    for table in named {
        hash.update("named");
        hash.update(table.id());
    }
    if let Some(composition) = CompositionTable::bundled() {
        hash.update(&composition.sha256);
    }
    crate::hexadecimal(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_changes_a_number_changes_the_digest() {
        let library = Library::bundled();
        let [iscd, canada] = ["iscd-2023", "canada"].map(|id| Profile::bundled(id).unwrap());
        let table = library.get("hong-kong-2005").unwrap();
        let empty = Library::default();
        let digests = [
            Protocol::new(iscd, library),
            Protocol::new(canada, library),
            Protocol::new(iscd, &empty),
            Protocol::beside(iscd, library, vec![table]),
        ]
        .map(|protocol| protocol.sha256().to_owned());
        for (at, digest) in digests.iter().enumerate() {
            assert_eq!(digest.len(), 64);
            assert!(!digests[..at].contains(digest), "{digests:?}");
        }
        assert_eq!(Protocol::new(iscd, library).sha256(), digests[0]);
    }
}
