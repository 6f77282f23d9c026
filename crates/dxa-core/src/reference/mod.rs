//! Reference populations: tables with their provenance, and the profiles that choose among them.

mod bundled;
mod composition;
mod conversion;
mod curve;
mod device;
mod error;
pub mod infer;
mod library;
mod profile;
mod profile_file;
mod rows;
mod sidecar;
mod table;
pub mod vertebrae;

pub use bundled::check_bundled;
pub use composition::{CompositionQuantity, CompositionTable};
pub use conversion::{Conversion, Line, Population};
pub use device::{Device, Maker};
pub use error::{
    LookupError, ProfileError, ProfileProblem, ReferenceError, RowProblem, TableProblem, UnknownId,
};
pub use library::{Library, SourceFile};
pub use profile::{Candidate, Profile, RowSex, Rule, ScoreKind, SiteGroup, Subject};
pub use sidecar::{BandMode, InputFile, NotScored, Quantity, Sidecar, Status, TableMaker};
pub use table::{Band, Curve, Distribution, Knot, LmsKnot, ReferenceTable, SiteRows, Young};

/// Lower-case hexadecimal SHA-256, as sidecars and results write it.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    crate::hexadecimal(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests;
