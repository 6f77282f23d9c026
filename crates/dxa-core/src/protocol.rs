//! Everything that can change a number, in one value that is hashed into each result.

use sha2::{Digest, Sha256};

use crate::reference::{CompositionTable, Library, Profile};

/// Version of the way numbers are computed; raised with every change listed under "Numbers that change".
pub const ALGORITHMS: &str = "1";

/// What an analysis depends on beside its input.
#[derive(Clone, Copy, Debug)]
pub struct Protocol<'a> {
    /// Which tables and rules apply.
    pub profile: &'a Profile,
    /// The tables.
    pub library: &'a Library,
}

impl Protocol<'_> {
    /// SHA-256 over the algorithms' version, the profile and every table.
    #[must_use]
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(ALGORITHMS);
        hash.update(format!("{:?}", self.profile));
        for table in self.library.iter() {
            hash.update(&table.sidecar.id);
            hash.update(&table.sidecar.version);
            hash.update(&table.sidecar.sha256);
        }
        if let Some(composition) = CompositionTable::bundled() {
            hash.update(&composition.sha256);
        }
        crate::hexadecimal(&hash.finalize())
    }
}
