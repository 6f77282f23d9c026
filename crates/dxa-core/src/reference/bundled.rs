//! The tables, conversions and profiles that are built in, loaded once by the same code as a clinic's own.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::conversion::Conversion;
use super::error::UnknownId;
use super::library::{Library, SourceFile};
use super::profile::Profile;
use super::vertebrae::{FractureModel, MODEL_ID, NORMALS_ID, SPINE_MODEL_ID, SpineModel, VertebralNormals};

include!(concat!(env!("OUT_DIR"), "/reference_data.rs"));

impl Library {
    /// The tables of `reference-data/tables`.
    #[must_use]
    pub fn bundled() -> &'static Self {
        static LIBRARY: OnceLock<Library> = OnceLock::new();
        // A test proves that no bundled table is refused.
        LIBRARY.get_or_init(|| Self::load(TABLES).0)
    }
}

impl Profile {
    /// The profile that is applied when none is named.
    pub const DEFAULT: &str = "iscd-2023";

    /// The profile of `reference-data/profiles` with this id.
    ///
    /// # Errors
    /// There is none; the sentence lists the ids.
    pub fn named(id: &str) -> Result<&'static Self, UnknownId> {
        Self::bundled(id).ok_or_else(|| UnknownId {
            what: "profile",
            id: id.to_owned(),
            known: Self::bundled_ids().map(str::to_owned).collect(),
        })
    }

    /// The profile of `reference-data/profiles` with this id.
    #[must_use]
    pub fn bundled(id: &str) -> Option<&'static Self> {
        profiles().get(id)
    }

    /// The ids of the bundled profiles, sorted.
    pub fn bundled_ids() -> impl Iterator<Item = &'static str> {
        profiles().keys().map(String::as_str)
    }
}

impl Conversion {
    /// The equations of `reference-data/conversions/sbmd.csv`.
    #[must_use]
    pub fn bundled() -> &'static Self {
        static CONVERSION: OnceLock<Conversion> = OnceLock::new();
        // A test proves that the bundled equations load.
        CONVERSION.get_or_init(|| Self::load("sbmd", CONVERSIONS).unwrap_or_default())
    }
}

impl VertebralNormals {
    /// The normals of `reference-data/vertebrae`.
    #[must_use]
    pub fn bundled() -> &'static Self {
        static NORMALS: OnceLock<VertebralNormals> = OnceLock::new();
        // A test proves that the bundled normals load.
        NORMALS.get_or_init(|| Self::load(NORMALS_ID, VERTEBRAE).unwrap_or_default())
    }
}

impl FractureModel {
    /// The model of `reference-data/vertebrae`.
    #[must_use]
    pub fn bundled() -> &'static Self {
        static MODEL: OnceLock<FractureModel> = OnceLock::new();
        // A test proves that the bundled model loads.
        MODEL.get_or_init(|| Self::load(MODEL_ID, VERTEBRAE).unwrap_or_default())
    }
}

impl SpineModel {
    /// The shape of the spine of `reference-data/vertebrae`.
    #[must_use]
    pub fn bundled() -> &'static Self {
        static MODEL: OnceLock<SpineModel> = OnceLock::new();
        // A test proves that the bundled model loads.
        MODEL.get_or_init(|| Self::load(SPINE_MODEL_ID, VERTEBRAE).unwrap_or_default())
    }
}

/// What is wrong with the built-in tables, equations and profiles, one sentence each; nothing in a good build.
#[must_use]
pub fn check_bundled() -> Vec<String> {
    let (library, refused) = Library::load(TABLES);
    let mut sentences: Vec<String> = refused.iter().map(ToString::to_string).collect();
    if let Err(problem) = Conversion::load("sbmd", CONVERSIONS) {
        sentences.push(format!("conversion `sbmd` is refused: {problem}"));
    }
    if let Err(problem) = VertebralNormals::load(NORMALS_ID, VERTEBRAE) {
        sentences.push(format!("vertebral normals `{NORMALS_ID}` are refused: {problem}"));
    }
    if let Err(problem) = FractureModel::load(MODEL_ID, VERTEBRAE) {
        sentences.push(format!("fracture model `{MODEL_ID}` is refused: {problem}"));
    }
    if let Err(problem) = SpineModel::load(SPINE_MODEL_ID, VERTEBRAE) {
        sentences.push(format!("spine model `{SPINE_MODEL_ID}` is refused: {problem}"));
    }
    let profiles = PROFILES.iter().map(|file| Profile::load(file.name, file.bytes, &library));
    sentences.extend(profiles.filter_map(Result::err).map(|error| error.to_string()));
    sentences
}

fn profiles() -> &'static BTreeMap<String, Profile> {
    static ALL: OnceLock<BTreeMap<String, Profile>> = OnceLock::new();
    // A test proves that every bundled profile loads.
    ALL.get_or_init(|| {
        PROFILES
            .iter()
            .filter_map(|file| Profile::load(file.name, file.bytes, Library::bundled()).ok())
            .map(|profile| (profile.id.clone(), profile))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_bundled_is_refused() {
        assert_eq!(check_bundled(), Vec::<String>::new());
        let (library, _) = Library::load(TABLES);
        assert_eq!(library.iter().count() * 2, TABLES.len());
        assert_eq!(Profile::bundled_ids().count(), PROFILES.len());
        assert!(Profile::bundled("iscd-2023").is_some());
        assert_eq!(Conversion::load("sbmd", CONVERSIONS).as_ref(), Ok(Conversion::bundled()));
    }
}
