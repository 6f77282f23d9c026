//! Which resources of FHIR a token may read, in the words of SMART (App Launch 2.2, "Scopes for requesting FHIR
//! resources").

use std::collections::BTreeSet;

use super::permission::{Permission, Permissions, UnknownWord};

/// How resources are had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// One by its id.
    Read,
    /// Those that a search finds.
    Search,
}

/// The resources of FHIR that somebody may have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Records {
    /// None.
    #[default]
    Nothing,
    /// Those of some types; `*` is all.
    Of(BTreeSet<(String, Access)>),
    /// All.
    All,
}

impl Records {
    /// Whether resources of a type may be had in a way.
    #[must_use]
    pub fn may(&self, access: Access, kind: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Of(kinds) => ["*", kind].iter().any(|kind| kinds.contains(&((*kind).to_owned(), access))),
            Self::All => true,
        }
    }

    /// What somebody with some permissions reads: records hold identities.
    #[must_use]
    pub fn of(permissions: Permissions) -> Self {
        if permissions.contains(Permission::Read) { Self::All } else { Self::Nothing }
    }
}

/// The scopes of a token: our own words, and those of SMART.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes {
    permissions: Permissions,
    /// Types and how they are had; `*` is all.
    kinds: BTreeSet<(String, Access)>,
}

impl Scopes {
    /// Reads scopes separated by spaces.
    ///
    /// A scope to write, one of a patient chosen at launch, and one with a filter are refused: none of them could be
    /// kept.
    ///
    /// # Errors
    /// The first word that is no scope of ours.
    pub fn read(text: &str) -> Result<Self, UnknownWord> {
        let (smart, own): (Vec<&str>, Vec<&str>) =
            text.split_whitespace().partition(|word| word.contains('/'));
        let mut kinds = BTreeSet::new();
        for word in smart {
            let (kind, access) = kind(word).ok_or_else(|| UnknownWord::new(word))?;
            kinds.extend(access.iter().map(|access| (kind.to_owned(), *access)));
        }
        Ok(Self { permissions: Permissions::of_scopes(&own.join(" "))?, kinds })
    }

    /// Scopes separated by spaces.
    #[must_use]
    pub fn text(&self) -> String {
        let own = Some(self.permissions.scopes()).filter(|own| !own.is_empty());
        let mut words: Vec<String> = own.into_iter().collect();
        let mut last = "";
        for (kind, access) in &self.kinds {
            let letter = match access {
                Access::Read => 'r',
                Access::Search => 's',
            };
            match words.last_mut().filter(|_| last == kind) {
                Some(word) => word.push(letter),
                None => words.push(format!("system/{kind}.{letter}")),
            }
            last = kind;
        }
        words.join(" ")
    }

    /// What a token may do and read, when its account may do this.
    pub(super) fn within(&self, account: Permissions) -> (Permissions, Records) {
        let permissions = self.permissions.intersection(account);
        let records = match Records::of(permissions) {
            Records::Nothing if account.contains(Permission::Read) && !self.kinds.is_empty() => {
                Records::Of(self.kinds.clone())
            }
            records => records,
        };
        (permissions, records)
    }
}

impl From<Permissions> for Scopes {
    fn from(permissions: Permissions) -> Self {
        Self { permissions, kinds: BTreeSet::new() }
    }
}

/// The type of a scope, and how its resources are had.
fn kind(word: &str) -> Option<(&str, &'static [Access])> {
    let resource = word.strip_prefix("system/").or_else(|| word.strip_prefix("user/"))?;
    let (kind, may) = resource.split_once('.')?;
    let is_type = kind == "*" || (!kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphabetic()));
    let access: &[Access] = match may {
        "read" | "rs" => &[Access::Read, Access::Search],
        "r" => &[Access::Read],
        "s" => &[Access::Search],
        _ => return None,
    };
    is_type.then_some((kind, access))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_the_types_of_its_scopes_and_never_more_than_its_account() {
        let scopes = Scopes::read("store system/Observation.rs user/Patient.read").unwrap();
        assert_eq!(scopes.text(), "store system/Observation.rs system/Patient.rs");
        assert_eq!(Scopes::read(&scopes.text()).unwrap(), scopes);
        let (permissions, records) = scopes.within(Permissions::all());
        assert_eq!(permissions.scopes(), "store");
        assert!(records.may(Access::Read, "Observation") && records.may(Access::Search, "Patient"));
        assert!(!records.may(Access::Read, "DiagnosticReport"));
        let one_by_one = Scopes::read("system/Observation.r system/Patient.s system/Device.rs").unwrap();
        assert_eq!(one_by_one.text(), "system/Device.rs system/Observation.r system/Patient.s");
        let records = one_by_one.within(Permissions::all()).1;
        let may = |kind: &str| [Access::Read, Access::Search].map(|access| records.may(access, kind));
        assert_eq!(
            [may("Observation"), may("Patient"), may("Device")],
            [[true, false], [false, true], [true; 2]]
        );
        let all = Scopes::read("system/*.r").unwrap().within(Permissions::all()).1;
        assert!(all.may(Access::Read, "Device") && !all.may(Access::Search, "Device"));
        let blind = Permissions::of_scopes("read-deidentified store").unwrap();
        assert_eq!(scopes.within(blind).1, Records::Nothing);
        assert_eq!(Scopes::read("read").unwrap().within(Permissions::all()).1, Records::All);
        for word in [
            "system/Observation.cruds",
            "patient/Observation.rs",
            "system/Observation.rs?code=1",
            "system/.rs",
            "system/Observation.sr",
            "system/Observation.",
        ] {
            assert!(Scopes::read(word).is_err(), "{word}");
        }
    }
}
